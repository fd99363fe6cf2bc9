#include <cordon/live/native_chains.hpp>

#include <string>
#include <string_view>

#include <cordon/rule/firewall.hpp>

#include "../catch.hpp"

using namespace cordon;

namespace {

// As nft 1.0.6 prints what iptables-nft 1.8.9 has made: its own filter table, as expressions and as a
// listing.
constexpr std::string_view expressions =
    "ip filter OUTPUT 2\n"
    "  [ meta load l4proto => reg 1 ]\n"
    "  [ cmp eq reg 1 0x00000006 ]\n"
    "  [ match name multiport rev 1 ]\n"
    "  [ match name comment rev 0 ]\n"
    "  [ counter pkts 0 bytes 0 ]\n"
    "  [ immediate reg 0 accept ]\n"
    "\n"
    "ip filter OUTPUT 3 2\n"
    "  [ payload load 1b @ network header + 16 => reg 1 ]\n"
    "  [ cmp eq reg 1 0x0000000a ]\n"
    "  [ payload load 2b @ transport header + 2 => reg 1 ]\n"
    "  [ range neq reg 1 0x00000500 0x00000600 ]\n"
    "  [ counter pkts 0 bytes 0 ]\n"
    "  [ immediate reg 0 jump -> X ]\n"
    "\n"
    "ip filter OUTPUT 4 3\n"
    "  [ payload load 2b @ transport header + 0 => reg 1 ]\n"
    "  [ cmp lte reg 1 0x00006400 ]\n"
    "  [ payload load 2b @ transport header + 2 => reg 1 ]\n"
    "  [ cmp eq reg 1 0x00006400 ]\n"
    "  [ counter pkts 0 bytes 0 ]\n"
    "\n"
    "ip filter OUTPUT 5 4\n"
    "  [ meta load mark => reg 1 ]\n"
    "  [ cmp eq reg 1 0x00000001 ]\n"
    "  [ meta load mark => reg 1 ]\n"
    "  [ bitwise reg 1 = ( reg 1 & 0x00000002 ) ^ 0x00000000 ]\n"
    "  [ cmp neq reg 1 0x00000002 ]\n"
    "  [ payload load 4b @ transport header + 0 => reg 1 ]\n"
    "  [ cmp neq reg 1 0x05000700 ]\n"
    "  [ immediate reg 9 0x00000001 ]\n"
    "  [ meta set nftrace with reg 9 ]\n"
    "\n"
    "ip filter X 6\n"
    "  [ meta load oifname => reg 1 ]\n"
    "  [ cmp neq reg 1 0x00006f6c ]\n"
    "  [ payload load 2b @ network header + 6 => reg 1 ]\n"
    "  [ bitwise reg 1 = ( reg 1 & 0x0000ff1f ) ^ 0x00000000 ]\n"
    "  [ limit rate 5/second burst 5 type packets flags 0x0 ]\n"
    "  [ counter pkts 0 bytes 0 ]\n"
    "  [ target name REJECT rev 0 ]\n"
    "\n";
constexpr std::string_view opening = "table ip filter {\n\tchain OUTPUT {\n";
constexpr std::string_view base_line = "\t\ttype filter hook output priority filter; policy accept;\n";
constexpr std::string_view rest =
    "\t\tmeta l4proto tcp tcp dport { 80, 443 } counter packets 0 bytes 0 accept comment \"no drop\"\n"
    "\t\tip daddr 10.0.0.0/8 udp dport != 5-6 counter packets 0 bytes 0 jump X\n"
    "\t}\n\n"
    "\tchain X {\n"
    "\t\toifname != \"lo\" counter packets 0 bytes 0 reject\n"
    "\t}\n}\n";

std::string listing(std::string_view made_of = expressions, std::string_view base = base_line) {
  return std::string(made_of) + std::string(opening) + std::string(base) + std::string(rest);
}

std::string words_of(const sequence<native_chain>& chains) {
  std::string all;
  for (const native_chain& one : chains) {
    all += std::string(one.words.view());
    all += one.v4 && one.v6 ? " (both)\n" : one.v4 ? " (v4)\n" : one.v6 ? " (v6)\n" : " (none)\n";
  }
  return all;
}

std::string found_in(std::string_view printed, const families_read& read = {}) {
  return words_of(native_chains_in(printed, read));
}

// A chain of nft's own on a hook, with one rule.
std::string chain_with(std::string_view rule, std::string_view family = "inet",
                       std::string_view base = "type filter hook output priority 5; policy accept;") {
  return "table " + std::string(family) + " mine {\n\tchain out {\n\t\t" + std::string(base) + "\n\t\t" +
         std::string(rule) + "\n\t}\n}\n";
}

}  // namespace

