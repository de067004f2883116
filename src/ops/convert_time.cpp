// Times: between units, from and to integers and texts.
#include "ops/convert.hpp"
#include "tessera/error.hpp"

namespace tessera::detail {

array convert_time(const array& x, dtype to, const char* name, caller where) {
  throw_no_cast(x.dtype(), to, name, where);
}

}  // namespace tessera::detail
