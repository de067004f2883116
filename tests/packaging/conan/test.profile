# The profile of Conan's test: g++ as the distribution has it, and no flags but the build's own, so that ccache knows the objects.
{% set compiler, version, _ = detect_api.detect_default_compiler() %}
[settings]
os=Linux
arch={{ detect_api.detect_arch() }}
build_type=Release
compiler={{ compiler }}
compiler.version={{ detect_api.default_compiler_version(compiler, version) }}
compiler.libcxx=libstdc++11
compiler.cppstd=20

[conf]
tools.cmake.cmaketoolchain:enabled_blocks=["user_toolchain", "generic_system", "compilers", "fpic", "cppstd", "find_paths", "pkg_config", "rpath", "shared", "output_dirs", "variables", "preprocessor", "extra_variables", "cmake_flags_init"]
tools.cmake.cmaketoolchain:user_presets=
tools.cmake.cmake_layout:test_folder=$TMP
