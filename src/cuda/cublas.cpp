// cuBLAS behind dlopen. Its interface is declared here, as far as it is used: the module is built without its headers, which
// come in a package of their own; where they are there they are compared.
#include "cuda/cublas.hpp"

#include <library_types.h>

#include <atomic>
#include <map>
#include <memory>

#include "cuda/launch.hpp"
#include "cuda/library.hpp"
#include "tessera/error.hpp"

#if __has_include(<cublas_api.h>)
#include <cublas_api.h>
#endif

namespace tessera::detail::cuda {
namespace {

// ---- the interface ------------------------------------------------------------------------------------------------------
constexpr int success = 0, no_memory = 3;
constexpr int compute_32f = 68, compute_32f_fast_tf32 = 77, compute_64f = 70, default_algorithm = -1;
/// Partial sums of 16-bit floats stay float32 also where a product is cut along what is summed.
constexpr int no_reduced_precision = 16;

struct cublas {
  int (*create)(void** handle);
  int (*destroy)(void* handle);
  int (*set_stream)(void* handle, cudaStream_t stream);
  int (*set_workspace)(void* handle, void* data, std::size_t bytes);
  int (*set_math_mode)(void* handle, int mode);
  int (*multiply)(void* handle, int op_a, int op_b, std::int64_t m, std::int64_t n, std::int64_t k, const void* alpha,
                  const void* a, cudaDataType type_a, std::int64_t lda, long long step_a, const void* b,
                  cudaDataType type_b, std::int64_t ldb, long long step_b, const void* beta, void* c,
                  cudaDataType type_c, std::int64_t ldc, long long step_c, std::int64_t count, int compute,
                  int algorithm);
  int (*multiply_one)(void* handle, int op_a, int op_b, std::int64_t m, std::int64_t n, std::int64_t k,
                      const void* alpha, const void* a, cudaDataType type_a, std::int64_t lda, const void* b,
                      cudaDataType type_b, std::int64_t ldb, const void* beta, void* c, cudaDataType type_c,
                      std::int64_t ldc, int compute, int algorithm);
  int (*multiply_each)(void* handle, int op_a, int op_b, std::int64_t m, std::int64_t n, std::int64_t k,
                       const void* alpha, const void* const* a, cudaDataType type_a, std::int64_t lda,
                       const void* const* b, cudaDataType type_b, std::int64_t ldb, const void* beta, void* const* c,
                       cudaDataType type_c, std::int64_t ldc, std::int64_t count, int compute, int algorithm);
  const char* (*status_name)(int status);

