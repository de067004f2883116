// Exceptions of the library as Python's: each type has one counterpart, the text stays.
#include <new>

#include "bindings.hpp"

namespace tessera::python {
namespace {

PyObject* axis_error_type = nullptr;
PyObject* cancelled_type = nullptr;
PyObject* device_error_type = nullptr;
PyObject* linalg_error_type = nullptr;

void set(PyObject* type, const std::exception& e) { PyErr_SetString(type, e.what()); }

/// False for what is not the library's.
bool set_known(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const axis_error& e) {
    set(axis_error_type, e);
  } catch (const index_error& e) {
    set(PyExc_IndexError, e);
  } catch (const shape_error& e) {
    set(PyExc_ValueError, e);
  } catch (const linalg_error& e) {
    set(linalg_error_type, e);
  } catch (const value_error& e) {
    set(PyExc_ValueError, e);
  } catch (const dtype_error& e) {
    set(PyExc_TypeError, e);
  } catch (const overflow_error& e) {
    set(PyExc_OverflowError, e);
  } catch (const out_of_memory& e) {
    set(PyExc_MemoryError, e);
  } catch (const dlpack_error& e) {
    set(PyExc_BufferError, e);
  } catch (const file_error& e) {
    set(PyExc_OSError, e);
  } catch (const device_error& e) {
    set(device_error_type, e);
  } catch (const cancelled& e) {
    set(cancelled_type, e);
  } catch (const tessera::error& e) {
    set(PyExc_RuntimeError, e);
  } catch (const std::bad_cast&) {
    PyErr_SetString(PyExc_TypeError, "tessera: an argument, or a part of one, is of another type than expected");
  } catch (...) {
    return false;
  }
  return true;
}

/// A new exception type of the module, tessera.NAME.
PyObject* new_type(nb::module_& m, const char* name, const char* doc, PyObject* bases) {
  PyObject* const type = PyErr_NewExceptionWithDoc((std::string("tessera.") + name).c_str(), doc, bases, nullptr);
  if (type == nullptr) throw nb::python_error();
  m.attr(name) = nb::borrow(type);
  return type;
}

}  // namespace

void set_python_error() noexcept {
  try {
    const std::exception_ptr thrown = std::current_exception();
    if (set_known(thrown)) return;
    std::rethrow_exception(thrown);
  } catch (nb::python_error& e) {
    e.restore();
  } catch (const nb::builtin_exception& e) {
    PyErr_SetString(e.type() == nb::exception_type::type_error    ? PyExc_TypeError
                    : e.type() == nb::exception_type::index_error ? PyExc_IndexError
                    : e.type() == nb::exception_type::value_error ? PyExc_ValueError
                                                                  : PyExc_RuntimeError,
                    e.what());
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& e) {
    PyErr_SetString(PyExc_RuntimeError, e.what());
  } catch (...) {
    PyErr_SetString(PyExc_RuntimeError, "tessera: an unknown exception");
  }
}

void bind_errors(nb::module_& m) {
  axis_error_type = new_type(m, "AxisError", "An axis that the array does not have (as numpy.exceptions.AxisError).",
                             nb::make_tuple(nb::borrow(PyExc_ValueError), nb::borrow(PyExc_IndexError)).ptr());
  cancelled_type = new_type(m, "Cancelled", "A call that its progress function ended.", PyExc_RuntimeError);
  device_error_type =
      new_type(m, "DeviceError", "Operands on different devices, or a device that is not there.", PyExc_RuntimeError);
  linalg_error_type =
      PyErr_NewExceptionWithDoc("tessera.linalg.LinAlgError",
                                "A singular matrix, an iteration that does not converge (as numpy.linalg.LinAlgError).",
                                PyExc_ValueError, nullptr);
  if (linalg_error_type == nullptr) throw nb::python_error();
  m.attr("_LinAlgError") = nb::borrow(linalg_error_type);
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    if (!set_known(thrown)) std::rethrow_exception(thrown);
  });
}

}  // namespace tessera::python
