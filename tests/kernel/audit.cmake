# What an audit says on the live kernel. Behind real_sockets.cmake, whose cordon_kernel_model it uses.
add_executable(kernel_audit_test audit_test.cpp application_probe.cpp rule_files.cpp)
target_link_libraries(kernel_audit_test PRIVATE cordon_kernel_model Threads::Threads)
cordon_add_kernel_test(audit kernel_audit_test)
cordon_require_build(kernel_audit_test kernel kernel.audit)
