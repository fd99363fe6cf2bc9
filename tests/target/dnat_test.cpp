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
