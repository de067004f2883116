// Texts: between widths and kinds, from and to numbers.
#include "ops/convert.hpp"
#include "tessera/error.hpp"

namespace tessera::detail {

array convert_text(const array& x, dtype to, const char* name, caller where) {
  throw_no_cast(x.dtype(), to, name, where);
}

}  // namespace tessera::detail
