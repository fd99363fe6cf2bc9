// -j TEE: sends a copy of the packet to another machine of the network (net/netfilter/xt_TEE.c, tee_tg4;
// net/ipv4/netfilter/nf_dup_ipv4.c). The packet itself goes on. The copy goes through OUTPUT from its beginning,
// untracked and without a socket, out of the interface towards the gateway, whatever becomes of the packet: so what
// this rule lets out is not said here.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/match/addresses.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/packet/interface_name.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace tee_option {
enum : std::uint8_t { gateway, interface };

inline constexpr value_form gateway_form{
    "address", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      const auto read = read_host_address(words[0], context.family);
      if (!read || *read == 0)
        return join("'", words[0], "' is no ", title_of(context.family), " address of a gateway: write it in numbers");
      into.numbers = {{*read, *read}};
      return text();
    },
    [](const option& from, family in, text& out) { out.append(to_text(address{in, from.numbers[0].low})); },
    [](const choice_source& choices, family in, option& into) {
      const uint128 base = in == family::ipv4 ? uint128{10} << 24 : uint128{0xfd09} << 112;
      const uint128 value = base + 1 + choices.below(9);
      into.numbers = {{value, value}};
    }};

inline constexpr value_form interface_form{"interface", 1,
                                           [](const std::string_view* words, const value_context&, option& into) {
                                             if (words[0].empty() || !interface_name::fits(words[0]))
                                               return join("'", words[0],
                                                           "' is no name of an interface: write 1 to 15 characters");
                                             into.words = words[0];
                                             return text();
                                           },
                                           [](const option& from, family, text& out) { out.append(from.words); },
                                           [](const choice_source&, family, option& into) { into.words = "eth0"; }};

inline constexpr option_description table[] = {
    {.name = "--gateway",
     .form = &gateway_form,
     .invertible = false,
     .least_count = 1,
     .meaning = "where the copy goes"},
    {.name = "--oif", .form = &interface_form, .invertible = false, .meaning = "by this interface"},
};
}  // namespace tee_option

/// `-j TEE`: its options, and what a use of it means.
inline constexpr target_extension tee_target{
    .name = "TEE", .options = tee_option::table, .meaning = detail::unknown_effect};

}  // namespace cordon
