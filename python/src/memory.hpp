// Arrays from other objects' memory and from nested lists.
#pragma once
#include "convert.hpp"

namespace tessera::python {

/// An array over the memory of an object with a buffer, DLPack or NumPy's array interface, or nothing for objects
/// without. What is there in the other byte order is copied, or with may_copy=false a value_error.
std::optional<array> array_from_memory(nb::handle x, bool may_copy = true);
/// A vector of `count` elements (below 0: all) over the bytes of an object with a buffer, from a byte offset on. Throws
/// dtype_error without a dtype, value_error as numpy.frombuffer.
array array_over_buffer(nb::handle x, const dtype& type, std::int64_t count, std::int64_t offset);
/// A new array from a list or tuple, nested to any depth, on the host; nothing for other objects. With a dtype, numbers
/// are checked against it.
std::optional<array> array_from_list(nb::handle x, const dtype& type);
/// The one or the other.
std::optional<array> array_from_object(nb::handle x, const dtype& type);

/// Drops a reference to a Python object from any thread; leaks it when there is no interpreter any more.
void drop_object(void* object);

}  // namespace tessera::python
