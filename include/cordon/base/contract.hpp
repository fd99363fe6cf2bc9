// A broken precondition is a bug of the caller: an error in a constant expression, an abort with a message at run time.
#pragma once

#include <cstdio>
#include <cstdlib>

#include <cordon/base/language.hpp>

namespace cordon {

namespace detail {
// Not constexpr on purpose: a constant expression that gets here does not compile, and the compiler shows the call.
[[noreturn]] inline void contract_broken(const char* what) {
  std::fprintf(stderr, "cordon: broken precondition: %s\n", what);
  std::abort();
}
}  // namespace detail

/// Aborts with `what` (a constant expression: does not compile) unless `holds`.
constexpr void require(bool holds, const char* what) {
  if (!holds) detail::contract_broken(what);
}

}  // namespace cordon
