// build: what CMake knew when the library was compiled (the TESSERA_BUILT_… definitions), and what the loader knows now.
#include "tessera/build.hpp"

#include <dlfcn.h>
#include <fmt/core.h>
#include <hwy/highway.h>
#include <hwy/targets.h>
#include <oneapi/tbb/version.h>
#include <zlib.h>

#include <filesystem>
#include <nlohmann/detail/abi_macros.hpp>

#include "cpu/kernels/table.hpp"

namespace tessera {
namespace {

/// Where the function is that calls of this name reach; null where there is none.
void* function_named(const char* name) { return ::dlsym(RTLD_DEFAULT, name); }

/// The file that holds the function; empty in a program that has it linked statically.
std::string file_of(const char* function) {
  void* const address = function_named(function);
  Dl_info info{};
  if (address == nullptr || ::dladdr(address, &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code failed;  // the name that a link leads to says more: liblapack.so.3 may be anyone's
  const std::filesystem::path file = std::filesystem::canonical(info.dli_fname, failed);
  return failed ? std::string(info.dli_fname) : file.string();
}

std::string lapack_version() {
  auto* const ask = reinterpret_cast<void (*)(int*, int*, int*)>(function_named("ilaver_"));
  if (ask == nullptr) return {};
  int major = 0, minor = 0, patch = 0;
  ask(&major, &minor, &patch);
  return fmt::format("{}.{}.{}", major, minor, patch);
}

/// "OpenBLAS 0.3.21 …" of the one that says what it is.
std::string blas_version() {
  auto* const ask = reinterpret_cast<char* (*)()>(function_named("openblas_get_config"));
  return ask == nullptr ? std::string() : ask();
}

}  // namespace

std::string version() { return TESSERA_BUILT_VERSION; }

build_info built_with() {
  build_info result;
  result.compiler = TESSERA_BUILT_COMPILER;
  result.build_type = TESSERA_BUILT_TYPE;
  result.processor = TESSERA_BUILT_PROCESSOR;
  result.sanitizers = TESSERA_BUILT_SANITIZERS;
  result.cuda = TESSERA_BUILT_CUDA;
  result.shared = TESSERA_BUILT_SHARED != 0;
#ifndef NDEBUG
  result.assertions = true;
#endif
  result.dependencies = {
      {"Highway", fmt::format("{}.{}.{}", HWY_MAJOR, HWY_MINOR, HWY_PATCH), ""},
      {"oneTBB", fmt::format("{}.{}.{}", TBB_VERSION_MAJOR, TBB_VERSION_MINOR, TBB_VERSION_PATCH), ""},
      {"LAPACK", lapack_version(), file_of("dgetrf_")},
      {"BLAS", blas_version(), file_of("dgemm_")},
      {"zlib", ZLIB_VERSION, ""},
      {"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100), ""},
      {"nlohmann-json",
       fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH),
       ""},
  };
  if (TESSERA_BUILT_SLEEF != 0) result.dependencies.insert(result.dependencies.begin() + 2, {"SLEEF", "", ""});
  return result;
}

simd_info simd() {
  simd_info result;
  for (std::int64_t left = HWY_TARGETS; left != 0; left &= left - 1)  // the lowest bit is the best
    result.compiled.emplace_back(hwy::TargetName(left & -left));
  result.usable = detail::simd_targets();
  result.in_use = detail::simd_target();
  return result;
}

}  // namespace tessera
