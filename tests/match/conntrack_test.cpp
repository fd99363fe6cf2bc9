#include <cordon/match/conntrack.hpp>

#include <optional>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
packet in_state(connection_state state, unsigned nat_status = 0) {
  packet made;
  made.state = state;
  made.nat_status = static_cast<std::uint8_t>(nat_status);
  return made;
}
constexpr unsigned source_was_translated = 1;
constexpr unsigned destination_was_translated = 2;
}  // namespace

TEST_CASE("conntrack options are printed as iptables-save prints them") {
  struct {
    const char* written;
    const char* printed;
  } const cases[] = {
      {"--ctstate RELATED,ESTABLISHED", "--ctstate RELATED,ESTABLISHED"},
      {"--ctstate ESTABLISHED,RELATED", "--ctstate RELATED,ESTABLISHED"},
      {"--ctstate DNAT,SNAT,UNTRACKED,NEW,RELATED,ESTABLISHED,INVALID",
       "--ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED,SNAT,DNAT"},
      {"! --ctstate NEW", "! --ctstate NEW"},
      {"--ctstate n,e,R,NEW", "--ctstate NEW,RELATED,ESTABLISHED"},
      {"--ctproto tcp --ctorigdst 127.0.0.1 --ctdir ORIGINAL --ctstatus ASSURED,SEEN_REPLY --ctorigdstport 80 "
       "--ctexpire 1:5",
       "--ctproto 6 --ctorigdst 127.0.0.1 --ctorigdstport 80 --ctstatus SEEN_REPLY,ASSURED --ctexpire 1:5 "
       "--ctdir ORIGINAL"},
      {"--ctorigsrc 10.0.0.0/8 ! --ctrepldst 1.2.3.4 --ctreplsrc 1.1.1.1/32",
       "--ctorigsrc 10.0.0.0/8 --ctreplsrc 1.1.1.1 ! --ctrepldst 1.2.3.4"},
      {"--ctorigsrc 10.0.0.1/0", "--ctorigsrc 10.0.0.1/0"},
      {"--ctorigsrc 10.0.0.1/255.0.255.0", "--ctorigsrc 10.0.0.1"},
      {"--ctorigsrcport 90:80", "--ctorigsrcport 90:80"},
      {"! --ctorigsrcport http", "! --ctorigsrcport 80"},
      {"--ctorigsrcport :80", "--ctorigsrcport 0:80"},
      {"--ctexpire 5:", "--ctexpire 5:4294967295"},
      {"--ctexpire 5:5", "--ctexpire 5"},
      {"--ctexpire 5:1", "--ctexpire 5:1"},
      {"--ctstatus NONE", "--ctstatus NONE"},
      {"--ctstatus none,ASSURED", "--ctstatus ASSURED"},
      {"--ctproto all", "--ctproto 0"},
      {"--ctdir reply", "--ctdir REPLY"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.written);
    CHECK(saved(conntrack_match, one.written) == one.printed);
  }
  CHECK(saved(conntrack_match, "--ctorigsrc fe80::/ffff::ffff", {.family = family::ipv6}) == "--ctorigsrc fe80::");
  CHECK(saved(conntrack_match, "--ctorigsrc ::1/64", {.family = family::ipv6}) == "--ctorigsrc ::1/64");
}

TEST_CASE("conntrack options that iptables refuses are refused") {
  for (const char* const words :
       {"", "--ctstate NEW,", "--ctstate \"\"", "--ctstate OLD", "! --ctdir REPLY", "--ctdir REP", "--ctproto 256",
        "--ctorigsrc ::1", "--ctorigsrc 10.0.0.1,10.0.0.2", "--ctexpire 4294967296", "--ctorigsrc 10.0.0.1/8/8"}) {
    CAPTURE(words);
    CHECK(is_refused(canonical(conntrack_match, words)));
  }
  CHECK(is_refused(canonical(conntrack_match, "--ctorigsrc 10.0.0.1", {.family = family::ipv6})));
}

