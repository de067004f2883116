// Records: field by field, and values that fill all fields; raw bytes. On any device, as assignments to views.
#include <algorithm>

#include "backend.hpp"
#include "core/access.hpp"
#include "core/dtype_parts.hpp"
#include "core/layout.hpp"
#include "core/words.hpp"
#include "expr/evaluate.hpp"
#include "ops/convert.hpp"

namespace tessera::detail {
namespace {

/// New elements, all bytes 0: those between fields too.
array zeros_like(const array& x, dtype to, caller where) {
  const array result = fresh_like(x, to, where);
  if (result.size() > 0) backend_of(x.device(), where).fill_zero(access::data(result), result.nbytes());
  return result;
}

/// Cut off, or zeros behind them.
array as_raw_bytes(const array& x, dtype to, const char* name, caller where) {
  const array result = zeros_like(x, to, where);
  const std::int64_t count = std::min(x.itemsize(), to.itemsize());
  evaluate_into(parts_of(result, uint8, 0, count, where), parts_of(x, uint8, 0, count, where), assign_rule::unsafe,
                name, where);
  return result;
}

/// Elements of shape `from` for each element of an array with `axes` axes, as those of shape `to` that they broadcast to.
array beside_sub_array(const array& x, int axes, int from, int to) {
  shape extents = x.shape(), strides = x.strides();
  for (int i = from; i < to; ++i) {
    extents.insert(axes, 1);
    strides.insert(axes, 0);
  }
  return access::view(x, access::data(x), x.dtype(), extents, strides);
}

/// By position, as NumPy assigns; a sub-array takes what broadcasts to it.
array by_fields(const array& x, dtype to, const char* name, caller where) {
  const std::vector<field>&from = x.dtype().fields(), &fields = to.fields();
  if (from.size() != fields.size()) throw_no_cast(x.dtype(), to, name, where);
  const array result = zeros_like(x, to, where);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!broadcasts_to(from[i].extents, fields[i].extents)) throw_no_cast(x.dtype(), to, name, where);
    const array values = beside_sub_array(x[from[i].name], x.ndim(), from[i].extents.size(), fields[i].extents.size());
    evaluate_into(result[fields[i].name], values, assign_rule::unsafe, name, where);
  }
  return result;
}

array into_all_fields(const array& x, dtype to, const char* name, caller where) {
  const array result = zeros_like(x, to, where);
  for (const field& f : to.fields()) {
    const array values = beside_sub_array(x, x.ndim(), 0, f.extents.size());
    evaluate_into(result[f.name], values, assign_rule::unsafe, name, where);
  }
  return result;
}

}  // namespace

array convert_record(const array& x, dtype to, const char* name, caller where) {
  const dtype from = x.dtype();
  if (from.has_fields() && to.has_fields()) return by_fields(x, to, name, where);
  if (from.has_fields()) {
    const field& only = from.fields().front();
    if (from.fields().size() > 1 || !only.extents.empty() || is_record(to)) throw_no_cast(from, to, name, where);
    return convert(x[only.name], to, name, where);
  }
  if (to.has_fields() && !is_record(from)) return into_all_fields(x, to, name, where);
  if (is_record(to) && !to.has_fields()) return as_raw_bytes(x, to, name, where);
  throw_no_cast(from, to, name, where);
}

}  // namespace tessera::detail
