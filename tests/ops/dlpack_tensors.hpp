// Tensors of an imagined other framework, which counts how often its deleter is called; for the tests of DLPack.
#pragma once
#include <initializer_list>
#include <vector>

#include "core/dlpack_abi.hpp"
#include "tessera/tessera.hpp"

namespace tessera_test {

template <class Managed> struct foreign {
  explicit foreign(void* data, std::initializer_list<std::int64_t> extents = {},
                   tessera::detail::dlpack::data_type type = {tessera::detail::dlpack::float_, 32, 1})
      : shape(extents) {
    if constexpr (requires { tensor.version; }) tensor.version = {1, 3};
    tensor.manager_ctx = this;
    tensor.deleter = [](Managed* self) { ++static_cast<foreign*>(self->manager_ctx)->deleted; };
    tensor.dl_tensor = {data, {1, 0}, static_cast<std::int32_t>(shape.size()), type, shape.data(), nullptr, 0};
  }
  foreign(const foreign&) = delete;

  void set_strides(std::initializer_list<std::int64_t> in_elements) {
    strides = in_elements;
    tensor.dl_tensor.strides = strides.data();
  }

  Managed tensor = {};
  std::vector<std::int64_t> shape, strides;
  int deleted = 0;
};
using versioned = foreign<DLManagedTensorVersioned>;
using legacy = foreign<DLManagedTensor>;

/// What to_dlpack gave, deleted when it goes.
template <class Managed> struct owned {
  explicit owned(Managed* given) : tensor(given) {}
  owned(const owned&) = delete;
  ~owned() { tensor->deleter(tensor); }
  const Managed* operator->() const { return tensor; }
  std::vector<std::int64_t> shape() const { return {t().shape, t().shape + t().ndim}; }
  std::vector<std::int64_t> strides() const { return {t().strides, t().strides + t().ndim}; }
  const tessera::detail::dlpack::tensor& t() const { return tensor->dl_tensor; }
  Managed* tensor;
};

}  // namespace tessera_test
