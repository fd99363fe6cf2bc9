#include <string>
#include <string_view>

#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/render/region.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "../catch.hpp"
#include "../prove/rules.hpp"
#include "region_words.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

box_side whole(field which, sequence<range> values, family of = family::ipv4) {
  return {which, 0, width_of(which, of), std::move(values)};
}

std::string member_of(const box& of, std::string_view name) {
  const region_words words = words_of(of);
  const text* const found = words.find(name);
  return found == nullptr ? "(any)" : testing::shown(*found);
}

std::string words_for(sequence<box_side> sides, family of = family::ipv4) {
  return testing::shown(to_text(box{of, std::move(sides)}));
}

constexpr box port_box() {
  box made;
  made.sides.push_back({field::second_word, 0, 16, {{53, 53}}});
  return made;
}
static_assert(*words_of(port_box()).find("destination_port") == "53");

}  // namespace

TEST_CASE("numbers are joined with commas, ranges have a dash") {
  const box ports{family::ipv4, {whole(field::second_word, {{0, 79}, {81, 81}, {443, 65535}})}};
  CHECK(member_of(ports, "destination_port") == "0-79,81,443-65535");
  CHECK(member_of(ports, "source_port") == "(any)");
  const box ids{family::ipv4, {whole(field::uid, {{1000, 1999}}), whole(field::gid, {{5, 5}})}};
  CHECK(member_of(ids, "uid") == "1000-1999");
  CHECK(member_of(ids, "gid") == "5");
}

TEST_CASE("what is longer than 65535 bytes is told as that") {
  const auto of_length = [](sequence<range> lengths) { return words_for({whole(field::length, std::move(lengths))}); };
  CHECK(of_length({{longer_length, longer_length}}).find("len more than 65535") != std::string::npos);
  CHECK(of_length({{40, 40}, {1501, longer_length}}).find("len 40, 1501 or more") != std::string::npos);
  CHECK(of_length({{1501, 65535}}).find("len 1501-65535") != std::string::npos);
}

