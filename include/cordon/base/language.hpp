// What the library needs of a compiler: said first, before everything that an older language cannot read.
#pragma once

#if __cplusplus < 202002L
#error \
    "cordon needs C++20: compile with -std=c++20 (CMake does so for what links cordon::cordon); g++ 12, clang 16 and later"
#endif
