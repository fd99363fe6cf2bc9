#include "judge.hpp"

#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include <cordon/simulate/application.hpp>

#include "header_reading.hpp"

namespace cordon::kernel {
namespace {

std::string string_of(const cordon::text& of) { return std::string(of.view()); }

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

/// Where a socket bound to `packet.out_interface` sends to in a world: what is the host's own goes by lo.
std::string expected_interface(const wire_packet& packet) {
  return packet.out_interface;
}

/// The tuples of a connection whose first packet this is, as nf_ct_get_tuple and nf_ct_invert_tuple make them.
void open_connection(packet& into, std::span<const std::uint8_t> transport) {
  into.connection_protocol = number_of(into.protocol);
  into.original_source = into.reply_destination = into.source;
  into.original_destination = into.reply_source = into.destination;
  if (has_ports(into.protocol)) {
    into.original_source_port = into.reply_destination_port = into.first_word;
    into.original_destination_port = into.reply_source_port = into.second_word;
  } else if (is_icmp(into.protocol, into.family)) {
    const auto identifier =
        static_cast<std::uint16_t>(transport.size() < 6 ? 0 : transport[4] * 256 + transport[5]);
    into.original_source_port = into.reply_source_port = identifier;
    into.original_destination_port = into.reply_destination_port = into.first_word;
  }
}

struct spoken_way {
  std::vector<std::string> steps;
  std::vector<bool> certain;
};

spoken_way way_of(const outcome& made) {
  spoken_way way;
  for (way_step step : made.way) {
    way.certain.push_back(!step.uncertain);
    step.uncertain = false;
    way.steps.push_back(string_of(to_text(step)));
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
  for (const verdict& one : possible.members()) all += (all.empty() ? "" : " or ") + string_of(to_text(one));
  return all;
}

std::string words_for(const outcome& made) {
  const std::string way = string_of(to_text(made.way));
  return text_of(made.possible) + (way.empty() ? "" : " ") + way;
}

std::string words_for(const traced_packet& seen) {
  return std::string(seen.passed ? "ACCEPT" : "stopped") + (seen.steps.empty() ? "" : " ") + way(seen);
}

std::string hexadecimal(uint128 value) { return "0x" + string_of(cordon::text{}.append_hexadecimal(value)); }

struct named_field {
  field which;
  const char* name;
};
// Those that targets change and a packet shows.
constexpr named_field shown_fields[] = {
    {field::source, "source"},       {field::destination, "destination"},     {field::first_word, "first word"},
    {field::second_word, "second word"}, {field::hops, "hops"},               {field::traffic_class, "traffic class"},
    {field::mark, "mark"},
};

}  // namespace

field_set connection_fields() {
  return connection_ends | never_known | set_of(field::state) | set_of(field::nat_status) |
         set_of(field::connection_mark) | set_of(field::connection_direction) | set_of(field::connection_status) |
         set_of(field::expected_first);
}

judge::judge(ruleset rules, family of, const broken_meaning* broken) : family_(of), backend_(rules.backend) {
  rules_.of(of) = std::move(rules);
  if (broken != nullptr && broken->in_rules != nullptr) broken->in_rules(rules_);
  program_ = compile(rules_, of);
  tested_ = fields_tested(program_);
  if (broken != nullptr && broken->in_program != nullptr) broken->in_program(program_);
}

judge::question judge::question_of(const sent_packet& sent) const {
  const header_reading read = read_headers(met_bytes(sent), backend_);
  question made{read.made, read.doubtful | never_known, (read.beyond & tested_) != 0 || read.beyond == ~field_set{0} ? read.obstacle : std::string_view{}};
  made.asked.owner = {socket_kind::user, sent.packet.uid, sent.packet.gid};
  made.asked.mark = sent.packet.mark;
  made.asked.out = interface_name(sent.seen ? interface_text(sent.seen->out_interface) : expected_interface(sent.packet));
  const std::size_t header = sent.packet.family == ip_family::v4 ? 20 : 40;
  open_connection(made.asked, std::span(sent.bytes).subspan(std::min(header, sent.bytes.size())));
  if (sent.seen && !sent.seen->state.empty()) {
    if (const auto state = read_connection_state(sent.seen->state)) made.asked.state = *state;
  } else if (!sent.seen) {
    made.not_known |= connection_fields();
  }
  return made;
}

outcome judge::answer_of(const question& asked) const { return simulate(program_, asked.asked, asked.not_known); }

std::optional<finding> judge::compare_seen(const traced_packet& seen, const outcome& made) const {
  const bool possible = seen.passed ? made.possible.may_accept() : made.possible.may_stop();
  if (!possible) return finding{"verdict", words_for(seen), words_for(made)};
  if (!seen.steps_known || made.way_cut) return std::nullopt;
  if (!is_possible(seen.steps, way_of(made))) return finding{"way", words_for(seen), words_for(made)};
  if (!seen.passed) return std::nullopt;
  packet after = read_headers(seen.after, backend_).made;
  after.mark = seen.mark_after;
  for (const named_field& one : shown_fields) {
    if (contains(made.open, one.which)) continue;
    const uint128 kernel = value_of(after, one.which);
    const uint128 model = value_of(made.became, one.which);
    if (kernel != model)
      return finding{std::string("what becomes of the packet: ") + one.name, hexadecimal(kernel), hexadecimal(model)};
  }
  return std::nullopt;
}

// REJECT's answers go through OUTPUT too: their kind, their verdict and their way.
std::optional<finding> judge::compare_answers(const sent_packet& sent, const outcome& made, judgement& into) const {
  for (const traced_packet& seen : sent.answers) {
    const header_reading read = read_headers(seen.before, backend_);
    const bool reset = read.made.protocol == protocol::tcp;
    bool expected = false;
    std::string words;
    for (const verdict& one : made.possible.members()) {
      if (one.what != verdict::kind::reject) continue;
      const auto predicted = reject_answer(made.became, one.answer);
      if (!predicted) continue;
      words += (words.empty() ? "" : " or ") + string_of(to_text(one));
      expected = expected || (predicted->protocol == read.made.protocol &&
                              (reset ? predicted->flags == read.made.flags : predicted->first_word == read.made.first_word));
    }
    if (!expected)
      return finding{"REJECT's answer",
                     reset ? "a RST" : "ICMP " + hexadecimal(read.made.first_word), words.empty() ? "none" : words};
    if (!read.obstacle.empty()) continue;
    question asked{read.made, read.doubtful | never_known | set_of(field::connection_status) | connection_ends |
                                  set_of(field::nat_status), {}};
    asked.asked.owner = {.socket = reset ? socket_kind::none : socket_kind::kernel};
    asked.asked.out = interface_name(interface_text(seen.out_interface));
    asked.asked.mark = seen.mark_before;
    asked.asked.connection_direction = 1;
    if (!seen.state.empty())
      if (const auto state = read_connection_state(seen.state)) asked.asked.state = *state;
    const outcome own = answer_of(asked);
    if (auto found = compare_seen(seen, own)) {
      found->what = "REJECT's own answer: " + found->what;
      return found;
    }
    ++into.answers;
  }
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
    made.skipped = read_headers(sent.bytes, backend_).fragment ? "a fragment that defragmentation holds" : "not seen by the tracer";
    return made;
  }
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
  made.with_way = sent.seen->steps_known;
  made.difference = compare_seen(*sent.seen, said);
  if (!made.difference) made.difference = compare_answers(sent, said, made);
  return made;
}

std::optional<std::string> judge::dropped_in_match(const sent_packet& sent) const {
  if (backend_ != backend::nft || !sent.seen || sent.seen->passed || sent.seen->steps.empty()) return std::nullopt;
  const outcome said = answer_of(question_of(sent));
  if (!said.decided_by || !said.decided_by->in_match) return std::nullopt;
  return text(sent.seen->steps.back());
}

bool judge::has_open_questions() const {
  for (const program_table& table : program_.tables)
    for (const program_chain& chain : table.chains)
      for (const program_step& step : chain.steps)
        if (!step.holds.atoms().empty() || !step.drops.atoms().empty() || step.does.what >= effect::kind::queue) return true;
  return false;
}

std::string judge::kernel_words(const sent_packet& sent) const {
  if (sent.seen) return words_for(*sent.seen);
  return sent.error == 0 ? "ACCEPT" : sent.error == EPERM ? "stopped" : std::string("never came to OUTPUT: ") + strerrorname_np(sent.error);
}

std::string judge::model_words(const sent_packet& sent) const { return words_for(answer_of(question_of(sent))); }

}  // namespace cordon::kernel