TEST_CASE("SNAT and DNAT are two more states, of tracked packets alone") {
  using enum connection_state;
  CHECK(decides(conntrack_match, "--ctstate NEW,DNAT", in_state(fresh)) == "yes");
  CHECK(decides(conntrack_match, "--ctstate NEW,DNAT", in_state(established)) == "no");
  CHECK(decides(conntrack_match, "--ctstate NEW,DNAT", in_state(established, destination_was_translated)) == "yes");
  CHECK(decides(conntrack_match, "--ctstate DNAT", in_state(related, source_was_translated)) == "no");
  CHECK(decides(conntrack_match, "--ctstate SNAT", in_state(related, source_was_translated)) == "yes");
  CHECK(decides(conntrack_match, "--ctstate SNAT,DNAT", in_state(invalid, 3)) == "no");
  CHECK(decides(conntrack_match, "! --ctstate SNAT,DNAT", in_state(untracked, 3)) == "yes");
}

TEST_CASE("a packet without a connection fits if its state does, whatever the other options say") {
  using enum connection_state;
  CHECK(decides(conntrack_match, "--ctstate UNTRACKED --ctorigdst 1.2.3.4", in_state(untracked)) == "yes");
  CHECK(decides(conntrack_match, "--ctstate NEW --ctorigdst 1.2.3.4", in_state(untracked)) == "no");
  CHECK(decides(conntrack_match, "--ctstate NEW --ctorigdst 1.2.3.4", in_state(established)) == "no");
  CHECK(decides(conntrack_match, "! --ctorigdst 1.2.3.4", in_state(invalid)) == "no");
}

TEST_CASE("the ends of a connection are where the packet's own header has them, until translation changes them") {
  packet sent = in_state(connection_state::fresh);
  sent.source = ipv4_address(10, 0, 0, 1).bits;
  sent.destination = ipv4_address(10, 0, 0, 2).bits;
  sent.first_word = 40000;
  sent.second_word = 80;
  const auto all = [&](std::initializer_list<const char*> options, const char* decided) {
    for (const char* const words : options) {
      CAPTURE(words);
      CHECK(decides(conntrack_match, words, sent) == decided);
    }
  };
  all({"--ctorigsrc 10.0.0.1", "--ctorigdst 10.0.0.2", "--ctreplsrc 10.0.0.2", "--ctrepldst 10.0.0.1",
       "--ctorigsrcport 40000", "--ctorigdstport 80", "--ctreplsrcport 80", "--ctrepldstport 40000", "--ctproto tcp",
       "--ctdir ORIGINAL", "! --ctorigdst 10.0.0.1", "! --ctorigdstport 81:90", "--ctorigdst 10.0.0.77/24"},
      "yes");
  all({"--ctorigsrc 10.0.0.2", "--ctdir REPLY", "--ctproto udp", "! --ctorigdst 10.0.0.2", "--ctorigdstport 90:80"},
      "no");
  sent.state = connection_state::established;
  sent.connection_direction = 1;
  all({"--ctorigsrc 10.0.0.2", "--ctorigdst 10.0.0.1", "--ctreplsrc 10.0.0.1", "--ctrepldst 10.0.0.2",
       "--ctorigsrcport 80", "--ctorigdstport 40000", "--ctdir REPLY"},
      "yes");
}

TEST_CASE("a translated destination is what connection tracking says it was") {
  packet sent = in_state(connection_state::fresh, destination_was_translated);
  sent.destination = ipv4_address(127, 0, 0, 1).bits;
  sent.second_word = 3128;
  sent.original_destination = ipv4_address(8, 8, 8, 8).bits;
  sent.original_destination_port = 80;
  CHECK(decides(conntrack_match, "--ctorigdst 8.8.8.8 --ctorigdstport 80", sent) == "yes");
  CHECK(decides(conntrack_match, "--ctreplsrc 127.0.0.1 --ctreplsrcport 3128", sent) == "yes");
  CHECK(decides(conntrack_match, "--ctorigdst 127.0.0.1", sent) == "no");
}

