// Where shared libraries are looked for.
#include "cuda/library.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <vector>

#include "tessera/error.hpp"

namespace tessera::detail::cuda {
namespace {

/// The folder this module was loaded from.
std::string own_folder() {
  Dl_info here{};
  if (dladdr(reinterpret_cast<void*>(&open_library), &here) == 0 || here.dli_fname == nullptr) return "";
  const std::string file = here.dli_fname;
  const std::size_t end = file.rfind('/');
  return end == std::string::npos ? "" : file.substr(0, end);
}

std::vector<std::string> places(const std::string& name) {
  std::vector<std::string> all;
  const char* const folder = std::getenv("TESSERA_CUDA_LIBRARIES");
  if (folder != nullptr && *folder != '\0') return {std::string(folder) + "/" + name};  // said: nowhere else
  all.push_back(name);
  all.push_back("/usr/local/cuda/lib64/" + name);
  const std::string here = own_folder();
  if (!here.empty()) all.push_back(here + "/../nvidia/cu13/lib/" + name);
  return all;
}

}  // namespace

void* open_library(const std::string& name) {
  std::string reasons;
  for (const std::string& place : places(name)) {
    if (void* const library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    const char* const reason = dlerror();
    reasons += (reasons.empty() ? "" : "; ") + std::string(reason != nullptr ? reason : place.c_str());
  }
  throw device_error("cuda: " + name + " cannot be opened: " + reasons);
}

void* function_of(void* library, const char* name) {
  void* const found = dlsym(library, name);
  if (found == nullptr) throw device_error(std::string("cuda: a library has no function ") + name);
  return found;
}

}  // namespace tessera::detail::cuda
