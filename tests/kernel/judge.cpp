#include "judge.hpp"

#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include <cordon/simulate/application.hpp>
#include <cordon/text/packet_line_writer.hpp>

#include "header_reading.hpp"

namespace cordon::kernel {
namespace {

// Those that the harness cannot learn.
constexpr field_set never_known = set_of(field::connection_expires);
constexpr field_set connection_ends =
    set_of(field::connection_protocol) | set_of(field::original_source) | set_of(field::original_destination) |
    set_of(field::reply_source) | set_of(field::reply_destination) | set_of(field::original_source_port) |
    set_of(field::original_destination_port) | set_of(field::reply_source_port) | set_of(field::reply_destination_port);

std::string interface_text(std::uint32_t index) {
  static std::map<std::uint32_t, std::string> known;  // the worlds number their interfaces alike
  std::string& name = known[index];
  char read[IF_NAMESIZE] = {};
  if (name.empty()) name = if_indextoname(index, read) == nullptr ? "?" : read;
  return name;
}

/// The packet as OUTPUT met it. The log holds its beginning alone, so what was sent is used unless the two differ: then
/// defragmentation has taken a fragment header away.
const std::vector<std::uint8_t>& met_bytes(const sent_packet& sent) {
  if (!sent.seen) return sent.bytes;
  const std::vector<std::uint8_t>& seen = sent.seen->before;
  const bool v4 = sent.packet.family == ip_family::v4;
  for (std::size_t at = 0; at < seen.size() && at < sent.bytes.size(); ++at)
    if (seen[at] != sent.bytes[at] && !(v4 && (at == 10 || at == 11))) return seen;  // but for IPv4's checksum
  return sent.bytes;
}

constexpr std::string_view loopback_addresses[] = {"127.0.0.1", "::1"};

/// Whether the address is the world's own, by that interface (see world.hpp).
bool is_own(std::string_view address, std::string_view interface) {
  struct own_address {
    std::string_view interface;
    std::string_view v4;
    std::string_view v6;
  };
  constexpr own_address all[] = {{"v0", "10.9.0.1", "fd09::1"},
                                 {"eth0", "192.0.2.1", "2001:db8::1"},
                                 {"wlan0", "198.51.100.1", "2001:db8:1::1"},
                                 {"v1", "10.9.1.1", "fd09:0:0:1::1"}};
  return std::any_of(std::begin(all), std::end(all), [&](const own_address& one) {
    return (interface == "lo" || one.interface == interface) && (one.v4 == address || one.v6 == address);
  });
}

/// Where a socket bound to `packet.out_interface` sends to in a world: what the interface itself has goes by lo.
std::string expected_interface(const wire_packet& packet) {
  return is_own(address_text(packet.destination, packet.family), packet.out_interface) ? "lo" : packet.out_interface;
}

/// Why errno alone does not tell what OUTPUT said of the packet; empty if it does.
std::string_view trouble_with_errno(const sent_packet& sent, bool fragment) {
  // Defragmentation drops some that are whole, too (nf_ct_frag6_gather).
  if (fragment || sent.packet.fragment_header) return "a fragment that defragmentation may hold";
  const address_bytes& to = sent.packet.destination;
  if (std::all_of(to.begin(), to.end(), [](std::uint8_t one) { return one == 0; }))
    return "a destination that the kernel replaces";
  return {};
}

/// The tuples of a connection whose first packet begins with `bytes`, as nf_ct_get_tuple and nf_ct_invert_tuple make them.
/// Connection tracking looks behind an IPv6 authentication header, as legacy rules do and nf_tables' do not.
void open_connection(packet& into, const std::vector<std::uint8_t>& bytes) {
  const packet first = read_headers(bytes, backend::legacy).made;
  into.connection_protocol = number_of(first.protocol);
  into.original_source = into.reply_destination = first.source;
  into.original_destination = into.reply_source = first.destination;
  if (has_ports(first.protocol) && first.protocol != protocol::dccp) {  // Linux 6.16 lost its tracker for DCCP
    into.original_source_port = into.reply_destination_port = first.first_word;
    into.original_destination_port = into.reply_source_port = first.second_word;
  } else if (first.protocol == protocol::icmp || first.protocol == protocol::icmpv6) {
    into.original_source_port = into.reply_source_port = 0;  // the identifier, which wire packets leave 0
    into.original_destination_port = into.reply_destination_port = first.first_word;
  }
}

struct spoken_way {
  std::vector<std::string> steps;
  std::vector<bool> certain;
};

/// iptables-nft makes a built-in chain only where the text names it: one that is not there has no policy to be traced.
bool may_be_missing(const way_step& step, const ruleset& rules) {
  if (rules.backend != backend::nft || step.what != way_step::kind::policy || step.number != 1) return false;
  const table* const in = rules.find(step.table);
  const chain* const of = in == nullptr ? nullptr : in->find(step.chain);
  return of != nullptr && of->at.line == 0;
}

spoken_way way_of(const outcome& made, const ruleset& rules) {
  spoken_way way;
  for (way_step step : made.way) {
    way.certain.push_back(!step.uncertain && !may_be_missing(step, rules));
    step.uncertain = false;
    way.steps.push_back(cordon::testing::shown(to_text(step)));
  }
  return way;
}

/// Whether a packet may have gone the way that the kernel tells: each of its steps is one of the model's, in their
/// order, and none that is certain is left out.
bool is_possible(const std::vector<trace_step>& told, const spoken_way& way) {
  std::size_t at = 0;
  for (const trace_step& step : told) {
    const std::string name = text(step);
    while (at < way.steps.size() && way.steps[at] != name) {
      if (way.certain[at]) return false;
      ++at;
    }
    if (at == way.steps.size()) return false;
    ++at;
  }
  return std::find(way.certain.begin() + static_cast<std::ptrdiff_t>(at), way.certain.end(), true) == way.certain.end();
}

std::string text_of(const verdict_set& possible) {
  std::string all;
  for (const verdict& one : possible.members())
    all += (all.empty() ? "" : " or ") + cordon::testing::shown(to_text(one));
  return all;
}

std::string words_for(const outcome& made) {
  const std::string way = cordon::testing::shown(to_text(made.way));
  return text_of(made.possible) + (way.empty() ? "" : " ") + way;
}

std::string words_for(const traced_packet& seen) {
  return std::string(seen.passed ? "ACCEPT" : "stopped") + (seen.steps.empty() ? "" : " ") + way(seen);
}

/// Why the kernel could not go on with a packet that targets have changed, which no rule says and the model does not know;
/// empty if it could.
std::string_view trouble_with_rewriting(const sent_packet& sent, const outcome& said) {
  const traced_packet& seen = *sent.seen;
  if (seen.passed) return {};
  // ip_route_me_harder and ip6_route_me_harder, once a mark, an address or a TOS is another.
  if (sent.error != 0 && sent.error != EPERM) return "no route for what targets have made of the packet";
  // gre_manip_pkt (nf_nat_proto.c) knows versions 0 and 1.
  const bool in_nat = !seen.steps.empty() && seen.steps.back().table == "nat";
  if (in_nat && sent.packet.protocol == 47 && (said.became.nat_status != 0 || contains(said.open, field::nat_status)))
    return "GRE that nat cannot rewrite";
  return {};
}

/// The same for an answer of the kernel's own, of whose way no errno tells: it was stopped at the end of a table that
/// routes again, and is another.
bool has_no_route_any_more(const traced_packet& seen, const packet& before, const outcome& said) {
  if (seen.passed || seen.steps.empty() || seen.steps.back().dropped) return false;
  const std::string& last = seen.steps.back().table;
  if (last != "mangle" && last != "nat") return false;
  for (const field one : {field::source, field::destination, field::mark, field::traffic_class})
    if (contains(said.open, one) || value_of(said.became, one) != value_of(before, one)) return true;
  return false;
}

std::string hexadecimal(uint128 value) {
  return "0x" + cordon::testing::shown(cordon::text{}.append_hexadecimal(value));
}

struct named_field {
  field which;
  const char* name;
};
// Those that targets change and a packet shows.
constexpr named_field shown_fields[] = {
    {field::source, "source"},
    {field::destination, "destination"},
    {field::first_word, "first word"},
    {field::second_word, "second word"},
    {field::hops, "hops"},
    {field::traffic_class, "traffic class"},
    {field::mark, "mark"},
};

}  // namespace

field_set connection_fields() {
  return connection_ends | never_known | set_of(field::state) | set_of(field::nat_status) |
         set_of(field::connection_mark) | set_of(field::connection_direction) | set_of(field::connection_status) |
         set_of(field::expected_first);
}

judge::judge(ruleset rules, family of, const host_facts& host, const broken_meaning* broken)
    : family_(of), backend_(rules.backend) {
  rules_.of(of) = std::move(rules);
  rules_.host = host;
  if (broken != nullptr && broken->in_rules != nullptr) broken->in_rules(rules_);
  program_ = compile(rules_, of);
  tested_ = fields_tested(program_);
  for (const program_table& table : program_.tables)
    for (const program_chain& chain : table.chains)
      for (const program_step& step : chain.steps)
        has_copies_ = has_copies_ || step.source->target.name.view() == "TEE";
  if (broken != nullptr && broken->in_program != nullptr) broken->in_program(program_);
}

judge::question judge::question_of(const sent_packet& sent) const {
  const header_reading read = read_headers(met_bytes(sent), backend_);
  question made{read.made, read.doubtful | never_known,
                (read.beyond & tested_) != 0 || read.beyond == ~field_set{0} ? read.obstacle : std::string_view{}};
  made.short_fragment = read.short_fragment;
  made.asked.owner = {socket_kind::user, sent.packet.uid, sent.packet.gid};
  made.asked.mark = sent.packet.mark;
  made.asked.out =
      interface_name(sent.seen ? interface_text(sent.seen->out_interface) : expected_interface(sent.packet));
  open_connection(made.asked, met_bytes(sent));
  // Where a line gives the bytes of an ICMP message, its identifier is among them; behind which headers it stands does not count.
  if (sent.packet.transport_override && is_icmp(static_cast<protocol>(sent.packet.protocol), made.asked.family))
    made.not_known |= set_of(field::original_source_port) | set_of(field::reply_source_port);
  if (sent.seen && !sent.seen->state.empty()) {
    if (const auto state = read_connection_state(sent.seen->state)) made.asked.state = *state;
  } else if (!sent.seen) {
    made.not_known |= connection_fields();
  }
  return made;
}

// Targets that go on drop what they cannot change; the model's look at no packet. TCPMSS, TCPOPTSTRIP and ECN: a TCP
// header that is cut off (tcpmss_mangle_packet, tcpoptstrip_mangle_packet, set_ect_tcp). DNPT: an address without a word
// that can balance the checksum (ip6t_npt_map_pfx).
bool judge::was_dropped_by_going_target(const traced_packet& seen, const question& met) const {
  if (seen.passed || seen.steps.empty() || seen.steps.back().kind != step_kind::rule) return false;
  const trace_step& last = seen.steps.back();
  const auto name = read_table_name(last.table);
  if (!name) return false;
  for (const ruleset& one : rules_.of(family_).rulesets) {
    const table* const in = one.find(*name);
    const chain* const of = in == nullptr ? nullptr : in->find(last.chain);
    if (of == nullptr || last.number == 0 || last.number > of->rules.size()) continue;
    const std::string_view target = of->rules[last.number - 1].target.name;
    const bool cut = met.asked.transport < transport_part::whole || met.short_fragment;
    if (cut && (target == "TCPMSS" || target == "TCPOPTSTRIP" || target == "ECN")) return true;
    if (target == "DNPT" && (met.asked.destination & low_bits(64)) == low_bits(64)) return true;
  }
  return false;
}

bool judge::may_drop_in_match(const trace_step& at) const {
  for (const program_table& table : program_.tables)
    for (const program_chain& chain : table.chains)
      if (at.kind == step_kind::rule && name_of(table.name) == at.table && chain.source->name.view() == at.chain &&
          at.number != 0 && at.number <= chain.steps.size())
        return evaluate(chain.steps[at.number - 1].drops, packet{}, ~field_set{0}) != truth::no;
  return false;
}

outcome judge::answer_of(const question& asked) const { return simulate(program_, asked.asked, asked.not_known); }

std::optional<finding> judge::compare_seen(const traced_packet& seen, const outcome& made) const {
  const bool possible = seen.passed ? made.possible.may_accept() : made.possible.may_stop();
  if (!possible) return finding{"verdict", words_for(seen), words_for(made)};
  if (!seen.steps_known || made.way_cut) return std::nullopt;
  spoken_way way = way_of(made, rules_.of(family_).rulesets[0]);
  // A match of the legacy back end that drops the packet lets its rule's target be asked all the same where an inverted
  // option makes a yes of its no (sctp_mt in xt_sctp.c), and TRACE then names the rule.
  if (backend_ == backend::legacy && !seen.passed && !seen.steps.empty() && may_drop_in_match(seen.steps.back())) {
    way.steps.push_back(text(seen.steps.back()));
    way.certain.push_back(false);
  }
  if (!is_possible(seen.steps, way)) return finding{"way", words_for(seen), words_for(made)};
  if (!seen.passed) return std::nullopt;
  packet after = read_headers(seen.after, backend_).made;
  after.mark = seen.mark_after;
  // What nf_tables takes for the words of a later IPv6 fragment are other fields, which change by themselves.
  const bool no_words = family_ == family::ipv6 && after.transport > transport_part::whole;
  // Where there is a nat table, ICMP whose identifier another connection has gets a new one, and another checksum with it
  // (nf_nat_alloc_null_binding).
  const bool may_be_renamed = is_icmp(after.protocol, family_) &&
                              std::any_of(program_.tables.begin(), program_.tables.end(),
                                          [](const program_table& one) { return one.name == table_name::nat; });
  for (const named_field& one : shown_fields) {
    const bool is_word = one.which == field::first_word || one.which == field::second_word;
    if (contains(made.open, one.which) || (is_word && no_words) || (may_be_renamed && one.which == field::second_word))
      continue;
    const uint128 kernel = value_of(after, one.which);
    const uint128 model = value_of(made.became, one.which);
    if (kernel != model)
      return finding{std::string("what becomes of the packet: ") + one.name, hexadecimal(kernel), hexadecimal(model)};
  }
  return std::nullopt;
}

namespace {

/// The answers that REJECT may give to a packet of which the model says `said`; `words` collects how.
std::vector<packet> possible_answers(const outcome& said, std::string& words) {
  std::vector<packet> all;
  for (const verdict& one : said.possible.members()) {
    if (one.what != verdict::kind::reject) continue;
    packet rejected = said.became;
    // Whether a header that is cut off has a right checksum is chance.
    if (rejected.transport < transport_part::whole) rejected.transport = transport_part::whole;
    if (const auto answer = reject_answer(rejected, one.answer)) all.push_back(*answer);
    words += (words.empty() ? "" : " or ") + cordon::testing::shown(to_text(one));
  }
  return all;
}

bool is_like(const packet& seen, const packet& predicted) {
  if (seen.protocol != predicted.protocol) return false;
  return seen.protocol == protocol::tcp ? seen.flags == predicted.flags : seen.first_word == predicted.first_word;
}

/// Whether nothing but the model's word keeps REJECT from answering: checksums are right, the sender's address is the
/// host's own, and its socket, whose routes the answer takes, is bound to lo.
bool must_be_answered(const wire_packet& packet) {
  if (!packet.extensions.empty() || packet.transport_override || packet.transport_bytes || packet.total_length != 0 ||
      packet.out_interface != "lo")
    return false;
  const bool has_checksum =
      packet.protocol == 6 || packet.protocol == 17 || packet.protocol == (packet.family == ip_family::v4 ? 1 : 58);
  if (!has_checksum) return false;
  const auto here = [&](const address_bytes& address) {
    const std::string text = address_text(address, packet.family);
    return is_own(text, "lo") || text == loopback_addresses[packet.family == ip_family::v6 ? 1 : 0];
  };
  return here(packet.source) && here(packet.destination);
}

}  // namespace

// REJECT's answers go through OUTPUT too: their kind, their verdict and their way. One may be rejected itself, and
// answered.
std::optional<finding> judge::compare_answers(const sent_packet& sent, const outcome& made, judgement& into) const {
  // A match that drops the packet and answers "fits" all the same (see compare_seen) has REJECT answer what is dropped.
  if (has_copies_) return std::nullopt;
  if (backend_ == backend::legacy && !sent.seen->steps.empty() && may_drop_in_match(sent.seen->steps.back()))
    return std::nullopt;
  std::string words;
  std::vector<packet> predicted = possible_answers(made, words);
  for (const traced_packet& seen : sent.answers) {
    const header_reading read = read_headers(seen.before, backend_);
    const auto like =
        std::find_if(predicted.begin(), predicted.end(), [&](const packet& one) { return is_like(read.made, one); });
    if (like == predicted.end())
      return finding{"REJECT's answer", cordon::testing::shown(write_packet_line(read.made)),
                     words.empty() ? "none" : words};
    if (!read.obstacle.empty()) continue;
    question asked{
        read.made,
        read.doubtful | never_known | set_of(field::connection_status) | connection_ends | set_of(field::nat_status),
        {}};
    asked.asked.owner = {.socket = read.made.protocol == protocol::tcp ? socket_kind::none : socket_kind::kernel};
    asked.asked.out = interface_name(interface_text(seen.out_interface));
    asked.asked.mark = seen.mark_before;
    asked.asked.connection_direction = 1;
    // It has the connection of the packet that it answers, and the mark that this was given. What raw has stopped no log tells
    // the state of.
    asked.asked.connection_mark = like->connection_mark;
    asked.asked.state = like->state;
    asked.not_known |= made.open & (set_of(field::connection_mark) | set_of(field::state));
    if (!seen.state.empty())
      if (const auto state = read_connection_state(seen.state)) asked.asked.state = *state;
    const outcome own = answer_of(asked);
    if (has_no_route_any_more(seen, asked.asked, own) || was_dropped_by_going_target(seen, asked)) continue;
    if (auto found = compare_seen(seen, own)) {
      found->what = "REJECT's own answer: " + found->what;
      return found;
    }
    for (const packet& one : possible_answers(own, words)) predicted.push_back(one);
    ++into.answers;
  }
  const bool may_be_lost = cordon::detail::may_go_unheard(read_headers(sent.bytes, backend_).made, made);
  if (sent.answers.empty() && made.possible.size() == 1 && predicted.size() == 1 && !may_be_lost &&
      must_be_answered(sent.packet))
    return finding{"REJECT's answer", "none", words};
  return std::nullopt;
}

judgement judge::compare(const sent_packet& sent) const {
  judgement made;
  const question asked = question_of(sent);
  if (sent.error != 0 && sent.error != EPERM && !sent.seen) {
    made.skipped = strerrorname_np(sent.error);
    return made;
  }
  if (!asked.obstacle.empty()) {
    made.skipped = asked.obstacle;
    return made;
  }
  if (sent.traced && !sent.seen) {
    made.skipped = read_headers(sent.bytes, backend_).fragment ? "a fragment that defragmentation holds"
                                                               : "not seen by the tracer";
    return made;
  }
  if (!sent.seen) made.skipped = trouble_with_errno(sent, read_headers(sent.bytes, backend_).fragment);
  if (!made.skipped.empty()) return made;
  const outcome said = answer_of(asked);
  made.certain = said.possible.size() == 1;
  if (!sent.seen) {
    const bool possible = sent.error == 0 ? said.possible.may_accept() : said.possible.may_stop();
    if (!possible) made.difference = finding{"verdict", kernel_words(sent), words_for(said)};
    return made;
  }
  if (asks_connection() && asked.asked.state < connection_state::fresh) {
    made.skipped = "a connection that was known already";
    return made;
  }
  made.skipped = trouble_with_rewriting(sent, said);
  if (made.skipped.empty() && was_dropped_by_going_target(*sent.seen, asked))
    made.skipped = "dropped by a target that could not change it";
  if (!made.skipped.empty()) return made;
  made.with_way = sent.seen->steps_known;
  made.difference = compare_seen(*sent.seen, said);
  if (made.difference && asked.short_fragment) {
    // A comparison that every value passes is no test to the model, and still wants its bytes.
    question doubted = asked;
    doubted.not_known |= set_of(field::transport);
    made.difference = compare_seen(*sent.seen, answer_of(doubted));
    made.certain = false;
  }
  if (!made.difference) made.difference = compare_answers(sent, said, made);
  return made;
}

judgement judge::compare_real(const traced_packet& seen, std::span<const owner> users) const {
  judgement made;
  made.real = true;
  const header_reading read = read_headers(seen.before, backend_);
  question asked{read.made, read.doubtful | never_known | connection_ends, {}, false};
  asked.not_known |= set_of(field::connection_status) | set_of(field::connection_direction) |
                     set_of(field::nat_status) | set_of(field::connection_mark) | set_of(field::expected_first);
  // The log ends within TCP's options.
  if (read.made.protocol == protocol::tcp)
    asked.not_known |= set_of(field::low_kinds) | set_of(field::high_kinds) | set_of(field::segment_size);
  else if (!read.obstacle.empty())
    made.skipped = read.obstacle;
  asked.asked.out = interface_name(interface_text(seen.out_interface));
  asked.asked.mark = seen.mark_before;
  if (const auto state = read_connection_state(seen.state))
    asked.asked.state = *state;
  else
    asked.not_known |= connection_fields();
  if (!made.skipped.empty()) return made;

  std::vector<owner> owners;
  for (const owner& one : users)
    if (!seen.uid || *seen.uid == one.uid) owners.push_back(one);
  if (!seen.uid) owners.push_back({.socket = socket_kind::kernel});
  if (!seen.uid && read.made.protocol == protocol::tcp) owners.push_back({.socket = socket_kind::none});
  made.with_way = seen.steps_known;
  for (const owner& one : owners) {
    asked.asked.owner = one;
    const outcome own = answer_of(asked);
    made.certain = own.possible.size() == 1;
    const bool is_left_out = has_no_route_any_more(seen, asked.asked, own) || was_dropped_by_going_target(seen, asked);
    made.difference = is_left_out ? std::nullopt : compare_seen(seen, own);
    if (!made.difference) return made;
  }
  if (made.difference) made.difference->what = "real traffic: " + made.difference->what;
  return made;
}

bool judge::knows_way(const sent_packet& sent) const {
  const auto way = answer_of(question_of(sent)).way;
  return std::none_of(way.begin(), way.end(), [](const way_step& step) { return step.uncertain; });
}

std::optional<std::string> judge::dropped_in_match(const sent_packet& sent) const {
  if (backend_ != backend::nft || !sent.seen || sent.seen->passed || sent.seen->steps.empty()) return std::nullopt;
  const outcome said = answer_of(question_of(sent));
  if (!said.decided_by || !said.decided_by->in_match) return std::nullopt;
  return text(sent.seen->steps.back());
}

bool judge::changes_packets() const {
  for (const program_table& table : program_.tables)
    for (const program_chain& chain : table.chains)
      for (const program_step& step : chain.steps)
        if (!step.does.changes.empty()) return true;
  return false;
}

bool judge::has_open_questions() const {
  for (const program_table& table : program_.tables)
    for (const program_chain& chain : table.chains)
      for (const program_step& step : chain.steps)
        if (!step.holds.atoms().empty() || !step.drops.atoms().empty() || step.does.what >= effect::kind::queue)
          return true;
  return false;
}

std::string judge::kernel_words(const sent_packet& sent) const {
  if (sent.seen) return words_for(*sent.seen);
  return sent.error == 0       ? "ACCEPT"
         : sent.error == EPERM ? "stopped"
                               : std::string("never came to OUTPUT: ") + strerrorname_np(sent.error);
}

std::string judge::model_words(const sent_packet& sent) const { return words_for(answer_of(question_of(sent))); }

}  // namespace cordon::kernel