TEST_CASE("a new connection has seen no reply, an established one has, and is confirmed") {
  packet sent = in_state(connection_state::fresh);
  sent.connection_status = connection_status::seen_reply | connection_status::assured | connection_status::expected;
  for (const char* const words : {"--ctstatus SEEN_REPLY", "--ctstatus ASSURED,EXPECTED", "--ctstatus CONFIRMED"})
    CHECK(decides(conntrack_match, words, sent) == "no");
  sent.state = connection_state::established;
  sent.connection_status = 0;
  CHECK(decides(conntrack_match, "--ctstatus SEEN_REPLY", sent) == "yes");
  CHECK(decides(conntrack_match, "--ctstatus CONFIRMED", sent) == "yes");
  CHECK(decides(conntrack_match, "--ctstatus ASSURED", sent) == "no");
  sent.connection_status = connection_status::assured;
  CHECK(decides(conntrack_match, "! --ctstatus ASSURED", sent) == "no");
  CHECK(decides(conntrack_match, "--ctstatus NONE", sent) == "no");
  CHECK(decides(conntrack_match, "! --ctstatus NONE", sent) == "yes");
}

TEST_CASE("a protocol without ports is known to connection tracking by none, whatever nat does") {
  for (const unsigned nat_status : {0U, destination_was_translated}) {
    packet sent = in_state(connection_state::fresh, nat_status);
    sent.protocol = static_cast<protocol>(7);
    sent.first_word = sent.second_word = sent.original_destination_port = 80;
    CHECK(decides(conntrack_match, "--ctorigdstport 80", sent) == "no");
    CHECK(decides(conntrack_match, "--ctorigdstport 0", sent) == "yes");
    CHECK(decides(conntrack_match, "! --ctorigdstport 0:79", sent) == "no");
    CHECK(decides(conntrack_match, "--ctreplsrcport 0:80", sent) == "yes");
  }
}

TEST_CASE("what nat makes of ICMP, GRE and DCCP in the first packet no packet tells") {
  for (const protocol one : {protocol::icmp, protocol::gre, protocol::dccp}) {
    packet sent = in_state(connection_state::fresh);
    sent.protocol = one;
    sent.second_word = 80;
    CHECK(decides(conntrack_match, "--ctorigdstport 0", sent) == "yes");
    CHECK(decides(conntrack_match, "--ctorigdstport 80", sent) == "no");
    sent.nat_status = destination_was_translated;
    CHECK(decides(conntrack_match, "--ctorigdstport 0", sent) == "unknown");
    CHECK(decides(conntrack_match, "--ctreplsrcport 0", sent) == "unknown");
    sent.state = connection_state::established;
    CHECK(decides(conntrack_match, "--ctorigdstport 0", sent) == "yes");
  }
}

TEST_CASE("what nat makes of ICMP is one question for each port that is asked for") {
  const auto asked = [](const char* words) {
    return meaning_of(conntrack_match, read_use(conntrack_match, words, {}).options, {}).holds.atoms()[0].name;
  };
  CHECK(asked("--ctorigdstport 80") == asked("! --ctorigdstport 80"));
  CHECK(asked("--ctorigdstport 80") != asked("--ctorigdstport 81"));
  CHECK(asked("--ctorigdstport 80") != asked("--ctreplsrcport 80"));
}

TEST_CASE("DCCP's ports are those that connection tracking knows, since new kernels know none") {
  packet sent;
  sent.protocol = protocol::dccp;
  sent.second_word = 80;
  sent.original_destination_port = 0;
  CHECK(decides(conntrack_match, "--ctorigdstport 80", sent) == "no");
  sent.original_destination_port = 80;
  CHECK(decides(conntrack_match, "--ctorigdstport 80", sent) == "yes");
}

TEST_CASE("the protocol behind an IPv6 authentication header is the one that connection tracking knows") {
  packet sent;
  sent.family = family::ipv6;
  sent.protocol = protocol::ah;
  sent.connection_protocol = number_of(protocol::tcp);
  CHECK(decides(conntrack_match, "--ctproto 6", sent, {.family = family::ipv6}) == "yes");
  CHECK(decides(conntrack_match, "--ctproto 51", sent, {.family = family::ipv6}) == "no");
}

