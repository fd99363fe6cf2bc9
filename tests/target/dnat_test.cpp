#include <cordon/target/dnat.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j DNAT is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--to-destination 1.2.3.4", "--to-destination 1.2.3.4"},
      {"--to-destination 1.2.3.4-1.2.3.4", "--to-destination 1.2.3.4"},
      {"--to-destination 1.2.3.9-1.2.3.4", "--to-destination 1.2.3.9-1.2.3.4"},
      {"--to-destination 1.2.3.4:80", "--to-destination 1.2.3.4:80", just(protocol::tcp)},
      {"--to-destination 1.2.3.4:http", "--to-destination 1.2.3.4:80", just(protocol::tcp)},
      {"--to-destination 1.2.3.4:80-80", "--to-destination 1.2.3.4:80", just(protocol::tcp)},
      {"--to-destination 1.2.3.4:90-80", nullptr, just(protocol::tcp)},
      {"--to-destination 1.2.3.4:0", "--to-destination 1.2.3.4:0", just(protocol::tcp)},
      {"--to-destination 1.2.3.4:0-10", "--to-destination 1.2.3.4:0-10", just(protocol::tcp)},
      {"--to-destination 1.2.3.4:65536", nullptr, just(protocol::tcp)},
      {"--to-destination 1.2.3.4:10-20/5", "--to-destination 1.2.3.4:10-20/5", just(protocol::tcp)},
      {"--to-destination 1.2.3.4:10/5", nullptr, just(protocol::tcp)},
      {"--to-destination :80-90", "--to-destination :80-90", just(protocol::tcp)},
      {"--to-destination 1.2.3.4:", nullptr, just(protocol::tcp)},
      {"--to-destination \"\"", nullptr, just(protocol::tcp)},
      {"--to-destination 1.2.3.4:80", "--to-destination 1.2.3.4:80", just(protocol::icmp)},
      {"--to-destination 1.2.3.4:80", nullptr, just(protocol::icmpv6)},
      {"--to-destination 1.2.3.4:80", nullptr, just(protocol::udplite)},
      {"--to-destination 1.2.3.4:80", "--to-destination 1.2.3.4:80", all_but(protocol::tcp)},
      {"--to-destination 10.1", nullptr},
      {"--to-destination 1.2.3.4/24", nullptr},
      {"--to-destination 1.2.3.4 --random --persistent", "--to-destination 1.2.3.4 --random --persistent"},
      {"--random", nullptr},
      {"--to-destination localhost", nullptr},
      {"--to-destination 1.2.3.4 --to-destination 1.2.3.5", nullptr},
      {"--to-destination [1.2.3.4]", nullptr},
      {"--to-destination 1.2.3.4:0x50", "--to-destination 1.2.3.4:80", just(protocol::tcp)},
      {"--to-destination 1.1.1.1", "--to-destination 1.1.1.1"},
      {"--to-destination 1.1.1.1-1.1.1.10", "--to-destination 1.1.1.1-1.1.1.10"},
      {"--to-destination 1.1.1.1:1025-65535", nullptr},
      {"--to-destination 1.1.1.1 --to-destination 2.2.2.2", nullptr},
      {"--to-destination 1.1.1.1:1025-65535", "--to-destination 1.1.1.1:1025-65535", just(protocol::tcp)},
      {"--to-destination 1.1.1.1-1.1.1.10:1025-65535", "--to-destination 1.1.1.1-1.1.1.10:1025-65535",
       just(protocol::tcp)},
      {"--to-destination 1.1.1.1-1.1.1.10:1025-65536", nullptr, just(protocol::tcp)},
      {"--to-destination 1.1.1.1-1.1.1.10:1025-65535 --to-destination 2.2.2.2-2.2.2.20:1025-65535", nullptr,
       just(protocol::tcp)},
      {"--to-destination 1.1.1.1:1000-2000/1000", "--to-destination 1.1.1.1:1000-2000/1000", just(protocol::tcp)},
      {"--to-destination 1.1.1.1:1000-2000/3000", "--to-destination 1.1.1.1:1000-2000/3000", just(protocol::tcp)},
      {"--to-destination 1.1.1.1:1000-2000/65535", "--to-destination 1.1.1.1:1000-2000/65535", just(protocol::tcp)},
      {"--to-destination 1.1.1.1:1000-2000/0", nullptr, just(protocol::tcp)},
      {"--to-destination 1.1.1.1:1000-2000/65536", nullptr, just(protocol::tcp)},
      {"--to-destination 1.1.1.1:ssh", "--to-destination 1.1.1.1:22", just(protocol::tcp)},
      {"--to-destination 1.1.1.1:ftp-data", "--to-destination 1.1.1.1:20", just(protocol::tcp)},
      {"--to-destination 1.1.1.1:echo-ssh", nullptr, just(protocol::tcp)},
      {"--to-destination 1.1.1.1:10-20/ftp", "--to-destination 1.1.1.1:10-20/21", just(protocol::tcp)},
  };
  for (const backend of : both_backends_tested)
    check_saved(dnat_target, cases, {.family = family::ipv4, .backend = of, .table = "nat"});
  const saved_case cases_2[] = {
      {"--to-destination :80", "--to-destination :80", just(protocol::tcp)},
      {"", nullptr},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested)
      check_saved(dnat_target, cases_2, {.family = in, .backend = of, .table = "nat"});
  const saved_case cases_3[] = {
      {"--to-destination dead::beef", "--to-destination dead::beef"},
      {"--to-destination dead::beef-dead::fee7", "--to-destination dead::beef-dead::fee7"},
      {"--to-destination [dead::beef]:1025", "--to-destination [dead::beef]:1025", just(protocol::tcp)},
      {"--to-destination [dead::beef-dead::fee7]:1025-65535", "--to-destination [dead::beef-dead::fee7]:1025-65535",
       just(protocol::tcp)},
      {"--to-destination [dead::beef]", "--to-destination dead::beef"},
      {"--to-destination [dead::beef]:10-20/5", "--to-destination [dead::beef]:10-20/5", just(protocol::tcp)},
      {"--to-destination dead::beef:80", "--to-destination dead::beef:80", just(protocol::tcp)},
      {"--to-destination [dead::beef]:10-20/5 --random --persistent",
       "--to-destination [dead::beef]:10-20/5 --random --persistent", just(protocol::tcp)},
      {"--to-destination []:80", "--to-destination :80", just(protocol::tcp)},
      {"--to-destination [dead::beef", nullptr, just(protocol::tcp)},
      {"--to-destination [dead::beef]:1025-65535", nullptr},
      {"--to-destination [dead::beef] --to-destination [dead::fee7]", nullptr},
      {"--to-destination [dead::beef]:1025-65535", "--to-destination [dead::beef]:1025-65535", just(protocol::tcp)},
      {"--to-destination [dead::beef-dead::fee7]:1025-65536", nullptr, just(protocol::tcp)},
      {"--to-destination [dead::beef-dead::fee7]:1025-65535 --to-destination [dead::beef-dead::fee8]:1025-65535",
       nullptr, just(protocol::tcp)},
      {"--to-destination [dead::beef-dead::fee7]:1000-2000/1000",
       "--to-destination [dead::beef-dead::fee7]:1000-2000/1000", just(protocol::tcp)},
      {"--to-destination [dead::beef-dead::fee7]:1000-2000/3000",
       "--to-destination [dead::beef-dead::fee7]:1000-2000/3000", just(protocol::tcp)},
      {"--to-destination [dead::beef-dead::fee7]:1000-2000/65535",
       "--to-destination [dead::beef-dead::fee7]:1000-2000/65535", just(protocol::tcp)},
      {"--to-destination [dead::beef-dead::fee7]:1000-2000/0", nullptr, just(protocol::tcp)},
      {"--to-destination [dead::beef-dead::fee7]:1000-2000/65536", nullptr, just(protocol::tcp)},
      {"--to-destination [dead::beef]:ssh", "--to-destination [dead::beef]:22", just(protocol::tcp)},
      {"--to-destination [dead::beef]:ftp-data", "--to-destination [dead::beef]:20", just(protocol::tcp)},
      {"--to-destination [dead::beef]:echo-ssh", nullptr, just(protocol::tcp)},
      {"--to-destination [dead::beef]:10-20/ftp", "--to-destination [dead::beef]:10-20/21", just(protocol::tcp)},
  };
  for (const backend of : both_backends_tested)
    check_saved(dnat_target, cases_3, {.family = family::ipv6, .backend = of, .table = "nat"});
}

