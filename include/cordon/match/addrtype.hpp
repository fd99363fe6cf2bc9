// -m addrtype: what kind of address the routing tables say that the source or destination is
// (net/netfilter/xt_addrtype.c, addrtype_mt_v1). Exact where the host's addresses are known, as far as they decide
// it; else each question about one address is an atom.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/match/address_kinds.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace addrtype_option {
enum : std::uint8_t { source, destination, limit_in, limit_out };

// include/uapi/linux/rtnetlink.h, in the order of the numbers there.
inline constexpr std::string_view types[] = {"UNSPEC",   "UNICAST",   "LOCAL",     "BROADCAST",
                                             "ANYCAST",  "MULTICAST", "BLACKHOLE", "UNREACHABLE",
                                             "PROHIBIT", "THROW",     "NAT",       "XRESOLVE"};
inline constexpr unsigned type_count = 12;

inline constexpr value_form types_form{
    "type[,type...]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      unsigned bits = 0;
      forms::list_reader items{words[0]};
      while (!items.last) {
        const auto item = items.next();
        unsigned found = 0;
        for (unsigned type = 0; type < type_count && found == 0; ++type)
          if (!item.empty() && forms::abbreviates(item, types[type])) found = 1U << type;
        if (found == 0)
          return join("'", item, "' is no kind of address: write LOCAL, UNICAST, BROADCAST, MULTICAST, ...");
        bits |= found;
      }
      into.numbers = {{bits, bits}};
      return text();
    },
    [](const option& from, family, text& out) {
      bool first = true;
      for (unsigned type = 0; type < type_count; ++type) {
        if ((from.numbers[0].low >> type & 1) == 0) continue;
        if (!first) out.append(',');
        out.append(types[type]);
        first = false;
      }
    },
    [](const choice_source& choices, family, option& into) {
      const uint128 bits = choices.one_in(2) ? 4 : 1 + choices.below((1U << type_count) - 1);
      into.numbers = {{bits, bits}};
    }};

inline constexpr option_description table[] = {
    {.name = "--src-type", .form = &types_form, .meaning = "the source is of one of these kinds"},
    {.name = "--dst-type", .form = &types_form, .meaning = "the destination is of one of these kinds"},
    {.name = "--limit-iface-in", .form = &forms::nothing, .invertible = false, .meaning = "of the incoming interface"},
    {.name = "--limit-iface-out", .form = &forms::nothing, .invertible = false, .meaning = "of the outgoing interface"},
};
}  // namespace addrtype_option

namespace detail {
constexpr text addrtype_check(const sequence<option>& options, const meaning_context& context) {
  using namespace addrtype_option;
  if (count_of(options, {source, destination}) == 0) return "-m addrtype needs --src-type or --dst-type";
  if (count_of(options, {limit_in, limit_out}) > 1)
    return "--limit-iface-in and --limit-iface-out cannot stand together";
  if (context.family == family::ipv4) return {};
  // addrtype_mt_checkentry_v1: IPv6 knows no broadcast, and these kinds of routes cannot be asked for.
  constexpr unsigned not_in_ipv6 = 1U << 3 | 1U << 6 | 1U << 8 | 1U << 9 | 1U << 10 | 1U << 11;
  for (const option& one : options)
    if (one.index <= destination && (static_cast<unsigned>(one.numbers[0].low) & not_in_ipv6) != 0)
      return "IPv6 knows no BROADCAST, BLACKHOLE, PROHIBIT, THROW, NAT or XRESOLVE addresses here";
  return {};
}

constexpr match_meaning addrtype_meaning(const sequence<option>& options, const meaning_context& context) {
  using namespace addrtype_option;
  std::string_view limit = "";
  if (find_option(options, limit_in) != nullptr) limit = " --limit-iface-in";
  if (find_option(options, limit_out) != nullptr) limit = " --limit-iface-out";
  predicate holds = always();
  for (const option& one : options) {
    if (one.index > destination) continue;
    const sequence<option> single = {one};
    text name = words_of("addrtype", addrtype_option::table, single, context.family);
    name.append(limit);
    const field which = one.index == source ? field::source : field::destination;
    predicate fits = unknown(name, /*stateful=*/false, set_of(which));
    // A packet that was not received has no interface to be limited to.
    if (context.host != nullptr && context.host->addresses && find_option(options, limit_in) == nullptr) {
      const auto kinds = static_cast<unsigned>(one.numbers[0].low);
      const bool by_interface = find_option(options, limit_out) != nullptr;
      if (context.family == family::ipv4)
        fits = ipv4_kinds(which, kinds, *context.host->addresses, by_interface, fits);
      else
        fits = ipv6_kinds(which, kinds, *context.host->addresses, by_interface, fits);
    }
    holds &= inverted_if(one.inverted, std::move(fits));
  }
  return {holds};
}

constexpr hook_set addrtype_hooks(const sequence<option>& options, const meaning_context&) {
  if (find_option(options, addrtype_option::limit_in) != nullptr) return incoming_hooks;
  if (find_option(options, addrtype_option::limit_out) != nullptr)
    return static_cast<hook_set>(outgoing_hooks | set_of(hook::forward));
  return all_hooks;
}
}  // namespace detail

/// `-m addrtype`: its options, and what a use of it means.
inline constexpr match_extension addrtype_match{.name = "addrtype",
                                                .options = addrtype_option::table,
                                                .check = detail::addrtype_check,
                                                .meaning = detail::addrtype_meaning,
                                                .hooks = detail::addrtype_hooks,
                                                .hooks_by_options = true};

}  // namespace cordon
