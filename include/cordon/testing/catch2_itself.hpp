// Catch2 itself, 2.13, as Debian 12 has it, or 3: each has its own header.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
