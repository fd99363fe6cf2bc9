# tests/fuzz/NAME.cpp: the libFuzzer target fuzz_NAME, and the test fuzz.NAME, which lets it run for a few seconds from what
# tests/fuzz/seeds gathers for it. With clang and sanitizers alone (the preset asan-ubsan).
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR NOT CMAKE_CXX_FLAGS MATCHES "fsanitize=address")
  return()
endif()
add_custom_target(fuzzers)
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/*.cpp)
foreach(source IN LISTS sources)
  cmake_path(GET source STEM name)
  add_executable(fuzz_${name} ${source})
  target_link_libraries(fuzz_${name} PRIVATE cordon_dev)
  # Without optimisation too few inputs are tried.
  target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer -O1)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers fuzz_${name})
  add_test(NAME fuzz.${name} COMMAND tests/fuzz/run --build ${CMAKE_BINARY_DIR} --seconds 20 ${name}
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 300)
  cordon_require_build(fuzz_${name} fuzz fuzz.${name})
endforeach()
