# The example that starts a program only behind rules that it has read back and proved. Behind real_sockets.cmake, whose
# cordon_kernel_model it uses.
if(NOT TARGET example_launcher)
  return()
endif()
add_executable(kernel_launcher_test launcher_test.cpp)
target_link_libraries(kernel_launcher_test PRIVATE cordon_kernel_model)
cordon_add_kernel_test(launcher kernel_launcher_test $<TARGET_FILE:example_launcher>)
cordon_require_build(kernel_launcher_test kernel kernel.launcher)
cordon_require_build(example_launcher kernel kernel.launcher)
