#include <cordon/text/rule_reader.hpp>

#include <string>

#include "../catch.hpp"
#include "reading.hpp"

using namespace cordon;
using namespace cordon::test;

// What is refused here, iptables-restore 1.8.9 refused; what is read, it loaded, and its save printed the same.

TEST_CASE("parts of a rule are printed in iptables' order, matches in their own") {
  CHECK(read_lines("-A OUTPUT -o lo -p tcp -m owner --uid-owner 7 -m tcp --dport 80 -d 127.0.0.1 -s 10.0.0.0/8 "
                   "-m multiport --sports 5 -j ACCEPT\n") ==
        "-A OUTPUT -s 10.0.0.0/8 -d 127.0.0.1/32 -o lo -p tcp -m owner --uid-owner 7 -m tcp --dport 80 "
        "-m multiport --sports 5 -j ACCEPT\n");
  CHECK(read_lines("-A OUTPUT -j ACCEPT -m comment --comment z -m conntrack --ctstate NEW -m owner --uid-owner 7 "
                   "-p tcp --dport 80 -o lo\n") ==
        "-A OUTPUT -o lo -p tcp -m comment --comment z -m conntrack --ctstate NEW -m owner --uid-owner 7 "
        "-m tcp --dport 80 -j ACCEPT\n");
}

TEST_CASE("options are known by their long names and by what begins no other") {
  const std::string wanted = "-A OUTPUT -s 2.3.4.5/32 -d 1.2.3.4/32 -o lo -p tcp -j ACCEPT\n";
  CHECK(
      read_lines(
          "--append OUTPUT --destination 1.2.3.4 --source 2.3.4.5 --protocol tcp --out-interface lo --jump ACCEPT\n") ==
      wanted);
  CHECK(read_lines("--app OUTPUT --dest 1.2.3.4 --sou 2.3.4.5 --prot tcp --out lo --ju ACCEPT\n") == wanted);
  CHECK(read_lines("--append=OUTPUT --dst 1.2.3.4 --src 2.3.4.5 -p tcp -o lo --jump ACCEPT\n") == wanted);
  CHECK(read_lines("-A OUTPUT --d 1.2.3.4\n") ==
        "rules:3:11: error: '--d' is short for more than one option: write it in full\n");
}

TEST_CASE("an abbreviation that fits once may fit twice when a match is loaded") {
  CHECK(read_lines("-A OUTPUT --dest 1.2.3.4 -p tcp -m tcp --destination-p 80\n") ==
        "-A OUTPUT -d 1.2.3.4/32 -p tcp -m tcp --dport 80\n");
  CHECK(read_lines("-A OUTPUT -p tcp -m tcp --dest 1.2.3.4\n")
            .starts_with("rules:3:25: error: '--dest' is short for more"));
  CHECK(read_lines("-A OUTPUT -p tcp --dest 1.2.3.4 --dpo 80\n") ==
        "-A OUTPUT -d 1.2.3.4/32 -p tcp -m tcp --dport 80\n");
}

TEST_CASE("the match of the protocol is loaded where one of its options first stands") {
  CHECK(read_lines("-A OUTPUT -p tcp -m owner --uid-owner 7 --dport 80 -m comment --comment x --sport 5\n") ==
        "-A OUTPUT -p tcp -m owner --uid-owner 7 -m tcp --sport 5 --dport 80 -m comment --comment x\n");
  CHECK(read_lines("-A OUTPUT -p 6 --dport 80\n") == "-A OUTPUT -p tcp -m tcp --dport 80\n");
  CHECK(read_lines("-A OUTPUT -p UDP --dport 53\n") == "-A OUTPUT -p udp -m udp --dport 53\n");
  CHECK(read_lines("-A OUTPUT -p icmpv6 --icmpv6-type 1/4\n", ip6) ==
        "-A OUTPUT -p ipv6-icmp -m icmp6 --icmpv6-type 1/4\n");
  CHECK(read_lines("-A OUTPUT -m icmpv6 --icmpv6-type 1/4 -p icmpv6\n", ip6) ==
        "-A OUTPUT -p ipv6-icmp -m icmp6 --icmpv6-type 1/4\n");
  CHECK(read_lines("-A OUTPUT --dport 80 -p tcp\n") ==
        "rules:3:11: error: '--dport' is no option of iptables, nor of a match or target of this rule: options of a "
        "protocol need -p before them\n");
  CHECK(read_lines("-A OUTPUT -p udplite --dport 53\n").starts_with("rules:3:22: error: '--dport' is no option"));
}

