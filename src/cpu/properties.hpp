// What the host is.
#pragma once
#include "tessera/device.hpp"

namespace tessera::detail::cpu {

device_properties properties();

}  // namespace tessera::detail::cpu