TEST_CASE("DNAT ends the table with a new destination, and what stood there before is the connection's") {
  const meaning_context tcp_rule{.protocol = just(protocol::tcp), .table = "nat"};
  const auto does = [&](const char* words) {
    return meaning_of(dnat_target, read_use(dnat_target, words, tcp_rule).options, tcp_rule);
  };
  const auto translated = [](sequence<alteration> now) {
    effect made{.what = effect::kind::accept};
    made.changes = {
        alteration{.field = field::original_destination, .from = field::destination, .from_mask = 0xffffffff},
        alteration{.field = field::original_destination_port, .from = field::second_word, .from_mask = 0xffff},
        set_bits(field::nat_status, 2, 2)};
    made.changes.append(now);
    return made;
  };
  const uint128 first = ipv4_address(10, 0, 0, 1).bits;
  CHECK(does("--to-destination 127.0.0.1:3128") ==
        translated({set_to(field::destination, ipv4_address(127, 0, 0, 1).bits), set_to(field::second_word, 3128)}));
  CHECK(does("--to-destination 10.0.0.1-10.0.0.9") ==
        translated({set_to_one_of(field::destination, first, first + 8)}));
  CHECK(does("--to-destination 10.0.0.1-10.0.0.9:10-20") ==
        translated({set_to_one_of(field::destination, first, first + 8), set_to_one_of(field::second_word, 10, 20)}));
  CHECK(does("--to-destination :10-20") == translated({set_to_one_of(field::second_word, 10, 20)}));
  CHECK(does("--to-destination :53") == translated({set_to(field::second_word, 53)}));
}