  cublas() {
    void* const library = open_library("libcublas.so.13");
    const auto find = [library](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(function_of(library, name));
    };
    find(create, "cublasCreate_v2");
    find(destroy, "cublasDestroy_v2");
    find(set_stream, "cublasSetStream_v2");
    find(set_workspace, "cublasSetWorkspace_v2");
    find(set_math_mode, "cublasSetMathMode");
    find(multiply, "cublasGemmStridedBatchedEx_64");
    find(multiply_one, "cublasGemmEx_64");
    find(multiply_each, "cublasGemmBatchedEx_64");
    find(status_name, "cublasGetStatusName");
  }
};

#ifdef CUBLAS_VER_MAJOR
static_assert(CUBLAS_STATUS_SUCCESS == success && CUBLAS_STATUS_ALLOC_FAILED == no_memory);
static_assert(CUBLAS_COMPUTE_32F == compute_32f && CUBLAS_COMPUTE_32F_FAST_TF32 == compute_32f_fast_tf32);
static_assert(CUBLAS_COMPUTE_64F == compute_64f && CUBLAS_GEMM_DEFAULT == default_algorithm);
static_assert(CUBLAS_OP_N == 0 && CUBLAS_OP_T == 1 && CUBLAS_OP_C == 2);
static_assert(CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION == no_reduced_precision);
#endif

const cublas& library() {
  static const cublas loaded;  // where opening throws the next call tries again
  return loaded;
}

std::atomic<std::int64_t> calls{0};

/// cuBLAS's status, or what the runtime says of the same failure: only that tells whether the device is lost.
void check_product(int status, const std::string& function, const context& on) {
  if (status == success) return;
  const cudaError_t behind = cudaGetLastError();
  if (behind != cudaSuccess) check(behind, function.c_str());
  const char* const name = library().status_name(status);
  const std::string text = "cuda:" + std::to_string(on.index()) + ": " + function + ": " +
                           (name != nullptr ? name : "unknown status") + " (" + std::to_string(status) + ")";
  if (status == no_memory) throw out_of_memory(text, caller());
  throw device_error(text, caller());
}

// ---- handles -------------------------------------------------------------------------------------------------------------
std::int64_t workspace_bytes(const context& on) {
  constexpr std::int64_t mib = 1 << 20;
  return on.capability() >= 90 ? 32 * mib : 8 * mib;  // as cuBLAS's documentation recommends
}

void* make_handle(context& on, cudaStream_t stream) {
  const cublas& b = library();
  void* made = nullptr;
  int status = b.create(&made);
  if (status == no_memory) {
    on.release_cached();
    status = b.create(&made);
  }
  check_product(status, "cublasCreate_v2", on);
  try {
    check_product(b.set_stream(made, stream), "cublasSetStream_v2", on);
    check_product(b.set_math_mode(made, no_reduced_precision), "cublasSetMathMode", on);
  } catch (...) {
    b.destroy(made);
    throw;
  }
  return made;
}

}  // namespace

struct cublas_handle {
  std::mutex mutex;
  void* handle = nullptr;  // made at the first use
};

namespace {

/// That of the current stream; never destroyed, as streams are not.
cublas_handle& current_handle(context& on) {
  static std::mutex mutex;
  static auto& all = *new std::map<cudaStream_t, std::unique_ptr<cublas_handle>>;
  library();
  const cudaStream_t stream = on.stream();
  const std::lock_guard lock(mutex);
  std::unique_ptr<cublas_handle>& mine = all[stream];
  if (mine == nullptr) mine = std::make_unique<cublas_handle>();
  return *mine;
}

// ---- arguments -----------------------------------------------------------------------------------------------------------
cudaDataType data_type(dtype type) {
  switch (type.code()) {
    case dtype_code::float16: return CUDA_R_16F;
    case dtype_code::bfloat16: return CUDA_R_16BF;
    case dtype_code::float64: return CUDA_R_64F;
    case dtype_code::complex64: return CUDA_C_32F;
    case dtype_code::complex128: return CUDA_C_64F;
    default: return CUDA_R_32F;
  }
}
bool is_double(dtype type) { return type == float64 || type == complex128; }

int compute_type(const contraction_mapping& m) {
  if (is_double(m.type)) return compute_64f;
  return m.tf32 && m.type == float32 ? compute_32f_fast_tf32 : compute_32f;
}

/// One and zero of the type that is computed in.
const void* factor(dtype type, bool one) {
  static constexpr float ones_and_zeros[] = {1, 0, 0, 0};
  static constexpr double doubles[] = {1, 0, 0, 0};
  if (is_double(type)) return doubles + (one ? 0 : 2);
  return ones_and_zeros + (one ? 0 : 2);
}

int op_of(const mapped_matrix& m) { return m.op == matrix_op::none ? 0 : m.op == matrix_op::transposed ? 1 : 2; }

}  // namespace

products::products(context& on, const contraction_mapping& m)
    : on_(on),
      m_(m),
      handle_(current_handle(on)),
      alone_(handle_.mutex),
      workspace_(on, workspace_bytes(on), "contraction") {
  if (handle_.handle == nullptr) handle_.handle = make_handle(on, on.stream());
  check_product(
      library().set_workspace(handle_.handle, workspace_.data(), static_cast<std::size_t>(workspace_bytes(on))),
      "cublasSetWorkspace_v2", on);
}

void products::multiply(const void* first, const void* second, void* result, std::int64_t count) const {
  static const std::string one = "cublasGemmEx_64", several = "cublasGemmStridedBatchedEx_64";
  const cublas& b = library();
  const cudaDataType type = data_type(m_.type);
  const std::string& name = m_.batches == product_batches::one ? one : several;
  note_launch(name);
  ++calls;
  const int status =
      m_.batches == product_batches::one
          ? b.multiply_one(handle_.handle, op_of(m_.first), op_of(m_.second), m_.rows, m_.columns, m_.summed,
                           factor(m_.type, true), first, type, m_.first.leading, second, type, m_.second.leading,
                           factor(m_.type, false), result, type, m_.result.leading, compute_type(m_), default_algorithm)
          : b.multiply(handle_.handle, op_of(m_.first), op_of(m_.second), m_.rows, m_.columns, m_.summed,
                       factor(m_.type, true), first, type, m_.first.leading, m_.first.step, second, type,
                       m_.second.leading, m_.second.step, factor(m_.type, false), result, type, m_.result.leading,
                       m_.result.step, count, compute_type(m_), default_algorithm);
  check_product(status, name, on_);
  after_launch(on_, name);
}

void products::multiply(const void* const* first, const void* const* second, void* const* result,
                        std::int64_t count) const {
  static const std::string name = "cublasGemmBatchedEx_64";
  const cudaDataType type = data_type(m_.type);
  note_launch(name);
  ++calls;
  check_product(library().multiply_each(handle_.handle, op_of(m_.first), op_of(m_.second), m_.rows, m_.columns,
                                        m_.summed, factor(m_.type, true), first, type, m_.first.leading, second, type,
                                        m_.second.leading, factor(m_.type, false), result, type, m_.result.leading,
                                        count, compute_type(m_), default_algorithm),
                name, on_);
  after_launch(on_, name);
}

std::int64_t product_calls() { return calls; }

}  // namespace tessera::detail::cuda
