// Arrays over the memory of Python objects: the buffer protocol and NumPy's array interface.
#include "memory.hpp"

#include <nanobind/stl/string.h>

#include "core/byte_order.hpp"
#include "dlpack.hpp"
#include "dtypes.hpp"
#include "raise.hpp"

#include <cxxabi.h>
#include <unistd.h>

#include <memory>

namespace tessera::python {
namespace {

bool interpreter_is_gone() {
#if PY_VERSION_HEX >= 0x030d0000
  return !Py_IsInitialized() || Py_IsFinalizing();
#else
  return !Py_IsInitialized() || _Py_IsFinalizing();
#endif
}

/// take_gil(), which may be the end of the thread: Python before 3.14 unwinds threads that ask for the GIL when the
/// interpreter ends, through frames of C++ that do not let exceptions pass. As in later versions the thread stops for
/// good instead.
template <class F> auto taking_gil(F&& take_gil) noexcept {
  try {
    return take_gil();
  } catch (abi::__forced_unwind&) {
    for (;;) pause();
  }
}

/// Runs f with the GIL, from any thread; not at all when the interpreter is gone.
template <class F> void with_gil(F&& f) noexcept {
  if (interpreter_is_gone()) return;
  const PyGILState_STATE state = taking_gil(PyGILState_Ensure);
  f();
  PyGILState_Release(state);
}

struct buffer_deleter {
  void operator()(Py_buffer* buffer) const {
    PyBuffer_Release(buffer);
    delete buffer;
  }
};
using buffer_ptr = std::unique_ptr<Py_buffer, buffer_deleter>;

/// The buffer of an object; null, with Python's error set, where it gives none.
buffer_ptr buffer_of(nb::handle x, int flags) {
  auto buffer = std::make_unique<Py_buffer>();
  return buffer_ptr(PyObject_GetBuffer(x.ptr(), buffer.get(), flags) == 0 ? buffer.release() : nullptr);
}

void release_buffer(void* context) {
  with_gil([&] { buffer_deleter()(static_cast<Py_buffer*>(context)); });
}

/// An array that holds the buffer, or a native copy; fresh where the buffer has no elements.
array array_over(buffer_ptr buffer, std::int64_t offset, const shape& extents, const dtype& type,
                 const shape& strides) {
  if (buffer->buf == nullptr) return empty(extents, {.dtype = type, .device = cpu()});
  std::byte* const data = static_cast<std::byte*>(buffer->buf) + offset;
  if (!type.is_native()) return detail::native_copy(data, extents, strides, type, caller());
  const array result = from_pointer(
      data, extents, type,
      {.strides = strides, .free = release_buffer, .context = buffer.get(), .readonly = buffer->readonly != 0});
  buffer.release();
  return result;
}

/// The dtype of a format of the struct module, or unset.
dtype dtype_of_format(const char* format, Py_ssize_t itemsize) {
  std::string_view text = format ? format : "B";
  if (text.starts_with('>') || text.starts_with('!')) {
    if (itemsize > 1) return {};
    text.remove_prefix(1);
  } else if (text.starts_with('<') || text.starts_with('=') || text.starts_with('@')) {
    text.remove_prefix(1);
  }
  const auto sized = [&](const char* kind) { return dtype(kind + std::to_string(itemsize)); };
  if (text.size() == 2 && text[0] == 'Z') return text[1] == 'f' || text[1] == 'd' ? sized("c") : dtype();
  if (text.size() != 1) return {};
  switch (text[0]) {
    case '?': return bool_;
    case 'b':
    case 'h':
    case 'i':
    case 'l':
    case 'q':
    case 'n': return sized("i");
    case 'B':
    case 'H':
    case 'I':
    case 'L':
    case 'Q':
    case 'N': return sized("u");
    case 'e':
    case 'f':
    case 'd': return sized("f");
    default: return {};
  }
}

shape shape_of(const Py_ssize_t* list, int count) {
  shape result;
  if (list == nullptr) return result;  // ctypes gives no strides
  for (int i = 0; i < count; ++i) result.push_back(list[i]);
  return result;
}

/// Whether x is a scalar of NumPy: its buffer may say plain bytes, and its array interface names memory that is gone.
bool is_numpy_scalar(nb::handle x) {
  PyObject* const classes = Py_TYPE(x.ptr())->tp_mro;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(classes); ++i) {
    if (std::string_view(reinterpret_cast<PyTypeObject*>(PyTuple_GET_ITEM(classes, i))->tp_name) == "numpy.generic")
      return true;
  }
  return false;
}

std::optional<array> array_from_buffer(nb::handle x) {
  buffer_ptr buffer = buffer_of(x, PyBUF_FULL_RO);
  if (!buffer) {
    PyErr_Clear();
    return {};
  }
  const dtype type = dtype_of_format(buffer->format, buffer->itemsize);
  if (!type.is_set() || type.itemsize() != buffer->itemsize || buffer->suboffsets || buffer->ndim > max_ndim) return {};
  const shape extents = shape_of(buffer->shape, buffer->ndim), strides = shape_of(buffer->strides, buffer->ndim);
  return array_over(std::move(buffer), 0, extents, type, strides);
}

/// The record that elements are by the object's dtype, or by the interface's descr, in which what has no name lies
/// between fields; unset for raw bytes.
dtype record_of_interface(nb::handle x, nb::handle interface) {
  if (const nb::object named = nb::getattr(x, "dtype", nb::none());
      !nb::getattr(named, "names", nb::none()).is_none()) {
    return to_dtype(named);
  }
  const nb::object descr = interface.attr("get")("descr");
  if (descr.is_none() || !PyList_Check(descr.ptr())) return {};
  return record_of_descr(descr);
}

/// The dtype of an array interface; bfloat16 of ml_dtypes is two bytes of no kind there.
dtype dtype_of_interface(nb::handle x, nb::handle interface) {
  const std::string text = nb::cast<std::string>(interface["typestr"]);
  if (text == "<V2" && nb::cast<std::string>(nb::str(nb::getattr(x, "dtype", nb::none()))) == "bfloat16")
    return bfloat16;
  const dtype type(text);
  if (type.kind() != 'V') return type;
  const dtype found = record_of_interface(x, interface);
  if (!found.has_fields()) return type;
  if (found.itemsize() == type.itemsize()) return found;
  throw value_error("__array_interface__: typestr says " + std::to_string(type.itemsize()) +
                    " bytes an element, its record has " + std::to_string(found.itemsize()));
}

array array_from_interface(nb::handle x, nb::handle interface, bool may_copy) {
  const dtype type = dtype_of_interface(x, interface);
  const shape extents = to_shape(interface["shape"]);
  const nb::object strides = interface.attr("get")("strides");
  const shape steps = strides.is_none() ? shape() : to_shape(strides);
  const nb::object data = interface["data"];
  const auto address = nb::cast<std::uintptr_t>(data[0]);
  const bool readonly = to_bool(data[1], "__array_interface__: read-only");
  if (address == 0) return empty(extents, {.dtype = type, .device = cpu()});
  if (!type.is_native()) {
    if (!may_copy) throw value_error("asarray: the other byte order needs a copy, which copy=False forbids");
    return detail::native_copy(reinterpret_cast<const void*>(address), extents, steps, type, caller());
  }
  const array result = from_pointer(reinterpret_cast<void*>(address), extents, type,
                                    {.strides = steps, .free = drop_object, .context = x.ptr(), .readonly = readonly});
  x.inc_ref();
  return result;
}

}  // namespace

