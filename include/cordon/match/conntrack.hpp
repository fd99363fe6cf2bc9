// -m conntrack: what the kernel knows of the packet's connection (net/netfilter/xt_conntrack.c, conntrack_mt).
//
// The state is tested first. A packet without a connection (INVALID, UNTRACKED) then fits whatever the other options
// say, if there was a --ctstate, and fits nothing, not even what is inverted, if there was none.
#pragma once

#include <string_view>
#include <vector>

#include <cordon/match/connection_states.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/packet/protocol.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace conntrack_option {
enum : std::uint8_t {
  state,
  protocol,
  original_source,
  original_destination,
  reply_source,
  reply_destination,
  original_source_port,
  original_destination_port,
  reply_source_port,
  reply_destination_port,
  status,
  expires,
  direction,
};

inline constexpr value_form states_form{
    "state[,state...]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      return connection_states::read(words[0], /*translations=*/true, into);
    },
    [](const option& from, family, text& out) { connection_states::write(from, out); },
    [](const choice_source& choices, family, option& into) { connection_states::draw(choices, true, into); }};

inline constexpr value_form protocol_form{
    "protocol", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      const bool any = equal_ignoring_case(words[0], "all");
      const auto number = read_protocol(words[0]);
      if (!any && !number) return join("'", words[0], "' is no protocol: write a name or a number of 0 to 255");
      const unsigned value = any ? 0U : number_of(*number);
      into.numbers = {{value, value}};
      return text();
    },
    [](const option& from, family, text& out) { out.append_number(from.numbers[0].low); },
    [](const choice_source& choices, family, option& into) {
      constexpr std::uint8_t protocols[] = {0, 1, 6, 17, 58, 132, 255};
      const unsigned value = protocols[choices.below(7)];
      into.numbers = {{value, value}};
    }};

// An address with a mask: {address, mask}. The bits behind the mask stay, and mean nothing.
inline constexpr value_form address_form{
    "address[/mask]", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      const auto slash = words[0].find('/');
      const auto base = read_address(words[0].substr(0, slash));
      if (!base || base->family != context.family)
        return join("'", words[0], "' is no ", title_of(context.family), " address or network: write it in numbers");
      const unsigned width = address_width(context.family);
      uint128 mask = low_bits(width);
      if (slash != std::string_view::npos) {
        const auto behind = words[0].substr(slash + 1);
        const auto dotted = read_address(behind);
        const auto length = read_number(behind, width);
        if (length)
          mask = prefix_mask(context.family, static_cast<unsigned>(*length));
        else if (dotted && dotted->family == context.family)
          mask = dotted->bits;
        else
          return join("'", behind, "' is no mask of an ", title_of(context.family), " address");
      }
      into.numbers = {{base->bits, mask}};
      return text();
    },
    [](const option& from, family in, text& out) {
      out.append(to_text(address{in, from.numbers[0].low}));
      const auto length = prefix_length(in, from.numbers[0].high);
      if (length && *length < address_width(in))
        out.append('/').append_number(*length);
      else if (!length)
        out.append('/').append(to_text(address{in, from.numbers[0].high}));
    },
    [](const choice_source& choices, family in, option& into) {
      const unsigned width = address_width(in);
      const uint128 base = in == family::ipv4 ? uint128{10} << 24 : uint128{0xfd09} << 112;
      const auto length = choices.one_in(2) ? width : static_cast<unsigned>(choices.below(width + 1));
      into.numbers = {{base | choices.below(256), prefix_mask(in, length)}};
    }};

// Ports and times: a range that runs backwards is kept, and holds nothing.
template <std::uint64_t Most>
constexpr text read_open_range(std::string_view written, const value_context& context, option& into) {
  const auto one = [&](std::string_view item, std::uint64_t missing) -> std::optional<std::uint64_t> {
    if (item.empty()) return missing;
    if (const auto value = read_c_number(item, Most)) return value;
    if (Most != 65535) return std::nullopt;
    return service_port(item, context.protocol_name, context.names);
  };
  const auto colon = written.find(':');
  if (written.empty()) return text("there is no number: write low:high");
  const auto low = one(written.substr(0, colon), 0);
  const auto high = colon == std::string_view::npos ? low : one(written.substr(colon + 1), Most);
  if (!low || !high) return join("'", written, "' will not do: write numbers of 0 to ", decimal(Most), " as low:high");
  into.numbers = {{*low, *high}};
  return {};
}

template <std::uint64_t Most>
inline constexpr value_form open_range{
    "low[:high]", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      return read_open_range<Most>(words[0], context, into);
    },
    [](const option& from, family, text& out) { forms::detail::append_range(out, from.numbers[0], ':'); },
    [](const choice_source& choices, family, option& into) { into.numbers = {forms::detail::draw_range(choices, Most)}; }};

struct status_name {
  std::string_view name;
  unsigned bit;
};

// The bits of nf_conntrack_common.h (IPS_EXPECTED and so on); NONE is no bit at all.
inline constexpr status_name statuses[] = {
    {"NONE", 0}, {"EXPECTED", 1}, {"SEEN_REPLY", 2}, {"ASSURED", 4}, {"CONFIRMED", 8}};

