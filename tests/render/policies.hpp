#pragma once

#include <initializer_list>

#include <cordon/prove/policy_text.hpp>

namespace cordon::test {

/// uid 1001 may reach these endpoints, each written as --allow takes it.
inline egress_policy policy_of(std::initializer_list<const char*> endpoints) {
  egress_policy made = sandbox(uid(1001));
  for (const char* const one : endpoints) made.allow(*read_endpoint(one));
  return made;
}

}  // namespace cordon::test
