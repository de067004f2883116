// What the functions of linalg share: checks, the common dtype, the call of the backend and what its failures are called.
#pragma once
#include <initializer_list>
#include <utility>

#include "ops/linalg_plan.hpp"
#include "tessera/array.hpp"

namespace tessera::detail {

/// float32, float64, complex64 or complex128: that of the operands together, float64 for integers and bool. Throws dtype_error.
dtype linalg_dtype(const char* name, const caller& where, std::initializer_list<const operand*> operands);
dtype real_of(dtype type) noexcept;
dtype complex_of(dtype type) noexcept;

/// Throws shape_error "NAME: x has shape (…); expected …".
void check_matrices(const shape& x, const char* name, const char* argument, const caller& where);
void check_square(const shape& x, const char* name, const char* argument, const caller& where);

/// One call of a backend: made with the operands, told the outputs, run.
class linalg_call {
 public:
  linalg_call(linalg_kind what, const char* name, const caller& where) : name_(name), where_(where) {
    plan.what = what;
  }
  /// On one operand, called x in messages. Throws shape_error.
  static linalg_call of_matrices(linalg_kind what, const char* name, const operand& x);
  static linalg_call of_squares(linalg_kind what, const char* name, const operand& x);

  /// Runs x in this dtype; its last two axes are the matrix.
  void in(int position, const operand& x, dtype type);
  /// The same matrix for all of the batch.
  void in_matrix(int position, const array& x);
  /// All inputs are there, extents and flags set in `plan`: the batch, and whether the device takes it. Throws.
  void ready();
  /// A new array of the batch's shape with these axes behind it.
  array out(int position, const shape& core, dtype type);
  /// False, and nothing done, where there is not one element to compute with. Throws linalg_error.
  bool run();
  /// The same, but a matrix that fails gives NaN.
  bool try_run();

  const array& input(int position) const noexcept { return inputs_[position]; }
  const shape& batch() const noexcept { return batch_; }
  tessera::device device() const noexcept { return inputs_[0].device(); }

  linalg_plan plan;

 private:
  linalg_outcome outcome(bool& ran);

  const char* name_;
  caller where_;
  array inputs_[2];
  shape batch_;
  int count_ = 0;
};

}  // namespace tessera::detail