TEST_CASE("what iptables-nft has made is told by iptables-save alone") {
  CHECK(found_in("") == "");
  CHECK(found_in(listing()) == "");
  CHECK(found_in(listing("") + std::string(expressions)) == "");  // expressions behind the listing
  CHECK(found_in("table ip nat {\n\tchain OUTPUT {\n\t\ttype nat hook output priority -100; policy accept;\n\t}\n}\n"
                 "table ip raw {\n\tchain OUTPUT {\n\t\ttype filter hook output priority raw; policy drop;\n\t}\n}\n"
                 "table ip6 mangle {\n\tchain OUTPUT {\n\t\ttype route hook output priority mangle; policy "
                 "drop;\n\t}\n}\n"
                 "table ip security {\n\tchain OUTPUT {\n\t\ttype filter hook output priority 150; policy "
                 "drop;\n\t}\n}\n") == "");
  for (const std::string priority : {"50", "security"})
    CHECK(found_in("table ip security {\n\tchain OUTPUT {\n\t\ttype filter hook output priority " + priority +
                   "; policy drop;\n\t}\n}\n") != "");
}

TEST_CASE("a rule in a table of iptables that is made of anything else is not told") {
  constexpr std::string_view foreign =
      "nft chain ip filter OUTPUT, which has rules that iptables-save does not tell, or tells wrongly (v4)\n";
  for (const std::string_view one : {
           "  [ lookup reg 1 set __set0 0x0 ]\n",
           "  [ payload write reg 1 => 4b @ network header + 16 csum_type 1 csum_off 10 csum_flags 0x1 ]\n",
           "  [ immediate reg 1 0x0100000a ]\n",
           "  [ meta load skuid => reg 1 ]\n",
           "  [ meta set mark with reg 1 ]\n",
           "  [ ct load state => reg 1 ]\n",
           "  [ payload load 1b @ network header + 1 => reg 1 ]\n",
           "  [ payload load 4b @ network header + 24 => reg 1 ]\n",
           "  [ payload load 2b @ transport header + 4 => reg 1 ]\n",
           "  [ payload load 6b @ link header + 0 => reg 1 ]\n",
           "  [ payload load 8b @ network header + 12 => reg 1 ]\n",
           "  [ payload load 3b @ transport header + 0 => reg 1 ]\n",
           "  [ payload load 2b @ transport header + 13 => reg 1 ]\n",
           "  [ payload load 4b @ network header + 16 => reg 1 ]\n  [ cmp gt reg 1 0x08070605 ]\n",
           "  [ payload load 2b @ transport header + 0 => reg 1 ]\n  [ meta load l4proto => reg 1 ]\n"
           "  [ cmp lte reg 1 0x00000006 ]\n",
           "  [ immediate reg 9 0x00000002 ]\n",
           "  [ payload load 4b @ network header + 16 => reg 1 ]\n  [ range eq reg 1 0x08070605 0x09070605 "
           "]\n",
           "  [ bitwise reg 1 = ( reg 1 & 0x00000007 ) ^ 0x00000001 ]\n",
           "  [ bitwise reg 1 = ( reg 1 << 0x00000005 ) ]\n",
           "  [ nat dnat ip addr_min reg 1 ]\n",
           // -p tcp -m tcp --dport 22:80 -m tcp ! --dport 53
           "  [ payload load 2b @ transport header + 2 => reg 1 ]\n  [ range eq reg 1 0x00001600 0x00005000 ]\n"
           "  [ payload load 2b @ transport header + 2 => reg 1 ]\n  [ cmp neq reg 1 0x00003500 ]\n",
           // -p tcp -m tcp --sport 53 --dport 22 -m tcp ! --dport 23
           "  [ payload load 4b @ transport header + 0 => reg 1 ]\n  [ cmp eq reg 1 0x16003500 ]\n"
           "  [ payload load 2b @ transport header + 2 => reg 1 ]\n  [ cmp neq reg 1 0x00001700 ]\n",
           "  [ payload load 1b @ transport header + 13 => reg 1 ]\n  [ cmp eq reg 1 0x00000002 ]\n"
           "  [ payload load 1b @ transport header + 13 => reg 1 ]\n  [ cmp eq reg 1 0x00000012 ]\n",
           "  [ payload load 4b @ network header + 16 => reg 1 ]\n  [ cmp neq reg 1 0x0100000a ]\n"
           "  [ payload load 1b @ network header + 16 => reg 1 ]\n  [ cmp eq reg 1 0x0000000a ]\n",
           "  [ meta load oifname => reg 1 ]\n  [ cmp neq reg 1 0x00006f6c ]\n"
           "  [ meta load oifname => reg 1 ]\n  [ cmp neq reg 1 0x00006f6d ]\n",
       }) {
    CAPTURE(one);
    const std::string rule = std::string(one) + "  [ counter pkts 0 bytes 0 ]\n";
    CHECK(found_in(listing(std::string(expressions) + "ip filter OUTPUT 9 3\n" + rule)) == foreign);
    // Elsewhere nothing passes on its way out.
    const std::string elsewhere =
        "table ip filter {\n\tchain INPUT {\n\t\ttype filter hook input priority filter; policy accept;\n"
        "\t\tcounter packets 0 bytes 0 drop\n\t}\n}\n";
    CHECK(found_in("ip filter INPUT 9\n" + rule + elsewhere) == "");
  }
  CHECK(found_in(listing(std::string(expressions) + "ip filter X 9\n  [ lookup reg 1 set __set0 0x0 ]\n")) ==
        "nft chain ip filter X, which has rules that iptables-save does not tell, or tells wrongly (v4)\n");
}

