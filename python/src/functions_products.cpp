// Products of arrays.
#include "functions.hpp"
#include "operators.hpp"

namespace tessera::python {
namespace {

using product = array (*)(const operand&, const operand&, const product_options&);

struct product_row {
  const char* name;
  product function;
  const char* sentence;
};
constexpr product_row products[] = {
    {"matmul", matmul, "Products of matrices, stacks of matrices and vectors."},
    {"matvec", matvec, "Every matrix of a stack times a vector."},
    {"vecmat", vecmat, "The conjugate of a vector times every matrix of a stack."},
    {"dot", dot, "Sums over the last axis of x1 and the last but one of x2; of numbers the product."},
    {"inner", inner, "Sums over the last axis of both; of numbers the product."},
};

using plain_product = array (*)(const operand&, const operand&);

struct plain_row {
  const char* name;
  plain_product function;
  const char* sentence;
};
constexpr plain_row plain[] = {
    {"vdot", vdot, "sum(conj(x1) * x2) over all elements, in C order."},
    {"outer", outer, "Each element of x1 times each of x2, both flattened."},
    {"kron", kron, "Blocks: each element of x1 times x2."},
};

product_options options_of(nb::handle type, bool tf32) { return {.tf32 = tf32, .dtype = to_dtype(type)}; }

/// f() run without the GIL, put into `out` or wrapped.
template <class F> nb::object computed(nb::handle out, F&& f) {
  array result = without_gil(f);
  return out.is_none() ? wrap(std::move(result)) : finish(result, out, nb::none());
}

/// The last n axes of x1 with the first n of x2, or two lists, where a number is a list of one.
summed_axes to_summed_axes(nb::handle axes) {
  if (PyIndex_Check(axes.ptr())) return to_int(axes);
  if (!PySequence_Check(axes.ptr()) || nb::len(axes) != 2)
    throw value_error("tensordot: axes: expected a number or two lists of axes");
  return {to_shape(axes[0]), to_shape(axes[1])};
}

convolve_mode mode_of(const std::string& text) {
  return word<convolve_mode>(
      text, "mode", {{"full", convolve_mode::full}, {"same", convolve_mode::same}, {"valid", convolve_mode::valid}});
}

void bind_windows(nb::module_& m) {
  m.def(
      "convolve",
      [](nb::handle x1, nb::handle x2, const std::string& mode) {
        const array a = to_array(x1), b = to_array(x2);
        return computed(nb::none(), [&, how = mode_of(mode)] { return convolve(a, b, how); });
      },
      nb::arg("x1"), nb::arg("x2"), nb::arg("mode") = "full",
      "Sums of x1[k - j] * x2[j]: 'full' wherever the two meet, 'same' as many as the longer has, 'valid' within it.");
  m.def(
      "correlate",
      [](nb::handle x1, nb::handle x2, const std::string& mode) {
        const array a = to_array(x1), b = to_array(x2);
        return computed(nb::none(), [&, how = mode_of(mode)] { return correlate(a, b, how); });
      },
      nb::arg("x1"), nb::arg("x2"), nb::arg("mode") = "valid", "Sums of x1[k + j] * conj(x2[j]); modes as convolve's.");
}

}  // namespace

void bind_products(nb::module_& m) {
  for (const product_row& row : products) {
    m.def(
        row.name,
        [f = row.function](nb::handle x1, nb::handle x2, nb::handle out, nb::handle type, bool tf32) {
          const array a = to_array(x1), b = to_array(x2);
          return computed(out, [&, o = options_of(type, tf32)] { return f(a, b, o); });
        },
        nb::arg("x1"), nb::arg("x2"), optional("out"), nb::kw_only(), optional("dtype"), nb::arg("tf32") = false,
        row.sentence);
  }
  for (const plain_row& row : plain) {
    m.def(
        row.name,
        [f = row.function](nb::handle x1, nb::handle x2, nb::handle out) {
          const array a = to_array(x1), b = to_array(x2);
          return computed(out, [&] { return f(a, b); });
        },
        nb::arg("x1"), nb::arg("x2"), optional("out"), row.sentence);
  }
  m.def(
      "vecdot",
      [](nb::handle x1, nb::handle x2, nb::handle out, nb::handle axis, nb::handle type, bool tf32) {
        const array a = to_array(x1), b = to_array(x2);
        return computed(out, [&, at = to_axis(axis), o = options_of(type, tf32)] { return vecdot(a, b, at, o); });
      },
      nb::arg("x1"), nb::arg("x2"), optional("out"), nb::kw_only(), nb::arg("axis") = -1, optional("dtype"),
      nb::arg("tf32") = false, "sum(conj(x1) * x2) along an axis.");
  m.def(
      "tensordot",
      [](nb::handle x1, nb::handle x2, nb::handle axes, bool tf32) {
        const array a = to_array(x1), b = to_array(x2);
        return computed(nb::none(), [&, over = to_summed_axes(axes)] { return tensordot(a, b, over, {.tf32 = tf32}); });
      },
      nb::arg("x1"), nb::arg("x2"), nb::arg("axes") = 2, nb::kw_only(), nb::arg("tf32") = false,
      "Products summed over pairs of axes: the last n of x1 with the first n of x2, or two lists.");
  m.def(
      "trace",
      [](nb::handle x, nb::handle offset, nb::handle axis1, nb::handle axis2, nb::handle type, nb::handle out) {
        return finish(trace(to_expr(x), diagonal_of(offset), to_axis(axis1), to_axis(axis2), to_dtype(type)), out,
                      nb::none());
      },
      nb::arg("x"), nb::arg("offset") = 0, nb::arg("axis1") = 0, nb::arg("axis2") = 1, optional("dtype"),
      optional("out"), "The sum of the offset-th diagonal of two axes; integers in int64 or uint64.");
  bind_windows(m);
}

}  // namespace tessera::python
