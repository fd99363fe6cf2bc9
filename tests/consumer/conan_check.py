"""conan_check.py SOURCE_DIR WORK_DIR VERSION CMAKE COMPILER: the recipe of .packaging/conan is run without Conan.

What it asks of Conan is done here in its place, in few words. What is packaged has to be the headers and the licence.
"""

import fnmatch
import importlib.util
import os
import shutil
import subprocess
import sys
import types

source, work, version, cmake, compiler = sys.argv[1:]
shutil.rmtree(work, ignore_errors=True)
called = []


def module(name, **members):
    made = types.ModuleType(name)
    made.__dict__.update(members)
    sys.modules[name] = made


def copy(_, pattern, folder, to):
    for where, _, names in os.walk(folder):
        for name in names:
            inside = os.path.relpath(os.path.join(where, name), folder)
            if fnmatch.fnmatch(inside, pattern):
                os.makedirs(os.path.dirname(os.path.join(to, inside)), exist_ok=True)
                shutil.copy2(os.path.join(folder, inside), os.path.join(to, inside))


class ConanFile:
    pass


class CMakeToolchain:
    def __init__(self, recipe):
        self.cache_variables = {}
        self.recipe = recipe

    def generate(self):
        self.recipe.options = [f"-D{name}={'ON' if value else 'OFF'}" for name, value in self.cache_variables.items()]


class CMake:
    def __init__(self, recipe):
        self.recipe = recipe

    def configure(self):
        # As Conan's toolchain does it: the prefix is the package, and nothing that it does not know is found.
        subprocess.run([cmake, "-S", self.recipe.source_folder, "-B", work + "/build", "-G", "Ninja",
                        "-DCMAKE_INSTALL_PREFIX=" + self.recipe.package_folder, "-DCMAKE_CXX_COMPILER=" + compiler,
                        *self.recipe.options], check=True, stdout=subprocess.DEVNULL)

    def install(self):
        subprocess.run([cmake, "--install", work + "/build"], check=True, stdout=subprocess.DEVNULL)


module("conan", ConanFile=ConanFile)
module("conan.tools")
module("conan.tools.build", check_min_cppstd=lambda _, least: called.append(f"C++{least}"))
module("conan.tools.cmake", CMake=CMake, CMakeToolchain=CMakeToolchain, cmake_layout=lambda _: called.append("layout"))
module("conan.tools.files", copy=copy, load=lambda _, path: open(path, encoding="utf-8").read(),
       rmdir=lambda _, path: shutil.rmtree(path))

place = importlib.util.spec_from_file_location("recipe", source + "/.packaging/conan/conanfile.py")
recipe_module = importlib.util.module_from_spec(place)
place.loader.exec_module(recipe_module)

recipe = recipe_module.CordonRecipe()
recipe.recipe_folder = source + "/.packaging/conan"
recipe.export_sources_folder = recipe.source_folder = work + "/source"
recipe.package_folder = work + "/package"
recipe.info = types.SimpleNamespace(clear=lambda: called.append("one package for all settings"))
properties = {}
recipe.cpp_info = types.SimpleNamespace(set_property=properties.__setitem__)
for step in ("set_version", "export_sources", "layout", "validate", "package_id", "generate", "package", "package_info"):
    getattr(recipe, step)()


def expect(what, found, expected):
    if found != expected:
        sys.exit(f"FAILED: {what}: {found}\nexpected: {expected}")


expect("name and version", (recipe.name, recipe.version), ("cordon", version))
expect("kind", (recipe.package_type, recipe.cpp_info.bindirs, recipe.cpp_info.libdirs), ("header-library", [], []))
expect("steps", called, ["layout", "C++20", "one package for all settings"])
expect("versions that may be asked for", properties, {"cmake_config_version_compat": "SameMinorVersion"})
expect("the package", sorted(os.listdir(recipe.package_folder)), ["include", "licenses"])
expect("licences", os.listdir(recipe.package_folder + "/licenses"), ["LICENSE"])
sys.exit(subprocess.run(["diff", "-r", "-x", "*.md", source + "/include", recipe.package_folder + "/include"], check=False).returncode)