TEST_CASE("a chain whose rules nft does not take apart is not known to be of iptables") {
  const std::string said = found_in(listing(""));
  CHECK(said ==
        "nft chain ip filter OUTPUT, of which this nft does not tell what its rules are made of (v4)\n"
        "nft chain ip filter X, of which this nft does not tell what its rules are made of (v4)\n");
}

TEST_CASE(
    "a table in which no rule is asked, and a chain to which nothing leads, are named although they are "
    "printed") {
  CHECK(found_in("table ip filter {\n\tflags dormant\n\n\tchain OUTPUT {\n" + std::string(base_line) + "\t}\n}\n") ==
        "nft table ip filter, in which no rule is asked, for it is dormant (v4)\n");
  CHECK(found_in("table inet mine {\n\tflags dormant\n}\n") == "");
  CHECK(found_in(listing(expressions, "")) ==
        "nft chain ip filter OUTPUT, which nothing leads to, and iptables-save tells its rules (v4)\n");
}

TEST_CASE("a chain of iptables' name at another place is nft's own") {
  for (const std::string_view base : {"\t\ttype filter hook output priority filter + 7; policy drop;\n",
                                      "\t\ttype route hook output priority filter; policy drop;\n",
                                      "\t\ttype filter hook output priority 7; policy drop;\n"}) {
    CAPTURE(base);
    CHECK(found_in(listing(expressions, base)).starts_with("nft chain ip filter OUTPUT (v4)\n"));
  }
}

TEST_CASE("chains of nft's own are named where they may drop or rewrite what the host sends") {
  for (const std::string_view rule :
       {"tcp dport 1 drop", "reject with icmp port-unreachable", "tcp dport vmap { 80 : drop }", "jump other",
        "goto other", "ip daddr set 10.0.0.1", "dnat ip to 10.0.0.1", "redirect to :80", "queue to 0",
        "meta mark set 0x1", "notrack"}) {
    CAPTURE(rule);
    CHECK(found_in(chain_with(rule)) == "nft chain inet mine out (both)\n");
    CHECK(found_in(chain_with(rule, "ip")) == "nft chain ip mine out (v4)\n");
    CHECK(found_in(chain_with(rule, "ip6")) == "nft chain ip6 mine out (v6)\n");
    CHECK(found_in(chain_with(rule, "arp")) == "");
    CHECK(found_in(chain_with(rule, "inet", "type filter hook input priority 5; policy drop;")) == "");
  }
  CHECK(found_in(chain_with("accept")) == "");
  CHECK(found_in(chain_with("counter packets 0 bytes 0 comment \"drop\"")) == "");
  CHECK(found_in(chain_with("accept", "inet", "type filter hook output priority 5; policy drop;")) ==
        "nft chain inet mine out (both)\n");
}

TEST_CASE("where iptables-nft-save was not read its tables are like any other's") {
  CHECK(found_in(listing(), {.v4 = false}) == "nft chain ip filter OUTPUT (v4)\n");
  CHECK(found_in(listing(), {.v6 = false}) == "");
}

TEST_CASE("tables that iptables-nft-save leaves out are named") {
  const sequence<native_chain> made = tables_left_out(
      "# Table `nat' is incompatible, use 'nft' tool.\n# Table `raw' contains incompatible base-chains, use "
      "'nft' tool to "
      "list them.\n*filter\n-A OUTPUT -m comment --comment \"# Table `a' is incompatible\"\nCOMMIT\n",
      family::ipv6);
  CHECK(words_of(made) == "nft table ip6 nat, which iptables-save does not tell (v6)\n");
}

TEST_CASE("an answer about a host with such chains is unknown, and names them") {
  const sequence<named_policy> two = {{"a", sandbox(uid{1001})},
                                      {"b", sandbox(uid{1002}).may_reach(tcp, ipv4_address(127, 0, 0, 1), 80)}};
  firewall host;  // without rules
  const sequence<native_chain> chains = native_chains_in(chain_with("drop", "ip"));
  sandbox_matrix made = matrix(host, two);
  CHECK(made.of(0, 1).v4.answer == answer::leak);
  doubt_for(made, chains);
  CHECK(made.sandboxes[0].proof.v4.answer == answer::unknown);
  CHECK(made.sandboxes[0].proof.v4.leaks.empty());
  REQUIRE(made.sandboxes[0].proof.v4.doubts.size() == 1);
  CHECK(made.sandboxes[0].proof.v4.doubts[0].match == "nft chain ip mine out");
  CHECK(made.sandboxes[0].proof.v6.answer == answer::leak);
  const family_crossing& crossed = made.of(0, 1).v4;
  CHECK(crossed.answer == answer::unknown);
  CHECK(crossed.leaks.empty());
  CHECK(crossed.reached.empty());
  CHECK(crossed.perhaps == sequence<std::size_t>{0});
  // A family that the host does not have has no such chain either.
  host.v4 = family_rules::none();
  host.v6 = family_rules::none();
  proof absent = prove(host, two[0].policy);
  doubt_for(absent, chains);
  CHECK(absent.v4.answer == answer::absent);
}
