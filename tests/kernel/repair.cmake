# What `check --fix` tells, on the live kernel. Behind real_sockets.cmake, whose cordon_kernel_model it uses.
add_executable(kernel_repair_test repair_test.cpp)
target_link_libraries(kernel_repair_test PRIVATE cordon_kernel_model)
cordon_add_kernel_test(repair kernel_repair_test)
cordon_require_build(kernel_repair_test kernel kernel.repair)
