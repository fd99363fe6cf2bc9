# bench/include_cost/gate: what including and proving may cost, in counts that no machine changes. Asked of every clang that
# is there.
foreach(compiler IN ITEMS clang++-16 clang++-19)
  add_test(NAME cost.${compiler}
           COMMAND sh ${PROJECT_SOURCE_DIR}/bench/include_cost/gate ${compiler} ${PROJECT_SOURCE_DIR}/include)
  set_tests_properties(cost.${compiler} PROPERTIES LABELS cost SKIP_RETURN_CODE 77 TIMEOUT 300)
endforeach()
