# The hosts of examples/hosts. Behind real_sockets.cmake, whose cordon_kernel_model it uses.
add_executable(kernel_hosts_test hosts_test.cpp application_probe.cpp departures.cpp surroundings.cpp)
target_link_libraries(kernel_hosts_test PRIVATE cordon_kernel_model)
cordon_add_kernel_test(hosts kernel_hosts_test)
cordon_require_build(kernel_hosts_test kernel kernel.hosts)