TEST_CASE("a misspelt option of a known match is an error with its column") {
  CHECK(read_lines("-A OUTPUT -p tcp -m tcp --dprt 80\n") ==
        "rules:3:25: error: '--dprt' is no option of iptables, nor of a match or target of this rule: check its "
        "spelling, and that its -m stands before it\n");
  CHECK(read_lines("-A OUTPUT -j REJECT --reject-wiht tcp-reset\n").starts_with("rules:3:21: error: '--reject-wiht'"));
  CHECK(read_lines("-A OUTPUT -q\n").starts_with("rules:3:11: error: '-q' is no option"));
}

TEST_CASE("what a match says is wrong is said with the place of the value") {
  CHECK(read_lines("-A OUTPUT -p tcp --dport 0:70000\n").starts_with("rules:3:26: error: --dport: '70000' is no port"));
  CHECK(read_lines("-A OUTPUT -m owner --uid-owner 4294967295\n").starts_with("rules:3:32: error: --uid-owner: "));
  CHECK(read_lines("-A OUTPUT -m owner --uid-owner -1\n").starts_with("rules:3:32: error: --uid-owner: "));
  CHECK(read_lines("-A OUTPUT -m owner --uid-owner 2000-1000\n").starts_with("rules:3:32: error: --uid-owner: "));
  CHECK(read_lines("-A OUTPUT -m owner -j DROP\n").starts_with("rules:3:14: error: -m owner needs"));
}

TEST_CASE("an exclamation mark stands before an option that can be inverted, once") {
  CHECK(read_lines("-A OUTPUT ! -s 1.2.3.4 ! -o lo ! -p udp -m owner ! --uid-owner 7\n") ==
        "-A OUTPUT ! -s 1.2.3.4/32 ! -o lo ! -p udp -m owner ! --uid-owner 7\n");
  CHECK(read_lines("-A OUTPUT \"!\" -s 1.2.3.4\n") == "-A OUTPUT ! -s 1.2.3.4/32\n");
  CHECK(read_lines("-A OUTPUT ! ! -s 1.2.3.4\n") == "rules:3:13: error: two '!' in a row: write one, or none\n");
  CHECK(read_lines("-A OUTPUT -s ! 1.2.3.4\n").starts_with("rules:3:16: error: '1.2.3.4' belongs to no option"));
  CHECK(read_lines("-A OUTPUT -j ACCEPT !\n") == "rules:3:21: error: nothing stands behind this '!'\n");
  for (const char* const line :
       {"! -j ACCEPT", "! -m tcp", "! -c 1 2", "! -v", "-m owner --gid-owner 5 ! --suppl-groups"}) {
    CAPTURE(line);
    CHECK(read_lines("-A OUTPUT -p tcp " + std::string(line) + "\n").find(" error: ") != std::string::npos);
  }
  CHECK(read_lines("! -A OUTPUT\n") == "rules:3:1: error: no '!' may stand before '-A'\n");
}

TEST_CASE("what a rule says once it cannot say twice") {
  for (const char* const option : {"-s 1.2.3.4", "-d 1.2.3.4", "-o lo", "-p tcp", "-f", "-j ACCEPT", "-c 1 2"}) {
    CAPTURE(option);
    const std::string line = "-A OUTPUT " + std::string(option) + " " + option + "\n";
    CHECK(read_lines(line).find("says for the second time what a rule says once") != std::string::npos);
  }
  CHECK(read_lines("-A OUTPUT -j DROP -g A\n").find(" error: ") != std::string::npos);
  CHECK(read_lines("-A OUTPUT -p tcp --dport 1 --dport 2\n").starts_with("rules:3:28: error: '--dport' stands here"));
  CHECK(read_lines("-A OUTPUT -m owner --uid-owner 1 -m owner --uid-owner 2\n") ==
        "-A OUTPUT -m owner --uid-owner 1 -m owner --uid-owner 2\n");
  CHECK(read_lines("-A OUTPUT -I OUTPUT\n") ==
        "rules:3:11: error: a second command in one line: give it a line of its own\n");
}

