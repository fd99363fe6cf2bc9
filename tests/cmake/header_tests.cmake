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
    add_library(headers_${folder} OBJECT)
    target_link_libraries(headers_${folder} PRIVATE cordon_dev)
    target_compile_options(headers_${folder} PRIVATE -O0 -g0)
    if(folder STREQUAL testing)  # the only headers that may need more than the standard library
      target_link_libraries(headers_${folder} PRIVATE Catch2::Catch2 rapidcheck)
    endif()
    cordon_add_build_test(headers.${folder} headers_${folder} headers)
    add_dependencies(checks headers_${folder})
  endif()
  target_sources(headers_${folder} PRIVATE ${unit})
endforeach()
