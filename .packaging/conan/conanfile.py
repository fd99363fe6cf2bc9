"""Conan's recipe, of the checkout that it lies in: conan create <checkout>/.packaging/conan"""

import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir

required_conan_version = ">=2.0"


class CordonRecipe(ConanFile):
    name = "cordon"
    description = "Models iptables OUTPUT chains, simulates packets and proves egress policies"
    license = "MIT"
    topics = ("iptables", "firewall", "verification", "sandbox", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    no_copy_source = True

    def _checkout(self):
        return os.path.join(self.recipe_folder, os.pardir, os.pardir)

    def set_version(self):
        lists = load(self, os.path.join(self._checkout(), "CMakeLists.txt"))
        self.version = re.search(r"project\(cordon VERSION ([0-9.]+)", lists).group(1)

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "include/*"):
            copy(self, pattern, self._checkout(), self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def validate(self):
        check_min_cppstd(self, 20)

    def package_id(self):
        self.info.clear()

    def generate(self):
        toolchain = CMakeToolchain(self)
        for option in ("CORDON_BUILD_TESTS", "CORDON_BUILD_EXAMPLES"):
            toolchain.cache_variables[option] = False
        toolchain.generate()

    def package(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.install()
        # Conan makes files of its own for CMake and pkg-config, and has a place of its own for licences.
        rmdir(self, os.path.join(self.package_folder, "share"))
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))

    def package_info(self):
        # Headers alone. CMakeDeps makes the target cordon::cordon from the name.
        self.cpp_info.set_property("cmake_config_version_compat", "SameMinorVersion")  # as CMakeLists.txt has it
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
