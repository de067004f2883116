// DLPack's names of its kinds of memory and elements.
#include "ops/dlpack_names.hpp"

namespace tessera::detail {
namespace {

struct device_name {
  std::int32_t type;
  const char* name;
};
constexpr device_name device_names[] = {
    {dlpack::cpu, "kDLCPU"},
    {dlpack::cuda, "kDLCUDA"},
    {dlpack::cuda_host, "kDLCUDAHost"},
    {dlpack::opencl, "kDLOpenCL"},
    {dlpack::vulkan, "kDLVulkan"},
    {dlpack::metal, "kDLMetal"},
    {dlpack::vpi, "kDLVPI"},
    {dlpack::rocm, "kDLROCM"},
    {dlpack::rocm_host, "kDLROCMHost"},
    {dlpack::ext_dev, "kDLExtDev"},
    {dlpack::cuda_managed, "kDLCUDAManaged"},
    {dlpack::oneapi, "kDLOneAPI"},
    {dlpack::webgpu, "kDLWebGPU"},
    {dlpack::hexagon, "kDLHexagon"},
    {dlpack::maia, "kDLMAIA"},
    {dlpack::trn, "kDLTrn"},
};

struct type_name {
  std::uint8_t code;
  const char* name;
  int bits;  // which the name stands for alone; 0: they are part of the name, -1: none
};
constexpr type_name type_names[] = {
    {dlpack::int_, "int", 0},
    {dlpack::uint, "uint", 0},
    {dlpack::float_, "float", 0},
    {dlpack::bfloat, "bfloat", 0},
    {dlpack::complex, "complex", 0},
    {dlpack::opaque_handle, "opaque handle", -1},
    {dlpack::bool_, "bool", 8},
    {dlpack::float8_e3m4, "float8_e3m4", 8},
    {dlpack::float8_e4m3, "float8_e4m3", 8},
    {dlpack::float8_e4m3b11fnuz, "float8_e4m3b11fnuz", 8},
    {dlpack::float8_e4m3fn, "float8_e4m3fn", 8},
    {dlpack::float8_e4m3fnuz, "float8_e4m3fnuz", 8},
    {dlpack::float8_e5m2, "float8_e5m2", 8},
    {dlpack::float8_e5m2fnuz, "float8_e5m2fnuz", 8},
    {dlpack::float8_e8m0fnu, "float8_e8m0fnu", 8},
    {dlpack::float6_e2m3fn, "float6_e2m3fn", 6},
    {dlpack::float6_e3m2fn, "float6_e3m2fn", 6},
    {dlpack::float4_e2m1fn, "float4_e2m1fn", 4},
};

}  // namespace

std::string dlpack_name(const dlpack::device& device) {
  for (const device_name& known : device_names) {
    if (known.type == device.type) return known.name;
  }
  return "of type " + std::to_string(device.type);
}

std::string dlpack_name(const dlpack::data_type& type) {
  for (const type_name& known : type_names) {
    if (known.code != type.code) continue;
    if (known.bits == 0) return known.name + std::to_string(type.bits);
    if (known.bits == type.bits) return known.name;
    return std::string(known.name) + " with " + std::to_string(type.bits) + " bits";
  }
  return "code " + std::to_string(type.code) + " with " + std::to_string(type.bits) + " bits";
}

}  // namespace tessera::detail
