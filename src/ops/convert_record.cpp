// Records: field by field, and values that fill all fields.
#include "ops/convert.hpp"
#include "tessera/error.hpp"

namespace tessera::detail {

array convert_record(const array& x, dtype to, const char* name, caller where) {
  throw_no_cast(x.dtype(), to, name, where);
}

}  // namespace tessera::detail
