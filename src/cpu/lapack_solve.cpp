// Linear systems: LU with partial pivoting, Cholesky, least squares by the singular values.
#include "cpu/lapack_job.hpp"

namespace tessera::detail::cpu {
namespace {

template <class T> class solve_job {
 public:
  solve_job(const linalg_plan& plan, workspace& memory)
      : plan_(plan),
        n_(static_cast<int>(plan.rows)),
        right_(static_cast<int>(plan.right)),
        a_(memory.take<T>(plan.rows * plan.rows)),
        b_(memory.take<T>(plan.rows * plan.right)),
        pivots_(memory.take<int>(plan.rows)) {}

  linalg_fault operator()(const std::byte* const* in, std::byte* const* out) {
    gather(plane(plan_.in[0], in[0]), n_, n_, a_, n_);
    gather(plane(plan_.in[1], in[1]), n_, right_, b_, n_);
    const bool singular = gesv(n_, right_, a_, n_, pivots_, b_, n_) > 0;
    if (singular) std::fill_n(b_, plan_.rows * plan_.right, T(std::numeric_limits<double>::quiet_NaN()));
    scatter(b_, n_, right_, n_, plane(plan_.out[0], out[0]));
    return singular ? linalg_fault::singular : linalg_fault::none;
  }

 private:
  const linalg_plan& plan_;
  int n_, right_;
  T *a_, *b_;
  int* pivots_;
};

template <class T> class determinant_job {
 public:
  determinant_job(const linalg_plan& plan, workspace& memory)
      : plan_(plan),
        n_(static_cast<int>(plan.rows)),
        a_(memory.take<T>(plan.rows * plan.rows)),
        pivots_(memory.take<int>(plan.rows)) {}

  linalg_fault operator()(const std::byte* const* in, std::byte* const* out) {
    gather(plane(plan_.in[0], in[0]), n_, n_, a_, n_);
    T sign(1);
    double log_magnitude = 0;
    if (getrf(n_, n_, a_, n_, pivots_) > 0) {
      sign = T(0);
      log_magnitude = -std::numeric_limits<double>::infinity();
    } else {
      for (int i = 0; i < n_; ++i)
        multiply(a_[static_cast<std::int64_t>(i) * n_ + i], pivots_[i] != i + 1, sign, log_magnitude);
    }
    if (!out[1]) sign *= std::exp(log_magnitude);
    store_one(sign, plan_.out[0], out[0]);
    if (out[1]) store_one(log_magnitude, plan_.out[1], out[1]);
    return linalg_fault::none;
  }

 private:
  static void multiply(const T& pivot, bool swapped, T& sign, double& log_magnitude) {
    if constexpr (is_complex<T>) {
      const double magnitude = std::abs(pivot);
      sign *= pivot / magnitude;
      log_magnitude += std::log(magnitude);
    } else {
      if (pivot < 0) sign = -sign;
      log_magnitude += std::log(std::abs(pivot));
    }
    if (swapped) sign = -sign;
  }
  template <class V> static void store_one(const V& value, const strided& array, std::byte* to) {
    const single_of<V> rounded(value);
    if (array.type.itemsize() == sizeof(V)) std::memcpy(to, &value, sizeof value);
    else std::memcpy(to, &rounded, sizeof rounded);
  }

  const linalg_plan& plan_;
  int n_;
  T* a_;
  int* pivots_;
};

template <class T> class cholesky_job {
 public:
  cholesky_job(const linalg_plan& plan, workspace& memory)
      : plan_(plan), n_(static_cast<int>(plan.rows)), a_(memory.take<T>(plan.rows * plan.rows)) {}

  linalg_fault operator()(const std::byte* const* in, std::byte* const* out) {
    gather(plane(plan_.in[0], in[0]), n_, n_, a_, n_);
    // OpenBLAS does not look for NaN, the reference implementation does.
    if (!all_finite(a_, n_, n_, n_, plan_.lower ? part::lower : part::upper))
      return linalg_fault::not_positive_definite;
    if (potrf(plan_.lower ? 'L' : 'U', n_, a_, n_) > 0) return linalg_fault::not_positive_definite;
    clear(plan_.lower ? part::upper : part::lower, a_, n_, n_, n_);
    scatter(a_, n_, n_, n_, plane(plan_.out[0], out[0]));
    return linalg_fault::none;
  }

 private:
  const linalg_plan& plan_;
  int n_;
  T* a_;
};

// ---- least squares

struct lstsq_memory {
  int lwork;
  double* rwork;
  int* iwork;
};
int gelsd(int m, int n, int right, double* a, double* b, int ldb, double* s, double rcond, int* rank, double* work,
          const lstsq_memory& x) {
  int info = 0;
  dgelsd_(&m, &n, &right, a, &m, b, &ldb, s, &rcond, rank, work, &x.lwork, x.iwork, &info);
  return info;
}
int gelsd(int m, int n, int right, complex_double* a, complex_double* b, int ldb, double* s, double rcond, int* rank,
          complex_double* work, const lstsq_memory& x) {
  int info = 0;
  zgelsd_(&m, &n, &right, a, &m, b, &ldb, s, &rcond, rank, work, &x.lwork, x.rwork, x.iwork, &info);
  return info;
}

template <class T> class lstsq_job {
 public:
  lstsq_job(const linalg_plan& plan, workspace& memory)
      : plan_(plan),
        m_(static_cast<int>(plan.rows)),
        n_(static_cast<int>(plan.columns)),
        right_(static_cast<int>(plan.right)),
        columns_(std::max(1, right_)),
        ldb_(std::max(m_, n_)),
        a_(memory.take<T>(plan.rows * plan.columns)),
        b_(memory.take<T>(std::int64_t{ldb_} * columns_)),
        s_(memory.take<double>(std::min(m_, n_))),
        residuals_(memory.take<double>(columns_)) {
    T answer{};
    double real_answer = 1;
    int integer_answer = 1, rank = 0;
    gelsd(m_, n_, columns_, a_, b_, ldb_, s_, plan.rcond, &rank, &answer, {-1, &real_answer, &integer_answer});
    size_.lwork = size_of(answer);
    work_ = memory.take<T>(size_.lwork);
    size_.rwork = memory.take<double>(size_of(real_answer));
    size_.iwork = memory.take<int>(std::max(1, integer_answer));
  }

  linalg_fault operator()(const std::byte* const* in, std::byte* const* out) {
    gather(plane(plan_.in[0], in[0]), m_, n_, a_, m_);
    if (right_ == 0) std::fill_n(b_, ldb_, T(0));
    else gather(plane(plan_.in[1], in[1]), m_, right_, b_, ldb_);
    if (!all_finite(a_, m_, n_, m_) || !all_finite(b_, m_, right_, ldb_)) return linalg_fault::not_finite;
    int rank = 0;
    if (gelsd(m_, n_, columns_, a_, b_, ldb_, s_, plan_.rcond, &rank, work_, size_) != 0)
      return linalg_fault::no_convergence;
    scatter(b_, n_, right_, ldb_, plane(plan_.out[0], out[0]));
    // What is left of b below the solution is what the columns of a do not reach, if they are independent.
    for (int j = 0; j < right_; ++j) {
      double sum = 0;
      for (int i = n_; i < m_; ++i) sum += std::norm(b_[static_cast<std::int64_t>(j) * ldb_ + i]);
      residuals_[j] = sum;
    }
    scatter(residuals_, right_, 1, columns_, plane(plan_.out[1], out[1], true));
    const std::int64_t wide = rank;
    std::memcpy(out[2], &wide, sizeof wide);
    scatter(s_, std::min(m_, n_), 1, m_, plane(plan_.out[3], out[3], true));
    return linalg_fault::none;
  }

 private:
  const linalg_plan& plan_;
  int m_, n_, right_, columns_, ldb_;
  T *a_, *b_, *work_;
  double *s_, *residuals_;
  lstsq_memory size_{};
};

}  // namespace

template <class T> linalg_outcome run_solve(const linalg_plan& plan) {
  return run_each<solve_job<T>>(plan, work_of(plan, 0.25));
}
template <class T> linalg_outcome run_determinant(const linalg_plan& plan) {
  return run_each<determinant_job<T>>(plan, work_of(plan, 0.25));
}
template <class T> linalg_outcome run_cholesky(const linalg_plan& plan) {
  return run_each<cholesky_job<T>>(plan, work_of(plan, 0.25));
}
template <class T> linalg_outcome run_lstsq(const linalg_plan& plan) {
  return run_each<lstsq_job<T>>(plan, work_of(plan, 4));
}

template linalg_outcome run_solve<double>(const linalg_plan&);
template linalg_outcome run_solve<complex_double>(const linalg_plan&);
template linalg_outcome run_determinant<double>(const linalg_plan&);
template linalg_outcome run_determinant<complex_double>(const linalg_plan&);
template linalg_outcome run_cholesky<double>(const linalg_plan&);
template linalg_outcome run_cholesky<complex_double>(const linalg_plan&);
template linalg_outcome run_lstsq<double>(const linalg_plan&);
template linalg_outcome run_lstsq<complex_double>(const linalg_plan&);

}  // namespace tessera::detail::cpu
