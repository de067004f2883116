// QR, singular values, eigenvalues.
#include "cpu/lapack_job.hpp"

namespace tessera::detail::cpu {
namespace {

// ---- QR

void orgqr(int m, int n, int k, double* a, int lda, const double* tau, double* work, int lwork) {
  int info = 0;
  dorgqr_(&m, &n, &k, a, &lda, tau, work, &lwork, &info);
}
void orgqr(int m, int n, int k, complex_double* a, int lda, const complex_double* tau, complex_double* work,
           int lwork) {
  int info = 0;
  zungqr_(&m, &n, &k, a, &lda, tau, work, &lwork, &info);
}

template <class T> class qr_job {
 public:
  qr_job(const linalg_plan& plan, workspace& memory)
      : plan_(plan),
        m_(static_cast<int>(plan.rows)),
        n_(static_cast<int>(plan.columns)),
        small_(std::min(m_, n_)),
        k_(plan.full ? m_ : small_) {
    const bool q = plan.what == linalg_kind::qr && plan.out[0].data;
    a_ = memory.take<T>(plan.rows * (q ? std::max(n_, k_) : n_));
    tau_ = memory.take<T>(small_);
    T answer{};
    geqrf(m_, n_, a_, m_, tau_, &answer, -1);
    lwork_ = size_of(answer);
    if (q) orgqr(m_, k_, small_, a_, m_, tau_, &answer, -1);
    lwork_ = std::max(lwork_, size_of(answer));
    work_ = memory.take<T>(lwork_);
  }

  linalg_fault operator()(const std::byte* const* in, std::byte* const* out) {
    gather(plane(plan_.in[0], in[0]), m_, n_, a_, m_);
    geqrf(m_, n_, a_, m_, tau_, work_, lwork_);
    if (plan_.what == linalg_kind::qr_raw) {
      plane transposed(plan_.out[0], out[0]);
      std::swap(transposed.row, transposed.column);
      scatter(a_, m_, n_, m_, transposed);
      scatter(tau_, small_, 1, small_, plane(plan_.out[1], out[1], true));
      return linalg_fault::none;
    }
    write_r(plane(plan_.out[1], out[1]));
    if (!out[0]) return linalg_fault::none;
    orgqr(m_, k_, small_, a_, m_, tau_, work_, lwork_);
    scatter(a_, m_, k_, m_, plane(plan_.out[0], out[0]));
    return linalg_fault::none;
  }

 private:
  // The reflectors lie below the diagonal of a_.
  void write_r(plane r) {
    const T zero(0);
    for (int i = 0; i < k_; ++i) {
      for (int j = 0; j < n_; ++j) {
        plane element = r;
        element.data += i * r.row + j * r.column;
        scatter(j < i ? &zero : a_ + static_cast<std::int64_t>(j) * m_ + i, 1, 1, 1, element);
      }
    }
  }

  const linalg_plan& plan_;
  int m_, n_, small_, k_, lwork_ = 0;
  T *a_, *tau_, *work_;
};

// ---- singular values

struct svd_arguments {
  char job;
  int m, n, ldu, ldvh;
};
int gesdd(const svd_arguments& x, double* a, double* s, double* u, double* vh, double* work, int lwork, double*,
          int* iwork) {
  int info = 0;
  dgesdd_(&x.job, &x.m, &x.n, a, &x.m, s, u, &x.ldu, vh, &x.ldvh, work, &lwork, iwork, &info, 1);
  return info;
}
int gesdd(const svd_arguments& x, complex_double* a, double* s, complex_double* u, complex_double* vh,
          complex_double* work, int lwork, double* rwork, int* iwork) {
  int info = 0;
  zgesdd_(&x.job, &x.m, &x.n, a, &x.m, s, u, &x.ldu, vh, &x.ldvh, work, &lwork, rwork, iwork, &info, 1);
  return info;
}

template <class T> class svd_job {
 public:
  svd_job(const linalg_plan& plan, workspace& memory) : plan_(plan) {
    const std::int64_t m = plan.rows, n = plan.columns, small = std::min(m, n), large = std::max(m, n);
    const bool vectors = plan.out[0].data;
    small_ = static_cast<int>(small);
    k_ = plan.full ? m : small;
    l_ = plan.full ? n : small;
    x_ = {!vectors    ? 'N'
          : plan.full ? 'A'
                      : 'S',
          static_cast<int>(m), static_cast<int>(n), static_cast<int>(m), static_cast<int>(l_)};
    a_ = memory.take<T>(m * n);
    s_ = memory.take<double>(small);
    u_ = memory.take<T>(vectors ? m * k_ : 1);
    vh_ = memory.take<T>(vectors ? l_ * n : 1);
    iwork_ = memory.take<int>(8 * small);
    if (is_complex<T>) {  // as zgesdd's description says; older ones want more without vectors
      rwork_ = memory.take<double>(
          vectors ? std::max(5 * small * small + 5 * small, 2 * large * small + 2 * small * small + small) : 7 * small);
    }
    T answer{};
    gesdd(x_, a_, s_, u_, vh_, &answer, -1, rwork_, iwork_);
    lwork_ = size_of(answer);
    work_ = memory.take<T>(lwork_);
  }

  linalg_fault operator()(const std::byte* const* in, std::byte* const* out) {
    gather(plane(plan_.in[0], in[0]), x_.m, x_.n, a_, x_.m);
    if (!all_finite(a_, x_.m, x_.n, x_.m)) return linalg_fault::not_finite;
    if (gesdd(x_, a_, s_, u_, vh_, work_, lwork_, rwork_, iwork_) != 0) return linalg_fault::no_convergence;
    scatter(s_, small_, 1, small_, plane(plan_.out[1], out[1], true));
    if (!out[0]) return linalg_fault::none;
    scatter(u_, x_.m, k_, x_.m, plane(plan_.out[0], out[0]));
    scatter(vh_, l_, x_.n, l_, plane(plan_.out[2], out[2]));
    return linalg_fault::none;
  }

 private:
  const linalg_plan& plan_;
  svd_arguments x_;
  int small_, lwork_ = 0;
  std::int64_t k_, l_;  // columns of u, rows of vh
  T *a_, *u_, *vh_, *work_;
  double *s_, *rwork_ = nullptr;
  int* iwork_;
};

// ---- eigenvalues of a symmetric or Hermitian matrix

struct eigh_memory {
  int lwork, lrwork, liwork;
  double* rwork;
  int* iwork;
};
int heevd(char job, char triangle, int n, double* a, double* w, double* work, const eigh_memory& x) {
  int info = 0;
  dsyevd_(&job, &triangle, &n, a, &n, w, work, &x.lwork, x.iwork, &x.liwork, &info, 1, 1);
  return info;
}
int heevd(char job, char triangle, int n, complex_double* a, double* w, complex_double* work, const eigh_memory& x) {
  int info = 0;
  zheevd_(&job, &triangle, &n, a, &n, w, work, &x.lwork, x.rwork, &x.lrwork, x.iwork, &x.liwork, &info, 1, 1);
  return info;
}

template <class T> class eigh_job {
 public:
  eigh_job(const linalg_plan& plan, workspace& memory)
      : plan_(plan),
        n_(static_cast<int>(plan.rows)),
        job_(plan.out[1].data ? 'V' : 'N'),
        a_(memory.take<T>(plan.rows * plan.rows)),
        w_(memory.take<double>(plan.rows)) {
    T answer{};
    double real_answer = 1;
    int integer_answer = 1;
    heevd(job_, triangle(), n_, a_, w_, &answer, {-1, -1, -1, &real_answer, &integer_answer});
    size_ = {size_of(answer), size_of(real_answer), std::max(1, integer_answer), nullptr, nullptr};
    work_ = memory.take<T>(size_.lwork);
    size_.rwork = memory.take<double>(size_.lrwork);
    size_.iwork = memory.take<int>(size_.liwork);
  }

  linalg_fault operator()(const std::byte* const* in, std::byte* const* out) {
    gather(plane(plan_.in[0], in[0]), n_, n_, a_, n_);
    if (!all_finite(a_, n_, n_, n_, plan_.lower ? part::lower : part::upper)) return linalg_fault::not_finite;
    if (heevd(job_, triangle(), n_, a_, w_, work_, size_) != 0) return linalg_fault::no_convergence;
    scatter(w_, n_, 1, n_, plane(plan_.out[0], out[0], true));
    if (out[1]) scatter(a_, n_, n_, n_, plane(plan_.out[1], out[1]));
    return linalg_fault::none;
  }

 private:
  char triangle() const noexcept { return plan_.lower ? 'L' : 'U'; }

  const linalg_plan& plan_;
  int n_;
  char job_;
  T *a_, *work_;
  double* w_;
  eigh_memory size_;
};

// ---- eigenvalues of any square matrix

/// work: real matrices get eigenvalues in two parts and conjugate pairs of eigenvectors in two real columns.
struct eig_memory {
  double *wr, *wi, *rwork;
  void* vectors;
  int lwork;
};
int geev(char job, int n, double* a, complex_double* w, complex_double* v, double* work, const eig_memory& x) {
  int info = 0;
  const int one = 1, lwork = x.lwork;
  auto* const vectors = static_cast<double*>(x.vectors);
  dgeev_("N", &job, &n, a, &n, x.wr, x.wi, nullptr, &one, vectors, &n, work, &lwork, &info, 1, 1);
  if (info != 0 || lwork < 0) return info;
  for (int j = 0; j < n; ++j) w[j] = {x.wr[j], x.wi[j]};
  if (job == 'N') return 0;
  for (std::int64_t j = 0; j < n; ++j) {
    const double *re = vectors + j * n, *im = re + n;
    complex_double* to = v + j * n;
    if (x.wi[j] == 0) {
      for (int i = 0; i < n; ++i) to[i] = re[i];
      continue;
    }
    for (int i = 0; i < n; ++i) {
      to[i] = {re[i], im[i]};
      to[n + i] = {re[i], -im[i]};
    }
    ++j;
  }
  return 0;
}
int geev(char job, int n, complex_double* a, complex_double* w, complex_double* v, complex_double* work,
         const eig_memory& x) {
  int info = 0;
  const int one = 1;
  zgeev_("N", &job, &n, a, &n, w, nullptr, &one, v, &n, work, &x.lwork, x.rwork, &info, 1, 1);
  return info;
}

template <class T> class eig_job {
 public:
  eig_job(const linalg_plan& plan, workspace& memory)
      : plan_(plan), n_(static_cast<int>(plan.rows)), job_(plan.out[1].data ? 'V' : 'N') {
    const std::int64_t n = plan.rows, square = job_ == 'V' ? n * n : 1;
    a_ = memory.take<T>(n * n);
    w_ = memory.take<complex_double>(n);
    v_ = memory.take<complex_double>(square);
    x_.wr = memory.take<double>(n);
    x_.wi = memory.take<double>(n);
    x_.rwork = memory.take<double>(2 * n);
    x_.vectors = memory.take<double>(is_complex<T> ? 1 : square);
    T answer{};
    double real_answer = 1;  // zgeev's query writes there, too
    geev(job_, n_, a_, w_, v_, &answer, {x_.wr, x_.wi, &real_answer, x_.vectors, -1});
    x_.lwork = size_of(answer);
    work_ = memory.take<T>(x_.lwork);
  }

  linalg_fault operator()(const std::byte* const* in, std::byte* const* out) {
    gather(plane(plan_.in[0], in[0]), n_, n_, a_, n_);
    if (!all_finite(a_, n_, n_, n_)) return linalg_fault::not_finite;
    if (geev(job_, n_, a_, w_, v_, work_, x_) != 0) return linalg_fault::no_convergence;
    scatter(w_, n_, 1, n_, plane(plan_.out[0], out[0], true));
    if (out[1]) scatter(v_, n_, n_, n_, plane(plan_.out[1], out[1]));
    return linalg_fault::none;
  }

 private:
  const linalg_plan& plan_;
  int n_;
  char job_;
  T *a_, *work_;
  complex_double *w_, *v_;
  eig_memory x_;
};

}  // namespace

template <class T> linalg_outcome run_qr(const linalg_plan& plan) {
  return run_each<qr_job<T>>(plan, work_of(plan, 1));
}
template <class T> linalg_outcome run_svd(const linalg_plan& plan) {
  return run_each<svd_job<T>>(plan, work_of(plan, 4));
}
template <class T> linalg_outcome run_eigh(const linalg_plan& plan) {
  return run_each<eigh_job<T>>(plan, work_of(plan, 2));
}
template <class T> linalg_outcome run_eig(const linalg_plan& plan) {
  return run_each<eig_job<T>>(plan, work_of(plan, 6));
}

template linalg_outcome run_qr<double>(const linalg_plan&);
template linalg_outcome run_qr<complex_double>(const linalg_plan&);
template linalg_outcome run_svd<double>(const linalg_plan&);
template linalg_outcome run_svd<complex_double>(const linalg_plan&);
template linalg_outcome run_eigh<double>(const linalg_plan&);
template linalg_outcome run_eigh<complex_double>(const linalg_plan&);
template linalg_outcome run_eig<double>(const linalg_plan&);
template linalg_outcome run_eig<complex_double>(const linalg_plan&);

}  // namespace tessera::detail::cpu
