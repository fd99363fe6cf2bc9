// An audit, for people and for programs.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include <cordon/audit/audit.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/render/coverage.hpp>
#include <cordon/render/json_parts.hpp>
#include <cordon/render/json_writer.hpp>
#include <cordon/render/live_command.hpp>
#include <cordon/render/places.hpp>
#include <cordon/render/region.hpp>
#include <cordon/rule/table.hpp>
#include <cordon/simulate/application.hpp>
#include <cordon/text/diagnostic.hpp>
#include <cordon/text/packet_line_writer.hpp>

namespace cordon {

namespace detail {

/// The call of a program by which a cell's packet is sent: connect() of TCP, else send().
constexpr const call_result& first_call(const audit_cell& of) {
  return was_made(of.program.connect) ? of.program.connect : of.program.send;
}

constexpr text processes_in_words(const listener& of) {
  text out;
  for (const listening_process& one : of.processes) {
    out.append(out.empty() ? "" : ", ");
    append_printable(out, one.name);
    out.append(" (pid ").append_number(one.id).append(')');
  }
  if (of.user) out.append(out.empty() ? "uid " : ", uid ").append_number(*of.user);
  return out;
}

class audit_report_writer {
 public:
  explicit constexpr audit_report_writer(const audit_answer& of) : answer_(&of) {}

  constexpr text write() {
    line(headline());
    for (const audited_listener& one : answer_->listeners) listener_rows(one);
    line("");
    if (has_v4_) line("An IPv4 address that is written ::ffff:A.B.C.D is the same destination.");
    if (!answer_->addresses_known)
      line("The host's other addresses are not known: --addresses FILE (ip -o addr) tells them.");
    line(
        "Not judged: connections that exist, what nat leads to these sockets from elsewhere, and what is "
        "sent to "
        "broadcast and multicast addresses; cordon check judges all packets.");
    return std::move(out_);
  }

 private:
  // Destinations of one listener of which the same is told.
  struct row {
    std::string_view status;
    sequence<text> places;
    sequence<text> details;

    constexpr bool tells_the_same(const row& other) const { return status == other.status && details == other.details; }
  };

  constexpr void line(std::string_view words) { out_.append(words).append('\n'); }

  constexpr text headline() const {
    std::size_t cells = 0, open = 0, perhaps = 0;
    for (const audited_listener& one : answer_->listeners)
      for (const audit_cell& each : one.cells) {
        ++cells;
        if (each.against == against_policy::surely) ++open;
        if (each.against == against_policy::perhaps) ++perhaps;
      }
    const text owner = owner_in_words(answer_->policy);
    if (answer_->too_large) return "unknown: sockets, addresses and rules are more than one audit looks at";
    if (cells == 0) return join("nothing listens that packets of ", owner, " could be sent to");
    const text among =
        join(" of ", decimal(cells), cells == 1 ? " destination" : " destinations", " of ",
             decimal(answer_->listeners.size()), answer_->listeners.size() == 1 ? " socket" : " sockets");
    text out = name_of(answer_->verdict());
    if (open != 0)
      out.append(": ")
          .append_number(open)
          .append(among)
          .append(open == 1 ? " lets packets of " : " let packets of ")
          .append(owner)
          .append(" in against its policy");
    else if (perhaps != 0)
      out.append(": ")
          .append_number(perhaps)
          .append(among)
          .append(" may let packets of ")
          .append(owner)
          .append(" in against its policy: that hangs on what no packet decides");
    else
      out.append(": none")
          .append(among)
          .append(" lets packets of ")
          .append(owner)
          .append(" in, but as its policy allows");
    return out;
  }

  constexpr void listener_rows(const audited_listener& one) {
    line("");
    const text processes = processes_in_words(one.who);
    line(join(to_text(one.who), processes.empty() ? "" : "   ", processes));
    sequence<row> rows;
    for (const audit_cell& cell : one.cells) add(rows, row_of(one.who, cell));
    for (const row& each : rows) write_row(each);
    if (rows.empty()) line("  reached at no address of this host");
  }

  static constexpr void add(sequence<row>& rows, row one) {
    for (row& known : rows)
      if (known.tells_the_same(one)) {
        known.places.append(std::move(one.places));
        return;
      }
    rows.push_back(std::move(one));
  }