released_gil::~released_gil() {
  taking_gil([&] { PyEval_RestoreThread(state_); });
}

held_gil::held_gil() : state_(taking_gil(PyGILState_Ensure)) {}

void drop_object(void* object) {
  with_gil([&] { Py_DECREF(static_cast<PyObject*>(object)); });
}

std::optional<array> array_from_memory(nb::handle x, bool may_copy) {
  if (PyBytes_Check(x.ptr()) || PyUnicode_Check(x.ptr())) return {};
  const bool is_scalar = is_numpy_scalar(x);
  const bool says_type = !is_scalar || nb::cast<std::string>(x.attr("dtype").attr("kind")).find_first_of("biufc") == 0;
  if (PyObject_CheckBuffer(x.ptr()) && says_type) {
    if (auto found = array_from_buffer(x)) return found;
  }
  if (exports_dlpack(x)) {
    try {
      return array_from_dlpack(x);
    } catch (nb::python_error& e) {  // such as NumPy's of elements that DLPack does not have
      if (!e.matches(PyExc_BufferError)) throw;
    }
  }
  if (const nb::object interface = is_scalar ? nb::none() : nb::getattr(x, "__array_interface__", nb::none());
      !interface.is_none()) {
    return array_from_interface(x, interface, may_copy);
  }
  if (PyType_Check(x.ptr()) || !nb::hasattr(x, "__array__")) return {};
  const recursive_call limited(" by __array__");  // which may have one itself, without end
  return array_from_memory(x.attr("__array__")(), may_copy);
}

std::optional<array> array_from_object(nb::handle x, const dtype& type) {
  if (auto found = array_from_memory(x)) return found;
  return array_from_list(x, type);
}

array array_over_buffer(nb::handle x, const dtype& type, std::int64_t count, std::int64_t offset) {
  if (!type.is_set()) throw dtype_error("frombuffer: needs a dtype");
  buffer_ptr buffer = buffer_of(x, PyBUF_SIMPLE);
  if (!buffer) throw nb::python_error();
  const std::int64_t nbytes = buffer->len, itemsize = type.itemsize();
  if (itemsize == 0) throw value_error("frombuffer: elements of " + type.name() + " have no bytes");
  if (offset < 0 || offset > nbytes) {
    throw value_error("frombuffer: offset must be from 0 to the buffer's " + std::to_string(nbytes) + " bytes, it is " +
                      std::to_string(offset));
  }
  const std::int64_t rest = nbytes - offset;
  if (count < 0 && rest % itemsize != 0) {
    throw value_error("frombuffer: " + std::to_string(rest) + " bytes are no whole number of elements of " +
                      type.name());
  }
  if (count > rest / itemsize) {
    throw value_error("frombuffer: the buffer has " + std::to_string(rest / itemsize) + " elements of " + type.name() +
                      ", not " + std::to_string(count));
  }
  return array_over(std::move(buffer), offset, shape(count < 0 ? rest / itemsize : count), type, {});
}

}  // namespace tessera::python
