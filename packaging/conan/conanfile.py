"""The Conan 2 recipe of tessera, built from the repository it lies in: conan create packaging/conan --build=missing"""

import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain
from conan.tools.files import copy, load, rmdir

required_conan_version = ">=2.4"


class TesseraConan(ConanFile):
    name = "tessera"
    description = "Strided n-dimensional arrays with NumPy's semantics"
    license = "Apache-2.0"
    topics = ("array", "numpy", "simd", "cuda", "linear-algebra")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {
        "shared": [True, False],
        "fPIC": [True, False],
        "cuda": [True, False],  # the CUDA module; a toolkit of CUDA 13 must be installed
        "tools": [True, False],  # the tessera command
    }
    default_options = {
        "shared": True,
        "fPIC": True,
        "cuda": False,
        "tools": False,
        "openblas/*:build_lapack": True,
    }
    implements = ["auto_shared_fpic"]

    @property
    def _repository(self):
        return os.path.join(self.recipe_folder, os.pardir, os.pardir)

    def set_version(self):
        lists = load(self, os.path.join(self._repository, "CMakeLists.txt"))
        self.version = self.version or re.search(r"project\(tessera VERSION ([\d.]+)", lists)[1]

    def export_sources(self):
        for pattern in (
            "CMakeLists.txt",
            "LICENSE",
            "cli/*",
            "cmake/*",
            "include/*",
            "packaging/*.cmake",
            "packaging/debian/*",
            "src/*",
        ):
            copy(self, pattern, self._repository, self.export_sources_folder)

    def requirements(self):
        self.requires("fmt/[>=9.1 <13]")
        self.requires("highway/[>=1.0.3 <2]")
        self.requires("nlohmann_json/[>=3.11 <4]")
        self.requires("onetbb/[>=2021.8]")
        self.requires("openblas/[>=0.3.20 <1]")  # its LAPACK
        self.requires("zlib/[>=1.2.13 <2]")
        if self.settings.arch == "x86_64":
            self.requires("sleef/[>=3.5.1 <4]")
        if self.options.tools:
            self.requires("cli11/[>=2.3 <3]")

    def validate(self):
        check_min_cppstd(self, 20)
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("tessera was built on Linux only")
        if self.options.cuda and not self.options.shared:
            raise ConanInvalidConfiguration("a static tessera cannot load the CUDA module: cuda=True needs shared=True")

    def layout(self):
        # Not cmake_layout's build/Release: compiler caches know the objects of any other folder one below the sources.
        self.folders.build = "build-conan"
        self.folders.generators = "build-conan/generators"

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["TESSERA_BUILD_TESTS"] = False
        toolchain.cache_variables["TESSERA_BUILD_EXAMPLES"] = False
        toolchain.cache_variables["TESSERA_BUILD_BENCH"] = False
        toolchain.cache_variables["TESSERA_BUILD_CLI"] = bool(self.options.tools)
        toolchain.cache_variables["TESSERA_CUDA"] = bool(self.options.cuda)
        toolchain.generate()
        # By the names that tessera's CMakeLists.txt looks for.
        names = CMakeDeps(self)
        for package, file, target in (
            ("highway", "hwy", "hwy::hwy"),
            ("openblas", "LAPACK", "LAPACK::LAPACK"),
            ("onetbb", "TBB", None),
        ):
            names.set_property(package, "cmake_find_mode", "both")
            names.set_property(package, "cmake_file_name", file)
            if target:
                names.set_property(package, "cmake_target_name", target)
        names.set_property("highway", "cmake_target_aliases", ["hwy::hwy_contrib"])
        names.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        rmdir(self, os.path.join(self.package_folder, "lib", "cmake"))  # Conan's generators write these
        rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "tessera")
        self.cpp_info.set_property("cmake_target_name", "tessera::tessera")
        self.cpp_info.set_property("pkg_config_name", "tessera")
        self.cpp_info.libs = ["tessera"]
        if not self.options.shared:
            self.cpp_info.system_libs = ["dl", "m", "pthread"]