  constexpr row row_of(const listener& who, const audit_cell& cell) {
    row made;
    made.status = status_in_words(cell);
    made.places.push_back(to_text(cell.to));
    for (const address& one : cell.to.also) {
      if (one.bits == 0)  // 0.0.0.0 and [::]; the mapped ones go without saying
        made.places.push_back(one.family == family::ipv4 ? "0.0.0.0" : "[::]");
    }
    has_v4_ = has_v4_ || cell.to.where.base.family == family::ipv4;
    const auto detail = [&](text words) { made.details.push_back(std::move(words)); };
    const bool gets_out = cell.status != cell_status::stopped;
    if (cell.against == against_policy::surely) detail(join("not in the policy: let out by ", source(cell)));
    if (cell.against == against_policy::perhaps) detail("not in the policy");
    if (!gets_out && cell.is_endpoint) detail(join("though the policy allows it, by ", source(cell)));
    if (cell.status == cell_status::partial) {
      detail("for some packets, but not for all that may be sent there; for those with");
      for (const box& one : cell.open_for) detail(join("  ", sides_in_words(one)));
      if (!cell.open_for_is_whole) detail("  and more");
    }
    if (!cell.reaches.empty() && gets_out) detail(join("nat leads it to ", cell.reaches));
    for (const text& one : cell.hangs_on) detail(join("hangs on ", one));
    if (cell.replies_blocked) detail("but the rules stop the server's answers");
    if (!gets_out && first_call(cell).what == call_result::kind::unknown)
      detail("an error, or no answer, which is up to more than these rules");
    else if (!gets_out)
      detail(to_text(cell.program));
    if (cell.to.from_lo_alone) detail("for a program that binds its socket to lo");
    if (who.ipv4 == takes_ipv4::not_told && cell.to.where.base.family == family::ipv4)
      detail("if it takes IPv4 too, which /proc/net does not tell");
    if (!cell.to.by_lo) detail("no address of the host's own: its packets leave by any interface");
    return made;
  }

  // All of them are of the listener's protocol, and whole.
  static constexpr text sides_in_words(const box& of) {
    text out;
    for (const region_member& one : words_of(of).members)
      if (one.name != "protocol") out.append(out.empty() ? "" : ", ").append(one.name).append(' ').append(one.value);
    return out;
  }

  static constexpr std::string_view status_in_words(const audit_cell& cell) {
    const bool stands_out = cell.against == against_policy::surely;
    switch (cell.status) {
      case cell_status::open: return stands_out ? "OPEN" : "open";
      case cell_status::partial: return stands_out ? "PARTLY OPEN" : "partly open";
      case cell_status::stopped: return "stopped";
      case cell_status::led: return stands_out ? "LED ELSEWHERE" : "led elsewhere";
      case cell_status::unknown: return stands_out ? "UNKNOWN" : "unknown";
    }
    return "";
  }

  static constexpr text source(const audit_cell& cell) {
    if (!cell.has_rules) return join(title_of(cell.by.family), ", which has no rules");
    if (cell.by.chain.empty()) return "what no packet decides";
    const chain_policy policy = cell.verdict.accepted() ? chain_policy::accept : chain_policy::drop;
    if (cell.by.is_policy()) return source_in_words(cell.by, policy);
    return join(place_in_words(cell.by), ": ", source_in_words(cell.by, policy));
  }

  // The places, as many to a line as fit; then the details.
  constexpr void write_row(const row& one) {
    constexpr std::size_t indent = 2, widest = 79;
    std::size_t column = indent + greater_of(one.status.size() + 2, std::size_t{10});
    const std::size_t begin = column;
    text words = "  ";
    words.append(one.status);
    while (words.size() < begin) words.append(' ');
    for (std::size_t i = 0; i < one.places.size(); ++i) {
      const text place = join(one.places[i], i + 1 < one.places.size() ? "," : "");
      if (column != begin && column + 1 + place.size() > widest) {
        line(words);
        words = {};
        while (words.size() < begin) words.append(' ');
        column = begin;
      }
      if (column != begin) words.append(' ');
      words.append(place);
      column = words.size();
    }
    line(words);
    for (const text& each : one.details) {
      out_.append("            ");
      append_printable(out_, each);
      out_.append('\n');
    }
  }

  const audit_answer* answer_;
  text out_;
  bool has_v4_ = false;
};

class audit_json_writer {
 public:
  constexpr audit_json_writer(const audit_answer& of, const sequence<text>& notes) : answer_(&of), notes_(&notes) {}

  constexpr text write() {
    json_.open_object();
    json_.key("verdict").string(name_of(answer_->verdict()));
    json_.key("sandbox").string(owner_in_words(answer_->policy));
    json_.key("addresses_known").boolean(answer_->addresses_known);
    json_.key("listeners").open_array();
    for (const audited_listener& one : answer_->listeners) write_listener(one);
    json_.close_array();
    write_notes(json_, *notes_);
    json_.close_object();
    return std::move(json_).finish().append('\n');
  }

