// Catch2, 2.13 or 3, that prints cordon's values as people write them; and rc::prop where RapidCheck is there too.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <cstddef>
#include <string>

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

namespace Catch {
template <>
struct StringMaker<cordon::text> {
  static std::string convert(const cordon::text& of) { return cordon::testing::shown(of); }
};
template <std::size_t Capacity>
struct StringMaker<cordon::short_text<Capacity>> {
  static std::string convert(const cordon::short_text<Capacity>& of) { return std::string(of.view()); }
};
template <>
struct StringMaker<cordon::packet> {
  static std::string convert(const cordon::packet& of) { return cordon::testing::shown(of); }
};
template <>
struct StringMaker<cordon::address> {
  static std::string convert(const cordon::address& of) { return cordon::testing::shown(of); }
};
template <>
struct StringMaker<cordon::network> {
  static std::string convert(const cordon::network& of) { return cordon::testing::shown(of); }
};
template <>
struct StringMaker<cordon::verdict> {
  static std::string convert(const cordon::verdict& of) { return cordon::testing::shown(of); }
};
template <>
struct StringMaker<cordon::rule> {
  static std::string convert(const cordon::rule& of) { return cordon::testing::shown(of); }
};
template <>
struct StringMaker<cordon::chain> {
  static std::string convert(const cordon::chain& of) { return cordon::testing::shown(of); }
};
template <>
struct StringMaker<cordon::firewall> {
  static std::string convert(const cordon::firewall& of) { return cordon::testing::shown(of); }
};
template <>
struct StringMaker<cordon::egress_policy> {
  static std::string convert(const cordon::egress_policy& of) { return cordon::testing::shown(of); }
};
}  // namespace Catch