namespace {

// A connection as conntrack_mt has it, found out from a packet first: the test's own account of it.
struct connection {
  struct way {
    uint128 source = 0;
    uint128 destination = 0;
    std::optional<unsigned> source_port = 0;  // nothing: no packet tells it
    std::optional<unsigned> destination_port = 0;
  };
  way original = {};
  way reply = {};
  unsigned protocol = 0;
  unsigned status = 0;
  std::uint32_t expires = 0;  // in seconds
  bool replying = false;
};

bool is_any_of(const packet& of, std::initializer_list<unsigned> protocols) {
  return std::count(protocols.begin(), protocols.end(), number_of(of.protocol)) != 0;
}

// Ports of protocols that have some are those of the header; of some others tracking alone knows what stands for them.
void put_ports(const packet& sent, connection& into) {
  const bool is_first = sent.state == connection_state::fresh;
  const bool is_related = sent.state == connection_state::related;
  if (is_related || is_any_of(sent, {1, 58, 47, 33, 51})) {
    into.original.source_port = sent.original_source_port;
    into.original.destination_port = sent.original_destination_port;
    into.reply.source_port = sent.reply_source_port;
    into.reply.destination_port = sent.reply_destination_port;
  }
  if (is_any_of(sent, {6, 17, 132, 136})) {
    if (is_related) return;
    into.original.source_port = into.replying ? sent.second_word : sent.first_word;
    into.original.destination_port = into.replying ? sent.first_word : sent.second_word;
    into.reply.source_port = into.original.destination_port;
    into.reply.destination_port = into.original.source_port;
    if ((sent.nat_status & source_was_translated) != 0) into.reply.destination_port = sent.reply_destination_port;
    if ((sent.nat_status & destination_was_translated) != 0)
      into.original.destination_port = sent.original_destination_port;
    return;
  }
  if (!is_any_of(sent, {1, 58, 47, 33, 51}) && !is_related) return;
  if (!is_first) return;
  if ((sent.nat_status & source_was_translated) != 0) into.reply.destination_port.reset();
  if ((sent.nat_status & destination_was_translated) != 0) {
    into.original.destination_port.reset();
    into.reply.source_port.reset();
  }
}

connection connection_of(const packet& sent) {
  connection made;
  made.replying = sent.state != connection_state::fresh && sent.connection_direction != 0;
  const bool is_related = sent.state == connection_state::related;
  const bool behind_ah = sent.family == family::ipv6 && sent.protocol == protocol::ah;
  made.protocol = is_related || behind_ah ? sent.connection_protocol : number_of(sent.protocol);
  put_ports(sent, made);
  if (is_related) {
    made.original.source = sent.original_source;
    made.original.destination = sent.original_destination;
    made.reply.source = sent.reply_source;
    made.reply.destination = sent.reply_destination;
  } else {
    made.original.source = made.replying ? sent.destination : sent.source;
    made.original.destination = made.replying ? sent.source : sent.destination;
    made.reply.source = made.original.destination;
    made.reply.destination = made.original.source;
    if ((sent.nat_status & source_was_translated) != 0) made.reply.destination = sent.reply_destination;
    if ((sent.nat_status & destination_was_translated) != 0) made.original.destination = sent.original_destination;
  }
  made.expires = sent.connection_expires;
  made.status = sent.connection_status;
  using namespace connection_status;
  if (sent.state == connection_state::fresh) made.status &= confirmed;
  if (sent.state == connection_state::established) made.status |= seen_reply | confirmed;
  return made;
}

bool has_connection(const packet& sent) {
  return sent.state != connection_state::invalid && sent.state != connection_state::untracked;
}

// `words` and their negation, against what is asked of the connection.
template <class Fits>
void check_connections(const std::string& words, family in, const std::vector<packet>& packets, const Fits& fits) {
  const auto truth_for = [&](const packet& sent) {
    if constexpr (std::is_same_v<decltype(fits(connection{})), truth>)
      return fits(connection_of(sent));
    else
      return truth_of(fits(connection_of(sent)));
  };
  for (const backend of : both_backends_tested) {
    const meaning_context context{.family = in, .backend = of};
    check_each(conntrack_match, words, context, packets,
               [&](const packet& sent) { return has_connection(sent) ? truth_for(sent) : truth::no; });
    if (words.starts_with("--ctdir")) continue;
    check_each(conntrack_match, "! " + words, context, packets,
               [&](const packet& sent) { return has_connection(sent) ? !truth_for(sent) : truth::no; });
    // What has no connection fits by its state alone.
    for (const bool inverted : {false, true})
      check_each(conntrack_match, std::string(inverted ? "! " : "") + "--ctstate INVALID,ESTABLISHED " + words, context,
                 packets, [&](const packet& sent) {
                   const bool is_there =
                       sent.state == connection_state::invalid || sent.state == connection_state::established;
                   if (is_there == inverted) return truth::no;
                   return has_connection(sent) ? truth_for(sent) : truth::yes;
                 });
  }
}

const few_values every_state{field::state, {0, 1, 1, 2, 3, 3, 4}};
const few_values every_translation{field::nat_status, {0, 0, 1, 2, 3}};
const few_values both_ways{field::connection_direction, {0, 1}};

}  // namespace

