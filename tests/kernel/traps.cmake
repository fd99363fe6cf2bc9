# The traps of netfilter, one by one. Behind differential.cmake, whose cordon_kernel_differential it uses.
file(GLOB traps CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/traps/*.cpp)
add_executable(kernel_traps_test ${traps})
set_target_properties(kernel_traps_test PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
target_link_libraries(kernel_traps_test PRIVATE cordon_kernel_differential)
cordon_add_kernel_test(traps kernel_traps_test)
cordon_require_build(kernel_traps_test kernel kernel.traps)
