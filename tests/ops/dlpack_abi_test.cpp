// Our definition of DLPack's structs against the official header's, which is compiled in a file of its own.
#include <gtest/gtest.h>

#include "core/dlpack_abi.hpp"
#include "ops/dlpack_facts.hpp"

namespace tessera_test {

namespace dlpack = tessera::detail::dlpack;

dlpack_facts our_dlpack_facts() {
  using DLDevice = dlpack::device;
  using DLDataType = dlpack::data_type;
  using DLTensor = dlpack::tensor;
  using DLPackVersion = dlpack::version;
  return {
      TESSERA_LEGACY_STRUCTS,
      TESSERA_VERSIONED_STRUCTS,
      {"device_type", static_cast<long long>(offsetof(DLDevice, type))},
      {"device_id", static_cast<long long>(offsetof(DLDevice, index))},
      {"newest", dlpack::newest.major * 1000 + dlpack::newest.minor},
      {"DLPACK_FLAG_BITMASK_READ_ONLY", dlpack::read_only},
      {"DLPACK_FLAG_BITMASK_IS_COPIED", dlpack::is_copied},
      {"DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED", dlpack::is_subbyte_type_padded},
      {"kDLCPU", dlpack::cpu},
      {"kDLCUDA", dlpack::cuda},
      {"kDLCUDAHost", dlpack::cuda_host},
      {"kDLOpenCL", dlpack::opencl},
      {"kDLVulkan", dlpack::vulkan},
      {"kDLMetal", dlpack::metal},
      {"kDLVPI", dlpack::vpi},
      {"kDLROCM", dlpack::rocm},
      {"kDLROCMHost", dlpack::rocm_host},
      {"kDLExtDev", dlpack::ext_dev},
      {"kDLCUDAManaged", dlpack::cuda_managed},
      {"kDLOneAPI", dlpack::oneapi},
      {"kDLWebGPU", dlpack::webgpu},
      {"kDLHexagon", dlpack::hexagon},
      {"kDLMAIA", dlpack::maia},
      {"kDLTrn", dlpack::trn},
      {"kDLInt", dlpack::int_},
      {"kDLUInt", dlpack::uint},
      {"kDLFloat", dlpack::float_},
      {"kDLOpaqueHandle", dlpack::opaque_handle},
      {"kDLBfloat", dlpack::bfloat},
      {"kDLComplex", dlpack::complex},
      {"kDLBool", dlpack::bool_},
      {"kDLFloat8_e3m4", dlpack::float8_e3m4},
      {"kDLFloat8_e4m3", dlpack::float8_e4m3},
      {"kDLFloat8_e4m3b11fnuz", dlpack::float8_e4m3b11fnuz},
      {"kDLFloat8_e4m3fn", dlpack::float8_e4m3fn},
      {"kDLFloat8_e4m3fnuz", dlpack::float8_e4m3fnuz},
      {"kDLFloat8_e5m2", dlpack::float8_e5m2},
      {"kDLFloat8_e5m2fnuz", dlpack::float8_e5m2fnuz},
      {"kDLFloat8_e8m0fnu", dlpack::float8_e8m0fnu},
      {"kDLFloat6_e2m3fn", dlpack::float6_e2m3fn},
      {"kDLFloat6_e3m2fn", dlpack::float6_e3m2fn},
      {"kDLFloat4_e2m1fn", dlpack::float4_e2m1fn},
  };
}

TEST(dlpack_structs, are_those_of_the_official_header) {
  const dlpack_facts ours = our_dlpack_facts(), official = official_dlpack_facts();
  const bool has_versions = official.contains("newest");
  EXPECT_EQ(official.size(), has_versions ? ours.size() : 34u) << "a header of another version than 0.6 or 1.3";
  for (const auto& [name, value] : official) {
    ASSERT_TRUE(ours.contains(name)) << name;
    EXPECT_EQ(ours.at(name), value) << name;
  }
  if (!has_versions) GTEST_SKIP() << "the official header that was found is older than 1.0: its part was compared";
}

}  // namespace tessera_test
