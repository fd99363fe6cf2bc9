// -j AUDIT: a record of the audit system; the packet goes on (net/netfilter/xt_AUDIT.c, audit_tg).
#pragma once

#include <array>
#include <string_view>

#include <cordon/base/number.hpp>
#include <cordon/match/words.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace audit_option {
inline constexpr std::array<std::string_view, 3> types = {"accept", "drop", "reject"};

inline constexpr value_form type_form{"accept|drop|reject", 1,
                                      [](const std::string_view* words, const value_context&, option& into) {
                                        for (unsigned i = 0; i < types.size(); ++i) {
                                          if (!equal_ignoring_case(types[i], words[0])) continue;
                                          into.numbers = {{i, i}};
                                          return text();
                                        }
                                        return join("'", words[0], "' is none of accept, drop and reject");
                                      },
                                      forms::one_of<types>.write, forms::one_of<types>.draw};

inline constexpr option_description table[] = {
    {.name = "--type", .form = &type_form, .invertible = false, .least_count = 1, .meaning = "what the record says"},
};
}  // namespace audit_option

/// `-j AUDIT`: its options, and what a use of it means.
inline constexpr target_extension audit_target{
    .name = "AUDIT", .options = audit_option::table, .meaning = detail::no_effect};

}  // namespace cordon