TEST_CASE("DNAT to addresses, to ports and to both, in both families: the connection keeps what stood there") {
  struct {
    const char* address;  // of IPv4, and of IPv6
    const char* address6;
    const char* ports;
  } const cases[] = {{"10.0.0.9", "fd09::9", nullptr},
                     {"10.0.0.9-10.0.0.12", "fd09::9-fd09::c", nullptr},
                     {"10.0.0.9", "fd09::9", "80"},
                     {"10.0.0.9", "fd09::9", "80-90"},
                     {"10.0.0.9-10.0.0.12", "fd09::9-fd09::c", "80"},
                     {"10.0.0.9-10.0.0.12", "fd09::9-fd09::c", "80-90"},
                     {nullptr, nullptr, "80"},
                     {nullptr, nullptr, "80-90"}};
  for (const family in : both_families_tested)
    for (const protocol of : {protocol::tcp, protocol::udp, protocol::sctp, protocol::dccp, protocol::icmp})
      for (const auto& one : cases) {
        const bool v4 = in == family::ipv4;
        const meaning_context rule{.family = in, .protocol = just(of), .table = "nat"};
        std::string words = one.address == nullptr ? "" : v4 ? one.address : one.address6;
        if (one.ports != nullptr) words = (v4 || words.empty() ? words : "[" + words + "]") + ":" + one.ports;
        CAPTURE(words, name_of(in), static_cast<unsigned>(of));
        const uint128 first = v4 ? ipv4_address(10, 0, 0, 9).bits : read_address("fd09::9")->bits;
        effect wanted{.what = effect::kind::accept};
        wanted.changes = {
            alteration{
                .field = field::original_destination, .from = field::destination, .from_mask = low_bits(v4 ? 32 : 128)},
            alteration{.field = field::original_destination_port, .from = field::second_word, .from_mask = 0xffff},
            set_bits(field::nat_status, 2, 2)};
        const auto is_range = [](const char* written) { return std::string(written).find('-') != std::string::npos; };
        if (one.address != nullptr)
          wanted.changes.push_back(set_to_one_of(field::destination, first, is_range(one.address) ? first + 3 : first));
        // Whether what has no ports that the kernel knows is rewritten, no rule says.
        const bool knows_ports = of != protocol::dccp && of != protocol::icmp;
        if (one.ports != nullptr)
          wanted.changes.push_back(knows_ports ? set_to_one_of(field::second_word, 80, is_range(one.ports) ? 90 : 80)
                                               : make_unknown(field::second_word));
        const use made = read_use(dnat_target, "--to-destination " + words, rule);
        REQUIRE(made.refused.empty());
        CHECK(meaning_of(dnat_target, made.options, rule) == wanted);
      }
}

TEST_CASE("DNAT to addresses that run backwards leads somewhere unknown") {
  const meaning_context rule{.table = "nat"};
  const use made = read_use(dnat_target, "--to-destination 10.0.0.12-10.0.0.9", rule);
  REQUIRE(made.refused.empty());
  const effect does = meaning_of(dnat_target, made.options, rule);
  CHECK(
      does ==
      effect{.what = effect::kind::accept,
             .changes = {
                 alteration{.field = field::original_destination, .from = field::destination, .from_mask = 0xffffffff},
                 alteration{.field = field::original_destination_port, .from = field::second_word, .from_mask = 0xffff},
                 set_bits(field::nat_status, 2, 2), make_unknown(field::destination)}});
}
