# tests/compile_fail/*.cpp must not compile, each for the reason that it names; compile_fail/check is the judge.
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/*.cpp)
separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS}")
foreach(source IN LISTS sources)
  cmake_path(GET source STEM name)
  add_test(NAME compile_fail.${name}
           COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/check ${source} ${CMAKE_CXX_COMPILER_ID}
                   ${CMAKE_CXX_COMPILER} ${flags} -std=c++20 -I${PROJECT_SOURCE_DIR}/include)
  set_tests_properties(compile_fail.${name} PROPERTIES LABELS compile_fail TIMEOUT 300)
endforeach()

# What they say differs by compiler, and building needs only one: with g++ the clangs that are there are asked too.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  foreach(other IN ITEMS clang++-16 clang++-19)
    find_program(CORDON_${other} ${other})
    if(NOT CORDON_${other})
      continue()
    endif()
    foreach(source IN LISTS sources)
      cmake_path(GET source STEM name)
      add_test(NAME compile_fail.${name}.${other}
               COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/check ${source} Clang ${CORDON_${other}} -std=c++20
                       -I${PROJECT_SOURCE_DIR}/include)
      set_tests_properties(compile_fail.${name}.${other} PROPERTIES LABELS compile_fail TIMEOUT 300)
    endforeach()
  endforeach()
endif()
