# tests/compile_fail/*.cpp must not compile, each for the reason that it names; compile_fail/check is the judge.
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/*.cpp)
separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS}")

# One test for each source, and one for what the README shows.
function(cordon_add_compile_fail_tests suffix id)  # COMPILER [FLAG...]
  set(command ${ARGN} -std=c++20 -I${PROJECT_SOURCE_DIR}/include)
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    add_test(NAME compile_fail.${name}${suffix}
             COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/check ${source} ${id} ${command})
    set_tests_properties(compile_fail.${name}${suffix} PROPERTIES LABELS compile_fail TIMEOUT 300)
  endforeach()
  add_test(NAME compile_fail.readme${suffix}
           COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/readme_check ${id} ${command}
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(compile_fail.readme${suffix} PROPERTIES LABELS compile_fail TIMEOUT 300)
endfunction()

cordon_add_compile_fail_tests("" ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER} ${flags})
# Each compiler has words of its own: a build with g++ asks the clangs that are there too.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  foreach(other IN ITEMS clang++-16 clang++-19)
    find_program(CORDON_${other} ${other})
    if(CORDON_${other})
      cordon_add_compile_fail_tests(.${other} Clang ${CORDON_${other}})
    endif()
  endforeach()
endif()