TEST_CASE("the states that a packet is in, as conntrack_mt makes them") {
  const std::vector<packet> packets = mixed_packets(family::ipv4, {every_state, every_translation, both_ways}, 300);
  struct {
    const char* words;
    unsigned nat_status;  // of which one bit is enough
  } const cases[] = {
      {"NEW", 0},       {"INVALID", 0}, {"INVALID,UNTRACKED", 0}, {"ESTABLISHED,RELATED", 0},
      {"SNAT,DNAT", 3}, {"SNAT", 1},    {"NEW,DNAT", 2},
  };
  for (const auto& one : cases)
    for (const bool inverted : {false, true}) {
      const std::string names = std::string(",") + one.words + ",";
      const auto fits = [&](const packet& sent) {
        const bool by_state = names.find("," + std::string(name_of(sent.state)) + ",") != std::string::npos;
        return (by_state || (has_connection(sent) && (sent.nat_status & one.nat_status) != 0)) != inverted;
      };
      check_each(conntrack_match, std::string(inverted ? "! " : "") + "--ctstate " + one.words, {}, packets, fits);
    }
}

TEST_CASE("the ends of a connection on every packet, against a plain account of connection tracking") {
  for (const family in : both_families_tested) {
    const bool v4 = in == family::ipv4;
    const uint128 host = v4 ? ipv4_address(10, 9, 0, 1).bits : read_address("fd09::1")->bits;
    const uint128 net = host - 1;
    const uint128 last = v4 ? net + 255 : net + low_bits(64);
    const uint128 top = uint128{1} << (v4 ? 31 : 127);
    const std::vector<uint128> addresses = {host, host, host + 1, net, net - 1, last, last + 1, host ^ top};
    const std::vector<packet> packets = mixed_packets(in,
                                                      {every_state,
                                                       every_translation,
                                                       both_ways,
                                                       {field::source, addresses},
                                                       {field::destination, addresses},
                                                       {field::original_source, addresses},
                                                       {field::original_destination, addresses},
                                                       {field::reply_source, addresses},
                                                       {field::reply_destination, addresses}},
                                                      1500);
    const std::string one = v4 ? "10.9.0.1" : "fd09::1";
    const std::string some = v4 ? "10.9.0.0/24" : "fd09::/64";
    const auto in_net = [&](uint128 address) { return address >= net && address <= last; };
    check_connections("--ctorigsrc " + one, in, packets,
                      [&](const connection& of) { return of.original.source == host; });
    check_connections("--ctorigdst " + one, in, packets,
                      [&](const connection& of) { return of.original.destination == host; });
    check_connections("--ctreplsrc " + one, in, packets, [&](const connection& of) { return of.reply.source == host; });
    check_connections("--ctrepldst " + one, in, packets,
                      [&](const connection& of) { return of.reply.destination == host; });
    check_connections("--ctorigsrc " + some, in, packets,
                      [&](const connection& of) { return in_net(of.original.source); });
    check_connections("--ctorigdst " + some, in, packets,
                      [&](const connection& of) { return in_net(of.original.destination); });
    check_connections("--ctreplsrc " + some, in, packets,
                      [&](const connection& of) { return in_net(of.reply.source); });
    check_connections("--ctrepldst " + some, in, packets,
                      [&](const connection& of) { return in_net(of.reply.destination); });
  }
}

