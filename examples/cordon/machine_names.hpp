// Names of users, groups and services, as this machine knows them.
#pragma once

#include <cordon/rule/option.hpp>
#include <cordon/text/diagnostic.hpp>

/// Where a reader looks names up, in any thread. Host names are never asked for.
const cordon::name_sources& machine_names();

/// A warning for each user and group name that this thread has looked up so far: on another machine it may be another
/// number.
const cordon::sequence<cordon::diagnostic>& machine_name_warnings();

/// Forgets those of this thread, for another host's rules.
void forget_machine_name_warnings();
