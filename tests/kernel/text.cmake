# Reader and writer against the real iptables-restore and iptables-save.
if(TARGET cordon_command)
  cordon_add_kernel_test(text bash ${CMAKE_CURRENT_SOURCE_DIR}/text_test.sh)
  set_tests_properties(kernel.text PROPERTIES ENVIRONMENT "CORDON=$<TARGET_FILE:cordon_command>")
  cordon_require_build(cordon_command kernel kernel.text)
endif()
