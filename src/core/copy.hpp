// Copies of arrays on any device.
#pragma once
#include "tessera/array.hpp"

namespace tessera::detail {

/// The elements copied to `on`, also when they are there already. Throws device_error when it is not there, out_of_memory.
array copy_to(const array& a, tessera::device on, order layout, const caller& where);

}  // namespace tessera::detail
