# Somebody else uses the library: consumer/check builds a project in each way that it can be found, from an install tree that
# consumer.install makes or from the checkout.
if(NOT CORDON_INSTALL)
  return()
endif()

# All of them compile the library for others, so they ask ccache where the build does.
function(cordon_add_consumer_test name)  # COMMAND...
  add_test(NAME consumer.${name} COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/consumer/${ARGN})
  set_tests_properties(consumer.${name} PROPERTIES LABELS consumer SKIP_RETURN_CODE 77 TIMEOUT 900
                       ENVIRONMENT "CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER}")
endfunction()

cordon_add_consumer_test(install install ${CMAKE_COMMAND} ${CMAKE_CXX_COMPILER} ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
set_tests_properties(consumer.install PROPERTIES FIXTURES_SETUP consumer_install)

foreach(way IN ITEMS find_package pkg_config add_subdirectory fetch_content include_folder single_header module)
  cordon_add_consumer_test(${way} check ${way} ${CMAKE_COMMAND} ${CMAKE_CXX_COMPILER} ${PROJECT_SOURCE_DIR}
                           ${PROJECT_BINARY_DIR} ${PROJECT_VERSION})
endforeach()
set_tests_properties(consumer.find_package consumer.pkg_config PROPERTIES FIXTURES_REQUIRED consumer_install)
set_tests_properties(consumer.single_header PROPERTIES RESOURCE_LOCK build_tree)

add_test(NAME consumer.version
         COMMAND ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_SOURCE_DIR}/consumer/version -B ${PROJECT_BINARY_DIR}/consumer/version --fresh
                 -DINSTALLED=${PROJECT_VERSION} -DCMAKE_PREFIX_PATH=${PROJECT_BINARY_DIR}/consumer/prefix)
set_tests_properties(consumer.version PROPERTIES LABELS consumer FIXTURES_REQUIRED consumer_install TIMEOUT 60)

# The recipes of package managers. Theirs are not asked: they want their servers.
add_test(NAME consumer.vcpkg
         COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DWORK=${PROJECT_BINARY_DIR}/consumer/vcpkg -DVERSION=${PROJECT_VERSION}
                 -DCOMPILER=${CMAKE_CXX_COMPILER} -P ${CMAKE_CURRENT_SOURCE_DIR}/consumer/vcpkg_check.cmake)
set_tests_properties(consumer.vcpkg PROPERTIES LABELS consumer TIMEOUT 120)
cordon_add_consumer_test(conan conan_check ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/consumer/conan ${PROJECT_VERSION}
                         ${CMAKE_COMMAND} ${CMAKE_CXX_COMPILER})

# The examples of testing, each a project of its own: the first in both ways.
foreach(example IN ITEMS find_package.installer fetch_content.installer find_package.many_sandboxes
                         fetch_content.file_in_ci)
  string(REPLACE "." ";" parts ${example})
  cordon_add_consumer_test(testing.${example} example_check ${parts} ${CMAKE_COMMAND} ${CMAKE_CXX_COMPILER}
                           ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
endforeach()
set_tests_properties(consumer.testing.find_package.installer consumer.testing.find_package.many_sandboxes
                     PROPERTIES FIXTURES_REQUIRED consumer_install)
