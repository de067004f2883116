// A cuBLAS that fails in the way that $FAKE_CUBLAS names, for tests/cuda/faults.sh: a name with a status, "create:3". What does
// not fail does nothing. Enumerations are declared as the integers that they are passed as.
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {

int unless(const char* name) {
  const char* const told = std::getenv("FAKE_CUBLAS");
  const std::size_t length = std::strlen(name);
  if (told == nullptr || std::strncmp(told, name, length) != 0 || told[length] != ':') return 0;
  return std::atoi(told + length + 1);
}

}  // namespace

#define SHOWN extern "C" __attribute__((visibility("default")))

SHOWN int cublasCreate_v2(void** made) {
  static int object;
  *made = &object;
  return unless("create");
}
SHOWN int cublasDestroy_v2(void*) { return 0; }
SHOWN int cublasSetStream_v2(void*, void*) { return unless("stream"); }
SHOWN int cublasSetWorkspace_v2(void*, void*, std::size_t) { return unless("workspace"); }
SHOWN int cublasSetMathMode(void*, int) { return unless("math"); }
SHOWN const char* cublasGetStatusName(int status) {
  return status == 3 ? "CUBLAS_STATUS_ALLOC_FAILED" : "CUBLAS_STATUS_OTHER";
}
SHOWN int cublasGemmEx_64(void*, int, int, std::int64_t, std::int64_t, std::int64_t, const void*, const void*, int,
                          std::int64_t, const void*, int, std::int64_t, const void*, void*, int, std::int64_t, int,
                          int) {
  return unless("multiply");
}
SHOWN int cublasGemmStridedBatchedEx_64(void*, int, int, std::int64_t, std::int64_t, std::int64_t, const void*,
                                        const void*, int, std::int64_t, long long, const void*, int, std::int64_t,
                                        long long, const void*, void*, int, std::int64_t, long long, std::int64_t, int,
                                        int) {
  return unless("multiply");
}
SHOWN int cublasGemmBatchedEx_64(void*, int, int, std::int64_t, std::int64_t, std::int64_t, const void*,
                                 const void* const*, int, std::int64_t, const void* const*, int, std::int64_t,
                                 const void*, void* const*, int, std::int64_t, std::int64_t, int, int) {
  return unless("multiply");
}
