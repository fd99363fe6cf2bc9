// Catch2 without anything of cordon.
#pragma once

#include <cordon/testing/catch2_itself.hpp>
