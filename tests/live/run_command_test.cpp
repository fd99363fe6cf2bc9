#include <cordon/live/run_command.hpp>

#include "../catch.hpp"

using namespace cordon;

TEST_CASE("a command's exit status and all that it prints are kept") {
  const command_output worked = run_command("echo one; echo two; echo no >&2");
  CHECK(worked.worked());
  CHECK(worked.printed == "one\ntwo\n");
  CHECK(run_command("exit 3").status == 3);
  CHECK(run_command("printf 'part'; exit 3").printed == "part");
  CHECK(run_command("head -c 100000 /dev/zero").printed.size() == 100000);
}

TEST_CASE("a program that is not there is missing, and one that a signal ends has failed") {
  CHECK(run_command("no-such-program-anywhere").is_missing());
  CHECK_FALSE(run_command("false").is_missing());
  CHECK(run_command("kill -9 $$").status == 128 + 9);
  CHECK(run_command("[ ! -e /no/such/file ] || cat /no/such/file").worked());
  CHECK_FALSE(run_command("[ ! -e / ] || cat /").worked());
}
