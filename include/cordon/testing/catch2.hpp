// Catch2, 2.13 or 3, that prints cordon's values as people write them, and matchers for firewalls; and rc::prop where
// RapidCheck is there too.
//
//   REQUIRE_THAT(live, testing::KeepsTo(egress));  // a failure tells each leak, the rule to blame, and a packet to try
#pragma once

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

#include <cordon/testing/catch2_itself.hpp>
#include <cordon/testing/catch2_matchers.hpp>
#include <cordon/testing/mutants.hpp>
#include <cordon/testing/print.hpp>

#if __has_include(<rapidcheck.h>)
#if __has_include(<catch2/catch_all.hpp>)
#include <iostream>
#include <sstream>

#include <rapidcheck.h>

// RapidCheck's own header for Catch2 includes <catch2/catch.hpp>, which Catch2 3 does not have. Include this one instead.
namespace rc {
/// A section that holds if the property does.
template <class Testable>
void prop(const std::string& description, Testable&& testable, bool verbose = false) {
  SECTION(description) {
    const auto result = detail::checkTestable(std::forward<Testable>(testable));
    std::ostringstream message;
    detail::printResultMessage(result, message);
    if (!result.template is<detail::SuccessResult>()) {
      INFO(message.str() << "\n");
      FAIL();
    }
    if (verbose || !result.template get<detail::SuccessResult>().distribution.empty())
      std::cout << "- " << description << "\n" << message.str() << std::endl;
    SUCCEED();
  }
}
}  // namespace rc
#else
#include <rapidcheck/catch.h>
#endif
#endif

namespace cordon::testing::detail {

/// How Catch2 prints what `shown` writes.
template <class Value>
struct printed {
  static std::string convert(const Value& of) { return shown(of); }
};

/// A value of an enumeration that has names.
template <class Value>
concept named = std::is_enum_v<Value> && requires(Value of) { name_of(of); };

}  // namespace cordon::testing::detail

namespace Catch {
template <>
struct StringMaker<cordon::text> : cordon::testing::detail::printed<cordon::text> {};
template <std::size_t Capacity>
struct StringMaker<cordon::short_text<Capacity>> {
  static std::string convert(const cordon::short_text<Capacity>& of) { return std::string(of.view()); }
};
template <>
struct StringMaker<cordon::packet> : cordon::testing::detail::printed<cordon::packet> {};
template <>
struct StringMaker<cordon::address> : cordon::testing::detail::printed<cordon::address> {};
template <>
struct StringMaker<cordon::network> : cordon::testing::detail::printed<cordon::network> {};
template <>
struct StringMaker<cordon::verdict> : cordon::testing::detail::printed<cordon::verdict> {};
template <>
struct StringMaker<cordon::rule> : cordon::testing::detail::printed<cordon::rule> {};
template <>
struct StringMaker<cordon::chain> : cordon::testing::detail::printed<cordon::chain> {};
template <>
struct StringMaker<cordon::ruleset> : cordon::testing::detail::printed<cordon::ruleset> {};
template <>
struct StringMaker<cordon::firewall> : cordon::testing::detail::printed<cordon::firewall> {};
template <>
struct StringMaker<cordon::endpoint> : cordon::testing::detail::printed<cordon::endpoint> {};
template <>
struct StringMaker<cordon::egress_policy> : cordon::testing::detail::printed<cordon::egress_policy> {};
template <>
struct StringMaker<cordon::proof> : cordon::testing::detail::printed<cordon::proof> {};
template <>
struct StringMaker<cordon::firewall_difference> : cordon::testing::detail::printed<cordon::firewall_difference> {};
template <>
struct StringMaker<cordon::testing::mutant> : cordon::testing::detail::printed<cordon::testing::mutant> {};
template <class Value>
  requires cordon::testing::detail::named<Value>
struct StringMaker<Value> {
  static std::string convert(Value of) { return std::string(name_of(of)); }
};
}  // namespace Catch
