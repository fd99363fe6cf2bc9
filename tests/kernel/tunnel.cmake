# Marks that packets bring out of a tunnel.
if(TARGET cordon_command)
  cordon_add_kernel_test(tunnel bash ${CMAKE_CURRENT_SOURCE_DIR}/tunnel_test.sh)
  set_tests_properties(kernel.tunnel PROPERTIES ENVIRONMENT "CORDON=$<TARGET_FILE:cordon_command>")
  cordon_require_build(cordon_command kernel kernel.tunnel)
endif()
