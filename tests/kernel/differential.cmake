# The model against the kernel: rule sets and packets at random, at the edges of each extension, and in a user's own
# files. Behind real_sockets.cmake, whose cordon_kernel_model it uses.
set(machine_names ${PROJECT_SOURCE_DIR}/examples/cordon)
add_library(cordon_kernel_differential STATIC
  broken_meaning.cpp campaign.cpp differential_flags.cpp edge_rules.cpp edge_table.cpp header_reading.cpp host_objects.cpp judge.cpp
  random_case.cpp random_sets.cpp rule_files.cpp session.cpp shrinking.cpp tally.cpp wire_drawing.cpp wire_line.cpp
  ${machine_names}/machine_names.cpp)
set_target_properties(cordon_kernel_differential PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
target_include_directories(cordon_kernel_differential PUBLIC ${machine_names})
target_link_libraries(cordon_kernel_differential PUBLIC cordon_kernel_model)

add_executable(kernel_differential differential.cpp)
add_executable(kernel_edges_test edges_test.cpp)
foreach(program kernel_differential kernel_edges_test)
  target_link_libraries(${program} PRIVATE cordon_kernel_differential)
endforeach()

# Some rule sets may need what no host has, and some packets cannot be compared: a few more of both are drawn.
cordon_add_kernel_test(differential kernel_differential --rule-sets 540 --packets-per-rule-set 400
                       --least-rule-sets 500 --least-packets 200000)
cordon_add_kernel_test(rule_files kernel_differential --only-files --packets-per-rule-set 100)
cordon_add_kernel_test(broken_meanings kernel_differential --broken all)
cordon_add_kernel_test(edges kernel_edges_test)
cordon_add_kernel_test(readme bash ${PROJECT_SOURCE_DIR}/tests/docs/check ${PROJECT_SOURCE_DIR}/tests/kernel/README.md
                       ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR} ${CMAKE_COMMAND} ${CMAKE_CXX_COMPILER})
cordon_require_build(kernel_differential kernel kernel.readme kernel.differential kernel.rule_files
                     kernel.broken_meanings)
cordon_require_build(kernel_edges_test kernel kernel.edges)
