#include "../catch.hpp"

#include <string>

#include <cordon/render/undo.hpp>

#include "../prove/rules.hpp"
#include "sandbox_1001.hpp"
#include "shell.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

const std::string script = testing::shown(undo_commands(sandbox(uid{1001})));

}  // namespace

TEST_CASE("undo takes out what is there, and then the chain") {
  shell sh("case $* in *' -S OUTPUT') [ -e \"$0.done\" ] || echo '-A " + jump + "';; *' -D '*) >\"$0.done\";; esac");
  REQUIRE(sh.run(script) == 0);
  CHECK(has(sh.calls(), "four -w -D " + jump + "\n"));
  CHECK(has(sh.calls(), "four-restore -w --noflush\n*filter\n-F CORDON-1001\n-X CORDON-1001\nCOMMIT\n"));
  CHECK(has(sh.calls(), "six-restore -w --noflush\n*filter\n-F CORDON-1001\n-X CORDON-1001\nCOMMIT\n"));
}

TEST_CASE("undo changes nothing where nothing is installed") {
  shell sh("case $* in *' -S CORDON-1001') exit 1;; esac");
  REQUIRE(sh.run(script) == 0);
  CHECK_FALSE(has(sh.calls(), "-restore"));
  CHECK_FALSE(has(sh.calls(), " -D "));
}

TEST_CASE("undo fails where the rules cannot be read, and where a jump of others leads to the chain") {
  shell no_rights("exit 4");
  CHECK(no_rights.run(script) != 0);
  shell others("case $* in *' -S OUTPUT') echo '-A OUTPUT -j CORDON-1001';; *' -D '*) exit 1;; esac");
  CHECK(others.run(script) != 0);
  CHECK_FALSE(has(others.calls(), "-restore"));
}

TEST_CASE("undo leaves a family alone that the host does not have") {
  firewall host;
  host.v4 = family_rules::none();
  shell sh;
  REQUIRE(sh.run(undo_commands(sandbox(uid{1001}), host)) == 0);
  CHECK_FALSE(has(sh.calls(), "four"));
  CHECK(has(sh.calls(), "six"));
}
