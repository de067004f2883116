// A cuBLAS that fails in the way that $FAKE_CUBLAS names, for tests/cuda/faults.sh: a name with a status, "create:3". What does
// not fail does nothing.
#include <cublas_v2.h>

#include <cstdlib>
#include <cstring>

namespace {

cublasStatus_t unless(const char* name) {
  const char* const told = std::getenv("FAKE_CUBLAS");
  const std::size_t length = std::strlen(name);
  if (told == nullptr || std::strncmp(told, name, length) != 0 || told[length] != ':') return CUBLAS_STATUS_SUCCESS;
  return static_cast<cublasStatus_t>(std::atoi(told + length + 1));
}

}  // namespace

#define SHOWN extern "C" __attribute__((visibility("default")))

SHOWN cublasStatus_t cublasCreate_v2(cublasHandle_t* made) {
  static int object;
  *made = reinterpret_cast<cublasHandle_t>(&object);
  return unless("create");
}
SHOWN cublasStatus_t cublasDestroy_v2(cublasHandle_t) { return CUBLAS_STATUS_SUCCESS; }
SHOWN cublasStatus_t cublasSetStream_v2(cublasHandle_t, cudaStream_t) { return unless("stream"); }
SHOWN cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t, void*, size_t) { return unless("workspace"); }
SHOWN cublasStatus_t cublasSetMathMode(cublasHandle_t, cublasMath_t) { return unless("math"); }
SHOWN const char* cublasGetStatusName(cublasStatus_t status) {
  return status == CUBLAS_STATUS_ALLOC_FAILED ? "CUBLAS_STATUS_ALLOC_FAILED" : "CUBLAS_STATUS_OTHER";
}
SHOWN cublasStatus_t cublasGemmEx_64(cublasHandle_t, cublasOperation_t, cublasOperation_t, int64_t, int64_t, int64_t,
                                     const void*, const void*, cudaDataType, int64_t, const void*, cudaDataType,
                                     int64_t, const void*, void*, cudaDataType, int64_t, cublasComputeType_t,
                                     cublasGemmAlgo_t) {
  return unless("multiply");
}
SHOWN cublasStatus_t cublasGemmStridedBatchedEx_64(cublasHandle_t, cublasOperation_t, cublasOperation_t, int64_t,
                                                   int64_t, int64_t, const void*, const void*, cudaDataType, int64_t,
                                                   long long, const void*, cudaDataType, int64_t, long long,
                                                   const void*, void*, cudaDataType, int64_t, long long, int64_t,
                                                   cublasComputeType_t, cublasGemmAlgo_t) {
  return unless("multiply");
}
SHOWN cublasStatus_t cublasGemmBatchedEx_64(cublasHandle_t, cublasOperation_t, cublasOperation_t, int64_t, int64_t,
                                            int64_t, const void*, const void* const*, cudaDataType, int64_t,
                                            const void* const*, cudaDataType, int64_t, const void*, void* const*,
                                            cudaDataType, int64_t, int64_t, cublasComputeType_t, cublasGemmAlgo_t) {
  return unless("multiply");
}
