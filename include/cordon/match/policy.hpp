// -m policy: whether IPsec protects the packet, and how (net/netfilter/xt_policy.c, policy_mt). Where the host has no
// IPsec policy at all, `--pol none` fits every packet and `--pol ipsec` none; else it is an atom.
//
// A policy is a list of up to four elements, separated by --next; the options of each have their own indices.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/host_network.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/match/words.hpp>
#include <cordon/packet/protocol.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace policy_option {
enum : std::uint8_t { direction, policy, strict, first_element };
enum element : std::uint8_t { reqid, spi, protocol, mode, tunnel_destination, tunnel_source, next, element_size };

inline constexpr unsigned most_elements = 4;  // XT_POLICY_MAX_ELEM

inline constexpr std::array<std::string_view, 2> directions = {"in", "out"};
inline constexpr std::array<std::string_view, 2> policies = {"none", "ipsec"};
inline constexpr std::array<std::string_view, 2> modes = {"transport", "tunnel"};

inline constexpr value_form spi_form{
    "number", 1, forms::number<0, 0xffffffff>.read,
    [](const option& from, family, text& out) { out.append("0x").append_hexadecimal(from.numbers[0].low); },
    forms::number<0, 0xffffffff>.draw};

inline constexpr value_form protocol_form{
    "ah|esp|ipcomp", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      const auto read = read_protocol(words[0]);
      if (read != protocol::ah && read != protocol::esp && read != protocol::ipcomp)
        return join("'", words[0], "' is no protocol of IPsec: write ah, esp or ipcomp");
      into.numbers = {{number_of(*read), number_of(*read)}};
      return text();
    },
    [](const option& from, family, text& out) {
      out.append(to_text(static_cast<cordon::protocol>(static_cast<std::uint8_t>(from.numbers[0].low))));
    },
    [](const choice_source& choices, family, option& into) {
      constexpr std::uint8_t protocols[] = {50, 51, 108};
      const unsigned value = protocols[choices.below(3)];
      into.numbers = {{value, value}};
    }};

struct option_table {
  option_description lines[first_element + most_elements * element_size];
};

constexpr option_table make_table() {
  option_table made{};
  made.lines[direction] = {.name = "--dir",
                           .form = &forms::one_of<directions>,
                           .invertible = false,
                           .least_count = 1,
                           .meaning = "on its way in or out"};
  made.lines[policy] = {
      .name = "--pol", .form = &forms::one_of<policies>, .invertible = false, .meaning = "protected or not"};
  made.lines[strict] = {.name = "--strict",
                        .form = &forms::nothing,
                        .invertible = false,
                        .meaning = "the elements are all there are, in this order"};
  for (unsigned i = 0; i < most_elements; ++i) {
    option_description* const of = made.lines + first_element + i * element_size;
    of[reqid] = {.name = "--reqid", .form = &forms::number<0, 0xffffffff>, .meaning = "the id of the policy"};
    of[spi] = {.name = "--spi", .form = &spi_form, .meaning = "the SPI"};
    of[element::protocol] = {.name = "--proto", .form = &protocol_form, .meaning = "the protocol"};
    of[mode] = {.name = "--mode", .form = &forms::one_of<modes>, .meaning = "transport or tunnel"};
    of[tunnel_destination] = {.name = "--tunnel-dst", .form = &forms::host_network, .meaning = "the tunnel's far end"};
    of[tunnel_source] = {.name = "--tunnel-src", .form = &forms::host_network, .meaning = "the tunnel's near end"};
    of[next] = {.name = "--next", .form = &forms::nothing, .invertible = false, .meaning = "begins the next element"};
    for (unsigned k = 0; k < element_size; ++k) {
      of[k].repeatable = true;
      of[k].only_written = i > 0;
    }
  }
  return made;
}

inline constexpr option_table table = make_table();

/// Which element an option belongs to, and which of its options it is, by its index in the table.
constexpr unsigned element_of(const option& one) { return (one.index - unsigned{first_element}) / element_size; }
constexpr unsigned kind_of(const option& one) { return (one.index - unsigned{first_element}) % element_size; }
}  // namespace policy_option

