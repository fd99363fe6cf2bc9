# A port that installs the checkout that it lies in: vcpkg install cordon --overlay-ports=<checkout>/.packaging/vcpkg
# In a registry of its own, vcpkg_from_github() takes the place of this line.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)

set(VCPKG_BUILD_TYPE release)  # headers have no debug version
vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}"
                      OPTIONS -DCORDON_BUILD_TESTS=OFF -DCORDON_BUILD_EXAMPLES=OFF -DCORDON_INSTALL=ON)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/cordon)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/doc")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
