// Rules as literals in the syntax of iptables-save: `R"(...)"_iptables`, `R"(...)"_ip6tables`. What
// iptables-restore would refuse does not compile, and the compiler shows the line, the column and the reason.
#pragma once

#include <string_view>

#include <cordon/base/compiler_message.hpp>
#include <cordon/base/fixed_text.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/text/reader.hpp>

namespace cordon {

/// Rules of one family as they stand in the source: those of nft, unless a header line says legacy. A view of
/// the literal.
template <family Family>
class rules_literal {
 public:
  /// Of text that was found to be right.
  constexpr explicit rules_literal(std::string_view written) : written_(written) {}

  ///@{
  /// The text, and the rules that it says.
  constexpr std::string_view view() const { return written_; }
  constexpr ruleset rules() const { return *read_ruleset(written_, {.family = Family}); }
  constexpr operator family_rules() const { return rules(); }
  ///@}

 private:
  std::string_view written_;
};

/// The firewall of a host with the rules of two literals, one of each family.
constexpr firewall firewall_with(const rules_literal<family::ipv4>& v4, const rules_literal<family::ipv6>& v6) {
  return {v4, v6, {}};
}

namespace detail {

struct literal_fault {
  place at = {};
  short_text<250> why = {};  // empty: there is none
};

// Warnings count too: who writes a literal can write what he means.
constexpr literal_fault fault_in(std::string_view written, family of) {
  const read_result<ruleset> read = read_ruleset(written, {.family = of});
  if (read.diagnostics().empty()) return {};
  const diagnostic& first = read.diagnostics().front();
  return {first.at, first.message.view()};
}

template <class... Faults>
inline constexpr bool loads = false;

template <class Line, class Column, class Reason>
struct literal_that_does_not_load {
  static_assert(loads<Line, Column, Reason>,
                "iptables-restore would not take these rules, or not as they seem to be meant");
};

template <family Family, fixed_text Written>
struct literal {
  static constexpr literal_fault fault = fault_in(Written, Family);
  static constexpr auto why = fault.why;
  static constexpr rules_literal<Family> make() {
    if constexpr (!fault.why.empty())
      literal_that_does_not_load<at_line<fault.at.line>, at_column<fault.at.column>, in_pieces<because, why>>{};
    return rules_literal<Family>(Written.view());
  }
};

}  // namespace detail

inline namespace literals {

template <fixed_text Written>
///@{
/// Rules for iptables or ip6tables, as iptables-save prints them or people write them. Text that iptables-restore refuses
/// does not compile.
constexpr rules_literal<family::ipv4> operator""_iptables() {
  return detail::literal<family::ipv4, Written>::make();
}

template <fixed_text Written>
constexpr rules_literal<family::ipv6> operator""_ip6tables() {
  return detail::literal<family::ipv6, Written>::make();
}
///@}

}  // namespace literals

}  // namespace cordon
