// The device of arrays that are made of nothing.
#pragma once
#include "tessera/device.hpp"

namespace tessera::detail {

/// The thread's default device, see tessera/device.hpp. A load or two; throws device_error when $TESSERA_DEVICE is not there.
device device_for_new_arrays(const caller& where);

}  // namespace tessera::detail