TEST_CASE("addresses are single, prefixes, or from one to another") {
  const box v4{
      family::ipv4,
      {whole(field::destination, {{0x0a000000, 0x0affffff}, {0x7f000001, 0x7f000001}, {0xc0000201, 0xc0000205}})}};
  CHECK(member_of(v4, "destination") == "10.0.0.0/8,127.0.0.1,192.0.2.1-192.0.2.5");
  const box v6{family::ipv6, {whole(field::source, {{0, 0}, {2, low_bits(128)}}, family::ipv6)}};
  CHECK(member_of(v6, "source") == "::,::2-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

TEST_CASE("a mask with a hole is told as the rule has it") {
  const box odd{family::ipv4, {{field::destination, 24, 8, {{10, 10}}}, {field::destination, 8, 8, {{2, 2}}}}};
  CHECK(member_of(odd, "destination") == "10.0.2.0/255.0.255.0");
  const box mark{family::ipv4, {{field::mark, 0, 8, {{0, 0}, {2, 255}}}}};
  CHECK(member_of(mark, "mark") == "!0x1/0xff");
  const box low_mark{family::ipv4, {{field::mark, 4, 4, {{1, 1}}}}};
  CHECK(member_of(low_mark, "mark") == "0x10/0xf0");
}

TEST_CASE("protocols have the names that iptables prints") {
  const box some{family::ipv4, {whole(field::protocol, {{0, 5}, {6, 6}, {17, 17}, {253, 255}})}};
  CHECK(member_of(some, "protocol") == "0-5,tcp,udp,253-255");
}

TEST_CASE("TCP flags are the numbers of their byte, whatever bits the rule asks for") {
  const box syn{family::ipv4,
                {whole(field::protocol, {{6, 6}}), {field::flags, 0, 3, {{2, 2}}}, {field::flags, 4, 1, {{0, 0}}}},
                /*portless=*/true};
  CHECK(member_of(syn, "flags") == "2,10,34,42,66,74,98,106,130,138,162,170,194,202,226,234");
  CHECK(testing::shown(to_text(syn)) ==
        "tcp, flags SYN of FIN,SYN,RST,ACK (and later fragments, which carry no ports)");
}

TEST_CASE("ICMP has types and codes where it stands alone") {
  const auto icmp_with = [](sequence<range> values) {
    return member_of(box{family::ipv4, {whole(field::protocol, {{1, 1}}), whole(field::first_word, std::move(values))}},
                     "icmp");
  };
  CHECK(icmp_with({{0x800, 0x8ff}}) == "8");
  CHECK(icmp_with({{0x300, 0x300}}) == "3/0");
  CHECK(icmp_with({{0x300, 0x301}, {0x801, 0x8ff}}) == "3/0-1,8/1-255");
  CHECK(icmp_with({{0x000, 0x7ff}, {0x900, 0xffff}}) == "0-7,9-255");
  CHECK(icmp_with({{0x801, 0xa03}}) == "8/1-255,9,10/0-3");
  CHECK(icmp_with({{0x8ff, 0x900}}) == "8/255,9/0");
}

TEST_CASE("a box that names ports says whether it holds packets without ports too") {
  const box with{family::ipv4, {whole(field::second_word, {{53, 53}})}, /*portless=*/true};
  CHECK(words_of(with).portless);
  CHECK(testing::shown(to_text(with)) == "any protocol port 53 (and later fragments, which carry no ports)");
  const box by_bytes{family::ipv4, {whole(field::second_word, {{53, 53}})}};
  CHECK_FALSE(words_of(by_bytes).portless);
  CHECK(testing::shown(to_text(by_bytes)) ==
        "any protocol port 53 (and later fragments with such bytes in that place)");
  const box without{family::ipv4, {whole(field::transport, {{20, 20}}), whole(field::second_word, {{53, 53}})}};
  CHECK_FALSE(words_of(without).portless);
  const box names_none{family::ipv4,
                       {whole(field::out, {{number_of(interface_name("lo")), number_of(interface_name("lo"))}})}};
  CHECK_FALSE(words_of(names_none).portless);
  const box fragments{family::ipv4, {whole(field::protocol, {{17, 17}}), whole(field::transport, {{21, 22}})}};
  CHECK(words_of(fragments).portless);
  CHECK(member_of(fragments, "destination_port").empty());
  CHECK(testing::shown(to_text(fragments)) == "later fragments of udp");
}

TEST_CASE("a box is told in the words of people") {
  const uint128 lo = number_of(interface_name("lo"));
  CHECK(words_for({}) == "any protocol");
  CHECK(words_for({whole(field::out, {{lo, lo}})}) == "any protocol by lo");
  CHECK(words_for({whole(field::protocol, {{0, 5}, {7, 16}, {18, 255}})}) == "any protocol but tcp, udp");
  CHECK(words_for({whole(field::protocol, {{6, 6}}), whole(field::transport, {{20, 20}}),
                   whole(field::second_word, {{0, 79}, {81, 65535}}),
                   whole(field::destination, {{0x7f000001, 0x7f000001}}), whole(field::state, {{2, 2}})}) ==
        "tcp to 127.0.0.1 port other than 80, state NEW, no later fragments");
  CHECK(words_for({whole(field::state, {{0, 1}})}) == "any protocol, state ESTABLISHED or RELATED");
  CHECK(words_for({whole(field::destination, {{0, 0x7f000000}, {0x7f000002, 0xffffffff}})}) ==
        "any protocol to any address but 127.0.0.1");
  CHECK(words_for({whole(field::hops, {{1, 1}})}) == "any protocol, ttl 1");
}

TEST_CASE("no field of a box goes untold") {
  for (const family of : both_families)
    for (unsigned i = 0; i < field_count; ++i) {
      const auto which = static_cast<field>(i);
      const range domain = domain_of(which, of);
      if (domain.low == domain.high) continue;
      uint128 value = domain.low;
      if (which == field::out) value = number_of(interface_name("lo"));
      const box only{of, {whole(which, {{value, value}}, of)}};
      INFO(i);
      CHECK_FALSE(member_name(which).empty());
      CHECK(words_of(only).members.size() == (which == field::transport ? 2 : 1));
      CHECK(to_text(only) != "any protocol");
    }
}

TEST_CASE("the words of a leak's box hold for a packet exactly if the box does") {
  int boxes = 0;
  CHECK(rc::check([&boxes] {
    const egress_policy policy = *testing::policies();
    const firewall host = *testing::firewalls_for(policy);
    const proof answer = prove(host, policy);
    const testing::packets_near near = testing::packets_near(host).of(policy);
    for (const family of : both_families)
      for (const leak& one : answer.of(of).leaks)
        for (std::size_t i = 0; i < one.region.size() && i < 8; ++i) {
          const region_words words = words_of(one.region[i]);
          RC_LOG(testing::shown(to_text(one.region[i])));
          ++boxes;
          RC_ASSERT(holds(words, one.witness) == is_in(one.region[i], one.witness));
          for (int drawn = 0; drawn < 8; ++drawn) {
            const packet sent = *near.only(of);
            RC_ASSERT(holds(words, sent) == is_in(one.region[i], sent));
          }
        }
  }));
  CHECK(boxes > 0);
}
