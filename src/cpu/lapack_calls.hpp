// The LAPACK functions in use, as gfortran exports them: everything by address, column-major, the lengths of texts behind the
// other arguments. Overloads for double and complex double: calls look the same for both.
#pragma once
#include <complex>
#include <cstddef>
#include <type_traits>

namespace tessera::detail::cpu {

using complex_double = std::complex<double>;

/// double of double and of complex double.
template <class T> inline constexpr bool is_complex = std::is_same_v<T, complex_double>;

// Declared twice: for d… and z….
#define TESSERA_LAPACK(dgesv, dgetrf, dpotrf, dgeqrf, T)                                                      \
  extern "C" void dgesv(const int* n, const int* nrhs, T* a, const int* lda, int* ipiv, T* b, const int* ldb, \
                        int* info);                                                                           \
  extern "C" void dgetrf(const int* m, const int* n, T* a, const int* lda, int* ipiv, int* info);             \
  extern "C" void dpotrf(const char* uplo, const int* n, T* a, const int* lda, int* info, std::size_t);       \
  extern "C" void dgeqrf(const int* m, const int* n, T* a, const int* lda, T* tau, T* work, const int* lwork, \
                         int* info);                                                                          \
  inline int gesv(int n, int nrhs, T* a, int lda, int* ipiv, T* b, int ldb) {                                 \
    int info = 0;                                                                                             \
    dgesv(&n, &nrhs, a, &lda, ipiv, b, &ldb, &info);                                                          \
    return info;                                                                                              \
  }                                                                                                           \
  inline int getrf(int m, int n, T* a, int lda, int* ipiv) {                                                  \
    int info = 0;                                                                                             \
    dgetrf(&m, &n, a, &lda, ipiv, &info);                                                                     \
    return info;                                                                                              \
  }                                                                                                           \
  inline int potrf(char uplo, int n, T* a, int lda) {                                                         \
    int info = 0;                                                                                             \
    dpotrf(&uplo, &n, a, &lda, &info, 1);                                                                     \
    return info;                                                                                              \
  }                                                                                                           \
  inline int geqrf(int m, int n, T* a, int lda, T* tau, T* work, int lwork) {                                 \
    int info = 0;                                                                                             \
    dgeqrf(&m, &n, a, &lda, tau, work, &lwork, &info);                                                        \
    return info;                                                                                              \
  }
TESSERA_LAPACK(dgesv_, dgetrf_, dpotrf_, dgeqrf_, double)
TESSERA_LAPACK(zgesv_, zgetrf_, zpotrf_, zgeqrf_, complex_double)
#undef TESSERA_LAPACK

extern "C" {
void dorgqr_(const int* m, const int* n, const int* k, double* a, const int* lda, const double* tau, double* work,
             const int* lwork, int* info);
void zungqr_(const int* m, const int* n, const int* k, complex_double* a, const int* lda, const complex_double* tau,
             complex_double* work, const int* lwork, int* info);
void dgesdd_(const char* jobz, const int* m, const int* n, double* a, const int* lda, double* s, double* u,
             const int* ldu, double* vt, const int* ldvt, double* work, const int* lwork, int* iwork, int* info,
             std::size_t);
void zgesdd_(const char* jobz, const int* m, const int* n, complex_double* a, const int* lda, double* s,
             complex_double* u, const int* ldu, complex_double* vt, const int* ldvt, complex_double* work,
             const int* lwork, double* rwork, int* iwork, int* info, std::size_t);
void dsyevd_(const char* jobz, const char* uplo, const int* n, double* a, const int* lda, double* w, double* work,
             const int* lwork, int* iwork, const int* liwork, int* info, std::size_t, std::size_t);
void zheevd_(const char* jobz, const char* uplo, const int* n, complex_double* a, const int* lda, double* w,
             complex_double* work, const int* lwork, double* rwork, const int* lrwork, int* iwork, const int* liwork,
             int* info, std::size_t, std::size_t);
void dgeev_(const char* jobvl, const char* jobvr, const int* n, double* a, const int* lda, double* wr, double* wi,
            double* vl, const int* ldvl, double* vr, const int* ldvr, double* work, const int* lwork, int* info,
            std::size_t, std::size_t);
void zgeev_(const char* jobvl, const char* jobvr, const int* n, complex_double* a, const int* lda, complex_double* w,
            complex_double* vl, const int* ldvl, complex_double* vr, const int* ldvr, complex_double* work,
            const int* lwork, double* rwork, int* info, std::size_t, std::size_t);
void dgelsd_(const int* m, const int* n, const int* nrhs, double* a, const int* lda, double* b, const int* ldb,
             double* s, const double* rcond, int* rank, double* work, const int* lwork, int* iwork, int* info);
void zgelsd_(const int* m, const int* n, const int* nrhs, complex_double* a, const int* lda, complex_double* b,
             const int* ldb, double* s, const double* rcond, int* rank, complex_double* work, const int* lwork,
             double* rwork, int* iwork, int* info);
}

}  // namespace tessera::detail::cpu
