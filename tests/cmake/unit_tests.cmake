# tests/<folder>/*_test.cpp, mirroring include/cordon/<folder>/: one Catch2 program a folder, one ctest a file.

# Catch2 2 calls a run in which nothing ran a success unless told otherwise; Catch2 3 never does.
set(CORDON_CATCH_FLAGS -\#)  # -#: every file is a tag
if(Catch2_VERSION VERSION_LESS 3)
  list(APPEND CORDON_CATCH_FLAGS -w NoTests)
endif()

# One ctest for each file, not each test case: catch_discover_tests of Catch2 2 loses cases whose name holds a
# quote or a semicolon, and all cases of a program that crashes when it starts, and both look like success.
# No SKIP_RETURN_CODE here: Catch2 exits with the number of failures, which may be 77.
function(cordon_add_unit_tests folder)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${folder}_test ${sources})
  target_link_libraries(${folder}_test PRIVATE cordon_dev Catch2::Catch2WithMain rapidcheck)
  # Most of a file's time is the library's headers, so few files of many tests build five times as fast.
  set_target_properties(${folder}_test PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
  add_dependencies(programs ${folder}_test)
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM stem)
    string(REGEX REPLACE "_test$" "" name ${stem})
    add_test(NAME ${folder}.${name} COMMAND ${folder}_test ${CORDON_CATCH_FLAGS} "[#${stem}]"
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${folder}.${name} PROPERTIES LABELS unit TIMEOUT 300)
    cordon_require_build(${folder}_test unit ${folder}.${name})
  endforeach()
endfunction()

# Whatever folder there is, so that no test is left out for want of its folder's name in a list; the folders left
# out here have files of their own beside this one.
file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/*/*_test.cpp)
list(TRANSFORM sources REPLACE "/.*" "")
list(REMOVE_DUPLICATES sources)
foreach(folder IN LISTS sources)
  if(NOT folder MATCHES "^(static|command|kernel)$")
    cordon_add_unit_tests(${folder})
  endif()
endforeach()
