// Backends that are opened at run time: the CUDA module.
#pragma once
#include <string>

#include "backend.hpp"

namespace tessera::detail {

/// What a module offers. One object a process.
class backend_module {
 public:
  virtual ~backend_module() = default;
  /// How many devices there are; where there are none, `reason` says why.
  virtual int device_count(std::string& reason) = 0;
  /// Throws device_error when the device is not there.
  virtual backend& device(int index) = 0;
};

/// Number of the interface between the library and its modules: backend, backend_module and all that they name. Both are
/// built together; a module with another number is refused.
inline constexpr int module_abi = 1;

/// The module's one exported function, "tessera_cuda_module": null if the number is not the module's own.
using module_entry = backend_module* (*)(int abi);

/// The CUDA module with at least one device, or null and the reason. Looked for once.
struct module_state {
  backend_module* module = nullptr;
  int devices = 0;
  std::string detail;  // its file, or why it cannot be used
};
const module_state& cuda_module();

}  // namespace tessera::detail