TEST_CASE("letters can stand together, and a value can be joined to some options") {
  CHECK(read_lines("-A OUTPUT -fj ACCEPT\n") == "-A OUTPUT -f -j ACCEPT\n");
  CHECK(read_lines("-AOUTPUT -mowner --uid-owner=7\n") == "-A OUTPUT -m owner --uid-owner 7\n");
  CHECK(read_lines("-A OUTPUT -j ACCEPT -c5,6\n") == "-A OUTPUT -j ACCEPT\n");
}

TEST_CASE("iptables takes a value from the wrong word where it is joined to -s, -d, -p, -j, -i or -o") {
  for (const char* const option :
       {"-s1.2.3.4", "-d1.2.3.4", "-ptcp", "-jACCEPT", "--source=1.2.3.4", "--jump=ACCEPT"}) {
    CAPTURE(option);
    CHECK(read_lines("-A OUTPUT " + std::string(option) + "\n").starts_with("rules:3:11: error: "));
  }
  CHECK(read_lines("-A OUTPUT -olo\n") == "-A OUTPUT -o -olo\n");
  CHECK(said_about_lines("-A OUTPUT -olo\n") ==
        "rules:3:11: warning: iptables takes all of '-olo' for the interface's name: put a blank before the name\n");
}

TEST_CASE("a line for the other family is left at once") {
  CHECK(read_lines("-6 -A OUTPUT --no-such\n-A OUTPUT -d ::1 -6 -j NOPE\n-4 -A OUTPUT -d 1.2.3.4\n") ==
        "-A OUTPUT -d 1.2.3.4/32\n");
  CHECK(read_lines("-4 -A OUTPUT -d 1.2.3.4\n--ipv6 -A OUTPUT -d ::1\n", ip6) == "-A OUTPUT -d ::1/128\n");
  CHECK(read_lines("-A OUTPUT --no-such -6\n").starts_with("rules:3:11: error: "));
  // A command that needs no rule was read, and is carried out.
  CHECK(read_lines("-A OUTPUT -d 1.2.3.4\n-F OUTPUT -6\n").empty());
}

TEST_CASE("what has no place in a rule is refused") {
  for (const char* const line : {"-t filter -A OUTPUT",
                                 "-A OUTPUT -n",
                                 "-w -A OUTPUT",
                                 "-A OUTPUT --line-numbers",
                                 "-A OUTPUT -x",
                                 "-h",
                                 "-A OUTPUT foo",
                                 "-A OUTPUT - -j DROP",
                                 "-A OUTPUT -- -j DROP",
                                 "-j DROP",
                                 "-A",
                                 "-A OUTPUT -j",
                                 "-A OUTPUT -j ACCEPT # x",
                                 "-A OUTPUT -c 5 -j ACCEPT",
                                 "-A OUTPUT -c x y",
                                 "-F A -s 1.2.3.4",
                                 "-A OUTPUT -i lo",
                                 "-A INPUT -o lo",
                                 "-A OUTPUT -o abcdefghijklmnop",
                                 "-A OUTPUT -o \"\"",
                                 "-A OUTPUT -j \"\"",
                                 "-A OUTPUT ! -s 1.1.1.1,2.2.2.2",
                                 "-A OUTPUT ! -s 1.1.1.1 -d 1.1.1.1,2.2.2.2",
                                 "-A OUTPUT -p nope",
                                 "-A OUTPUT -p 256",
                                 "-A OUTPUT ! -p all",
                                 "-A OUTPUT -j OUTPUT",
                                 "-A OUTPUT -g ACCEPT",
                                 "-A OUTPUT -g REJECT",
                                 "-A OUTPUT -d 1.2.3.4/40",
                                 "-A OUTPUT -d ::1",
                                 "-A OUTPUT -d localhost"}) {
    CAPTURE(line);
    CHECK(read_lines(std::string(line) + "\n").starts_with("rules:3:"));
  }
  CHECK(read_lines("-A OUTPUT -f\n", ip6) == "rules:3:11: error: -f is for IPv4 alone: use -m frag\n");
  CHECK(read_lines("-v -A OUTPUT -j ACCEPT --\n") == "-A OUTPUT -j ACCEPT\n");
}

