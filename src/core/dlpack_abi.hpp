// DLPack's structs and numbers as version 1.3 lays them out on 64-bit machines. tests/ops/dlpack_abi_test.cpp compares
// them with the official header, which must not be included where this one is.
#pragma once
#include <cstddef>
#include <cstdint>

namespace tessera::detail::dlpack {

struct version {
  std::uint32_t major, minor;
};
inline constexpr version newest = {1, 3};

/// Kinds of memory.
enum device_type : std::int32_t {
  cpu = 1,
  cuda = 2,
  cuda_host = 3,
  opencl = 4,
  vulkan = 7,
  metal = 8,
  vpi = 9,
  rocm = 10,
  rocm_host = 11,
  ext_dev = 12,
  cuda_managed = 13,
  oneapi = 14,
  webgpu = 15,
  hexagon = 16,
  maia = 17,
  trn = 18,
};

struct device {
  std::int32_t type, index;
};

/// Kinds of elements.
enum type_code : std::uint8_t {
  int_ = 0,
  uint = 1,
  float_ = 2,
  opaque_handle = 3,
  bfloat = 4,
  complex = 5,
  bool_ = 6,
  float8_e3m4 = 7,
  float8_e4m3 = 8,
  float8_e4m3b11fnuz = 9,
  float8_e4m3fn = 10,
  float8_e4m3fnuz = 11,
  float8_e5m2 = 12,
  float8_e5m2fnuz = 13,
  float8_e8m0fnu = 14,
  float6_e2m3fn = 15,
  float6_e3m2fn = 16,
  float4_e2m1fn = 17,
};

struct data_type {
  std::uint8_t code, bits;
  std::uint16_t lanes;
};

/// Strides in elements; null in older structs: C order.
struct tensor {
  void* data;
  dlpack::device device;
  std::int32_t ndim;
  data_type dtype;
  std::int64_t* shape;
  std::int64_t* strides;
  std::uint64_t byte_offset;
};

inline constexpr std::uint64_t read_only = 1, is_copied = 2, is_subbyte_type_padded = 4;

}  // namespace tessera::detail::dlpack

struct DLManagedTensor {
  tessera::detail::dlpack::tensor dl_tensor;
  void* manager_ctx;
  void (*deleter)(DLManagedTensor* self);
};

struct DLManagedTensorVersioned {
  tessera::detail::dlpack::version version;  // if its major is not 1, only the deleter may be used
  void* manager_ctx;
  void (*deleter)(DLManagedTensorVersioned* self);
  std::uint64_t flags;
  tessera::detail::dlpack::tensor dl_tensor;
};

namespace tessera::detail::dlpack {

static_assert(sizeof(tensor) == 48 && offsetof(tensor, data) == 0 && offsetof(tensor, device) == 8 &&
              offsetof(tensor, ndim) == 16 && offsetof(tensor, dtype) == 20 && offsetof(tensor, shape) == 24 &&
              offsetof(tensor, strides) == 32 && offsetof(tensor, byte_offset) == 40);
static_assert(sizeof(DLManagedTensor) == 64 && offsetof(DLManagedTensor, dl_tensor) == 0 &&
              offsetof(DLManagedTensor, manager_ctx) == 48 && offsetof(DLManagedTensor, deleter) == 56);
static_assert(sizeof(DLManagedTensorVersioned) == 80 && offsetof(DLManagedTensorVersioned, version) == 0 &&
              offsetof(DLManagedTensorVersioned, manager_ctx) == 8 &&
              offsetof(DLManagedTensorVersioned, deleter) == 16 && offsetof(DLManagedTensorVersioned, flags) == 24 &&
              offsetof(DLManagedTensorVersioned, dl_tensor) == 32);

}  // namespace tessera::detail::dlpack
