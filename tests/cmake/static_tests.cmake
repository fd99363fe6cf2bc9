# tests/static/*_test.cpp hold static_asserts: what compiles has passed.
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/static/*_test.cpp)
foreach(source IN LISTS sources)
  cmake_path(GET source STEM stem)
  string(REGEX REPLACE "_test$" "" name ${stem})
  add_library(static_${name} OBJECT ${source})
  target_link_libraries(static_${name} PRIVATE cordon_dev)
  cordon_add_build_test(static.${name} static_${name} static)
  add_dependencies(checks static_${name})
endforeach()

add_test(NAME static.constant_text_in_object
         COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/static/constant_text_check $<TARGET_OBJECTS:static_constant_text>)
set_tests_properties(static.constant_text_in_object PROPERTIES LABELS static SKIP_RETURN_CODE 77)
cordon_require_build(static_constant_text static static.constant_text_in_object)
