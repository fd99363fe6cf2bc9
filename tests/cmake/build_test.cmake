# A test that passes if TARGET builds. After a whole build this asks Ninja for nothing new; after a build that was
# told to go on (-k 0) it repeats the errors of just this target.
function(cordon_add_build_test name target label)
  add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} --build ${CMAKE_BINARY_DIR} --target ${target})
  set_tests_properties(${name} PROPERTIES LABELS ${label}
                                          RESOURCE_LOCK build_tree  # two builds of one tree must not overlap
                                          TIMEOUT 600)
endfunction()

# TESTS run only if TARGET builds: without this a program that no longer compiles would pass as it was before.
function(cordon_require_build target label)  # TESTS...
  if(NOT TEST build.${target})
    cordon_add_build_test(build.${target} ${target} ${label})
    set_tests_properties(build.${target} PROPERTIES FIXTURES_SETUP ${target})
  endif()
  set_property(TEST ${ARGN} APPEND PROPERTY FIXTURES_REQUIRED ${target})
endfunction()
