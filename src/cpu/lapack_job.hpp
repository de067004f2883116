// What the factorisations share: column-major scratch for one matrix, moves between it and strided arrays, the loop over the
// batch. LAPACK itself runs on one thread a matrix.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>

#include "cpu/lanes.hpp"
#include "cpu/lapack_calls.hpp"
#include "cpu/memory.hpp"
#include "cpu/threads.hpp"
#include "ops/linalg_plan.hpp"

namespace tessera::detail::cpu {

/// One matrix of an array, or a vector as a matrix of one column.
struct plane {
  plane(const strided& array, const std::byte* at, bool vector = false)
      : data(const_cast<std::byte*>(at)),
        itemsize(array.type.itemsize()),
        row(array.strides[array.strides.size() - (vector ? 1 : 2)]),
        column(vector ? 0 : array.strides[array.strides.size() - 1]) {}
  std::byte* data;
  int itemsize;
  std::int64_t row, column;
};

template <class Stored, class T>
void gather_as(const plane& from, std::int64_t rows, std::int64_t columns, T* to, std::int64_t ld) {
  for (std::int64_t j = 0; j < columns; ++j) {
    for (std::int64_t i = 0; i < rows; ++i) {
      Stored value;
      std::memcpy(&value, from.data + i * from.row + j * from.column, sizeof value);
      to[j * ld + i] = T(value);
    }
  }
}

template <class Stored, class T>
void scatter_as(const T* from, std::int64_t rows, std::int64_t columns, std::int64_t ld, const plane& to) {
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      const Stored value(from[j * ld + i]);
      std::memcpy(to.data + i * to.row + j * to.column, &value, sizeof value);
    }
  }
}

template <class T> using single_of = std::conditional_t<is_complex<T>, std::complex<float>, float>;

/// To column-major memory whose columns lie `ld` elements apart.
template <class T> void gather(const plane& from, std::int64_t rows, std::int64_t columns, T* to, std::int64_t ld) {
  if (from.itemsize == sizeof(T)) gather_as<T>(from, rows, columns, to, ld);
  else gather_as<single_of<T>>(from, rows, columns, to, ld);
}

/// And back, rounded to the array's precision.
template <class T>
void scatter(const T* from, std::int64_t rows, std::int64_t columns, std::int64_t ld, const plane& to) {
  if (to.itemsize == sizeof(T)) scatter_as<T>(from, rows, columns, ld, to);
  else scatter_as<single_of<T>>(from, rows, columns, ld, to);
}

enum class part { all, lower, upper };

inline bool is_finite(double x) noexcept { return std::isfinite(x); }
inline bool is_finite(const complex_double& x) noexcept { return std::isfinite(x.real()) && std::isfinite(x.imag()); }

/// LAPACK's iterations may not end, or end the process, where an element is none.
template <class T>
bool all_finite(const T* a, std::int64_t rows, std::int64_t columns, std::int64_t ld, part which = part::all) noexcept {
  for (std::int64_t j = 0; j < columns; ++j) {
    const std::int64_t first = which == part::lower ? j : 0, last = which == part::upper ? j + 1 : rows;
    for (std::int64_t i = first; i < last; ++i) {
      if (!is_finite(a[j * ld + i])) return false;
    }
  }
  return true;
}

/// Zeros strictly above or below the diagonal.
template <class T> void clear(part which, T* a, std::int64_t rows, std::int64_t columns, std::int64_t ld) {
  for (std::int64_t j = 0; j < columns; ++j) {
    const std::int64_t first = which == part::lower ? j + 1 : 0, last = which == part::lower ? rows : std::min(j, rows);
    for (std::int64_t i = first; i < last; ++i) a[j * ld + i] = T(0);
  }
}

/// What a query for the best size of work memory left in its first element.
inline int size_of(double answer) noexcept { return std::max(1, static_cast<int>(answer)); }
inline int size_of(const complex_double& answer) noexcept { return size_of(answer.real()); }

/// Operations on one matrix, in the unit of parallel_loop: `factor` times large * small**2, and the right sides.
inline std::int64_t work_of(const linalg_plan& plan, double factor) noexcept {
  const double m = static_cast<double>(plan.rows), n = static_cast<double>(plan.columns),
               work = m * n * (factor * std::min(m, n) + 0.5 * static_cast<double>(plan.right));
  return 1000 + static_cast<std::int64_t>(std::min(work, 1e9));
}

/// Runs a job on each matrix of the batch. A Job takes its memory from a workspace when it is made, and works on one
/// matrix when it is called with the addresses of its inputs and outputs.
template <class Job> linalg_outcome run_each(const linalg_plan& plan, std::int64_t work_each) {
  workspace needed;
  Job(plan, needed);
  const parallel_loop loop(count_of(plan.batch), work_each);
  const scratch memory(loop.slots() * needed.used());
  linalg_outcome outcome;
  std::mutex guard;
  loop.run([&](std::int64_t first, std::int64_t last, int slot) {
    workspace own(memory.data() + slot * needed.used());
    Job job(plan, own);
    for (std::int64_t i = first; i < last; ++i) {
      const std::byte* in[2] = {};
      std::byte* out[4] = {};
      const auto at = [&](const strided& x) { return x.data ? x.data + offset_at(plan.batch, x.strides, i) : nullptr; };
      for (int k = 0; k < 2; ++k) in[k] = at(plan.in[k]);
      for (int k = 0; k < 4; ++k) out[k] = at(plan.out[k]);
      const linalg_fault fault = job(in, out);
      if (fault == linalg_fault::none) continue;
      const std::lock_guard lock(guard);
      if (outcome.fault == linalg_fault::none || i < outcome.matrix) outcome = {fault, i};
    }
  });
  return outcome;
}

// ---- one function a kind, each for double and complex double
template <class T> linalg_outcome run_solve(const linalg_plan& plan);
template <class T> linalg_outcome run_determinant(const linalg_plan& plan);
template <class T> linalg_outcome run_cholesky(const linalg_plan& plan);
template <class T> linalg_outcome run_lstsq(const linalg_plan& plan);
template <class T> linalg_outcome run_qr(const linalg_plan& plan);
template <class T> linalg_outcome run_svd(const linalg_plan& plan);
template <class T> linalg_outcome run_eigh(const linalg_plan& plan);
template <class T> linalg_outcome run_eig(const linalg_plan& plan);

}  // namespace tessera::detail::cpu
