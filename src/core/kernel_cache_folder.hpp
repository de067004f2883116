// Where compiled kernels of GPUs are kept: the CUDA module writes them there, the command tells of them.
#pragma once
#include <cstdlib>
#include <string>

namespace tessera::detail {

/// Empty where they are kept nowhere.
inline std::string kernel_cache_folder() {
  const auto variable = [](const char* name) -> std::string {
    const char* const value = std::getenv(name);
    return value != nullptr ? value : "";
  };
  if (variable("TESSERA_CUDA_CACHE") == "0") return "";
  if (const std::string own = variable("TESSERA_CACHE_DIR"); !own.empty()) return own;
  if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty() && cache[0] == '/')
    return cache + "/tessera/cuda";
  if (const std::string home = variable("HOME"); !home.empty() && home[0] == '/') return home + "/.cache/tessera/cuda";
  return "";
}

}  // namespace tessera::detail
