#include <cordon/live/read_live.hpp>

#include <string>
#include <string_view>

#include "../catch.hpp"
#include "host.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

std::string files_of(const family_rules& of) {
  std::string all;
  for (const ruleset& one : of.rulesets) all += std::string(one.file.view()) + " ";
  return all;
}

std::string said_by(const read_result<live_host>& read) { return std::string(to_text(read.diagnostics()).view()); }

// What is said where nothing can be read.
std::string refusal(const pretended_host& host, const live_options& options = {}) {
  const auto read = read_live(host, options);
  return read ? "it was read\n" : said_by(read);
}

constexpr std::string_view names_v4 = "[ ! -e /proc/net/ip_tables_names ] || cat /proc/net/ip_tables_names";
constexpr std::string_view names_v6 = "[ ! -e /proc/net/ip6_tables_names ] || cat /proc/net/ip6_tables_names";

}  // namespace

TEST_CASE("a host's rules are those of the back ends that hold some") {
  pretended_host host = kept_host();
  auto read = read_live(host);
  REQUIRE(read);
  CHECK(files_of(read->rules.v4) == "iptables-nft-save ");
  CHECK(files_of(read->rules.v6) == "ip6tables-nft-save ");
  CHECK(read->native_chains.empty());
  CHECK(read->nft_was_read);
  CHECK(said_by(read).empty());
  host.prints("iptables-legacy-save", keeps_1001).prints("ip6tables-legacy-save", keeps_1001);
  host.prints("ip6tables-nft-save", "");
  read = read_live(host);
  REQUIRE(read);
  CHECK(files_of(read->rules.v4) == "iptables-legacy-save iptables-nft-save ");
  CHECK(files_of(read->rules.v6) == "ip6tables-legacy-save ");
  CHECK(read->rules.v6.rulesets[0].backend == backend::legacy);
}

TEST_CASE("a family without rules is one that accepts everything, and that is said") {
  const auto read = read_live(kept_host().prints("ip6tables-nft-save", "# nothing\n"));
  REQUIRE(read);
  CHECK(read->rules.v6.empty());
  CHECK_FALSE(read->rules.v6.absent);
  CHECK(said_by(read) == "ip6tables-nft-save: note: holds no rules, and so everything of IPv6 is accepted\n");
}

TEST_CASE("what a program states is not asked of the host") {
  const pretended_host host = kept_host().fails("ip6tables-nft-save").fails("ipset save").fails("ip -o addr");
  const auto read =
      read_live(host, {.no_v6 = true, .without_ipsec = true, .read_sets = false, .read_addresses = false});
  REQUIRE(read);
  CHECK(read->rules.v6.absent);
  CHECK(read->rules.host.without_ipsec);
  CHECK(said_by(read).empty());
  CHECK(read_live(kept_host().fails("iptables-nft-save"), {.no_v4 = true}));
}

TEST_CASE("what cannot be read is no host without rules") {
  for (const char* const program :
       {"iptables-nft-save", "ip6tables-nft-save", "iptables-legacy-save", "ip6tables-legacy-save"})
    for (const int status : {1, 3, 126, 141})
      CHECK(refusal(kept_host().fails(program, status)) ==
            "error: " + std::string(program) + " failed with exit status " + std::to_string(status) +
                ": are you root, and do its tables hold rules of iptables alone?\n");
  CHECK(refusal(kept_host().fails("nft --debug=netlink list ruleset")) ==
        "error: nft --debug=netlink list ruleset failed with exit status 1: are you root?\n");
  // A program that dies in the middle has printed something.
  pretended_host host = kept_host();
  host.programs["iptables-nft-save"] = {3, keeps_1001};
  CHECK(refusal(host).starts_with("error: iptables-nft-save failed with exit status 3: are you root"));
  CHECK(refusal(kept_host().prints("iptables-nft-save", "*filter\n-A OUTPUT -j DROP\n"))
            .starts_with("iptables-nft-save:"));
  CHECK(refusal(kept_host().prints("ip6tables-nft-save", "*filter\n-A OUTPUT --nonsense\nCOMMIT\n"))
            .starts_with("ip6tables-nft-save:2:"));
  CHECK(refusal(kept_host().prints("ipset save", "nonsense\n")).starts_with("ipset save:1:"));
}

