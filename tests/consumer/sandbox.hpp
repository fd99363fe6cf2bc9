#pragma once

#include <cordon/cordon.hpp>

/// What the sandbox may reach.
cordon::egress_policy sandbox_policy();
