// From a policy to proved rules to their text, by the compiler.
#include <cordon/prove/enforce.hpp>
#include <cordon/render/commands.hpp>
#include <cordon/render/restore.hpp>
#include <cordon/render/undo.hpp>

using namespace cordon;

namespace {

// The compiler of clang stops after a million steps: few endpoints.
constexpr egress_policy egress = sandbox(uid{1001}).may_reach(icmp, ipv4_address(192, 0, 2, 1));

static_assert(enforce(egress).proved());
static_assert(noflush_restore_text(enforce(egress), family::ipv6)
                  .view()
                  .ends_with("*filter\n"
                             ":CORDON-1001 - [0:0]\n"
                             "-A CORDON-1001 -p tcp -j REJECT --reject-with tcp-reset\n"
                             "-A CORDON-1001 -j REJECT --reject-with icmp6-port-unreachable\n"
                             "-I OUTPUT 1 -m owner --uid-owner 1001 -j CORDON-1001\n"
                             "COMMIT\n"));
static_assert(commands(enforce(egress)).view().starts_with("#!/bin/sh\n"));
static_assert(undo_commands(egress).view().find("-X CORDON-1001\n") != std::string_view::npos);

}  // namespace
