"""A Conan package that holds nothing and links the distribution's library, under the names that ConanCenter gives it: what
tessera requires, where ConanCenter is not to be had. conan create system_library.py --name=fmt --version=9.1.0"""

from conan import ConanFile

# Package -> its libraries, CMake's file and target.
KNOWN = {
    "cli11": ([], "CLI11", "CLI11::CLI11"),
    "fmt": (["fmt"], "fmt", "fmt::fmt"),
    "highway": (["hwy_contrib", "hwy"], "highway", "highway::highway"),
    "nlohmann_json": ([], "nlohmann_json", "nlohmann_json::nlohmann_json"),
    "onetbb": (["tbb"], "TBB", "TBB::tbb"),
    "openblas": (["lapack"], "OpenBLAS", "OpenBLAS::OpenBLAS"),
    "sleef": (["sleef"], "sleef", "sleef::sleef"),
    "zlib": (["z"], "ZLIB", "ZLIB::ZLIB"),
}


class SystemLibrary(ConanFile):
    options = {"build_lapack": [True, False]}
    default_options = {"build_lapack": True}

    def package_info(self):
        libraries, file, target = KNOWN[self.name]
        self.cpp_info.includedirs = self.cpp_info.libdirs = self.cpp_info.bindirs = []
        self.cpp_info.system_libs = libraries
        self.cpp_info.defines = {"fmt": ["FMT_SHARED"], "highway": ["HWY_SHARED_DEFINE"]}.get(self.name, [])
        self.cpp_info.set_property("cmake_find_mode", "both")
        self.cpp_info.set_property("cmake_file_name", file)
        self.cpp_info.set_property("cmake_target_name", target)
