# Reader and writer against iptables' own list of rules, where that is there.
if(TARGET cordon_command)
  cordon_add_kernel_test(suite bash ${CMAKE_CURRENT_SOURCE_DIR}/suite_test.sh)
  set_tests_properties(kernel.suite PROPERTIES ENVIRONMENT "CORDON=$<TARGET_FILE:cordon_command>")
  cordon_require_build(cordon_command kernel kernel.suite)
endif()
