// tessera.random: the generator under NumPy's names.
#include "functions.hpp"

namespace tessera::python {
namespace {

using random::generator;

/// A bound of integers(), exact over all of int64 and uint64.
random::bound bound_of(nb::handle x) {
  const nb::object integer = nb::steal(PyNumber_Index(x.ptr()));
  if (!integer.is_valid()) throw nb::python_error();
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(integer.ptr(), &overflow);
  if (overflow == 0) return random::bound(value);
  const unsigned long long wide = overflow > 0 ? PyLong_AsUnsignedLongLong(integer.ptr()) : 0;
  if (overflow < 0 || PyErr_Occurred()) {
    PyErr_Clear();
    throw overflow_error("integers: a bound does not fit into 64 bits");
  }
  return random::bound(wide);
}

generator made(nb::handle seed, std::uint64_t stream, std::uint64_t counter) {
  if (seed.is_none()) return generator();
  return generator(random::generator_state{nb::cast<std::uint64_t>(seed), stream, counter});
}

/// Two plain numbers as parameters draw with fewer operations than arrays.
bool is_number(nb::handle x) { return PyFloat_Check(x.ptr()) || PyLong_Check(x.ptr()); }

void bind_draws(nb::class_<generator>& c) {
  c.def(
       "random",
       [](generator& g, nb::handle size, nb::handle type, nb::handle device) {
         return wrap(g.uniform(size_of(size), floats(type, device)));
       },
       optional("size"), nb::kw_only(), optional("dtype"), optional("device"), "Evenly spread over [0, 1).")
      .def(
          "uniform",
          [](generator& g, nb::handle low, nb::handle high, nb::handle size, nb::handle type, nb::handle device) {
            const shape extents = size_of(size);
            const random::float_options options = floats(type, device);
            if (is_number(low) && is_number(high)) {
              return wrap(g.uniform(nb::cast<double>(low), nb::cast<double>(high), extents, options));
            }
            return wrap(g.uniform(to_expr(low), to_expr(high), extents, options));
          },
          nb::arg("low") = 0.0, nb::arg("high") = 1.0, optional("size"), nb::kw_only(), optional("dtype"),
          optional("device"), "Evenly spread over [low, high).")
      .def(
          "standard_normal",
          [](generator& g, nb::handle size, nb::handle type, nb::handle device) {
            return wrap(g.normal(size_of(size), floats(type, device)));
          },
          optional("size"), nb::kw_only(), optional("dtype"), optional("device"), "Mean 0, variance 1.")
      .def(
          "normal",
          [](generator& g, nb::handle loc, nb::handle scale, nb::handle size, nb::handle type, nb::handle device) {
            const shape extents = size_of(size);
            const random::float_options options = floats(type, device);
            if (is_number(loc) && is_number(scale)) {
              return wrap(g.normal(nb::cast<double>(loc), nb::cast<double>(scale), extents, options));
            }
            return wrap(g.normal(to_expr(loc), to_expr(scale), extents, options));
          },
          nb::arg("loc") = 0.0, nb::arg("scale") = 1.0, optional("size"), nb::kw_only(), optional("dtype"),
          optional("device"), "Mean loc, standard deviation scale.")
      .def(
          "integers",
          [](generator& g, nb::handle low, nb::handle high, nb::handle size, nb::handle type, bool endpoint,
             nb::handle device) {
            random::integer_options options{.endpoint = endpoint, .device = to_device(device)};
            if (!type.is_none()) options.dtype = to_dtype(type);
            const random::bound first = high.is_none() ? random::bound(0) : bound_of(low);
            return wrap(g.integers(first, bound_of(high.is_none() ? low : high), size_of(size), options));
          },
          nb::arg("low"), optional("high"), optional("size"), nb::kw_only(), optional("dtype"),
          nb::arg("endpoint") = false, optional("device"), "Integers in [low, high), or [0, low) without high.")
      .def(
          "permutation",
          [](generator& g, nb::handle x, nb::handle axis) {
            if (PyLong_Check(x.ptr())) return wrap(g.permutation(to_int(x)));
            return wrap(g.permutation(to_expr(x), to_axis(axis)));
          },
          nb::arg("x"), nb::arg("axis") = 0, "0 … x - 1 in random order, or a copy of x with an axis in random order.")
      .def(
          "shuffle",
          [](generator& g, nb::handle x, nb::handle axis) {
            if (!is_array(x)) throw dtype_error("shuffle: expected a tessera.array");
            g.shuffle(array_of(x), to_axis(axis));
          },
          nb::arg("x"), nb::arg("axis") = 0, "Brings an axis into random order, in place.");
}

}  // namespace

void bind_random(nb::module_& m) {
  nb::class_<generator> c(m, "Generator", "Draws arrays: the same bits on every machine and device (docs/random.md).");
  c.attr("__module__") = "tessera.random";
  c.def(
      "__init__",
      [](generator* self, nb::handle seed, std::uint64_t stream, std::uint64_t counter) {
        new (self) generator(made(seed, stream, counter));
      },
      optional("seed"), nb::arg("stream") = 0, nb::arg("counter") = 0);
  bind_draws(c);
  bind_distributions(c);
  c.def_prop_ro(
       "state",
       [](const generator& g) {
         const random::generator_state& s = g.state();
         return nb::make_tuple(s.seed, s.stream, s.counter);
       },
       "(seed, stream, counter): all there is to a generator.")
      .def(
          "jump",
          [](nb::handle self, std::uint64_t counters) {
            nb::cast<generator&>(self).jump(counters);
            return nb::borrow(self);
          },
          nb::arg("counters"), "Goes on as if that many counters had been used up.")
      .def(
          "__eq__",
          [](const generator& a, nb::handle b) {
            return nb::isinstance<generator>(b) && a == nb::cast<const generator&>(b);
          },
          nb::arg().none())
      .def("__repr__",
           [](const generator& g) {
             const random::generator_state& s = g.state();
             return "Generator(seed=" + std::to_string(s.seed) + ", stream=" + std::to_string(s.stream) +
                    ", counter=" + std::to_string(s.counter) + ")";
           })
      .def("__reduce__", [](nb::handle self) { return nb::make_tuple(nb::type<generator>(), self.attr("state")); });
}

}  // namespace tessera::python
