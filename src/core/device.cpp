// device: its name and the backend behind it.
#include "tessera/device.hpp"

#include "backend.hpp"
#include "tessera/error.hpp"

namespace tessera {

std::string device::name() const {
  return kind_ == device_kind::cpu ? std::string("cpu") : "cuda:" + std::to_string(index_);
}

namespace detail {

backend& backend_of(tessera::device on) {
  if (on.kind() == device_kind::cpu) return cpu_backend();
  throw device_error("device: " + on.name() + " is not available", caller());
}

}  // namespace detail

}  // namespace tessera
