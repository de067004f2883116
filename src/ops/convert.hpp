// Casts where one side is no number: texts, times, records. (Between numbers a cast is a node of the recipe.)
#pragma once
#include "tessera/array.hpp"

namespace tessera::detail {

/// x with elements of another dtype, as numpy.ndarray.astype, in x's memory order and on its device; texts of no size given get
/// the one they need. Throws dtype_error "NAME: … does not cast to …", value_error for text that says no such value, device_error
/// for what exists on the host only.
array convert(const array& x, dtype to, const char* name, caller where);

/// Not initialised, in x's memory order and on its device.
array fresh_like(const array& x, dtype to, caller where);

// Parts of it: the first three where both or one of the dtypes is a text, a time, a record.
array convert_text(const array& x, dtype to, const char* name, caller where);
array convert_time(const array& x, dtype to, const char* name, caller where);
array convert_record(const array& x, dtype to, const char* name, caller where);

[[noreturn]] void throw_no_cast(dtype from, dtype to, const char* name, caller where);
/// Throws device_error "NAME: … is done on the host only; x.to(cpu()) brings it there" unless x is there.
void require_host(const array& x, const std::string& what, const char* name, caller where);

}  // namespace tessera::detail
