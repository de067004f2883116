// The parts of the module, each bound by the file of its name.
#pragma once
#include <memory>

#include "convert.hpp"

namespace tessera::python {

void bind_errors(nb::module_& m);
void bind_types(nb::module_& m);  // dtype, device, flags
void bind_array(nb::module_& m);

// ---- functions_….cpp; in `core` is what _selection.py makes functions of
void bind_creation(nb::module_& m);
void bind_files(nb::module_& m, nb::module_& core);
void bind_file_methods(nb::class_<array>& c);
void bind_elementwise(nb::module_& m);
void bind_reductions(nb::module_& m);
void bind_shapes(nb::module_& m);
void bind_joins(nb::module_& m);
void bind_numerical(nb::module_& m);
void bind_selection(nb::module_& m);
void bind_order(nb::module_& m, nb::module_& core);
void bind_quantiles(nb::module_& m);
void bind_histogram(nb::module_& m);
void bind_sets(nb::module_& m, nb::module_& core);
void bind_groups(nb::module_& m, nb::module_& core);
void bind_products(nb::module_& m);
void bind_linalg(nb::module_& m);
void bind_einsum(nb::module_& m);
void bind_distances(nb::module_& m);
void bind_random(nb::module_& m);
void bind_distributions(nb::class_<random::generator>& c);
void bind_strings(nb::module_& m);
void bind_times(nb::module_& m);
void bind_tables(nb::module_& core);
void bind_system(nb::module_& m);

/// An argument that is None unless given.
inline auto optional(const char* name) { return nb::arg(name).none() = nb::none(); }

/// None: where new arrays are made.
inline device device_or_default(nb::handle x) { return to_device(x).value_or(default_device()); }

/// What `with` has entered of one object, on one thread.
template <class Scope> class entered_scopes {
 public:
  entered_scopes() = default;
  entered_scopes(const entered_scopes&) = delete;
  template <class Of> void enter(const Of& of) { scopes_.push_back(std::make_unique<Scope>(of)); }
  void leave() {
    if (scopes_.empty()) throw value_error("__exit__: nothing was entered");
    scopes_.pop_back();
  }

 private:
  std::vector<std::unique_ptr<Scope>> scopes_;
};

/// Sets Python's error from the exception that is being handled.
void set_python_error() noexcept;

/// f() for a slot of a type: exceptions become Python's, and `failed` is returned.
template <class F, class R = std::invoke_result_t<F>> R guarded(F&& f, R failed = R{}) noexcept {
  try {
    return f();
  } catch (...) {
    set_python_error();
    return failed;
  }
}

}  // namespace tessera::python