TEST_CASE("the ports of a connection on every packet, against a plain account of connection tracking") {
  const std::vector<uint128> protocols = {6,  6,  17, 132, 136, 1,  58, 47, 33, 51,  0,   2,   5,   7,  16,
                                          18, 32, 34, 46,  48,  50, 52, 57, 59, 131, 133, 135, 137, 255};
  for (const range& ports : {range{0, 0}, range{0, 53}, range{53, 53}, range{53, 80}, range{1, 65535}}) {
    std::vector<uint128> values = around({ports.low, ports.high});
    values.push_back(0);
    values.push_back(ports.high);
    std::erase_if(values, [](uint128 one) { return one > 65535; });
    const std::string words =
        std::to_string(static_cast<unsigned>(ports.low)) + ":" + std::to_string(static_cast<unsigned>(ports.high));
    for (const family in : both_families_tested) {
      const std::vector<packet> packets = mixed_packets(in,
                                                        {every_state,
                                                         every_translation,
                                                         both_ways,
                                                         {field::protocol, protocols},
                                                         {field::first_word, values},
                                                         {field::second_word, values},
                                                         {field::original_source_port, values},
                                                         {field::original_destination_port, values},
                                                         {field::reply_source_port, values},
                                                         {field::reply_destination_port, values}},
                                                        6000);
      const auto check = [&](const char* option, auto port_of) {
        check_connections(std::string(option) + " " + words, in, packets, [&](const connection& of) {
          const std::optional<unsigned> port = port_of(of);
          return port ? truth_of(*port >= ports.low && *port <= ports.high) : truth::unknown;
        });
      };
      check("--ctorigsrcport", [](const connection& of) { return of.original.source_port; });
      check("--ctorigdstport", [](const connection& of) { return of.original.destination_port; });
      check("--ctreplsrcport", [](const connection& of) { return of.reply.source_port; });
      check("--ctrepldstport", [](const connection& of) { return of.reply.destination_port; });
    }
  }
}

TEST_CASE("protocol, status, direction and expiry of a connection, against a plain account of connection tracking") {
  const std::vector<uint128> statuses = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (const family in : both_families_tested) {
    const std::vector<packet> packets = mixed_packets(in,
                                                      {every_state,
                                                       every_translation,
                                                       both_ways,
                                                       {field::protocol, {5, 6, 7, 50, 51, 52, 0, 1}},
                                                       {field::connection_protocol, {5, 6, 7, 50, 51, 52, 0, 1}},
                                                       {field::connection_status, statuses},
                                                       {field::connection_expires, {0, 1, 2, 4, 5, 6, 7}}},
                                                      1500);
    for (const unsigned number : {0U, 6U, 51U})
      check_connections("--ctproto " + std::to_string(number), in, packets,
                        [&](const connection& of) { return of.protocol == number; });
    constexpr const char* names[] = {"EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED"};
    for (unsigned wanted = 1; wanted < 16; ++wanted) {
      std::string words;
      for (unsigned bit = 0; bit < 4; ++bit)
        if ((wanted & 1U << bit) != 0) words += (words.empty() ? "" : ",") + std::string(names[bit]);
      check_connections("--ctstatus " + words, in, packets,
                        [&](const connection& of) { return (of.status & wanted) != 0; });
    }
    check_connections("--ctdir REPLY", in, packets, [](const connection& of) { return of.replying; });
    check_connections("--ctdir ORIGINAL", in, packets, [](const connection& of) { return !of.replying; });
    check_connections("--ctexpire 1:5", in, packets,
                      [](const connection& of) { return of.expires >= 1 && of.expires <= 5; });
  }
}

