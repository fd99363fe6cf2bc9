# Every header compiles alone: one translation unit for each, one object library and one ctest for each folder.
option(CORDON_TEST_HEADERS "Compile every header alone" ON)
if(NOT CORDON_TEST_HEADERS)
  return()
endif()

file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include
     ${PROJECT_SOURCE_DIR}/include/*.hpp)
foreach(header IN LISTS headers)
  # Twice, so that a header without #pragma once does not pass.
  set(unit ${CMAKE_CURRENT_BINARY_DIR}/headers/${header}.cpp)
  file(CONFIGURE OUTPUT ${unit} CONTENT "#include <${header}>\n#include <${header}>\n")

  cmake_path(GET header PARENT_PATH folder)
  cmake_path(GET folder FILENAME folder)
  if(NOT TARGET headers_${folder})
    add_library(headers_${folder} OBJECT EXCLUDE_FROM_ALL)  # a third of all there is to compile
    target_link_libraries(headers_${folder} PRIVATE cordon_dev)
    target_compile_options(headers_${folder} PRIVATE -O0 -g0)
    if(folder STREQUAL testing)  # the only headers that may need more than the standard library
      target_link_libraries(headers_${folder} PRIVATE Catch2::Catch2 rapidcheck)
    endif()
    cordon_add_build_test(headers.${folder} headers_${folder} alone)
    add_dependencies(checks headers_${folder})
  endif()
  target_sources(headers_${folder} PRIVATE ${unit})
endforeach()

# What headers include is in tests/headers/folders, and all of them together leave neither macros nor state behind.
separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS}")
set(headers_dir ${CMAKE_CURRENT_SOURCE_DIR}/headers)
add_test(NAME headers.includes COMMAND sh ${headers_dir}/includes_check ${PROJECT_SOURCE_DIR}/include ${headers_dir}/folders)
add_test(NAME headers.macros
         COMMAND sh ${headers_dir}/macros_check ${PROJECT_SOURCE_DIR}/include ${CMAKE_CXX_COMPILER} ${flags})
add_test(NAME headers.together
         COMMAND sh ${headers_dir}/together_check ${PROJECT_SOURCE_DIR}/include ${CMAKE_CXX_COMPILER_ID}
                 ${CMAKE_CXX_COMPILER} ${flags})
set_tests_properties(headers.includes headers.macros headers.together PROPERTIES LABELS headers TIMEOUT 600)

# Whoever builds without exceptions and RTTI can use the library.
add_executable(headers_no_exceptions headers/no_exceptions.cpp)
target_link_libraries(headers_no_exceptions PRIVATE cordon_dev)
target_compile_options(headers_no_exceptions PRIVATE -fno-exceptions -fno-rtti)
add_test(NAME headers.no_exceptions COMMAND headers_no_exceptions)
set_tests_properties(headers.no_exceptions PROPERTIES LABELS headers)
cordon_require_build(headers_no_exceptions headers headers.no_exceptions)
add_dependencies(checks headers_no_exceptions)

# No two threads get in each other's way. g++ brings ThreadSanitizer along, a clang perhaps not.
include(CheckCXXSourceCompiles)
set(CMAKE_REQUIRED_FLAGS -fsanitize=thread)
check_cxx_source_compiles("int main() {}" CORDON_HAS_THREAD_SANITIZER)
unset(CMAKE_REQUIRED_FLAGS)
if(CORDON_HAS_THREAD_SANITIZER OR CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  find_package(Threads REQUIRED)
  add_executable(headers_threads headers/threads.cpp)
  target_link_libraries(headers_threads PRIVATE cordon_dev Threads::Threads)
  target_compile_options(headers_threads PRIVATE -fsanitize=thread)
  target_link_options(headers_threads PRIVATE -fsanitize=thread)
  add_test(NAME headers.threads COMMAND headers_threads)
  set_tests_properties(headers.threads PROPERTIES LABELS headers ENVIRONMENT "TSAN_OPTIONS=halt_on_error=1")
  cordon_require_build(headers_threads headers headers.threads)
  add_dependencies(checks headers_threads)
endif()

add_test(NAME headers.format
         COMMAND sh ${headers_dir}/format_check ${headers_dir}/format.cpp ${PROJECT_SOURCE_DIR}/include
                 ${CMAKE_CXX_COMPILER} ${flags})
set_tests_properties(headers.format PROPERTIES LABELS headers SKIP_RETURN_CODE 77 TIMEOUT 300)
