// Finding and opening the CUDA module. A failure is kept as text and shown by backends() and by every use of cuda().
#include "core/module.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

namespace tessera::detail {
namespace {

constexpr const char* module_name = "libtessera_cuda.so";
constexpr const char* runtime_name = "libcudart.so.13";

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// The file that this library's code was loaded from.
std::filesystem::path own_file() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&cpu_backend), &info) == 0 || info.dli_fname == nullptr) return {};
  return info.dli_fname;
}

/// Opens the first of several files; appends why not to `reasons`.
void* open_first(const std::vector<std::string>& files, std::string& reasons) {
  for (const std::string& file : files) {
    // Never closed: its threads' streams and its caches are used to the end of the process.
    if (void* const handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)) return handle;
    const char* const reason = ::dlerror();
    reasons += (reasons.empty() ? "" : "; ") + std::string(reason == nullptr ? file : reason);
  }
  return nullptr;
}

/// The module asks for the CUDA runtime by name, which finds what is loaded already. So it is loaded from where it is usually
/// installed; what comes first for the loader (LD_LIBRARY_PATH) comes first here.
void open_runtime(const std::filesystem::path& folder) {
  std::vector<std::string> files;
  const std::string given = environment("TESSERA_CUDA_LIBRARIES");
  if (!given.empty()) files.push_back(given + "/" + runtime_name);
  files.insert(files.end(), {runtime_name, std::string("/usr/local/cuda/lib64/") + runtime_name,
                             (folder / "../nvidia/cu13/lib" / runtime_name).string()});
  std::string unused;  // without it the module does not open, and says so
  open_first(files, unused);
}

module_state open_cuda_module() {
  const std::filesystem::path self = own_file(), folder = self.parent_path();
  if (self.filename().string().rfind("libtessera.so", 0) != 0)
    return {nullptr, 0, "the static library has no modules; link the shared one"};
  open_runtime(folder);
  std::vector<std::string> files;
  if (const std::string given = environment("TESSERA_CUDA_MODULE"); !given.empty()) files = {given};
  else files = {(folder / module_name).string(), module_name};
  std::string reasons;
  void* const handle = open_first(files, reasons);
  if (handle == nullptr) return {nullptr, 0, reasons};
  const auto entry = reinterpret_cast<module_entry>(::dlsym(handle, "tessera_cuda_module"));
  Dl_info info{};
  const std::string file =
      entry != nullptr && dladdr(reinterpret_cast<void*>(entry), &info) != 0 ? info.dli_fname : files[0];
  if (entry == nullptr) return {nullptr, 0, file + " is no module of tessera"};
  backend_module* const module = entry(module_abi);
  if (module == nullptr) return {nullptr, 0, file + " belongs to another version of the library"};
  std::string reason;
  const int devices = module->device_count(reason);
  if (devices == 0) return {nullptr, 0, file + ": " + reason};
  return {module, devices, file};
}

}  // namespace

const module_state& cuda_module() {
  static const module_state& state = *new module_state(open_cuda_module());
  return state;
}

}  // namespace tessera::detail
