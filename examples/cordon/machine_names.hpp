// Names of users, groups and services, as this machine knows them.
#pragma once


#include <cordon/rule/option.hpp>
#include <cordon/text/diagnostic.hpp>

/// Where a reader looks names up. Host names are never asked for.
const cordon::name_sources& machine_names();

/// A warning for each user and group name that was looked up so far: on another machine it may be another number.
const cordon::sequence<cordon::diagnostic>& machine_name_warnings();
