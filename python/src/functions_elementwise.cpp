// The elementwise functions: one binding for each row of the operation table, and those made of several rows.
#include "expr/op_table.hpp"
#include "functions.hpp"

namespace tessera::python {

nb::object finish(const expr& recipe, nb::handle out, nb::handle where) {
  if (out.is_none()) {
    if (!where.is_none()) throw value_error("where: needs out: elements that are not chosen would be undefined");
    return run(recipe);
  }
  if (!is_array(out)) throw dtype_error("out: expected a tessera.array");
  const apply_options options{.where = where.is_none() ? expr(true) : to_expr(where, &array_of(out))};
  without_gil([&] { apply(array_of(out), recipe, options); });
  return nb::borrow(out);
}

std::vector<expr> operands_of(const nb::args& x) {
  if (x.size() == 1 && (PyList_Check(x[0].ptr()) || PyTuple_Check(x[0].ptr()))) return to_exprs(x[0]);
  return to_exprs(x);
}

std::vector<expr> operands_or_rows(nb::handle x) {
  if (PyList_Check(x.ptr()) || PyTuple_Check(x.ptr())) return to_exprs(x);
  const std::vector<array> rows = unstack(to_array(x));
  return {rows.begin(), rows.end()};
}

namespace {

using unary = expr (*)(const operand&);
using binary = expr (*)(const operand&, const operand&);

// Rows that are no functions of their own: parts of frexp, modf and astype; real and imag make views. The names here
// hide what the rows would find otherwise.
constexpr unary cast = nullptr, frexp_mantissa = nullptr, frexp_exponent = nullptr, modf_fractional = nullptr,
                modf_integral = nullptr, real = nullptr, imag = nullptr;

void bind_row(nb::module_& m, const char* name, unary f, const char* sentence) {
  if (f == nullptr) return;
  m.def(
      name, [f](nb::handle x, nb::handle out, nb::handle where) { return finish(f(to_expr(x)), out, where); },
      nb::arg("x"), nb::kw_only(), optional("out"), optional("where"), sentence);
}

void bind_row(nb::module_& m, const char* name, binary f, const char* sentence) {
  m.def(
      name,
      [f](nb::handle x1, nb::handle x2, nb::handle out, nb::handle where) {
        return finish(f(to_expr(x1, array_or_null(x2)), to_expr(x2, array_or_null(x1))), out, where);
      },
      nb::arg("x1"), nb::arg("x2"), nb::kw_only(), optional("out"), optional("where"), sentence);
}

#define TESSERA_BIND_1(name, sentence) bind_row(m, #name, static_cast<unary>(name), sentence);
#define TESSERA_BIND_2(name, sentence) bind_row(m, #name, static_cast<binary>(name), sentence);
#define TESSERA_BIND_3(name, sentence)  // clip and where: below
#define TESSERA_ROW(name, arity, loops, result, notes, commutative, tested, sentence) \
  TESSERA_BIND_##arity(name, sentence)

void bind_rows(nb::module_& m) {
  TESSERA_OPS(TESSERA_ROW)
  bind_row(m, "float_power", static_cast<binary>(float_power), "x1 to the power x2 in float64 at least");
}

/// None is no bound.
expr clipped(nb::handle x, nb::handle low, nb::handle high) {
  const array* const beside = array_or_null(x);
  const expr operand = to_expr(x);
  if (low.is_none() && high.is_none()) return astype(operand, operand.dtype());
  if (low.is_none()) return minimum(operand, to_expr(high, beside));
  if (high.is_none()) return maximum(operand, to_expr(low, beside));
  return clip(operand, to_expr(low, beside), to_expr(high, beside));
}

/// Two recipes in one pass.
nb::object both(const expr& a, const expr& b) {
  const auto [x, y] = without_gil([&] { return eval(a, b); });
  return nb::make_tuple(wrap(x), wrap(y));
}

void bind_pairs(nb::module_& m) {
  m.def(
      "divmod",
      [](nb::handle x1, nb::handle x2) {
        const divmod_result r = divmod(to_expr(x1, array_or_null(x2)), to_expr(x2, array_or_null(x1)));
        return both(r.quotient, r.remainder);
      },
      nb::arg("x1"), nb::arg("x2"), "(floor_divide, remainder)");
  m.def(
      "frexp",
      [](nb::handle x) {
        const frexp_result r = frexp(to_expr(x));
        return both(r.mantissa, r.exponent);
      },
      nb::arg("x"), "(mantissa, exponent): x = mantissa * 2**exponent, the mantissa in [0.5, 1)");
  m.def(
      "modf",
      [](nb::handle x) {
        const modf_result r = modf(to_expr(x));
        return both(r.fractional, r.integral);
      },
      nb::arg("x"), "(fractional part, integral part)");
}

void bind_choices(nb::module_& m) {
  m.def(
      "where",
      [](nb::handle condition, nb::handle x1, nb::handle x2) {
        if (x1.is_none() != x2.is_none()) throw value_error("where: expected both x1 and x2, or neither");
        if (x1.is_none()) {
          const expr mask = to_expr(condition);
          return wrap(without_gil([&] { return where(mask); }));
        }
        return run(where(to_expr(condition, array_or_null(is_array(x1) ? x1 : x2)), to_expr(x1, array_or_null(x2)),
                         to_expr(x2, array_or_null(x1))));
      },
      nb::arg("condition"), optional("x1"), optional("x2"),
      "x1 where the condition is true, else x2; alone the positions where it is, one array for each axis.");
  m.def(
      "clip",
      [](nb::handle x, nb::handle low, nb::handle high, nb::handle out, nb::handle where) {
        return finish(clipped(x, low, high), out, where);
      },
      nb::arg("x"), optional("min"), optional("max"), nb::kw_only(), optional("out"), optional("where"),
      "minimum(maximum(x, min), max); None is no bound.");
  m.def(
      "round",
      [](nb::handle x, int decimals, nb::handle out) { return finish(round(to_expr(x), decimals), out, nb::none()); },
      nb::arg("x"), nb::arg("decimals") = 0, nb::kw_only(), optional("out"), "Rounded, half to even.");
  m.def(
      "nan_to_num",
      [](nb::handle x, double nan, nb::handle posinf, nb::handle neginf) {
        nan_to_num_options options{.nan = nan};
        if (posinf.is_none() != neginf.is_none()) {
          throw value_error("nan_to_num: expected both posinf and neginf, or neither");
        }
        if (!posinf.is_none()) {
          options.replace_infinities = true;
          options.posinf = nb::cast<double>(posinf);
          options.neginf = nb::cast<double>(neginf);
        }
        return run(nan_to_num(to_expr(x), options));
      },
      nb::arg("x"), nb::arg("nan") = 0.0, optional("posinf"), optional("neginf"),
      "NaN as `nan`, infinities as the dtype's largest and smallest number or as posinf and neginf.");
}

void bind_closeness(nb::module_& m) {
  m.def(
      "isclose",
      [](nb::handle a, nb::handle b, double rtol, double atol, bool equal_nan) {
        return run(isclose(to_expr(a, array_or_null(b)), to_expr(b, array_or_null(a)), {rtol, atol, equal_nan}));
      },
      nb::arg("a"), nb::arg("b"), nb::arg("rtol") = 1e-5, nb::arg("atol") = 1e-8, nb::arg("equal_nan") = false,
      "|a - b| <= atol + rtol * |b|");
  m.def(
      "allclose",
      [](nb::handle a, nb::handle b, double rtol, double atol, bool equal_nan) {
        const expr x = to_expr(a, array_or_null(b)), y = to_expr(b, array_or_null(a));
        return without_gil([&] { return allclose(x, y, {rtol, atol, equal_nan}); });
      },
      nb::arg("a"), nb::arg("b"), nb::arg("rtol") = 1e-5, nb::arg("atol") = 1e-8, nb::arg("equal_nan") = false,
      "Whether isclose is true everywhere.");
  m.def(
      "array_equal",
      [](nb::handle a, nb::handle b, bool equal_nan) {
        const expr x = to_expr(a, array_or_null(b)), y = to_expr(b, array_or_null(a));
        return without_gil([&] { return array_equal(x, y, equal_nan); });
      },
      nb::arg("a1"), nb::arg("a2"), nb::arg("equal_nan") = false, "Whether shapes and all elements are equal.");
}

void bind_parts(nb::module_& m) {
  m.def(
      "real", [](nb::handle x) { return wrap(tessera::real(to_array(x))); }, nb::arg("x"), "The real part, a view.");
  m.def(
      "imag", [](nb::handle x) { return wrap(tessera::imag(to_array(x))); }, nb::arg("x"),
      "The imaginary part, a view; read-only zeros of a real array.");
  m.def(
      "copyto",
      [](nb::handle target, nb::handle values, nb::handle where) {
        finish(to_expr(values, array_or_null(target)), target, where);
      },
      nb::arg("dst"), nb::arg("src"), nb::kw_only(), optional("where"),
      "Writes src into dst, broadcast, where `where` is true. Casts of the same kind only.");
}

}  // namespace

void bind_elementwise(nb::module_& m) {
  bind_rows(m);
  bind_pairs(m);
  bind_choices(m);
  bind_closeness(m);
  bind_parts(m);
}

}  // namespace tessera::python
