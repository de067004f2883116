// NVRTC behind dlopen: a program without a GPU never touches it, and without it the error says where it was looked for.
#include "cuda/nvrtc.hpp"

#include <nvrtc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "cuda/library.hpp"
#include "tessera/error.hpp"

namespace tessera::detail::cuda {
namespace {

// Products and sums stay apart, as on the CPU; reductions and tiles say fma where they mean it.
constexpr const char* common_options[] = {"--std=c++20", "--fmad=false"};

struct nvrtc {
  decltype(&nvrtcVersion) version;
  decltype(&nvrtcGetNumSupportedArchs) count_architectures;
  decltype(&nvrtcGetSupportedArchs) architectures;
  decltype(&nvrtcCreateProgram) create;
  decltype(&nvrtcDestroyProgram) destroy;
  decltype(&nvrtcCompileProgram) compile;
  decltype(&nvrtcGetPTXSize) ptx_size;
  decltype(&nvrtcGetPTX) ptx;
  decltype(&nvrtcGetCUBINSize) cubin_size;
  decltype(&nvrtcGetCUBIN) cubin;
  decltype(&nvrtcGetProgramLogSize) log_size;
  decltype(&nvrtcGetProgramLog) log;
  decltype(&nvrtcGetErrorString) error_text;
  int major = 0, minor = 0;
  std::vector<int> known;  // capabilities, ascending

  nvrtc() {
    void* const library = open_library("libnvrtc.so.13");
    const auto find = [library](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(function_of(library, name));
    };
    find(version, "nvrtcVersion");
    find(count_architectures, "nvrtcGetNumSupportedArchs");
    find(architectures, "nvrtcGetSupportedArchs");
    find(create, "nvrtcCreateProgram");
    find(destroy, "nvrtcDestroyProgram");
    find(compile, "nvrtcCompileProgram");
    find(ptx_size, "nvrtcGetPTXSize");
    find(ptx, "nvrtcGetPTX");
    find(cubin_size, "nvrtcGetCUBINSize");
    find(cubin, "nvrtcGetCUBIN");
    find(log_size, "nvrtcGetProgramLogSize");
    find(log, "nvrtcGetProgramLog");
    find(error_text, "nvrtcGetErrorString");
    int count = 0;
    if (version(&major, &minor) != NVRTC_SUCCESS || count_architectures(&count) != NVRTC_SUCCESS || count <= 0) {
      throw device_error("cuda: NVRTC does not say what it supports");
    }
    known.resize(static_cast<std::size_t>(count));
    if (architectures(known.data()) != NVRTC_SUCCESS) throw device_error("cuda: NVRTC does not say what it supports");
    std::sort(known.begin(), known.end());
  }
};

const nvrtc& library() {
  static const nvrtc loaded;  // where opening throws the next call tries again
  return loaded;
}

/// Destroys the program at the end.
class program {
 public:
  program(const nvrtc& n, const std::string& source, const std::string& name) : n_(n) {
    if (n.create(&handle_, source.c_str(), name.c_str(), 0, nullptr, nullptr) != NVRTC_SUCCESS) {
      throw device_error("cuda: NVRTC does not take the kernel " + name);
    }
  }
  program(const program&) = delete;
  program& operator=(const program&) = delete;
  ~program() { n_.destroy(&handle_); }
  nvrtcProgram handle() const { return handle_; }

  std::string log() const {
    std::size_t size = 0;
    if (n_.log_size(handle_, &size) != NVRTC_SUCCESS || size == 0) return "";
    std::string text(size, '\0');
    if (n_.log(handle_, text.data()) != NVRTC_SUCCESS) return "";
    text.resize(std::strlen(text.c_str()));
    return text;
  }

  template <class Size, class Get> std::string image(Size size_of, Get get, const std::string& name) const {
    std::size_t size = 0;
    if (size_of(handle_, &size) != NVRTC_SUCCESS || size == 0) {
      throw device_error("cuda: NVRTC gives no code for the kernel " + name);
    }
    std::string code(size, '\0');
    if (get(handle_, code.data()) != NVRTC_SUCCESS) {
      throw device_error("cuda: NVRTC gives no code for the kernel " + name);
    }
    return code;
  }

 private:
  const nvrtc& n_;
  nvrtcProgram handle_ = nullptr;
};

std::string architecture_option(const code_target& target) {
  return std::string("--gpu-architecture=") + (target.ptx ? "compute_" : "sm_") + std::to_string(target.capability);
}

}  // namespace

code_target target_for(int capability) {
  const std::vector<int>& known = library().known;
  const char* const asked = std::getenv("TESSERA_CUDA_JIT");
  const bool exact = std::binary_search(known.begin(), known.end(), capability);
  if (exact) return {capability, asked != nullptr && std::strcmp(asked, "ptx") == 0};
  const auto above = std::upper_bound(known.begin(), known.end(), capability);
  if (above == known.begin()) {
    throw device_error("cuda: compute capability " + std::to_string(capability) +
                       " is below what NVRTC supports: " + std::to_string(known.front()));
  }
  return {*(above - 1), true};
}

std::string compiler_key(const code_target& target) {
  const nvrtc& n = library();
  std::string key = "nvrtc " + std::to_string(n.major) + "." + std::to_string(n.minor);
  for (const char* option : common_options) key += std::string(" ") + option;
  return key + " " + architecture_option(target);
}

std::string compile(const std::string& source, const std::string& name, const code_target& target,
                    std::string* report) {
  const nvrtc& n = library();
  const program made(n, source, name + ".cu");
  const std::string architecture = architecture_option(target);
  std::vector<const char*> options(std::begin(common_options), std::end(common_options));
  options.push_back(architecture.c_str());
  if (report != nullptr) options.push_back("--ptxas-options=-v");
  const nvrtcResult status = n.compile(made.handle(), static_cast<int>(options.size()), options.data());
  if (status != NVRTC_SUCCESS) {
    throw device_error("cuda: the kernel " + name + " does not compile: " + n.error_text(status) + "\n" + made.log());
  }
  if (report != nullptr) *report = made.log();
  return target.ptx ? made.image(n.ptx_size, n.ptx, name) : made.image(n.cubin_size, n.cubin, name);
}

std::string nvrtc_problem() {
  try {
    library();
    return "";
  } catch (const error& problem) {
    return problem.what();
  }
}

}  // namespace tessera::detail::cuda
