# cordon_add_kernel_test(NAME COMMAND...): a test that needs a live kernel, root and a network namespace. Where it
# cannot run it prints `SKIP: why` and exits with 77, and tests/run repeats the reason at its end. (A Catch2
# program must not return its own exit status here: 77 failures would look like a skip.)
function(cordon_add_kernel_test name)
  add_test(NAME kernel.${name} COMMAND ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(kernel.${name} PROPERTIES LABELS kernel SKIP_RETURN_CODE 77 TIMEOUT 300)
endfunction()
