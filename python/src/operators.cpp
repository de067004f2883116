// Operators of tessera.array as slots of its type: both operand orders arrive in one function.
#include "operators.hpp"

#include <limits>

#include "dlpack.hpp"
#include "functions.hpp"

namespace tessera::python {
namespace {

PyObject* not_implemented() { return Py_NewRef(Py_NotImplemented); }

/// NotImplemented, so that the other operand may know better.
PyObject* no_operand(PyObject*, PyObject*) { return not_implemented(); }

/// What an int beyond 64 bits is beside integers.
enum class beyond { refused, real, infinite };

bool is_beyond(PyObject* x, int& sign) {
  if (!PyLong_CheckExact(x)) return false;
  PyLong_AsLongLongAndOverflow(x, &sign);
  if (sign <= 0) return sign < 0;
  PyLong_AsUnsignedLongLong(x);
  const bool too_large = PyErr_Occurred() != nullptr;
  PyErr_Clear();
  return too_large;
}

std::optional<expr> operand_of(PyObject* x, PyObject* other, beyond wide) {
  const array* const beside = array_or_null(other);
  int sign = 0;
  if (wide == beyond::refused || !beside || is_floating(beside->dtype()) || !is_beyond(x, sign))
    return try_expr(x, beside);
  if (wide == beyond::infinite) return expr(sign * std::numeric_limits<double>::infinity());
  const double real = PyLong_AsDouble(x);
  if (real == -1.0 && PyErr_Occurred()) throw nb::python_error();
  return expr(real);
}

/// f of both operands, or `otherwise(a, b)` when one is no operand.
template <class F, class G> PyObject* binary(PyObject* a, PyObject* b, F&& f, beyond wide, G&& otherwise) noexcept {
  return guarded([&]() -> PyObject* {
    const std::optional<expr> x = operand_of(a, b, wide);
    if (!x) return otherwise(a, b);
    const std::optional<expr> y = operand_of(b, a, wide);
    if (!y) return otherwise(a, b);
    return wrap(without_gil([&] { return array(f(*x, *y)); })).release().ptr();
  });
}

template <expr (*F)(const operand&, const operand&), beyond Wide = beyond::refused>
PyObject* binary(PyObject* a, PyObject* b) noexcept {
  return binary(a, b, F, Wide, no_operand);
}

/// x == y of what cannot be compared, such as numbers and texts: False everywhere; != True.
template <expr (*F)(const operand&, const operand&), bool Otherwise>
expr equal_or_not(const operand& x, const operand& y) {
  try {
    return F(x, y);
  } catch (const dtype_error&) {
    return full(broadcast_shapes({x->shape(), y->shape()}), Otherwise, {.device = x->eval().device()});
  }
}

template <expr (*F)(const operand&, const operand&)> PyObject* compared(PyObject* a, PyObject* b) noexcept {
  return binary(a, b, F, beyond::infinite, no_operand);
}

template <expr (*F)(const operand&)> PyObject* unary(PyObject* a) noexcept {
  return guarded([&] { return wrap(without_gil([&] { return array(F(array_of(a))); })).release().ptr(); });
}

/// Writes f of the array and the other operand into the array.
template <class F> PyObject* in_place(PyObject* self, PyObject* other, F&& f) noexcept {
  return guarded([&]() -> PyObject* {
    array& target = array_of(self);
    const std::optional<expr> x = try_expr(other, &target);
    if (!x) return not_implemented();
    without_gil([&] { f(target, *x); });
    return Py_NewRef(self);
  });
}

#define TESSERA_IN_PLACE(sign) \
  [](PyObject* a, PyObject* b) -> PyObject* { return in_place(a, b, [](array& x, const expr& y) { x sign y; }); }

/// The in-place operators that C++ does not have.
template <expr (*F)(const operand&, const operand&)> PyObject* applied(PyObject* a, PyObject* b) noexcept {
  return in_place(a, b, [](array& x, const expr& y) { apply(x, F(x, y)); });
}

void multiply_in_place(array& x, const expr& y) {
  if (x.ndim() < 1 || y.ndim() < 2) {
    throw shape_error("matmul: in place the array needs at least one axis and the other operand two; shapes are " +
                      to_string(x.shape()) + " and " + to_string(y.shape()));
  }
  const expr product = matmul(x, y);
  if (product.shape() != x.shape()) {  // no stretching of axes that were summed over
    throw shape_error("matmul: in place the result of shape " + to_string(product.shape()) + " is not of the array's " +
                      to_string(x.shape()));
  }
  apply(x, product);
}

PyObject* power(PyObject* a, PyObject* b, PyObject* modulus) noexcept {
  return modulus == Py_None ? binary<pow>(a, b) : not_implemented();
}
PyObject* power_in_place(PyObject* a, PyObject* b, PyObject* modulus) noexcept {
  return modulus == Py_None ? applied<pow>(a, b) : not_implemented();
}

PyObject* divided(PyObject* a, PyObject* b) noexcept {
  return guarded([&]() -> PyObject* {
    const std::optional<expr> x = try_expr(a, array_or_null(b)), y = x ? try_expr(b, array_or_null(a)) : x;
    if (!y) return not_implemented();
    const auto [quotient, rest] = without_gil([&] {
      const divmod_result both = divmod(*x, *y);
      return eval(both.quotient, both.remainder);
    });
    return nb::make_tuple(wrap(quotient), wrap(rest)).release().ptr();
  });
}

PyObject* compare(PyObject* a, PyObject* b, int how) noexcept {
  switch (how) {
    case Py_LT: return compared<less>(a, b);
    case Py_LE: return compared<less_equal>(a, b);
    case Py_EQ: return compared<equal_or_not<equal, false>>(a, b);
    case Py_NE: return compared<equal_or_not<not_equal, true>>(a, b);
    case Py_GT: return compared<greater>(a, b);
    default: return compared<greater_equal>(a, b);
  }
}

// ---- numbers

int truth(PyObject* self) noexcept {
  return guarded(
      [&] {
        const array& x = array_of(self);
        if (x.size() != 1) {
          throw value_error("bool: an array of shape " + to_string(x.shape()) +
                            " has no single truth value: use any() or all()");
        }
        if (x.dtype().kind() != 'U' && x.dtype().kind() != 'S') return x.item<bool>() ? 1 : 0;
        const int full = PyObject_IsTrue(item(x).ptr());
        if (full < 0) throw nb::python_error();
        return full;
      },
      -1);
}

/// The array's only element for int(), float() and complex(), which take arrays without axes.
nb::object number_of(PyObject* self, const char* name) {
  const array& x = array_of(self);
  if (x.ndim() != 0) {
    throw dtype_error(std::string(name) + ": only 0-d arrays are numbers, not one of shape " + to_string(x.shape()));
  }
  return item(x);
}

PyObject* to_float(PyObject* self) noexcept {
  return guarded([&] { return nb::steal(PyNumber_Float(number_of(self, "float").ptr())).release().ptr(); });
}
PyObject* to_integer(PyObject* self) noexcept {
  return guarded([&] { return PyNumber_Long(number_of(self, "int").ptr()); });
}
PyObject* to_index(PyObject* self) noexcept {
  return guarded([&] {
    const array& x = array_of(self);
    if (x.ndim() != 0 || (x.dtype().kind() != 'i' && x.dtype().kind() != 'u')) {
      throw dtype_error(std::string("index: only 0-d integer arrays are integers, not one of ") + x.dtype().name() +
                        " and shape " + to_string(x.shape()));
    }
    return item(x).release().ptr();
  });
}

Py_ssize_t length(PyObject* self) noexcept {
  return guarded(
      [&]() -> Py_ssize_t {
        const array& x = array_of(self);
        if (x.ndim() == 0) throw dtype_error("len: a 0-d array has no length");
        return x.shape()[0];
      },
      -1);
}

int contains(PyObject* self, PyObject* value) noexcept {
  return guarded(
      [&] {
        const array& x = array_of(self);
        const std::optional<expr> y = operand_of(value, self, beyond::infinite);
        if (!y) return 0;
        return without_gil([&] { return any(equal_or_not<equal, false>(x, *y)).item<bool>() ? 1 : 0; });
      },
      -1);
}

PyObject* row(PyObject* self, Py_ssize_t i) noexcept {
  return guarded([&] {
    const nb::object position = nb::steal(PyLong_FromSsize_t(i));
    return get_item(self, position.ptr());
  });
}

PyObject* iterator(PyObject* self) noexcept {
  return guarded([&] {
    if (array_of(self).ndim() == 0) throw dtype_error("iteration: a 0-d array has no axis");
    return PySeqIter_New(self);
  });
}

template <auto F> void* slot() { return reinterpret_cast<void*>(F); }

using binary_slot = PyObject* (*)(PyObject*, PyObject*);
void* slot_of(binary_slot f) { return reinterpret_cast<void*>(f); }

}  // namespace

const PyType_Slot operator_slots[] = {
    {Py_nb_add, slot<&binary<add>>()},
    {Py_nb_subtract, slot<&binary<subtract>>()},
    {Py_nb_multiply, slot<&binary<multiply>>()},
    {Py_nb_true_divide, slot<&binary<divide, beyond::real>>()},
    {Py_nb_floor_divide, slot<&binary<floor_divide>>()},
    {Py_nb_remainder, slot<&binary<remainder>>()},
    {Py_nb_divmod, slot<&divided>()},
    {Py_nb_power, slot<&power>()},
    {Py_nb_matrix_multiply, slot_of([](PyObject* a, PyObject* b) -> PyObject* {
       return binary(
           a, b, [](const expr& x, const expr& y) { return matmul(x, y); }, beyond::refused, no_operand);
     })},
    {Py_nb_and, slot<&binary<bitwise_and>>()},
    {Py_nb_or, slot<&binary<bitwise_or>>()},
    {Py_nb_xor, slot<&binary<bitwise_xor>>()},
    {Py_nb_lshift, slot<&binary<bitwise_left_shift>>()},
    {Py_nb_rshift, slot<&binary<bitwise_right_shift>>()},
    {Py_nb_inplace_add, slot_of(TESSERA_IN_PLACE(+=))},
    {Py_nb_inplace_subtract, slot_of(TESSERA_IN_PLACE(-=))},
    {Py_nb_inplace_multiply, slot_of(TESSERA_IN_PLACE(*=))},
    {Py_nb_inplace_true_divide, slot_of(TESSERA_IN_PLACE(/=))},
    {Py_nb_inplace_remainder, slot_of(TESSERA_IN_PLACE(%=))},
    {Py_nb_inplace_floor_divide, slot<&applied<floor_divide>>()},
    {Py_nb_inplace_power, slot<&power_in_place>()},
    {Py_nb_inplace_matrix_multiply,
     slot_of([](PyObject* a, PyObject* b) -> PyObject* { return in_place(a, b, multiply_in_place); })},
    {Py_nb_inplace_and, slot_of(TESSERA_IN_PLACE(&=))},
    {Py_nb_inplace_or, slot_of(TESSERA_IN_PLACE(|=))},
    {Py_nb_inplace_xor, slot_of(TESSERA_IN_PLACE(^=))},
    {Py_nb_inplace_lshift, slot_of(TESSERA_IN_PLACE(<<=))},
    {Py_nb_inplace_rshift, slot_of(TESSERA_IN_PLACE(>>=))},
    {Py_nb_negative, slot<&unary<negative>>()},
    {Py_nb_positive, slot<&unary<positive>>()},
    {Py_nb_absolute, slot<&unary<abs>>()},
    {Py_nb_invert, slot<&unary<bitwise_invert>>()},
    {Py_tp_richcompare, slot<&compare>()},
    {Py_tp_hash, slot<&PyObject_HashNotImplemented>()},
    {Py_nb_bool, slot<&truth>()},
    {Py_nb_float, slot<&to_float>()},
    {Py_nb_int, slot<&to_integer>()},
    {Py_nb_index, slot<&to_index>()},
    {Py_mp_length, slot<&length>()},
    {Py_mp_subscript, slot<&get_item>()},
    {Py_mp_ass_subscript, slot<&set_item>()},
    {Py_sq_length, slot<&length>()},
    {Py_sq_item, slot<&row>()},
    {Py_tp_iter, slot<&iterator>()},
    {Py_sq_contains, slot<&contains>()},
    {Py_bf_getbuffer, slot<&get_buffer>()},
    {0, nullptr},
};

}  // namespace tessera::python
