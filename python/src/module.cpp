// The extension module tessera._tessera; python/tessera/__init__.py makes the namespace of it.
#include "bindings.hpp"

NB_MODULE(_module, m) {
  using namespace tessera::python;
  nb::set_leak_warnings(false);  // dtypes live as long as the process
  bind_errors(m);
  bind_types(m);
  bind_array(m);
  bind_creation(m);
  nb::module_ files = m.def_submodule("_files", "What the functions of _files.py run.");
  bind_files(m, files);
  bind_tables(files);
  bind_elementwise(m);
  bind_reductions(m);
  bind_shapes(m);
  bind_joins(m);
  bind_numerical(m);
  bind_selection(m);
  nb::module_ core = m.def_submodule("_selection", "What the functions of _selection.py run.");
  bind_order(m, core);
  bind_quantiles(m);
  bind_histogram(m);
  bind_sets(m, core);
  bind_groups(m, core);
  bind_products(m);
  bind_linalg(m);
  bind_einsum(m);
  bind_distances(m);
  bind_random(m);
  bind_strings(m);
  bind_times(m);
  bind_system(m);
}

/// What Python calls: types are one for the process, and Python before 3.12 cannot be told so.
extern "C" NB_EXPORT PyObject* PyInit__tessera() {
  if (PyInterpreterState_Get() == PyInterpreterState_Main()) return PyInit__module();
  PyErr_SetString(PyExc_ImportError, "tessera works in the main interpreter only, not in subinterpreters");
  return nullptr;
}
