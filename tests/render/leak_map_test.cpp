#include <cordon/render/leak_map.hpp>

#include <string>

#include <cordon/prove/prove.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "../prove/judgement.hpp"
#include "../prove/rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

const egress_policy reaches_proxy_and_resolver = sandbox(uid{1001})
                                                     .may_reach(tcp, ipv4_address(127, 0, 0, 1), 18443)
                                                     .may_reach(udp | tcp, ipv4_address(127, 0, 0, 53), 53);

std::string rows_of(const leak_map& of) {
  std::string all;
  for (const range& one : of.addresses) all += testing::shown(addresses_in_words(one, of.family)) + "; ";
  return all;
}

std::string columns_of(const leak_map& of) {
  std::string all;
  for (const map_group& group : of.groups) {
    all += std::string(group.name) + ":";
    for (const map_column& one : group.columns) all += " " + testing::shown(ports_in_words(one));
    all += "; ";
  }
  return all;
}

// X leak, x leak in part, O allowed, o allowed in part, B both, . neither.
std::string picture_of(const leak_map& of) {
  std::string all;
  for (const sequence<map_cell>& row : of.cells) {
    for (const map_cell& one : row)
      all += one.leaks != 0 && one.endpoint != 0 ? 'B'
             : one.leaks != 0                    ? one.leaks_in_part ? 'x' : 'X'
             : one.endpoint != 0                 ? one.allowed_in_part ? 'o' : 'O'
                                                 : '.';
    all += '\n';
  }
  return all;
}

// The column for a packet, over all groups; none: there is none for it.
maybe<std::size_t> column_for(const leak_map& in, const packet& sent) {
  const std::size_t group = sent.protocol == protocol::tcp ? 0 : sent.protocol == protocol::udp ? 1 : 2;
  std::size_t first = 0;
  for (std::size_t i = 0; i < group; ++i) first += in.groups[i].columns.size();
  for (std::size_t i = 0; i < in.groups[group].columns.size(); ++i) {
    const map_column& one = in.groups[group].columns[i];
    const bool has_ports = sent.transport == transport_part::whole;
    if (group == 2 || (one.without_ports ? !has_ports : has_ports && one.ports.contains(sent.second_word)))
      return first + i;
  }
  return no_value;
}

maybe<std::size_t> row_for(const leak_map& in, uint128 address) {
  for (std::size_t i = 0; i < in.addresses.size(); ++i)
    if (in.addresses[i].contains(address)) return i;
  return no_value;
}

}  // namespace

TEST_CASE("the map of the incident shows every address and port that its rule let out, and what is allowed") {
  const proof answer = prove(incident("before", backend::nft), reaches_proxy_and_resolver);
  const leak_map made = map_of(answer, family::ipv4);
  CHECK(
      rows_of(made) ==
      "up to 126.255.255.255; 127.0.0.0; 127.0.0.1; 127.0.0.2 to 127.0.0.52; 127.0.0.53; 127.0.0.54 to 127.255.255.255; "
      "128.0.0.0 and up; ");
  CHECK(columns_of(made) ==
        "tcp: up to 52 53 54 to 18442 18443 18444 and up; udp: up to 52 53 54 and up; others: no port; ");
  CHECK(picture_of(made) == "XXXXXXXXX\nXXXXXXXXX\nXXXOXXXXX\nXXXXXXXXX\nXOXXXXOXX\nXXXXXXXXX\nXXXXXXXXX\n");
  CHECK(made.rest_does_not_leak);
  CHECK_FALSE(made.is_coarse);
  const leak_map v6 = map_of(answer, family::ipv6);
  CHECK(rows_of(v6) == "::; ::1; ::2 and up; ");
  CHECK(picture_of(v6) == "XXX\nXXX\nXXX\n");
}

TEST_CASE("where nothing leaks what is allowed remains; what is not known is not called stopped") {
  const proof fixed = prove(incident("after", backend::nft), reaches_proxy_and_resolver);
  CHECK(picture_of(map_of(fixed, family::ipv4)) ==
        ".........\n.........\n...O.....\n.........\n.O....O..\n.........\n.........\n");
  const firewall opaque = host_with(":OUTPUT DROP [0:0]\n-A OUTPUT -m limit --limit 1/sec -j ACCEPT\n");
  const leak_map unknown = map_of(prove(opaque, sandbox(uid{1001})), family::ipv4);
  CHECK_FALSE(unknown.rest_does_not_leak);
  CHECK(picture_of(unknown) == "...\n...\n...\n");
  // So beside a leak, too.
  const firewall both =
      host_with(":OUTPUT DROP [0:0]\n-A OUTPUT -d 127.0.0.0/8 -j ACCEPT\n-A OUTPUT -m limit --limit 1/sec -j ACCEPT\n");
  const leak_map beside = map_of(prove(both, sandbox(uid{1001})), family::ipv4);
  CHECK_FALSE(beside.rest_does_not_leak);
  CHECK(picture_of(beside) == "...\nXXX\n...\n");
}

TEST_CASE("packets without ports have a column where something leaks that has none") {
  const leak_map made =
      map_of(prove(host_with(":OUTPUT DROP [0:0]\n-A OUTPUT -p udp -f -j ACCEPT\n"), sandbox(uid{1001})), family::ipv4);
  CHECK(columns_of(made) == "tcp: all; udp: all no port; others: no port; ");
  CHECK(picture_of(made) == "..X.\n..X.\n..X.\n");
  // To iptables-nft a later fragment has whatever bytes stand where its port would.
  const leak_map bytes = map_of(prove(host_with(":OUTPUT DROP [0:0]\n-A OUTPUT -d 127.0.0.0/8 -p udp -f -j ACCEPT\n-A "
                                                "OUTPUT -p udp -m udp --dport 9 -j ACCEPT\n"),
                                      sandbox(uid{1001})),
                                family::ipv4);
  CHECK(columns_of(bytes) == "tcp: all; udp: up to 8 9 10 and up no port; others: no port; ");
  CHECK(picture_of(bytes) == "..X.x.\n..X.X.\n..X.x.\n");
}

