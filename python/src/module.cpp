// The extension module tessera._tessera; python/tessera/__init__.py makes the namespace of it.
#include "bindings.hpp"

NB_MODULE(_tessera, m) {
  using namespace tessera::python;
  nb::set_leak_warnings(false);  // dtypes live as long as the process
  bind_errors(m);
  bind_types(m);
  bind_array(m);
  bind_creation(m);
  bind_elementwise(m);
  bind_reductions(m);
  bind_shapes(m);
  bind_selection(m);
  bind_products(m);
  bind_random(m);
  bind_system(m);
}