TEST_CASE("what fits every packet is not kept, and what nft cannot say is refused for it") {
  CHECK(read_lines("-A OUTPUT -s 0.0.0.0/0 -d 1.2.3.4/0 -o + -p all -j ACCEPT\n") == "-A OUTPUT -j ACCEPT\n");
  CHECK(read_lines("-A OUTPUT ! -d 0.0.0.0/0\n", legacy) == "-A OUTPUT ! -d 0.0.0.0/0\n");
  CHECK(read_lines("-A OUTPUT ! -d 0.0.0.0/0\n", nft).starts_with("rules:3:1: error: "));
}

TEST_CASE("a protocol that ip6tables never sees is worth a warning") {
  CHECK(said_about_lines("-A OUTPUT -p 60\n", ip6).find("never matches") != std::string::npos);
  CHECK(said_about_lines("-A OUTPUT ! -p 60\n", ip6).empty());
  CHECK(said_about_lines("-A OUTPUT -p 60\n").empty());
}

TEST_CASE("a negation that leaves nothing is worth a warning, which says what becomes of it in a save") {
  CHECK(said_about_lines("-A OUTPUT ! -o +\n", nft) == "rules:3:11: warning: '!' before '+' fits no packet\n");
  CHECK(said_about_lines("-A OUTPUT ! -o +\n", legacy).find("what it prints fits every packet") != std::string::npos);
  CHECK(said_about_lines("-A OUTPUT ! -o lo+\n-A OUTPUT -o +\n", nft).empty());
  for (const char* const rule : {"-A OUTPUT -p udp ! --dport :\n", "-A OUTPUT -p tcp ! --sport 0:65535\n"}) {
    CAPTURE(rule);
    CHECK(said_about_lines(rule, nft).find("iptables-nft makes a rule of it that fits every packet") !=
          std::string::npos);
    CHECK(said_about_lines(rule, legacy).find("what it prints fits every packet") != std::string::npos);
  }
  CHECK(said_about_lines("-A OUTPUT -p udp --dport :\n-A OUTPUT -p udp ! --dport 1:\n", nft).empty());
}

TEST_CASE("an IPv4 address that people read otherwise is worth a warning, which says what iptables reads") {
  CHECK(said_about_lines("-A OUTPUT -d 127.1\n") == "rules:3:14: warning: iptables reads '127.1' as 127.1.0.0/32\n");
  CHECK(said_about_lines("-A OUTPUT -s 010.0.0.1\n") ==
        "rules:3:14: warning: iptables reads '010.0.0.1' as 8.0.0.1/32\n");
  CHECK(said_about_lines("-A OUTPUT -d 0x7f000001\n") ==
        "rules:3:14: warning: iptables reads '0x7f000001' as 127.0.0.1/32\n");
  CHECK(said_about_lines("-A OUTPUT -d 10/8\n-A OUTPUT -d 10.0.0.1\n-A OUTPUT -d 0.0.0.0/0\n").empty());
  CHECK(said_about_lines("-A OUTPUT -d ::1\n", ip6).empty());
}

TEST_CASE("a chain hides the target of its name, from its declaration on") {
  const std::string before = "*filter\n:REJECT - [0:0]\n-A OUTPUT -j REJECT\nCOMMIT\n";
  CHECK(read_text(before).find("-A OUTPUT -j REJECT\n") != std::string::npos);
  CHECK(said_about(before) ==
        "rules:3:14: warning: this jumps to the chain 'REJECT' of the table, which hides the target of that name\n");
  CHECK(read_text("*filter\n-A OUTPUT -j REJECT\n:REJECT - [0:0]\nCOMMIT\n")
            .find("--reject-with icmp-port-unreachable") != std::string::npos);
  CHECK(read_text("*filter\n:REJECT - [0:0]\n-A OUTPUT -j REJECT --reject-with tcp-reset\nCOMMIT\n")
            .starts_with("rules:3:21: error: '--reject-with' is no option"));
}