 private:
  constexpr void write_listener(const audited_listener& one) {
    json_.open_object();
    json_.key("protocol").string(to_text(one.who.protocol));
    json_.key("address").string(address_in_words(one.who));
    json_.key("port").number(one.who.port);
    json_.key("uid");
    if (one.who.user)
      json_.number(*one.who.user);
    else
      json_.null();
    json_.key("processes").open_array();
    for (const listening_process& each : one.who.processes) {
      json_.open_object();
      json_.key("name").string(each.name);
      json_.key("pid").number(each.id);
      json_.close_object();
    }
    json_.close_array();
    json_.key("destinations").open_array();
    for (const audit_cell& each : one.cells) write_cell(each);
    json_.close_array();
    json_.close_object();
  }

  constexpr void write_addresses(std::string_view name, const sequence<address>& all) {
    json_.key(name).open_array();
    for (const address& one : all) json_.string(to_text(one));
    json_.close_array();
  }

  constexpr void write_cell(const audit_cell& one) {
    json_.open_object();
    json_.key("to").string(one.to.is_network() ? to_text(one.to.where) : to_text(one.to.where.base));
    if (one.to.is_network()) write_addresses("but", one.to.but);
    write_addresses("also", one.to.also);
    json_.key("status").string(name_of(one.status));
    json_.key("against_policy").string(name_of(one.against));
    json_.key("allowed").boolean(one.is_endpoint);
    json_.key("verdict").string(to_text(one.verdict));
    json_.key("rule");
    if (one.by.chain.empty()) {
      json_.null();
    } else {
      json_.open_object();
      write_place(json_, one.by);
      json_.close_object();
    }
    const call_result& call = first_call(one);
    json_.key("errno");
    if (call.error == error_number::none)
      json_.null();
    else
      json_.string(name_of(call.error));
    json_.key("after");
    if (call.what == call_result::kind::error)
      json_.string(call.after_a_second ? "one second" : "at once");
    else if (call.what == call_result::kind::times_out)
      json_.string("two minutes");
    else
      json_.null();
    json_.key("program").string(to_text(one.program));
    json_.key("packet").string(write_packet_line(one.sent));
    write_text_or_null(json_, "reaches", one.reaches);
    if (one.status == cell_status::partial) {
      json_.key("open_for");
      write_region(json_, one.open_for);
      if (!one.open_for_is_whole) json_.key("open_for_is_whole").boolean(false);
    }
    json_.key("hangs_on").open_array();
    for (const text& each : one.hangs_on) json_.string(each);
    json_.close_array();
    if (one.replies_blocked) json_.key("replies").string("blocked");
    if (one.to.from_lo_alone) json_.key("bound_to").string("lo");
    json_.close_object();
  }

  const audit_answer* answer_;
  const sequence<text>* notes_;
  json_writer json_;
};

}  // namespace detail

/// The answer in lines of text: the verdict; then each listener with its processes, and what of it is open,
/// stopped or neither, where, by which rule, and what the program sees that tries. What is open against the
/// policy is in capitals.
constexpr text write_report(const audit_answer& of) { return detail::audit_report_writer(of).write(); }

/// The answer as a JSON object on one line, with a line feed. `notes` are further remarks on the rules. Its
/// members:
///
///   verdict          "kept", "open" or "unknown": whether something is open against the policy
///   sandbox          "uid 1001"
///   addresses_known  false: only loopback addresses were looked at, and those that sockets are bound to
///   listeners        an array, by port; of each: protocol, address as ss writes it ("*": both families),
///   port, uid or null,
///                    processes [{name, pid}], and destinations, an array, of each:
///     to               an address, or a network without the addresses in `but`
///     also             what the kernel takes for that address
///     status           "open", "partial" (then `open_for` is the region that gets there), "stopped", "led"
///     (by nat) or
///                      "unknown" (then `hangs_on` says on what)
///     against_policy   whether what is let out is: "no", "surely" or "perhaps"
///     allowed          whether the policy has an endpoint there
///     verdict, rule    what the packet meets, and the place of what decides, or null
///     errno, after     how a program's connect() or send() fails, and when: "at once", "one second", "two
///     minutes"; null if
///                      it does not, or nobody knows
///     program, packet  what the program sees, in words; the packet that this is told of
///     reaches          where nat leads it, or null
///     replies          "blocked" if the rules stop the server's answers, else missing
///     bound_to         "lo" if only a client reaches it that binds its socket to lo, else missing
///   notes            an array of words
constexpr text write_json(const audit_answer& of, const sequence<text>& notes = {}) {
  return detail::audit_json_writer(of, notes).write();
}

}  // namespace cordon
