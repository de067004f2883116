// DLPack's C exchange API: functions by which extensions hand arrays over without calling Python.
#pragma once
#include "bindings.hpp"

namespace tessera::python {

/// The capsule that type(x).__dlpack_c_exchange_api__ is.
nb::object exchange_api();

/// An object's elements by the table of its type, shared; nothing for types without one, and `to_host` from a GPU.
std::optional<array> array_by_exchange(nb::handle x, from_dlpack_options options, bool to_host);

}  // namespace tessera::python
