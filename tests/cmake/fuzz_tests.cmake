# tests/fuzz/NAME.cpp: the libFuzzer target fuzz_NAME, and the test fuzz.NAME, which lets it run for a few seconds from the
# fixtures on. With clang and sanitizers alone (the preset asan-ubsan).
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
  add_test(NAME fuzz.${name}
           COMMAND fuzz_${name} -max_total_time=20 -max_len=4096 -timeout=25 -rss_limit_mb=2560 -print_final_stats=1 -verbosity=0
                   -artifact_prefix=${CMAKE_BINARY_DIR}/fuzz_${name}. ${CMAKE_BINARY_DIR}/fuzz_corpus_${name} ${CMAKE_CURRENT_SOURCE_DIR}/fixtures
                   ${CMAKE_CURRENT_SOURCE_DIR}/fixtures/incident
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz_corpus_${name})
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 300)
  cordon_require_build(fuzz_${name} fuzz fuzz.${name})
endforeach()
