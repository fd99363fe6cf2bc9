#include <cordon/live/verify_loaded.hpp>

#include <string>
#include <string_view>

#include "../catch.hpp"
#include "host.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

const egress_policy nothing = sandbox(uid{1001});

std::string reason(const verification& of) { return std::string(write_report(of).view()); }

bool says(const verification& of, std::string_view words) { return reason(of).find(words) != std::string::npos; }

constexpr std::string_view nft_listing = "nft --debug=netlink list ruleset";

}  // namespace

TEST_CASE("a host is proved whose loaded rules keep the policy, on either back end") {
  pretended_host host = kept_host();
  const verification made = verify_loaded(nothing, host);
  CHECK(made.proved());
  CHECK(made.was_read);
  CHECK(says(made, "proved: packets of uid 1001 get nowhere; IPv4 proved: filter (nft, iptables-nft-save)"));
  CHECK(made.rules.v6.rulesets.size() == 1);
  host.prints("iptables-legacy-save", keeps_1001).prints("iptables-nft-save", "");
  CHECK(verify_loaded(nothing, host).proved());
}

TEST_CASE("a host is not proved where a rule above lets the sandbox out, or a family has no rules") {
  constexpr std::string_view wide =
      "*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -o lo -j ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -j "
      "DROP\nCOMMIT\n";
  const verification above = verify_loaded(nothing, kept_host().prints("iptables-nft-save", wide));
  CHECK(above.was_read);
  CHECK_FALSE(above.proved());
  CHECK(above.proof.verdict() == answer::leak);
  CHECK(says(above, "iptables-nft-save:3: -A OUTPUT -o lo -j ACCEPT"));
  const verification open = verify_loaded(nothing, kept_host().prints("ip6tables-nft-save", ""));
  CHECK_FALSE(open.proved());
  CHECK(says(open, "leak: IPv6, which has no rules"));
  // The other back end's rules may not keep the sandbox, but they do not let it out either.
  CHECK(verify_loaded(nothing, kept_host().prints("iptables-legacy-save", wide)).proved());
}

TEST_CASE("what was not read is never proved") {
  for (const char* const program : {"iptables-nft-save", "ip6tables-nft-save", "iptables-legacy-save",
                                    "ip6tables-legacy-save", "nft --debug=netlink list ruleset"}) {
    CAPTURE(program);
    const verification failed = verify_loaded(nothing, kept_host().fails(program));
    CHECK_FALSE(failed.was_read);
    CHECK_FALSE(failed.proved());
    CHECK(reason(failed).starts_with("error: "));
    CHECK_FALSE(verify_loaded(nothing, kept_host().lacks(program)).proved());
  }
  CHECK_FALSE(verify_loaded(nothing, pretended_host{}).proved());
  CHECK_FALSE(verify_loaded(nothing, kept_host(), {.live = {.no_v4 = true, .no_v6 = true}}).proved());
  CHECK(verify_loaded(nothing, kept_host().lacks("ip6tables-nft-save"), {.live = {.no_v6 = true}}).proved());
}

TEST_CASE("what other machines send is not verified, for nft's chains on their way are not looked at") {
  constexpr std::string_view closed = "*filter\n-A OUTPUT -j DROP\n-A FORWARD -j DROP\nCOMMIT\n";
  const pretended_host host = kept_host().prints("iptables-nft-save", closed).prints("ip6tables-nft-save", closed);
  const verification made = verify_loaded(packets_through(hook::forward), host);
  CHECK_FALSE(made.proved());
  CHECK(says(made, "error: rules of nft's own are looked for where a host sends"));
}

TEST_CASE("without nft a host is proved only if its program knows that there are no rules of nft's own") {
  const pretended_host host = kept_host().lacks(nft_listing);
  const verification made = verify_loaded(nothing, host);
  CHECK_FALSE(made.proved());
  CHECK(says(made, "error: whether nft's own rules drop or rewrite packets is not known: install nft"));
  CHECK(verify_loaded(nothing, host, {.without_nft = true}).proved());
  // That it cannot be run is another matter.
  CHECK_FALSE(verify_loaded(nothing, kept_host().fails(nft_listing), {.without_nft = true}).proved());
}

TEST_CASE("a host is not proved where nft holds what the rules do not tell") {
  constexpr std::string_view dormant = "table ip filter {\n\tflags dormant\n}\n";
  constexpr std::string_view rewrites =
      "table inet mine {\n\tchain out {\n\t\ttype nat hook output priority -110; policy accept;\n"
      "\t\tdnat ip to 10.0.0.1\n\t}\n}\n";
  for (const std::string_view listing : {dormant, rewrites}) {
    const verification made = verify_loaded(nothing, kept_host().prints(nft_listing, listing));
    CHECK(made.was_read);
    CHECK_FALSE(made.proved());
    CHECK(made.proof.verdict() == answer::unknown);
    CHECK(says(made, "unknown: IPv4, which hangs on\n  nft "));
  }
  const verification left_out = verify_loaded(
      nothing, kept_host().prints("ip6tables-nft-save",
                                  "# Table `nat' is incompatible, use 'nft' tool.\n" + std::string(keeps_1001)));
  CHECK_FALSE(left_out.proved());
  CHECK(says(left_out, "unknown: IPv6, which hangs on\n  nft table ip6 nat, which iptables-save does not tell in "));
}
