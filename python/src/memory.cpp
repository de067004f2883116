// Arrays over the memory of Python objects: the buffer protocol and NumPy's array interface.
#include "memory.hpp"

#include <nanobind/stl/string.h>

#include "dlpack.hpp"

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

void release_buffer(void* context) {
  with_gil([&] {
    Py_buffer* const buffer = static_cast<Py_buffer*>(context);
    PyBuffer_Release(buffer);
    delete buffer;
  });
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

/// What __array__ returns may have one itself, without end.
struct recursive_call {
  recursive_call() {
    if (Py_EnterRecursiveCall(" by __array__") != 0) throw nb::python_error();
  }
  ~recursive_call() { Py_LeaveRecursiveCall(); }
  recursive_call(const recursive_call&) = delete;
};

/// NumPy's scalars of dates say that they are eight plain bytes.
bool is_date(nb::handle x, const Py_buffer& buffer) {
  if (buffer.ndim != 1 || buffer.len != 8 || buffer.itemsize != 1 || !nb::hasattr(x, "dtype")) return false;
  const std::string kind = nb::str(nb::getattr(x.attr("dtype"), "kind", nb::none())).c_str();
  return kind == "m" || kind == "M";
}

std::optional<array> array_from_buffer(nb::handle x) {
  auto buffer = std::make_unique<Py_buffer>();
  if (PyObject_GetBuffer(x.ptr(), buffer.get(), PyBUF_FULL_RO) != 0) {
    PyErr_Clear();
    return {};
  }
  const auto release = [&] { PyBuffer_Release(buffer.get()); };
  const dtype type = is_date(x, *buffer) ? dtype() : dtype_of_format(buffer->format, buffer->itemsize);
  if (!type.is_set() || type.itemsize() != buffer->itemsize || buffer->suboffsets || buffer->ndim > max_ndim) {
    release();
    return {};
  }
  try {
    const shape extents = shape_of(buffer->shape, buffer->ndim);
    if (buffer->buf == nullptr) {  // no elements
      release();
      return empty(extents, {.dtype = type, .device = cpu()});
    }
    const array result = from_pointer(buffer->buf, extents, type,
                                      {.strides = shape_of(buffer->strides, buffer->ndim),
                                       .free = release_buffer,
                                       .context = buffer.get(),
                                       .readonly = buffer->readonly != 0});
    buffer.release();
    return result;
  } catch (...) {
    if (buffer) release();
    throw;
  }
}

/// The dtype of an array interface; bfloat16 of ml_dtypes is two bytes of no kind there.
dtype dtype_of_interface(nb::handle x, nb::handle interface) {
  const std::string text = nb::cast<std::string>(interface["typestr"]);
  const bool named = text == "<V2" && nb::cast<std::string>(nb::str(nb::getattr(x, "dtype", nb::none()))) == "bfloat16";
  return named ? bfloat16 : dtype(text);
}

array array_from_interface(nb::handle x, nb::handle interface) {
  const dtype type = dtype_of_interface(x, interface);
  const shape extents = to_shape(interface["shape"]);
  const nb::object strides = interface.attr("get")("strides");
  const nb::object data = interface["data"];
  const auto address = nb::cast<std::uintptr_t>(data[0]);
  if (address == 0) return empty(extents, {.dtype = type, .device = cpu()});
  const array result = from_pointer(reinterpret_cast<void*>(address), extents, type,
                                    {.strides = strides.is_none() ? shape() : to_shape(strides),
                                     .free = drop_object,
                                     .context = x.ptr(),
                                     .readonly = to_bool(data[1], "__array_interface__: read-only")});
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

std::optional<array> array_from_memory(nb::handle x) {
  if (PyBytes_Check(x.ptr()) || PyUnicode_Check(x.ptr())) return {};
  if (PyObject_CheckBuffer(x.ptr())) {
    if (auto found = array_from_buffer(x)) return found;
  }
  if (exports_dlpack(x)) {
    try {
      return array_from_dlpack(x);
    } catch (nb::python_error& e) {  // such as NumPy's of elements that DLPack does not have
      if (!e.matches(PyExc_BufferError)) throw;
    }
  }
  if (const nb::object interface = nb::getattr(x, "__array_interface__", nb::none()); !interface.is_none()) {
    return array_from_interface(x, interface);
  }
  if (PyType_Check(x.ptr()) || !nb::hasattr(x, "__array__")) return {};
  const recursive_call limited;
  return array_from_memory(x.attr("__array__")());
}

std::optional<array> array_from_object(nb::handle x, const dtype& type) {
  if (auto found = array_from_memory(x)) return found;
  return array_from_list(x, type);
}

array array_over_buffer(nb::handle x, const dtype& type, std::int64_t count, std::int64_t offset) {
  if (!type.is_set()) throw dtype_error("frombuffer: needs a dtype");
  auto buffer = std::make_unique<Py_buffer>();
  if (PyObject_GetBuffer(x.ptr(), buffer.get(), PyBUF_SIMPLE) != 0) throw nb::python_error();
  try {
    const std::int64_t nbytes = buffer->len, itemsize = type.itemsize();
    if (offset < 0 || offset > nbytes) {
      throw value_error("frombuffer: offset must be from 0 to the buffer's " + std::to_string(nbytes) +
                        " bytes, it is " + std::to_string(offset));
    }
    const std::int64_t rest = nbytes - offset;
    if (count < 0 && rest % itemsize != 0) {
      throw value_error("frombuffer: " + std::to_string(rest) + " bytes are no whole number of elements of " +
                        type.name());
    }
    if (count > rest / itemsize) {
      throw value_error("frombuffer: the buffer has " + std::to_string(rest / itemsize) + " elements of " +
                        type.name() + ", not " + std::to_string(count));
    }
    const shape extents{count < 0 ? rest / itemsize : count};
    if (buffer->buf == nullptr) {  // no elements
      PyBuffer_Release(buffer.get());
      return empty(extents, {.dtype = type, .device = cpu()});
    }
    const array result =
        from_pointer(static_cast<std::byte*>(buffer->buf) + offset, extents, type,
                     {.free = release_buffer, .context = buffer.get(), .readonly = buffer->readonly != 0});
    buffer.release();
    return result;
  } catch (...) {
    if (buffer) PyBuffer_Release(buffer.get());
    throw;
  }
}

}  // namespace tessera::python
