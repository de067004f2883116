// DLPack's facts as the official header has them; of the versioned structs and newer numbers only those that it knows.
#include <dlpack/dlpack.h>

#include <cstddef>

#include "ops/dlpack_facts.hpp"

namespace tessera_test {

#define TESSERA_NUMBER(name) \
  { #name, static_cast<long long>(name) }

dlpack_facts official_dlpack_facts() {
  return {
    TESSERA_LEGACY_STRUCTS, {"device_type", static_cast<long long>(offsetof(DLDevice, device_type))},
        {"device_id", static_cast<long long>(offsetof(DLDevice, device_id))}, TESSERA_NUMBER(kDLCPU),
        TESSERA_NUMBER(kDLCUDA), TESSERA_NUMBER(kDLCUDAHost), TESSERA_NUMBER(kDLOpenCL), TESSERA_NUMBER(kDLVulkan),
        TESSERA_NUMBER(kDLMetal), TESSERA_NUMBER(kDLVPI), TESSERA_NUMBER(kDLROCM), TESSERA_NUMBER(kDLExtDev),
        TESSERA_NUMBER(kDLInt), TESSERA_NUMBER(kDLUInt), TESSERA_NUMBER(kDLFloat), TESSERA_NUMBER(kDLBfloat),
        TESSERA_NUMBER(kDLComplex), TESSERA_NUMBER(kDLOpaqueHandle),
#if defined(DLPACK_MAJOR_VERSION)
        {"newest", DLPACK_MAJOR_VERSION * 1000 + DLPACK_MINOR_VERSION}, TESSERA_VERSIONED_STRUCTS,
        {"DLPACK_FLAG_BITMASK_READ_ONLY", DLPACK_FLAG_BITMASK_READ_ONLY},
        {"DLPACK_FLAG_BITMASK_IS_COPIED", DLPACK_FLAG_BITMASK_IS_COPIED},
        {"DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED", DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED},
        TESSERA_NUMBER(kDLROCMHost), TESSERA_NUMBER(kDLCUDAManaged), TESSERA_NUMBER(kDLOneAPI),
        TESSERA_NUMBER(kDLWebGPU), TESSERA_NUMBER(kDLHexagon), TESSERA_NUMBER(kDLMAIA), TESSERA_NUMBER(kDLTrn),
        TESSERA_NUMBER(kDLBool), TESSERA_NUMBER(kDLFloat8_e3m4), TESSERA_NUMBER(kDLFloat8_e4m3),
        TESSERA_NUMBER(kDLFloat8_e4m3b11fnuz), TESSERA_NUMBER(kDLFloat8_e4m3fn), TESSERA_NUMBER(kDLFloat8_e4m3fnuz),
        TESSERA_NUMBER(kDLFloat8_e5m2), TESSERA_NUMBER(kDLFloat8_e5m2fnuz), TESSERA_NUMBER(kDLFloat8_e8m0fnu),
        TESSERA_NUMBER(kDLFloat6_e2m3fn), TESSERA_NUMBER(kDLFloat6_e3m2fn), TESSERA_NUMBER(kDLFloat4_e2m1fn),
#endif
  };
}

}  // namespace tessera_test
