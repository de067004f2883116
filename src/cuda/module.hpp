// What the module's entry hands out.
#pragma once
#include "backend.hpp"

namespace tessera::detail::cuda {

/// The backend of one device, for the life of the process. Throws device_error when there is no such device.
backend& backend_for(int device);

}  // namespace tessera::detail::cuda