TEST_CASE(
    "several options of one connection, in one state or another, against a plain account of connection tracking") {
  const uint128 here = ipv4_address(10, 0, 0, 1).bits;
  const uint128 there = ipv4_address(10, 0, 0, 2).bits;
  const uint128 other = there ^ 1;
  const std::vector<uint128> addresses = {here, here, there, there, there, other, there - (uint128{1} << 31)};
  std::vector<uint128> protocols = {6, 6, 6, 6, 17, 132, 136, 1, 58, 47, 33, 51};
  protocols.insert(protocols.end(), {0, 2, 5, 7, 16, 18, 32, 34, 46, 48, 50, 52, 57, 59, 131, 133, 135, 137});
  const std::vector<packet> packets = mixed_packets(family::ipv4,
                                                    {every_state,
                                                     every_translation,
                                                     both_ways,
                                                     {field::protocol, protocols},
                                                     {field::source, addresses},
                                                     {field::destination, addresses},
                                                     {field::original_source, addresses},
                                                     {field::original_destination, addresses},
                                                     {field::reply_source, addresses},
                                                     {field::reply_destination, addresses},
                                                     {field::first_word, {80, 80, 79, 81, 0}},
                                                     {field::second_word, {80, 80, 79, 81, 0}},
                                                     {field::original_source_port, {80, 80, 79, 81, 0}},
                                                     {field::original_destination_port, {80, 80, 79, 81, 0}},
                                                     {field::reply_source_port, {80, 80, 79, 81, 0}},
                                                     {field::reply_destination_port, {80, 80, 79, 81, 0}}},
                                                    20000);
  const auto is_80 = [](const std::optional<unsigned>& port) { return port ? truth_of(*port == 80) : truth::unknown; };
  struct asked {
    const char* words;
    truth (*fits)(const connection&, uint128 there, truth (*is_80)(const std::optional<unsigned>&));
  };
  const asked cases[] = {
      {"--ctorigdst 10.0.0.2",
       [](const connection& of, uint128 end, auto) { return truth_of(of.original.destination == end); }},
      {"! --ctorigdst 10.0.0.2",
       [](const connection& of, uint128 end, auto) { return truth_of(of.original.destination != end); }},
      {"--ctorigdst 10.0.0.2 --ctorigdstport 80",
       [](const connection& of, uint128 end, auto port) {
         return both(truth_of(of.original.destination == end), port(of.original.destination_port));
       }},
      {"--ctreplsrc 10.0.0.2 --ctreplsrcport 80",
       [](const connection& of, uint128 end, auto port) {
         return both(truth_of(of.reply.source == end), port(of.reply.source_port));
       }},
      {"--ctorigdstport 80",
       [](const connection& of, uint128, auto port) { return port(of.original.destination_port); }},
      {"! --ctorigdstport 80",
       [](const connection& of, uint128, auto port) { return !port(of.original.destination_port); }},
      {"--ctdir REPLY", [](const connection& of, uint128, auto) { return truth_of(of.replying); }},
      {"--ctdir ORIGINAL", [](const connection& of, uint128, auto) { return truth_of(!of.replying); }},
      {"--ctorigdst 10.0.0.2 --ctdir REPLY",
       [](const connection& of, uint128 end, auto) { return truth_of(of.original.destination == end && of.replying); }},
      // A range that runs backwards is of no port.
      {"--ctorigdstport 90:80",
       [](const connection& of, uint128, auto) { return of.original.destination_port ? truth::no : truth::unknown; }},
      {"! --ctorigdstport 90:80",
       [](const connection& of, uint128, auto) { return of.original.destination_port ? truth::yes : truth::unknown; }}};
  struct {
    const char* words;
    unsigned states;  // as bits of connection_state
    bool inverted;
  } const states[] = {{"", 7, false},
                      {"--ctstate NEW ", 4, false},
                      {"! --ctstate NEW ", 4, true},
                      {"--ctstate UNTRACKED ", 16, false},
                      {"! --ctstate UNTRACKED ", 16, true},
                      {"--ctstate INVALID ", 8, false},
                      {"--ctstate ESTABLISHED,RELATED ", 3, false},
                      {"--ctstate NEW,RELATED,UNTRACKED ", 22, false},
                      {"! --ctstate INVALID,NEW,UNTRACKED ", 28, true}};
  for (const auto& in : states)
    for (const asked& one : cases)
      check_each(
          conntrack_match, std::string(in.words) + one.words, {}, packets,
          [&](const packet& sent) {
            const bool is_there = (in.states >> static_cast<unsigned>(sent.state) & 1) != 0;
            if (is_there == in.inverted) return truth::no;
            return has_connection(sent) ? one.fits(connection_of(sent), there, is_80) : truth::yes;
          },
          /*may_fare_alike=*/true);
}
