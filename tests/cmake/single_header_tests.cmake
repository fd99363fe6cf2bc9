# The unit tests of a few folders, compiled against the single header: what they include is forwarded to it (what it does not
# hold is there as always). All of them:
#   cmake --preset gcc-12 -DCORDON_SINGLE_HEADER_TESTS=all && cmake --build build/gcc-12 --target single_header_tests
#   ctest --test-dir build/gcc-12 -R ^single_header
set(CORDON_SINGLE_HEADER_TESTS "packet;rule;lint" CACHE STRING "Folders of tests that the single header is tested with, or all")
if(NOT PROJECT_IS_TOP_LEVEL OR CMAKE_CXX_FLAGS MATCHES "fsanitize")  # the same code again finds nothing new under sanitizers
  return()
endif()
set(forwarding ${PROJECT_BINARY_DIR}/single_header_tests)
add_custom_command(OUTPUT ${forwarding}.stamp
                   COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/consumer/forward ${single_header} ${forwarding}
                   COMMAND ${CMAKE_COMMAND} -E touch ${forwarding}.stamp
                   DEPENDS ${single_header} consumer/forward
                   VERBATIM)
add_custom_target(single_header_forwarding DEPENDS ${forwarding}.stamp)
add_dependencies(single_header_forwarding cordon_single_header)
add_custom_target(single_header_tests)

set(folders ${CORDON_SINGLE_HEADER_TESTS})
if(folders STREQUAL all)
  file(GLOB folders RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/*)
endif()
foreach(folder IN LISTS folders)
  if(NOT TARGET ${folder}_test OR folder STREQUAL command)
    continue()
  endif()
  set(target single_header_${folder}_test)
  get_target_property(sources ${folder}_test SOURCES)
  add_executable(${target} ${sources} consumer/forwarded.cpp)
  target_link_libraries(${target} PRIVATE cordon_dev Catch2::Catch2WithMain rapidcheck)
  target_include_directories(${target} BEFORE PRIVATE ${forwarding} ${PROJECT_BINARY_DIR}/single_header)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
  add_dependencies(${target} single_header_forwarding)
  add_dependencies(single_header_tests ${target})
  add_test(NAME single_header.${folder} COMMAND ${target} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(single_header.${folder} PROPERTIES LABELS consumer TIMEOUT 600)
  cordon_require_build(${target} consumer single_header.${folder})
endforeach()
