// From a plan to the job of its kind, and which matrices LAPACK's 32-bit integers can count.
#include "cpu/lapack.hpp"

#include "cpu/lapack_job.hpp"

namespace tessera::detail::cpu {
namespace {

template <class T> linalg_outcome run(const linalg_plan& plan) {
  switch (plan.what) {
    case linalg_kind::solve: return run_solve<T>(plan);
    case linalg_kind::determinant: return run_determinant<T>(plan);
    case linalg_kind::cholesky: return run_cholesky<T>(plan);
    case linalg_kind::qr:
    case linalg_kind::qr_raw: return run_qr<T>(plan);
    case linalg_kind::svd: return run_svd<T>(plan);
    case linalg_kind::eigh: return run_eigh<T>(plan);
    case linalg_kind::eig: return run_eig<T>(plan);
    case linalg_kind::lstsq: return run_lstsq<T>(plan);
  }
  return {};
}

/// Elements of the largest work memory that a call could ask for, which LAPACK counts. As a double: no overflow.
double work_elements(const linalg_plan& plan) noexcept {
  const double m = static_cast<double>(plan.rows), n = static_cast<double>(plan.columns),
               right = static_cast<double>(plan.right), small = std::min(m, n), large = std::max(m, n);
  switch (plan.what) {
    case linalg_kind::solve:
    case linalg_kind::determinant:
    case linalg_kind::cholesky: return large;
    case linalg_kind::qr:
    case linalg_kind::qr_raw: return 64 * large;
    case linalg_kind::svd:
    case linalg_kind::lstsq: return 5 * large * small + 64 * (large + right) + small * right;
    case linalg_kind::eigh:
    case linalg_kind::eig: return 2 * n * n + 64 * n;
  }
  return 0;
}

}  // namespace

linalg_fault cannot_factorise(const linalg_plan& plan) noexcept {
  constexpr std::int64_t limit = std::numeric_limits<int>::max();
  constexpr std::int64_t most = std::int64_t{1} << 25;  // of rows that are squared: their bytes are counted in 64 bits
  const bool fits = plan.rows <= limit && plan.columns <= limit && plan.right <= limit &&
                    std::min(plan.rows, std::max(plan.columns, plan.right)) <= most && work_elements(plan) <= limit;
  return fits ? linalg_fault::none : linalg_fault::too_large;
}

linalg_outcome factorise(const linalg_plan& plan) {
  return plan.in[0].type.kind() == 'c' ? run<complex_double>(plan) : run<double>(plan);
}

}  // namespace tessera::detail::cpu
