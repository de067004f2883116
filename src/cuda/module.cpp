// The module's entry: what libtessera finds after opening it.
#include "core/module.hpp"

#include "cuda/module.hpp"
#include "cuda/runtime.hpp"

namespace {

class cuda_module final : public tessera::detail::backend_module {
 public:
  int device_count(std::string& reason) override { return tessera::detail::cuda::device_count(reason); }
  tessera::detail::backend& device(int index) override { return tessera::detail::cuda::backend_for(index); }
};

}  // namespace

extern "C" __attribute__((visibility("default"))) tessera::detail::backend_module* tessera_cuda_module(int abi) {
  static cuda_module& instance = *new cuda_module;
  return abi == tessera::detail::module_abi ? &instance : nullptr;
}