inline constexpr value_form status_form{
    "status[,status...]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      unsigned bits = 0;
      forms::list_reader items{words[0]};
      while (!items.last) {
        const auto item = items.next();
        const status_name* found = nullptr;
        for (const status_name& known : statuses)
          if (!item.empty() && found == nullptr && forms::abbreviates(item, known.name)) found = &known;
        if (found == nullptr)
          return join("'", item, "' is no status: write NONE, EXPECTED, SEEN_REPLY, ASSURED or CONFIRMED");
        bits |= found->bit;
      }
      into.numbers = {{bits, bits}};
      return text();
    },
    [](const option& from, family, text& out) {
      bool first = true;
      for (const status_name& known : statuses) {
        if (known.bit == 0 ? from.numbers[0].low != 0 : (from.numbers[0].low & known.bit) == 0) continue;
        if (!first) out.append(',');
        out.append(known.name);
        first = false;
      }
    },
    [](const choice_source& choices, family, option& into) {
      const uint128 bits = choices.below(16);
      into.numbers = {{bits, bits}};
    }};

inline constexpr value_form direction_form{
    "ORIGINAL|REPLY", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      const bool reply = equal_ignoring_case(words[0], "REPLY");
      if (!reply && !equal_ignoring_case(words[0], "ORIGINAL"))
        return join("'", words[0], "' is neither ORIGINAL nor REPLY");
      into.numbers = {{reply, reply}};
      return text();
    },
    [](const option& from, family, text& out) { out.append(from.numbers[0].low == 0 ? "ORIGINAL" : "REPLY"); },
    [](const choice_source& choices, family, option& into) {
      const uint128 reply = choices.below(2);
      into.numbers = {{reply, reply}};
    }};

inline constexpr option_description table[] = {
    {.name = "--ctstate", .form = &states_form, .meaning = "the connection is in one of these states"},
    {.name = "--ctproto", .form = &protocol_form, .meaning = "the connection's protocol"},
    {.name = "--ctorigsrc", .form = &address_form, .meaning = "who opened the connection"},
    {.name = "--ctorigdst", .form = &address_form, .meaning = "where the connection was opened to"},
    {.name = "--ctreplsrc", .form = &address_form, .meaning = "who answers"},
    {.name = "--ctrepldst", .form = &address_form, .meaning = "where answers go to"},
    {.name = "--ctorigsrcport", .form = &open_range<65535>, .meaning = "the opener's port"},
    {.name = "--ctorigdstport", .form = &open_range<65535>, .meaning = "the port that the connection was opened to"},
    {.name = "--ctreplsrcport", .form = &open_range<65535>, .meaning = "the port that answers come from"},
    {.name = "--ctrepldstport", .form = &open_range<65535>, .meaning = "the port that answers go to"},
    {.name = "--ctstatus", .form = &status_form, .meaning = "the connection has one of these statuses"},
    {.name = "--ctexpire", .form = &open_range<0xffffffff>, .meaning = "the seconds until the connection is forgotten"},
    {.name = "--ctdir",
     .form = &direction_form,
     .invertible = false,
     .meaning = "the packet's direction in the connection"},
};
}  // namespace conntrack_option

namespace detail {
constexpr text conntrack_check(const std::vector<option>& options, const meaning_context&) {
  if (options.empty()) return "-m conntrack needs an option: --ctstate, for one";
  return {};
}

constexpr match_meaning conntrack_meaning(const std::vector<option>& options, const meaning_context& context) {
  predicate rest = always();
  for (const option& one : options) {
    if (one.index == conntrack_option::state) continue;
    const option_description& description = conntrack_option::table[one.index];
    text name = join("conntrack ", description.name, " ");
    description.form->write(one, context.family, name);
    rest &= inverted_if(one.inverted, unknown(name, /*stateful=*/true));
  }
  const option* const state = find_option(options, conntrack_option::state);
  if (state == nullptr) return {connection_states::is_tracked() && rest};
  const predicate in_state = inverted_if(
      state->inverted, connection_states::in_one_of(static_cast<unsigned>(state->numbers[0].low)));
  if (options.size() == 1) return {in_state};
  return {in_state && (!connection_states::is_tracked() || rest)};
}

// A mask that is no prefix is not shown.
constexpr bool conntrack_saved(std::vector<option>& options, const meaning_context& context) {
  for (option& one : options)
    if (one.index >= conntrack_option::original_source && one.index <= conntrack_option::reply_destination &&
        !prefix_length(context.family, one.numbers[0].high))
      one.numbers[0].high = low_bits(address_width(context.family));
  return true;
}
}  // namespace detail

inline constexpr match_extension conntrack_match{.name = "conntrack",
                                                 .options = conntrack_option::table,
                                                 .check = detail::conntrack_check,
                                                 .meaning = detail::conntrack_meaning,
                                                 .saved = detail::conntrack_saved};

}  // namespace cordon
