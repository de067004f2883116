// Which cast it is, when one of the dtypes is no number.
#include "ops/convert.hpp"

#include "core/access.hpp"
#include "core/dtype_parts.hpp"
#include "tessera/error.hpp"

namespace tessera::detail {

array convert(const array& x, dtype to, const char* name, caller where) {
  const dtype from = x.dtype();
  if (from == to) return x;
  if (from.is_number() && to.is_number()) return x.astype(to, order::K);
  if (is_record(from) || is_record(to)) return convert_record(x, to, name, where);
  if (is_time(from) || is_time(to)) return convert_time(x, to, name, where);
  return convert_text(x, to, name, where);
}

array fresh_like(const array& x, dtype to, caller where) {
  return access::make_strided(x.shape(), fresh_strides(x, to.itemsize(), order::K), to, x.device(), where);
}

void throw_no_cast(dtype from, dtype to, const char* name, caller where) {
  throw dtype_error(std::string(name) + ": " + from.name() + " does not cast to " + to.name(), where);
}

void require_host(const array& x, const std::string& what, const char* name, caller where) {
  if (x.device() == cpu()) return;
  throw device_error(std::string(name) + ": " + what + " is done on the host only, and the elements are on " +
                         x.device().name() + "; x.to(cpu()) brings them there",
                     where);
}

}  // namespace tessera::detail