TEST_CASE("a match that is not known is kept word for word, up to the next option that is iptables' own") {
  const std::string line = "-A OUTPUT -p tcp -m nosuch ! --dport \"a b\" --x -m owner --uid-owner 7 -j DROP\n";
  CHECK(read_lines(line) == "-A OUTPUT -p tcp -m nosuch ! --dport \"a b\" --x -m owner --uid-owner 7 -j DROP\n");
  CHECK(said_about_lines(line) ==
        "rules:3:21: warning: the match 'nosuch' is not known here: it is kept word for word, and what it decides is "
        "unknown\n");
  const auto read = read_ruleset(filter(line));
  REQUIRE(read);
  const rule& one = read->tables[0].find("OUTPUT")->rules[0];
  REQUIRE(one.matches.size() == 2);
  CHECK(one.matches[0].extension == nullptr);
  CHECK(one.matches[0].words == "! --dport \"a b\" --x");
  CHECK(one.matches[1].extension == &owner_match);
}

TEST_CASE("an option that nothing known has belongs to the match that is not known, wherever it stands") {
  CHECK(read_lines("-A OUTPUT -p tcp -m nosuch -d 1.2.3.4 --dport 80\n") ==
        "-A OUTPUT -d 1.2.3.4/32 -p tcp -m nosuch --dport 80\n");
}

TEST_CASE(
    "a target that is not known is kept if it has options or exists somewhere, else it is a chain that is missing") {
  CHECK(read_lines("-A OUTPUT -j FOO --bar \"x y\" -p tcp\n") == "-A OUTPUT -p tcp -j FOO --bar \"x y\"\n");
  CHECK(
      said_about_lines("-A OUTPUT -j FOO --bar\n") ==
      "rules:3:14: warning: the target 'FOO' is not known here: it is kept word for word, and what it does is unknown\n");
  CHECK(read_lines("-A OUTPUT -j TARPIT\n") == "-A OUTPUT -j TARPIT\n");
  CHECK(read_lines("-A OUTPUT -j FOO\n").starts_with("rules:3:14: error: no target has the name 'FOO'"));
}

TEST_CASE("names of users come from where the reader is told, with a warning") {
  static constexpr name_sources names{[](std::string_view name) -> maybe<std::uint32_t> {
                                        if (name == "nobody") return 65534;
                                        return no_value;
                                      },
                                      nullptr, nullptr};
  const reading known{backend::nft, family::ipv4, &names};
  CHECK(read_lines("-A OUTPUT -m owner --uid-owner nobody\n", known) == "-A OUTPUT -m owner --uid-owner 65534\n");
  CHECK(said_about_lines("-A OUTPUT -m owner --uid-owner nobody\n", known) ==
        "rules:3:32: warning: the name 'nobody' was looked up on this machine: 65534 may be another number on the one "
        "that the rules are for\n");
  CHECK(read_lines("-A OUTPUT -m owner --uid-owner nobody\n").starts_with("rules:3:32: error: "));
}

TEST_CASE("words and their number are bounded as iptables-restore bounds them") {
  const std::string longest(1023, 'a');
  CHECK(
      read_lines("-A OUTPUT -m comment --comment " + longest + "\n").starts_with("-A OUTPUT -m comment --comment aaa"));
  CHECK(read_lines("-A OUTPUT -m comment --comment " + longest + "a\n")
            .starts_with("rules:3:32: error: this word has more"));
  std::string many = "-A OUTPUT";
  for (int i = 0; i < 62; ++i) many += " -m mark --mark 1";
  CHECK(read_lines(many + "\n").starts_with("-A OUTPUT"));
  CHECK(read_lines(many + " -j ACCEPT\n").starts_with("rules:3:1: error: more than 251 words"));
}
