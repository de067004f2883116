// Operations of records: == and != over all fields, as recipes of the fields' own comparisons.
#include "core/access.hpp"
#include "core/dtype_parts.hpp"
#include "core/layout.hpp"
#include "core/promotion.hpp"
#include "core/words.hpp"
#include "expr/build.hpp"
#include "expr/other_types.hpp"
#include "tessera/reduce.hpp"
#include "tessera/views.hpp"

namespace tessera::detail {
namespace {

/// Each element's bytes on one more axis.
array byte_view(const array& x, caller where) { return parts_of(x, uint8, 0, x.itemsize(), where); }

class comparison {
 public:
  comparison(op code, caller where) : code_(code), where_(where) {}

  /// Of two arrays of one shape.
  expr of(const array& x, const array& y) const {
    if (!is_record(x.dtype())) return compare(x, y);
    if (!x.dtype().has_fields()) return over_last_axes(compare(byte_view(x, where_), byte_view(y, where_)), 1);
    std::optional<expr> all;
    for (const field& f : x.dtype().fields()) {
      expr one = over_last_axes(of(x[f.name], y[f.name]), f.extents.size());
      if (all) {
        const operand a(*all, where_), b(std::move(one), where_);
        all = elementwise(code_ == op::equal ? op::logical_and : op::logical_or, {&a, &b});
      } else {
        all = std::move(one);
      }
    }
    return std::move(*all);
  }

 private:
  expr compare(const array& x, const array& y) const {
    const operand a(x, where_), b(y, where_);
    return elementwise(code_, {&a, &b});
  }

  expr over_last_axes(expr x, int count) const {
    std::vector<int> last;
    for (int i = 0; i < count; ++i) last.push_back(x.ndim() - 1 - i);
    if (last.empty()) return x;
    return reduction(code_ == op::equal ? fold::all : fold::any, x, axes(last), false, info(code_).name, where_);
  }

  const op code_;
  const caller where_;
};

}  // namespace

std::optional<expr> record_elementwise(op code, const std::vector<other_operand>& x, caller where) {
  if (code != op::equal && code != op::not_equal) return std::nullopt;
  const array &a = x[0].value, &b = x[1].value;
  // Records of the same names with fields that compare; raw bytes of one length.
  if (!promote(a.dtype(), b.dtype()).is_set()) return std::nullopt;
  const shape extents = broadcast(a.shape(), b.shape(), info(code).name, where);
  return comparison(code, where).of(broadcast_to(a, extents, where), broadcast_to(b, extents, where));
}

}  // namespace tessera::detail
