// The common frame of linalg's functions.
#include "ops/linalg_call.hpp"

#include <algorithm>

#include "backend.hpp"
#include "core/access.hpp"
#include "core/layout.hpp"
#include "core/promotion.hpp"
#include "expr/evaluate.hpp"
#include "ops/contract.hpp"
#include "ops/numbers_only.hpp"

namespace tessera::detail {
namespace {

shape leading(const shape& x) {
  shape result;
  for (int i = 0; i < x.size() - 2; ++i) result.push_back(x[i]);
  return result;
}

const char* text_of(linalg_fault fault, linalg_kind what) noexcept {
  switch (fault) {
    case linalg_fault::singular: return "is singular";
    case linalg_fault::not_positive_definite: return "is not positive definite";
    case linalg_fault::not_finite:
      return what == linalg_kind::lstsq ? "or its right side has an infinity or a NaN" : "has an infinity or a NaN";
    default: return "does not converge";
  }
}

/// "(1, 0)" of a position in C order.
std::string position_text(const shape& extents, std::int64_t number) {
  shape position = extents;
  for (int i = extents.size() - 1; i >= 0; --i) {
    position[i] = number % extents[i];
    number /= extents[i];
  }
  return to_string(position);
}

}  // namespace

dtype linalg_dtype(const char* name, const caller& where, std::initializer_list<const operand*> operands) {
  dtype common = float32;
  for (const operand* x : operands) {
    const dtype own = (*x)->dtype();
    check_numbers({own}, name, where);
    if (own == float16 || own == bfloat16) {
      throw dtype_error(std::string(name) + ": " + own.name() +
                            " is not supported; expected float32, float64, complex64, complex128, an integer or bool",
                        where);
    }
    common = promote(common, own.kind() == 'f' || own.kind() == 'c' ? own : float64);
  }
  return common;
}

dtype real_of(dtype type) noexcept { return type == complex64 ? float32 : type == complex128 ? float64 : type; }
dtype complex_of(dtype type) noexcept { return type == float32 ? complex64 : type == float64 ? complex128 : type; }

void check_matrices(const shape& x, const char* name, const char* argument, const caller& where) {
  if (x.size() >= 2) return;
  throw shape_error(std::string(name) + ": " + argument + " has shape " + to_string(x) + "; expected at least two axes",
                    where);
}

void check_square(const shape& x, const char* name, const char* argument, const caller& where) {
  check_matrices(x, name, argument, where);
  if (x[x.size() - 1] == x[x.size() - 2]) return;
  throw shape_error(std::string(name) + ": " + argument + " has shape " + to_string(x) + "; expected square matrices",
                    where);
}

linalg_call linalg_call::of_matrices(linalg_kind what, const char* name, const operand& x) {
  check_matrices(x->shape(), name, "x", x.where());
  linalg_call call(what, name, x.where());
  call.in(0, x, linalg_dtype(name, x.where(), {&x}));
  call.plan.rows = x->shape()[x->ndim() - 2];
  call.plan.columns = x->shape()[x->ndim() - 1];
  return call;
}

linalg_call linalg_call::of_squares(linalg_kind what, const char* name, const operand& x) {
  check_square(x->shape(), name, "x", x.where());
  return of_matrices(what, name, x);
}

void linalg_call::in(int position, const operand& x, dtype type) {
  in_matrix(position, materialize(x->dtype() == type ? x.recipe() : x->astype(type, where_), where_));
}

void linalg_call::in_matrix(int position, const array& x) {
  inputs_[position] = x;
  count_ = std::max(count_, position + 1);
}

void linalg_call::ready() {
  const tessera::device on = device();
  if (count_ == 2) check_devices(inputs_[0], inputs_[1], name_, where_);
  batch_ = leading(inputs_[0].shape());
  if (count_ == 2) {
    const std::string text = std::string(name_) + ": the axes before the matrices";
    batch_ = broadcast(batch_, leading(inputs_[1].shape()), text.c_str(), where_);
  }
  plan.batch = batch_;
  for (int i = 0; i < count_; ++i) {
    const array& x = inputs_[i];
    shape walked = batch_;
    walked.push_back(x.shape()[x.ndim() - 2]);
    walked.push_back(x.shape()[x.ndim() - 1]);
    plan.in[i] = {access::data(x), x.dtype(), broadcast_strides(x.shape(), x.strides(), walked)};
  }
  const linalg_fault fault = backend_of(on, where_).cannot_factorise(plan);
  if (fault == linalg_fault::absent) {
    throw device_error(
        std::string(name_) + ": " + on.name() + " has no factorisations; x.to(cpu()) computes on the host", where_);
  }
  if (fault == linalg_fault::too_large) {
    throw value_error(std::string(name_) + ": matrices of shape " + to_string(shape{plan.rows, plan.columns}) +
                          " are too large: LAPACK counts in 32 bits",
                      where_);
  }
}

array linalg_call::out(int position, const shape& core, dtype type) {
  shape extents = batch_;
  for (const std::int64_t extent : core) extents.push_back(extent);
  element_count(extents, name_, where_, type.itemsize());
  const array result = access::make(extents, type, order::C, device(), where_);
  plan.out[position] = {access::data(result), type, result.strides()};
  return result;
}

linalg_outcome linalg_call::outcome(bool& ran) {
  ran = plan.rows != 0 && plan.columns != 0 && std::find(batch_.begin(), batch_.end(), 0) == batch_.end();
  return ran ? backend_of(device(), where_).factorise(plan) : linalg_outcome{};
}

bool linalg_call::try_run() {
  bool ran = false;
  outcome(ran);
  return ran;
}

bool linalg_call::run() {
  bool ran = false;
  const linalg_outcome result = outcome(ran);
  if (result.fault == linalg_fault::none) return ran;
  const std::string which = batch_.empty()
                                ? "the matrix of shape " + to_string(inputs_[0].shape())
                                : "matrix " + position_text(batch_, result.matrix) + " of a batch of shape " +
                                      to_string(batch_) + " of " + to_string(shape{plan.rows, plan.columns});
  throw linalg_error(std::string(name_) + ": " + which + " " + text_of(result.fault, plan.what), where_);
}

}  // namespace tessera::detail