TEST_CASE("a mask that is no prefix leaks in part; so does a part of the other protocols") {
  const leak_map masked = map_of(
      prove(host_with(":OUTPUT DROP [0:0]\n-A OUTPUT -d 10.0.0.1/255.0.0.255 -p tcp -j ACCEPT\n"), sandbox(uid{1001})),
      family::ipv4);
  CHECK(picture_of(masked) == "x..\nx..\nx..\n");
  const leak_map sctp_alone =
      map_of(prove(host_with(":OUTPUT DROP [0:0]\n-A OUTPUT -p sctp -j ACCEPT\n"), sandbox(uid{1001})), family::ipv4);
  CHECK(picture_of(sctp_alone) == "..x\n..x\n..x\n");
}

TEST_CASE("a map keeps within its limits, and says that it tells of several stretches together") {
  std::string many = ":OUTPUT DROP [0:0]\n";
  for (int i = 0; i < 300; ++i)
    many += "-A OUTPUT -d 10.0." + std::to_string(i % 256) + ".7/32 -p tcp -m tcp --dport " +
            std::to_string(1000 + 2 * i) + " -j ACCEPT\n";
  const leak_map made = map_of(prove(host_with(many), sandbox(uid{1001})), family::ipv4);
  CHECK(made.addresses.size() == 24);
  CHECK(made.groups[0].columns.size() == 10);
  CHECK(made.is_coarse);
  for (std::size_t row = 0; row < made.cells.size(); ++row) CHECK(made.cells[row].size() == 12);
}

TEST_CASE("every packet that leaks is in a cell that says so; what a cell says of all that goes there is so") {
  rc::prop("of whatever rules, with whatever room", [] {
    const egress_policy policy = *testing::policies();
    const firewall live = *testing::firewalls_for(policy, {.with_opaque = true, .with_both_backends = true});
    const proof answer = prove(live, policy);
    map_limits limits;
    if (*rc::gen::inRange(0, 2) == 0)
      limits = {*rc::gen::inRange<std::size_t>(3, 8), *rc::gen::inRange<std::size_t>(1, 5),
                *rc::gen::inRange<std::size_t>(4, 20)};
    testing::random_choices random(*rc::gen::arbitrary<std::uint64_t>());
    const choice_source choices = random.source();
    for (const family in : both_families) {
      const leak_map made = map_of(answer, in, limits);
      RC_ASSERT(made.addresses.size() <= limits.rows);
      RC_ASSERT(made.addresses[0].low == 0);
      RC_ASSERT(made.addresses.back().high == low_bits(address_width(in)));
      for (std::size_t i = 1; i < made.addresses.size(); ++i)
        RC_ASSERT(made.addresses[i].low == made.addresses[i - 1].high + 1);
      const auto around = testing::edges::of_firewall(live, policy, in);
      for (std::uint32_t leak = 0; leak < answer.of(in).leaks.size(); ++leak)
        for (const box& each : answer.of(in).leaks[leak].region) {
          packet sent = testing::draw_packet(choices, around, policy);
          if (!draw_from(choices, each, sent)) continue;
          const maybe<std::size_t> column = column_for(made, sent);
          if (!column) continue;  // a later fragment, where no leak is of those alone
          RC_LOG() << testing::shown(sent) << "\n";
          const map_cell& cell = made.cells[*row_for(made, sent.destination)][*column];
          RC_ASSERT((cell.leaks >> (leak < 63 ? leak : 63) & 1U) == 1);
        }
      // Where the map says that nothing gets out that must not, nothing does, whatever undecided matches do.
      const program rules = compile(live, in);
      for (int i = 0; i < 20; ++i) {
        const packet sent = testing::draw_packet(choices, around, policy);
        const maybe<std::size_t> column = column_for(made, sent);
        if (sent.family != in || !column || !made.rest_does_not_leak || !is_judged(rules, policy, sent)) continue;
        const map_cell& cell = made.cells[*row_for(made, sent.destination)][*column];
        RC_LOG() << testing::shown(sent) << "\n";
        const escape found = escape_of(rules, policy, sent);
        if (cell.leaks == 0 && found.is_clear) RC_ASSERT_FALSE(found.perhaps);
      }
      for (std::size_t row = 0; row < made.cells.size(); ++row)
        for (std::size_t group = 0, column = 0; group < 2; ++group)
          for (const map_column& here : made.groups[group].columns) {
            const map_cell& cell = made.cells[row][column++];
            if (cell.leaks == 0 || cell.leaks_in_part || here.without_ports) continue;
            const range& where = made.addresses[row];
            const uint128 address = choices.below(2) == 0 ? where.low : where.high;
            const uint128 port = choices.below(2) == 0 ? here.ports.low : here.ports.high;
            bool leaks = false;
            for (const leak& one : answer.of(in).leaks)
              for (const box& each : one.region) {
                const auto allows = [&](field which, uint128 value) {
                  const side_values values = values_of(each, which);
                  return values.free ||
                         detail::any_of(values.intervals, [&](const range& inside) { return inside.contains(value); });
                };
                leaks = leaks || (allows(field::destination, address) && allows(field::second_word, port) &&
                                  allows(field::protocol, group == 0 ? 6 : 17) && allows(field::transport, 20));
              }
            RC_ASSERT(leaks);
          }
    }
  });
}