namespace detail {
// Gives each option the index of its element; the options stand in the order in which they were written.
constexpr void policy_normalise(sequence<option>& options, const meaning_context&) {
  unsigned element = 0;
  bool none = false;
  for (option& one : options) {
    if (one.index == policy_option::policy) none = one.numbers[0].low == 0;
    if (one.index < policy_option::first_element) continue;
    const unsigned kind = policy_option::kind_of(one);
    one.index = static_cast<std::uint8_t>(policy_option::first_element + element * policy_option::element_size + kind);
    if (kind == policy_option::next) ++element;
  }
  if (find_option(options, policy_option::policy) == nullptr)
    options.push_back({policy_option::policy, false, {{1, 1}}, {}});
  // Without a policy there is nothing that an element could be compared with.
  if (none) erase_if(options, [](const option& one) { return one.index >= policy_option::first_element; });
}

constexpr text policy_check(const sequence<option>& options, const meaning_context&) {
  using namespace policy_option;
  const option* const kind = find_option(options, policy_option::policy);
  const bool strict_given = find_option(options, strict) != nullptr;
  if (kind != nullptr && kind->numbers[0].low == 0 && strict_given)
    return "--strict has no place beside --pol none: there are no elements to compare";
  unsigned element_count = 1;
  unsigned seen = 0;
  bool tunnel = false;
  bool tunnel_ends = false;
  const auto element_is_wrong = [&]() -> text {
    if (strict_given && seen == 0) return "with --strict each element needs at least one option";
    if (tunnel_ends && !tunnel) return "--tunnel-src and --tunnel-dst need --mode tunnel in the same element";
    return {};
  };
  for (const option& one : options) {
    if (one.index < first_element) continue;
    const unsigned of = kind_of(one);
    if (of == next) {
      if (!strict_given) return "--next needs --strict";
      if (text wrong = element_is_wrong(); !wrong.empty()) return wrong;
      if (++element_count > most_elements) return "at most four elements can stand here";
      seen = 0;
      tunnel = tunnel_ends = false;
      continue;
    }
    if ((seen & (1U << of)) != 0)
      return join(policy_option::table.lines[one.index].name, " stands twice in one element");
    seen |= 1U << of;
    if (of == mode) tunnel = (one.numbers[0].low == 1) != one.inverted;
    if (of == tunnel_destination || of == tunnel_source) tunnel_ends = true;
  }
  return element_is_wrong();
}

constexpr match_meaning policy_meaning(const sequence<option>& options, const meaning_context& context) {
  const bool none = find_option(options, policy_option::policy)->numbers[0].low == 0;
  if (context.host != nullptr && context.host->without_ipsec) return {inverted_if(!none, always())};
  // --pol none and a bare --pol ipsec are each other's negation.
  text name = words_of("policy", policy_option::table.lines, options, context.family);
  bool bare = true;
  for (const option& one : options) {
    if (one.index >= policy_option::strict) bare = false;
    // Each element's negation is its own.
    if (one.inverted) name.append(" not ").append_number(one.index);
  }
  // The packet's route says it, which the kernel looks up anew where a target has changed one of these (ip_route_me_harder).
  constexpr field_set of_route = set_of(field::source) | set_of(field::destination) | set_of(field::first_word) |
                                 set_of(field::second_word) | set_of(field::traffic_class) | set_of(field::mark);
  if (!bare) return {unknown(name, /*stateful=*/false, of_route)};
  const option* const direction = find_option(options, policy_option::direction);
  return {inverted_if(
      none, unknown(join("policy --dir ", policy_option::directions[static_cast<unsigned>(direction->numbers[0].low)],
                         " --pol ipsec"),
                    /*stateful=*/false, of_route))};
}

constexpr hook_set policy_hooks(const sequence<option>& options, const meaning_context&) {
  const bool in = find_option(options, policy_option::direction)->numbers[0].low == 0;
  return static_cast<hook_set>(in ? incoming_hooks : outgoing_hooks | set_of(hook::forward));
}

constexpr bool policy_saved(sequence<option>& options, const meaning_context& context) {
  for (option& one : options) {
    if (one.index < policy_option::first_element) continue;
    const unsigned kind = policy_option::kind_of(one);
    if (kind == policy_option::tunnel_destination || kind == policy_option::tunnel_source)
      forms::forget_mask_with_holes(one, context.family);
  }
  return true;
}
}  // namespace detail

/// `-m policy`: its options, and what a use of it means.
inline constexpr match_extension policy_match{.name = "policy",
                                              .options = policy_option::table.lines,
                                              .check = detail::policy_check,
                                              .normalise = detail::policy_normalise,
                                              .meaning = detail::policy_meaning,
                                              .saved = detail::policy_saved,
                                              .hooks = detail::policy_hooks,
                                              .hooks_by_options = true};

}  // namespace cordon
