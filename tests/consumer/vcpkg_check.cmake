# cmake -DSOURCE=... -DWORK=... -DVERSION=... -P vcpkg_check.cmake: the port of .packaging/vcpkg is run without vcpkg. What
# its functions do to a port of headers alone is done here in their place, in few words; what is in the package then has to be
# what vcpkg lets pass, and a project has to find it.
cmake_minimum_required(VERSION 3.23)
set(PORT cordon)
set(CURRENT_PACKAGES_DIR ${WORK}/package)
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})

function(run)  # COMMAND...
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
endfunction()
function(called name)
  set_property(GLOBAL APPEND PROPERTY called ${name})
endfunction()

function(vcpkg_cmake_configure)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "SOURCE_PATH" "OPTIONS")
  run(${CMAKE_COMMAND} -S ${arg_SOURCE_PATH} -B ${WORK}/build -G Ninja -DCMAKE_INSTALL_PREFIX=${CURRENT_PACKAGES_DIR}
      -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_ERROR_ON_ABSOLUTE_INSTALL_DESTINATION=ON
      -DCMAKE_DISABLE_FIND_PACKAGE_Catch2=ON -DCMAKE_DISABLE_FIND_PACKAGE_CLI11=ON ${arg_OPTIONS})
  called(configure)
endfunction()
function(vcpkg_cmake_install)
  run(${CMAKE_COMMAND} --build ${WORK}/build --target install)
  called(install)
endfunction()
function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "CONFIG_PATH" "")
  file(GLOB configs ${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH}/*.cmake)
  if(NOT configs)
    message(FATAL_ERROR "nothing is installed to ${arg_CONFIG_PATH}")
  endif()
  foreach(config IN LISTS configs)
    # They move two folders below the prefix, and so each that finds the prefix goes up three times from its file.
    file(READ ${config} text)
    set(up "get_filename_component(_IMPORT_PREFIX \"\${_IMPORT_PREFIX}\" PATH)\n")
    string(REPLACE "${up}" "" text "${text}")
    string(REPLACE "\"\${CMAKE_CURRENT_LIST_FILE}\" PATH)\n" "\"\${CMAKE_CURRENT_LIST_FILE}\" PATH)\n${up}${up}" text "${text}")
    cmake_path(GET config FILENAME name)
    file(WRITE ${CURRENT_PACKAGES_DIR}/share/${PORT}/${name} "${text}")
  endforeach()
  cmake_path(GET arg_CONFIG_PATH PARENT_PATH parent)
  file(REMOVE_RECURSE ${CURRENT_PACKAGES_DIR}/${parent})
  called(config_fixup)
endfunction()
function(vcpkg_fixup_pkgconfig)
  called(fixup_pkgconfig)
endfunction()
function(vcpkg_install_copyright)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "FILE_LIST")
  file(COPY_FILE ${arg_FILE_LIST} ${CURRENT_PACKAGES_DIR}/share/${PORT}/copyright)
  called(copyright)
endfunction()

include(${SOURCE}/.packaging/vcpkg/portfile.cmake)

function(expect what is expected)
  if(NOT is STREQUAL expected)
    message(FATAL_ERROR "${what}: ${is}\nexpected: ${expected}")
  endif()
endfunction()

get_property(calls GLOBAL PROPERTY called)
expect("the port calls" "${calls}" "configure;install;config_fixup;fixup_pkgconfig;copyright")
expect("vcpkg builds" "${VCPKG_BUILD_TYPE}" release)
file(GLOB_RECURSE files RELATIVE ${CURRENT_PACKAGES_DIR} ${CURRENT_PACKAGES_DIR}/*)
list(FILTER files EXCLUDE REGEX "^include/cordon/")
expect("in the package, beside headers" "${files}"
       "share/cordon/copyright;share/cordon/cordonConfig.cmake;share/cordon/cordonConfigVersion.cmake;share/pkgconfig/cordon.pc")
file(GLOB folders LIST_DIRECTORIES ON RELATIVE ${CURRENT_PACKAGES_DIR} ${CURRENT_PACKAGES_DIR}/* ${CURRENT_PACKAGES_DIR}/share/*)
expect("folders of the package" "${folders}" "include;share;share/cordon;share/pkgconfig")

file(READ ${SOURCE}/.packaging/vcpkg/vcpkg.json manifest)  # what is no JSON ends the script here
foreach(member IN ITEMS "name cordon" "version-semver ${VERSION}" "license MIT")
  string(REPLACE " " ";" member "${member}")
  list(POP_FRONT member name expected)
  string(JSON value GET "${manifest}" ${name})
  expect("${name} in vcpkg.json" "${value}" "${expected}")
endforeach()

run(${CMAKE_COMMAND} -S ${SOURCE}/tests/consumer/version -B ${WORK}/version -DINSTALLED=${VERSION}
    -DCMAKE_PREFIX_PATH=${CURRENT_PACKAGES_DIR})
