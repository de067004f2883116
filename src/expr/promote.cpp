// dtype rules of operations: NumPy's promotion with weak C++ scalars (NEP 50) and its choice of loop.
#include "expr/build.hpp"

#include <algorithm>

namespace tessera::detail {

namespace {

// The order NumPy searches an operation's loops in. bfloat16 is looked at only when an operand has it.
constexpr dtype search_order[] = {bool_,  int8,    uint8,    int16,   uint16,  int32,     uint32,    int64,
                                  uint64, float16, bfloat16, float32, float64, complex64, complex128};

std::uint8_t loop_kind_of(dtype type) noexcept {
  switch (type.kind()) {
    case 'b': return B;
    case 'i':
    case 'u': return I;
    case 'f': return F;
    case 'c': return C;
    default: return 0;
  }
}

bool is_integral(dtype type) noexcept { return (loop_kind_of(type) & (B | I)) != 0; }

/// What `type` becomes beside a weak scalar.
dtype beside_weak(dtype type, weak_kind weak) noexcept {
  const bool exact = is_integral(type);
  switch (weak) {
    case weak_kind::none: return type;
    case weak_kind::integer: return type == bool_ ? int64 : type;
    // bfloat16: as ml_dtypes registers it with NumPy
    case weak_kind::floating: return exact ? float64 : type == bfloat16 ? float32 : type;
    case weak_kind::complex:
      if (exact || type == float64) return complex128;
      return type.kind() == 'c' ? type : complex64;
  }
  return type;
}

dtype promote(const operand_type* operands, int count) {
  dtype result;
  weak_kind weak = weak_kind::none;
  for (int i = 0; i < count; ++i) {
    weak = std::max(weak, operands[i].weak);
    if (operands[i].weak != weak_kind::none) continue;
    result = result.is_set() ? result_type(result, operands[i].type) : operands[i].type;
  }
  if (result.is_set()) return beside_weak(result, weak);
  for (int i = 0; i < count; ++i) {
    result = result.is_set() ? result_type(result, operands[i].type) : operands[i].type;
  }
  return result;
}

[[noreturn]] void throw_no_loop(op code, const operand_type* operands, int count, caller where) {
  std::string text =
      std::string(info(code).name) + (count == 1 ? ": not supported for dtype " : ": not supported for dtypes ");
  for (int i = 0; i < count; ++i) {
    if (i > 0) text += i + 1 == count ? " and " : ", ";
    text += operands[i].type.name();
  }
  if (code == op::subtract) text += "; use bitwise_xor or logical_xor";
  if (code == op::negative) text += "; use bitwise_invert or logical_not";
  throw dtype_error(text, where);
}

/// The first loop of `code` that all operands, none of them weak, cast to safely; unset when there is none.
dtype find_loop(op code, const operand_type* operands, int count) {
  const op_info& row = info(code);
  const dtype first = operands[0].type;
  if (has_own_loop(code, first) &&
      std::all_of(operands + 1, operands + count, [first](const operand_type& x) { return x.type == first; })) {
    return first;
  }
  bool all_bool = true, all_integral = true, any_bfloat16 = false;
  for (int i = 0; i < count; ++i) {
    all_bool &= operands[i].type == bool_;
    all_integral &= is_integral(operands[i].type);
    any_bfloat16 |= operands[i].type == bfloat16;
  }
  if (all_bool && row.notes == note::strict_bool) return {};
  if (all_integral && row.notes == note::float64_of_int) return float64;
  for (dtype loop : search_order) {
    if ((row.loops & loop_kind_of(loop)) == 0 || (loop == bfloat16 && !any_bfloat16)) continue;
    bool fits = true;
    for (int i = 0; fits && i < count; ++i) fits = can_cast(operands[i].type, loop, casting::safe);
    if (fits) return loop;
  }
  return {};
}

/// ldexp: only the first operand chooses; a C++ integer there fits the first loop, as in NumPy.
dtype find_scaling_loop(op code, const operand_type* operands) {
  const bool second_fits = operands[1].weak == weak_kind::integer || can_cast(operands[1].type, int64, casting::safe);
  const operand_type first =
      operands[0].weak == weak_kind::integer && operands[1].weak == weak_kind::none && !(operands[1].type == bool_)
          ? operand_type{int8}
          : operand_type{operands[0].type};
  return second_fits ? find_loop(code, &first, 1) : dtype();
}

}  // namespace

// Of all loops that a dtype casts to safely its own comes first.
bool has_own_loop(op code, dtype type) noexcept {
  const std::uint8_t kind = loop_kind_of(type);
  const note notes = info(code).notes;
  if ((info(code).loops & kind) == 0 || notes == note::integer_second) return false;
  return notes == note::none || (kind & (F | C)) != 0;
}

weak_kind weak_kind_of(const expr& x) noexcept {
  if (access::node_of(x) != nullptr) return weak_kind::none;
  switch (access::scalar_of(x).type.kind()) {
    case 'b': return weak_kind::none;
    case 'i':
    case 'u': return weak_kind::integer;
    case 'f': return weak_kind::floating;
    default: return weak_kind::complex;
  }
}

dtype promote(std::initializer_list<operand_type> operands) {
  return promote(operands.begin(), static_cast<int>(operands.size()));
}

dtype loop_dtype(op code, const operand_type* operands, int count, caller where) {
  bool any_weak = false;
  for (int i = 0; i < count; ++i) any_weak |= operands[i].weak != weak_kind::none;
  dtype loop;
  if (info(code).notes == note::integer_second) {
    loop = find_scaling_loop(code, operands);
  } else if (any_weak) {
    const operand_type common{promote(operands, count)};
    loop = find_loop(code, &common, 1);
  } else {
    loop = find_loop(code, operands, count);
  }
  if (!loop.is_set()) throw_no_loop(code, operands, count, where);
  return loop;
}

dtype loop_dtype(op code, std::initializer_list<operand_type> operands, caller where) {
  return loop_dtype(code, operands.begin(), static_cast<int>(operands.size()), where);
}

dtype result_dtype(op code, dtype loop) {
  switch (info(code).result) {
    case gives::same: return loop;
    case gives::bool_: return bool_;
    case gives::real: return loop == complex64 ? float32 : loop == complex128 ? float64 : loop;
    case gives::uint8: return uint8;
    case gives::int32: return int32;
  }
  return loop;
}

}  // namespace tessera::detail
