# Sets, kinds of addresses, and what else rules ask of the host. Behind differential.cmake, whose
# cordon_kernel_differential it uses.
add_executable(kernel_sets_test sets_test.cpp)
target_link_libraries(kernel_sets_test PRIVATE cordon_kernel_differential)
cordon_add_kernel_test(sets kernel_sets_test)
cordon_require_build(kernel_sets_test kernel kernel.sets)
