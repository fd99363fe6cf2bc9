// What a match means can be asked at compile time. g++ 12 is easily led into freeing twice what a predicate
// holds.
#include <string_view>

#include <cordon/simulate/program.hpp>
#include <cordon/text/reader.hpp>

using namespace cordon;

namespace {

constexpr bool has_meaning(std::string_view match, family of = family::ipv4) {
  firewall rules;
  rules.of(of) = *read_ruleset(join("*filter\n-A OUTPUT ", match, " -j ACCEPT\nCOMMIT\n"), {.family = of});
  return compile(rules, of).tables[0].chains[1].steps.size() == 0 &&
         compile(rules, of).tables[0].chains[2].steps.size() == 1;
}

static_assert(has_meaning("-f"));
static_assert(has_meaning("-m addrtype --dst-type LOCAL"));
static_assert(has_meaning("-m conntrack --ctproto tcp --ctorigdstport 80 --ctstatus ASSURED"));
static_assert(has_meaning("-m dscp --dscp 0x10"));
static_assert(has_meaning("-m hashlimit --hashlimit-name a --hashlimit-upto 3/sec"));
static_assert(has_meaning("-p icmp -m icmp --icmp-type any"));
static_assert(has_meaning("-p icmp -m icmp --icmp-type 8"));
static_assert(has_meaning("-p ipv6-icmp -m icmp6 --icmpv6-type 135", family::ipv6));
static_assert(has_meaning("-m iprange --dst-range 10.0.0.1-10.0.0.9"));
static_assert(has_meaning("-m length --length 3:9"));
static_assert(has_meaning("-m limit --limit 3/sec"));
static_assert(has_meaning("-m mark --mark 0x1/0xff"));
static_assert(has_meaning("-p tcp -m multiport --dports 80,443"));
static_assert(has_meaning("-p udp -m multiport ! --ports 1,2:9"));
static_assert(has_meaning("-m owner --gid-owner 4 --suppl-groups"));
static_assert(has_meaning("-m owner --socket-exists"));
static_assert(has_meaning("-m pkttype --pkt-type unicast"));
static_assert(has_meaning("-m pkttype ! --pkt-type unicast"));
static_assert(has_meaning("-m policy --dir out --pol none"));
static_assert(has_meaning("-p sctp -m sctp --dport 1 --chunk-types any DATA,INIT"));
static_assert(has_meaning("-m set --match-set x dst"));
static_assert(has_meaning("-m string --string abc --algo bm"));
static_assert(has_meaning("-p tcp -m tcp --tcp-flags SYN,ACK SYN --sport 1:3"));
static_assert(has_meaning("-m time --timestart 10:00"));
static_assert(has_meaning("-m tos --tos 0x10/0x3f"));
static_assert(has_meaning("-m ttl --ttl-lt 4"));
static_assert(has_meaning("-m ttl --ttl-lt 0"));
static_assert(has_meaning("-m u32 --u32 \"0>>22&0x3C@4=0x29\""));

}  // namespace
