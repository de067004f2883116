// What is done to rows before their distances are taken.
#include "ops/metric_rows.hpp"

#include "expr/evaluate.hpp"

namespace tessera::detail {
namespace {

dtype type_of(const char* name, const array& x, const array& y, dtype wanted, const caller& where) {
  if (wanted == float32 || wanted == float64) return wanted;
  if (!(wanted == dtype())) {
    throw dtype_error(std::string(name) + ": dtype " + wanted.name() + " is not supported; expected float32 or float64",
                      where);
  }
  const auto is_small = [](const array& a) { return a.dtype().kind() == 'f' && a.dtype().itemsize() <= 4; };
  return is_small(x) && is_small(y) ? float32 : float64;
}

}  // namespace

metric_rows rows_of(const char* name, const array& x, const array& y, const metric& by, const distance_method&,
                    dtype wanted, const caller& where) {
  metric_rows rows;
  bool found = false;
  for (int code = 0; code <= static_cast<int>(metric_code::sqeuclidean) && !found; ++code) {
    rows.what = static_cast<metric_code>(code);
    found = by.name() == name_of(rows.what);
  }
  if (!found) throw value_error(std::string(name) + ": there is no metric '" + by.name() + "'", where);
  rows.type = rows.result = type_of(name, x, y, wanted, where);
  rows.x.push_back(materialize(x.astype(rows.type), where));
  rows.y.push_back(materialize(y.astype(rows.type), where));
  rows.total = static_cast<double>(x.shape()[x.ndim() - 1]);
  rows.order = by.options().p;
  return rows;
}

}  // namespace tessera::detail
