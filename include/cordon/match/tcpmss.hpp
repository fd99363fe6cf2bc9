// -m tcpmss: the maximum segment size that a TCP option says (net/netfilter/xt_tcpmss.c, tcpmss_mt). A packet without
// the option fits the negation.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace tcpmss_option {
enum : std::uint8_t { mss };

inline constexpr value_form mss_form{"low[:high]", 1,
                                     [](const std::string_view* words, const value_context& context, option& into) {
                                       text wrong = forms::open_range<65535>.read(words, context, into);
                                       if (wrong.empty() && into.numbers[0].low > into.numbers[0].high)
                                         wrong = join("the range '", words[0],
                                                      "' runs backwards: write the smaller number first");
                                       return wrong;
                                     },
                                     forms::open_range<65535>.write, forms::open_range<65535>.draw};

inline constexpr option_description table[] = {
    {.name = "--mss", .form = &mss_form, .least_count = 1, .meaning = "the segment size in the MSS option"},
};
}  // namespace tcpmss_option

namespace detail {
constexpr text tcpmss_check(const sequence<option>&, const meaning_context& context) {
  if (!context.protocol.is_just(protocol::tcp)) return "-m tcpmss needs -p tcp before it in the same rule";
  return {};
}

// It looks for the header in later fragments too, where no field says what it finds.
constexpr match_meaning tcpmss_meaning(const sequence<option>& options, const meaning_context&) {
  const option& mss = options[0];
  predicate fits = between(field::segment_size, mss.numbers[0].low, mss.numbers[0].high);
  const predicate later = has_bytes(20) && !carries(20);
  return {(carries(20) && inverted_if(mss.inverted, std::move(fits))) ||
              (later && unknown("tcpmss of a later fragment", /*stateful=*/true)),
          is_cut_before(20) || (later && unknown("tcpmss of a later fragment", /*stateful=*/true))};
}
}  // namespace detail

/// `-m tcpmss`: its options, and what a use of it means.
inline constexpr match_extension tcpmss_match{.name = "tcpmss",
                                              .options = tcpmss_option::table,
                                              .check = detail::tcpmss_check,
                                              .meaning = detail::tcpmss_meaning};

}  // namespace cordon
