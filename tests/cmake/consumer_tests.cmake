# A project of someone else finds the library: installed, by pkg-config, and as a subdirectory.
if(EXISTS ${PROJECT_SOURCE_DIR}/include/cordon/cordon.hpp AND CORDON_INSTALL)
  foreach(way find_package pkg_config add_subdirectory)
    add_test(NAME consumer.${way}
             COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/consumer/check ${way} ${CMAKE_COMMAND} ${CMAKE_CXX_COMPILER}
                     ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
    set_tests_properties(consumer.${way} PROPERTIES LABELS consumer SKIP_RETURN_CODE 77 TIMEOUT 300)
  endforeach()
  # The examples of testing, each a project of its own: the first in both ways.
  foreach(example IN ITEMS find_package.installer fetch_content.installer find_package.many_sandboxes
                           fetch_content.file_in_ci)
    string(REPLACE "." ";" parts ${example})
    add_test(NAME consumer.testing.${example}
             COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/consumer/example_check ${parts} ${CMAKE_COMMAND}
                     ${CMAKE_CXX_COMPILER} ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
    set_tests_properties(consumer.testing.${example} PROPERTIES LABELS consumer TIMEOUT 900)
  endforeach()
endif()
