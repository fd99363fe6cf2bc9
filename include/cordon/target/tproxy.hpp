// -j TPROXY: hands the packet to a socket of this machine (net/netfilter/xt_TPROXY.c, tproxy_tg4_v1). Only in
// PREROUTING of mangle.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/addresses.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/services.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/marks.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace tproxy_option {
enum : std::uint8_t { port, ip, mark };

// A larger number is cut off to 16 bits.
inline constexpr value_form port_form{
    "port", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      maybe<std::uint64_t> read = read_c_number(words[0], 0xffffffff);
      if (!read)
        if (const auto named = service_port(words[0], context.protocol_name, context.names)) read = *named;
      if (!read) return join("'", words[0], "' is no port: write a number of 0 to 65535 or a service name");
      into.numbers = {{*read & 0xffff, *read & 0xffff}};
      return text();
    },
    forms::number<0, 65535>.write, forms::number<0, 65535>.draw};

inline constexpr value_form address_form{
    "address", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      const auto read = read_host_address(words[0], context.family);
      if (!read) return join("'", words[0], "' is no ", title_of(context.family), " address: write it in numbers");
      into.numbers = {{*read, *read}};
      return text();
    },
    [](const option& from, family in, text& out) { out.append(to_text(address{in, from.numbers[0].low})); },
    [](const choice_source& choices, family in, option& into) {
      const uint128 value = in == family::ipv4 ? (uint128{127} << 24) + choices.below(4) : choices.below(4);
      into.numbers = {{value, value}};
    }};

inline constexpr option_description table[] = {
    {.name = "--on-port", .form = &port_form, .invertible = false, .least_count = 1, .meaning = "the socket's port"},
    {.name = "--on-ip", .form = &address_form, .invertible = false, .meaning = "the socket's address"},
    {.name = "--tproxy-mark", .form = &marks::set_xmark, .invertible = false, .meaning = "the packet's new mark"},
};
}  // namespace tproxy_option

namespace detail {
constexpr text tproxy_check(const sequence<option>&, const meaning_context& context) {
  if (!context.protocol.is_just(protocol::tcp) && !context.protocol.is_just(protocol::udp))
    return "TPROXY needs -p tcp or -p udp in the same rule";
  return needs_table(context, "mangle", "TPROXY");
}

constexpr void tproxy_normalise(sequence<option>& options, const meaning_context&) {
  if (find_option(options, tproxy_option::ip) == nullptr) options.push_back({tproxy_option::ip, false, {{0, 0}}, {}});
  if (find_option(options, tproxy_option::mark) == nullptr)
    options.push_back({tproxy_option::mark, false, {{0, 0}}, {}});
}
}  // namespace detail

/// `-j TPROXY`: its options, and what a use of it means.
inline constexpr target_extension tproxy_target{.name = "TPROXY",
                                                .options = tproxy_option::table,
                                                .check = detail::tproxy_check,
                                                .normalise = detail::tproxy_normalise,
                                                .meaning = detail::unknown_effect,
                                                .hooks = only_at<set_of(hook::prerouting)>};

}  // namespace cordon