TEST_CASE("a back end that is not installed holds nothing only if the kernel says so") {
  pretended_host host = kept_host().lacks("iptables-legacy-save").lacks("ip6tables-legacy-save");
  CHECK(refusal(host) == "error: /proc/net/ip_tables_names cannot be read: are you root?\n");
  host.prints(names_v4, "").prints(names_v6, "");
  CHECK(read_live(host));
  CHECK(refusal(host.prints(names_v6, "filter\n")) ==
        "error: the kernel holds legacy tables, and ip6tables-legacy-save is not installed\n");
  CHECK(refusal(host.prints(names_v6, "").lacks("iptables-nft-save")) ==
        "error: neither iptables-legacy-save nor iptables-nft-save is installed\n");
}

TEST_CASE("without iptables-nft-save its tables are chains of nft's own") {
  pretended_host host = kept_host().lacks("ip6tables-nft-save");
  host.prints("ip6tables-legacy-save", keeps_1001);
  constexpr std::string_view listing =
      "table ip6 nat {\n\tchain OUTPUT {\n\t\ttype nat hook output priority -100; policy accept;\n"
      "\t\ttcp dport 80 counter packets 0 bytes 0 dnat to [::1]:8000\n\t}\n}\n";
  const auto read = read_live(host.prints("nft --debug=netlink list ruleset", listing));
  REQUIRE(read);
  REQUIRE(read->native_chains.size() == 1);
  CHECK(read->native_chains[0].words == "nft chain ip6 nat OUTPUT");
  CHECK_FALSE(read->native_chains[0].v4);
}

TEST_CASE("tables and chains that the rules do not tell are named") {
  const std::string left_out = "# Table `nat' is incompatible, use 'nft' tool.\n";
  const auto read =
      read_live(kept_host()
                    .prints("iptables-nft-save", left_out + std::string(keeps_1001))
                    .prints("nft --debug=netlink list ruleset",
                            "table inet mine {\n\tchain out {\n\t\ttype filter hook output priority 5; policy "
                            "drop;\n\t}\n}\n"));
  REQUIRE(read);
  REQUIRE(read->native_chains.size() == 2);
  CHECK(read->native_chains[0].name == "ip nat");
  CHECK(read->native_chains[1].name == "inet mine out");
}

TEST_CASE("without nft, ipset and ip a warning says what is not known") {
  const auto read =
      read_live(kept_host().lacks("nft --debug=netlink list ruleset").lacks("ipset save").fails("ip -o addr"));
  REQUIRE(read);
  CHECK_FALSE(read->nft_was_read);
  CHECK(said_by(read) ==
        "warning: nft is not installed: whether there are rules of nft's own was not looked at\n"
        "warning: ipset save is not installed: what sets hold stays unknown\n"
        "warning: ip -o addr failed: which addresses are the host's stays unknown\n");
  CHECK(read->rules.host.sets.empty());
  CHECK_FALSE(read->rules.host.addresses);
}

TEST_CASE("sets and addresses are those of the host") {
  const auto read =
      read_live(kept_host()
                    .prints("ipset save", "create s hash:ip family inet\nadd s 127.0.0.1\n")
                    .prints("ip -o addr", "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever\n"));
  REQUIRE(read);
  CHECK(read->rules.host.sets.size() == 1);
  REQUIRE(read->rules.host.addresses);
  CHECK(read->rules.host.addresses->size() == 1);
}

TEST_CASE("addresses that routes lead to the host are its own, and without them its addresses are not known") {
  constexpr std::string_view loopback = "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever\n";
  const auto read =
      read_live(kept_host()
                    .prints("ip -o addr", loopback)
                    .prints(local_routes_command, "local 198.18.0.0/15 dev lo table local scope host \n"));
  REQUIRE(read);
  REQUIRE(read->rules.host.addresses);
  REQUIRE(read->rules.host.addresses->size() == 2);
  CHECK((*read->rules.host.addresses)[1].is_route);
  const auto without = read_live(kept_host().prints("ip -o addr", loopback).fails(local_routes_command));
  REQUIRE(without);
  CHECK_FALSE(without->rules.host.addresses);
  CHECK(said_by(without) ==
        "warning: " + std::string(local_routes_command) + " failed: which addresses are the host's stays unknown\n");
}
