// Python's own exceptions from C++, and an end for what calls itself.
#pragma once
#include <nanobind/nanobind.h>

#include <string>

namespace tessera::python {

[[noreturn]] inline void fail(PyObject* type, const std::string& text) {
  PyErr_SetString(type, text.c_str());
  throw nanobind::python_error();
}

/// Counts as one call more while it lives: a RecursionError where there are too many.
class recursive_call {
 public:
  explicit recursive_call(const char* where) {
    if (Py_EnterRecursiveCall(where) != 0) throw nanobind::python_error();
  }
  ~recursive_call() { Py_LeaveRecursiveCall(); }
  recursive_call(const recursive_call&) = delete;
};

}  // namespace tessera::python
