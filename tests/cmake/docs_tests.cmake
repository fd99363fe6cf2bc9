# Every fenced block of every README.md is what it says: docs/check is the judge, docs/README.md tells how a block says how it
# is tested. One test for each page that has blocks or links.
file(GLOB_RECURSE readmes CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/bench/README.md
     ${PROJECT_SOURCE_DIR}/examples/README.md ${PROJECT_SOURCE_DIR}/include/README.md ${PROJECT_SOURCE_DIR}/tests/README.md)
file(GLOB of_host CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/.github/*.md)
list(APPEND readmes README.md ${of_host})
list(REMOVE_ITEM readmes tests/kernel/README.md)  # kernel.readme, in kernel/differential.cmake
separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS}")

set(docs_tests)
foreach(readme IN LISTS readmes)
  file(STRINGS ${PROJECT_SOURCE_DIR}/${readme} fences REGEX "^ *```|\\]\\(")
  if(fences)
    cmake_path(REMOVE_EXTENSION readme OUTPUT_VARIABLE name)
    string(REGEX REPLACE "/README$" "" name ${name})
    string(REPLACE "/" "." name ${name})
    string(REGEX REPLACE "^\\." "" name ${name})
    add_test(NAME docs.${name}
             COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/docs/check ${PROJECT_SOURCE_DIR}/${readme} ${PROJECT_SOURCE_DIR}
                     ${PROJECT_BINARY_DIR} ${CMAKE_COMMAND} ${CMAKE_CXX_COMPILER} ${flags})
    set_tests_properties(docs.${name} PROPERTIES LABELS docs TIMEOUT 300
      ENVIRONMENT "CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER}")
    list(APPEND docs_tests docs.${name})
  endif()
endforeach()
add_test(NAME docs.check
         COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/docs/check_test ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR} ${CMAKE_COMMAND}
                 ${CMAKE_CXX_COMPILER} ${flags})
set_tests_properties(docs.check PROPERTIES LABELS docs TIMEOUT 300)
list(APPEND docs_tests docs.check)

if(NOT TARGET cordon_command)
  message(FATAL_ERROR "tests/docs needs the command: CORDON_BUILD_EXAMPLES=ON and CLI11 (Debian: libcli11-dev)")
endif()
foreach(program cordon_command example_demonstration example_quickstart)
  cordon_require_build(${program} docs ${docs_tests})
endforeach()

# The API's pages: the target docs makes them in build/docs/.
add_test(NAME docs.api COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/docs/api ${PROJECT_BINARY_DIR} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(docs.api PROPERTIES LABELS docs SKIP_RETURN_CODE 77 TIMEOUT 300)
find_program(CORDON_DOXYGEN doxygen)
if(CORDON_DOXYGEN)
  add_custom_target(docs COMMAND ${CORDON_DOXYGEN} .doxygen/Doxyfile WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM)
endif()
