// Units of time.
#include "core/time_units.hpp"

namespace tessera::detail {

dtype promote_times(dtype, dtype) { return {}; }
bool time_casts_safely(dtype, dtype) { return false; }

}  // namespace tessera::detail
