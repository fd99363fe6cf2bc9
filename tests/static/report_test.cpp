// A proof and what is said of it, at compile time.
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/render/json.hpp>
#include <cordon/render/report.hpp>
#include <cordon/text/reader.hpp>

using namespace cordon;

namespace {

constexpr firewall host() {
  firewall made;
  made.v4 =
      family_rules(*read_ruleset("*filter\n-A OUTPUT -o lo -m owner --uid-owner 1001 -j ACCEPT\n"
                                 "-A OUTPUT -m owner --uid-owner 1001 -j DROP\nCOMMIT\n"));
  made.v6 = family_rules::none();
  return made;
}

constexpr egress_policy policy() { return *make_policy(*read_policy("uid 1001\n", "policy")); }

constexpr bool says(std::string_view all, std::string_view words) { return all.find(words) != std::string_view::npos; }

static_assert(says(write_report(prove(host(), policy())), "rule 1 of filter OUTPUT"));
static_assert(says(write_json(prove(host(), policy())), "\"verdict\": \"leak\""));

}  // namespace
