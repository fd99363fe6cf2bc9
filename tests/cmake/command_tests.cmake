# Tests of the command: tests/command/*_test.sh (POSIX sh) and *_test.cpp (Catch2). Each finds the command's path
# in the environment as CORDON, and the directory of the example programs as EXAMPLES.
file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/command/*_test.sh)
cordon_add_unit_tests(command)

set(command_tests)
foreach(script IN LISTS scripts)
  cmake_path(GET script STEM stem)
  string(REGEX REPLACE "_test$" "" name ${stem})
  add_test(NAME command.${name} COMMAND sh ${script} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(command.${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
  list(APPEND command_tests command.${name})
endforeach()
if(TARGET command_test)
  find_package(Threads REQUIRED)
  target_link_libraries(command_test PRIVATE Threads::Threads)
  get_target_property(sources command_test SOURCES)
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM stem)
    string(REGEX REPLACE "_test$" "" name ${stem})
    list(APPEND command_tests command.${name})
  endforeach()
endif()

# Text made to hurt, handed to every command.
add_test(NAME command.hostile COMMAND tests/hostile/run WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(command.hostile PROPERTIES TIMEOUT 900)
list(APPEND command_tests command.hostile)

if(command_tests)
  if(NOT TARGET cordon_command)
    message(FATAL_ERROR "tests/command needs the command: CORDON_BUILD_EXAMPLES=ON and CLI11 (Debian: libcli11-dev)")
  endif()
  set_tests_properties(${command_tests} PROPERTIES LABELS command
    ENVIRONMENT "CORDON=$<TARGET_FILE:cordon_command>;EXAMPLES=${PROJECT_BINARY_DIR}/examples")
  # A thousand questions; not under sanitizers, which take minutes for them.
  set_tests_properties(command.unknown command.lint_corpus PROPERTIES LABELS corpus TIMEOUT 600)
  cordon_require_build(cordon_command command ${command_tests})
  get_directory_property(example_programs DIRECTORY ${PROJECT_SOURCE_DIR}/examples BUILDSYSTEM_TARGETS)
  add_dependencies(programs ${example_programs})
endif()
