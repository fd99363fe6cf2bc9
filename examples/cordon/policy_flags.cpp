#include "policy_flags.hpp"

#include <string_view>

#include <cordon/prove/policy_text.hpp>
#include <cordon/text/file.hpp>

#include "files.hpp"
#include "unusable.hpp"

namespace {

// What one command line or one file says overrides nothing in itself; the command line overrides the files.
void override_with(cordon::policy_flags& base, const cordon::policy_flags& with) {
  if (with.user || with.group) {
    base.user = with.user;
    base.group = with.group;
  }
  if (with.attacker) base.attacker = with.attacker;
  if (with.flows) base.flows = with.flows;
  base.endpoints.append(with.endpoints);
}

void add_all(cordon::policy_flags& into, std::string_view flag, const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    auto wrong = cordon::add_policy_flag(into, flag, value);
    if (!wrong) continue;
    wrong->at = {};
    if (!wrong->message.view().starts_with("--")) wrong->message = cordon::join("--", flag, ": ", wrong->message);
    throw unusable(*wrong);
  }
}

cordon::policy_flags read_flags(const std::string& file) {
  auto read = cordon::read_policy(read_input(file), cordon::shown_file_name(file));
  if (!read) throw unusable(read.diagnostics());
  return std::move(*read);
}

}  // namespace

void policy_arguments::add_to(CLI::App& command) {
  const auto add = [&](const char* name, std::vector<std::string>& into, const char* shown, const char* what) {
    command.add_option(name, into, what)->allow_extra_args(false)->type_name(shown)->group("Policy");
  };
  add("--uid", uid, "N[-M]", "the sandbox: packets whose socket has this user id");
  add("--gid", gid, "N[-M]", "the sandbox: packets whose socket has this group id");
  add("--allow", allow, "PROTO:ADDRESS:PORT",
      "an endpoint that it may reach; repeatable: tcp:127.0.0.1:18443, udp,tcp:[::1]:53, any:10.0.0.0/8:any, "
      "icmp:192.0.2.1; @IFACE at the end: only by it");
  add("--attacker", attacker, "unprivileged|raw",
      "what it can send (default unprivileged); raw: any packet mark and any bytes too");
  add("--flows", flows, "any|new", "which packets count (default any); new: all but those of ESTABLISHED and RELATED");
  add_policy_files(command, files, "these flags from a file, one a line; an endpoint alone is an --allow");
}

void add_policy_files(CLI::App& command, std::vector<std::string>& into, const char* what) {
  command.add_option("--policy", into, what)->allow_extra_args(false)->type_name("FILE")->group("Policy");
}

cordon::egress_policy read_policy_file(const std::string& file) {
  const auto made = cordon::make_policy(read_flags(file));
  if (made) return *made;
  cordon::diagnostic why = made.diagnostics()[0];
  why.file = cordon::shown_file_name(file);
  throw unusable(std::move(why));
}

cordon::egress_policy read_policy(const policy_arguments& from, cordon::hook at) {
  cordon::policy_flags all;
  for (const std::string& file : from.files) override_with(all, read_flags(file));
  cordon::policy_flags here;
  add_all(here, "uid", from.uid);
  add_all(here, "gid", from.gid);
  add_all(here, "attacker", from.attacker);
  add_all(here, "flows", from.flows);
  add_all(here, "allow", from.allow);
  override_with(all, here);
  const auto made = cordon::make_policy(all, at);
  if (!made) throw unusable(made.diagnostics());
  return *made;
}
