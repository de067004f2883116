// What the verbs on lanes share: where lane or point number n lies, and one function for every element type.
#pragma once
#include <cstdint>

#include "cpu/kernels/element.hpp"
#include "expr/program.hpp"
#include "tessera/shape.hpp"

namespace tessera::detail::cpu {

/// Byte offset of point `number`, in C order.
inline std::int64_t offset_at(const shape& extents, const shape& strides, std::int64_t number) noexcept {
  std::int64_t offset = 0;
  for (int i = extents.size() - 1; i >= 0; --i) {
    offset += number % extents[i] * strides[i];
    number /= extents[i];
  }
  return offset;
}

inline std::int64_t count_of(const shape& extents) noexcept {
  std::int64_t count = 1;
  for (const std::int64_t extent : extents) count *= extent;
  return count;
}

/// Where point i of an operand lies: at a stride where that can be, else by its coordinates. Keeps references to both.
class strided_points {
 public:
  strided_points(const shape& extents, const strided& x) : extents_(extents), x_(x) {
    std::int64_t inner = 1;
    for (int axis = extents.size() - 1; axis >= 0; --axis) {
      if (extents[axis] == 1) continue;
      if (inner == 1) stride_ = x.strides[axis];
      even_ = even_ && x.strides[axis] == stride_ * inner;
      inner *= extents[axis];
    }
  }
  std::byte* at(std::int64_t i) const { return x_.data + (even_ ? i * stride_ : offset_at(extents_, x_.strides, i)); }
  /// Whether each point is `stride` bytes behind the one before.
  bool has_stride(std::int64_t stride) const { return even_ && stride_ == stride; }

 private:
  const shape& extents_;
  const strided& x_;
  std::int64_t stride_ = 0;
  bool even_ = true;
};

/// f.template operator()<T>() with the element type of a dtype.
template <class F> void visit_element(dtype type, F&& f) {
  switch (type.code()) {
    case dtype_code::bool_: return f.template operator()<bool>();
    case dtype_code::int8: return f.template operator()<std::int8_t>();
    case dtype_code::int16: return f.template operator()<std::int16_t>();
    case dtype_code::int32: return f.template operator()<std::int32_t>();
    case dtype_code::int64: return f.template operator()<std::int64_t>();
    case dtype_code::uint8: return f.template operator()<std::uint8_t>();
    case dtype_code::uint16: return f.template operator()<std::uint16_t>();
    case dtype_code::uint32: return f.template operator()<std::uint32_t>();
    case dtype_code::uint64: return f.template operator()<std::uint64_t>();
    case dtype_code::float16: return f.template operator()<float16_t>();
    case dtype_code::bfloat16: return f.template operator()<bfloat16_t>();
    case dtype_code::float32: return f.template operator()<float>();
    case dtype_code::float64: return f.template operator()<double>();
    case dtype_code::complex64: return f.template operator()<complex_value<float>>();
    case dtype_code::complex128: return f.template operator()<complex_value<double>>();
    case dtype_code::unset: return;
  }
}

}  // namespace tessera::detail::cpu
