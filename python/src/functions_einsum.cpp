// einsum and einsum_path: equations as texts or as lists of numbers, and the order of contraction.
#include "functions.hpp"

namespace tessera::python {
namespace {

/// A list of numbers as the letters they stand for: 0 to 51 are A to Z and a to z.
std::string letters_of(nb::handle list) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  if (!PyList_Check(list.ptr()) && !PyTuple_Check(list.ptr()) && !PyRange_Check(list.ptr())) {
    throw nb::type_error("einsum: an equation, or operands each followed by a list of labels, is expected");
  }
  std::string result;
  for (nb::handle label : list) {
    if (label.ptr() == Py_Ellipsis) {
      result += "...";
      continue;
    }
    if (PyBool_Check(label.ptr()) || !PyIndex_Check(label.ptr())) {
      throw nb::type_error("einsum: a label is an integer or an ellipsis");
    }
    const std::int64_t number = to_int(label);
    if (number < 0 || number >= static_cast<std::int64_t>(letters.size())) {
      throw value_error("einsum: label " + std::to_string(number) + " is not in 0 to 51");
    }
    result += letters[static_cast<std::size_t>(number)];
  }
  return result;
}

std::vector<std::vector<int>> to_path(nb::handle list) {
  std::vector<std::vector<int>> result;
  bool first = true;
  for (nb::handle step : list) {
    if (first) {
      first = false;  // 'einsum_path'
      continue;
    }
    std::vector<int>& positions = result.emplace_back();
    for (nb::handle position : step) positions.push_back(to_axis(position));
  }
  if (result.empty()) throw value_error("einsum: optimize: the path has no steps");
  return result;
}

einsum_search search_of(nb::handle text) {
  return word<einsum_search>(nb::cast<std::string>(text), "einsum: optimize",
                             {{"greedy", einsum_search::greedy}, {"optimal", einsum_search::optimal}});
}

/// True, False or None, a word, (word, elements), or ['einsum_path', (0, 1), …].
einsum_options to_options(nb::handle optimize) {
  if (optimize.is_none()) return {.optimize = einsum_search::none};
  if (PyBool_Check(optimize.ptr())) {
    return {.optimize = nb::cast<bool>(optimize) ? einsum_search::automatic : einsum_search::none};
  }
  if (PyUnicode_Check(optimize.ptr())) return {.optimize = search_of(optimize)};
  if (PySequence_Check(optimize.ptr()) && nb::len(optimize) > 0 && PyUnicode_Check(nb::object(optimize[0]).ptr())) {
    if (nb::cast<std::string>(optimize[0]) == "einsum_path") return {.path = to_path(optimize)};
    if (nb::len(optimize) == 2) {
      const std::int64_t limit = static_cast<std::int64_t>(std::clamp(PyFloat_Check(nb::object(optimize[1]).ptr())
                                                                          ? nb::cast<double>(optimize[1])
                                                                          : static_cast<double>(to_int(optimize[1])),
                                                                      -1.0, 9e18));
      return {.optimize = search_of(optimize[0]), .memory_limit = limit};
    }
  }
  throw nb::type_error(
      "einsum: optimize: expected True, False, 'greedy', 'optimal', a pair of one of these words and a "
      "number of elements, or ['einsum_path', ...]");
}

/// The arguments: an equation and operands, or operands each with a list of numbers, and perhaps the output's.
struct arguments {
  std::string equation;
  std::vector<operand> operands;

  explicit arguments(const nb::args& x) {
    const std::size_t count = x.size();
    if (count == 0) throw nb::type_error("einsum: no equation");
    nb::list values;
    if (PyUnicode_Check(nb::object(x[0]).ptr())) {
      equation = nb::cast<std::string>(x[0]);
      for (std::size_t k = 1; k < count; ++k) values.append(x[k]);
    } else {
      for (std::size_t k = 0; k + 1 < count; k += 2) {
        values.append(x[k]);
        if (k > 0) equation += ',';
        equation += letters_of(x[k + 1]);
      }
      if (count % 2 == 1) equation.append("->").append(letters_of(x[count - 1]));
    }
    for (const expr& one : to_exprs(values)) operands.emplace_back(one);
  }
};

}  // namespace

void bind_einsum(nb::module_& m) {
  m.def(
      "einsum",
      [](const nb::args& operands, nb::handle optimize) {
        const arguments x(operands);
        const einsum_options options = to_options(optimize);
        return wrap(without_gil([&] { return einsum_list(x.equation, x.operands, options); }));
      },
      nb::arg("operands"), nb::arg("optimize").none() = true,
      "Sums of products over repeated labels: einsum('ij,jk->ik', a, b) or einsum(a, [0, 1], b, [1, 2], [0, 2]); of "
      "one array that is only rearranged a writable view. optimize: how the order of more than two operands is found: "
      "True, False, 'greedy', 'optimal', (word, elements), or a path of einsum_path.");
  m.def(
      "einsum_path",
      [](const nb::args& operands, nb::handle optimize) {
        const arguments x(operands);
        const einsum_options options = to_options(optimize);
        const contraction_path path = without_gil([&] { return einsum_path_list(x.equation, x.operands, options); });
        nb::list steps;
        steps.append("einsum_path");
        for (const contraction_step& step : path.steps) {
          nb::list positions;
          for (int k : step.operands) positions.append(k);
          steps.append(nb::tuple(positions));
        }
        return nb::make_tuple(steps, to_string(path));
      },
      nb::arg("operands"), nb::arg("optimize").none() = true,
      "The order in which einsum contracts its operands, for its `optimize`, and a table of the steps.");
}

}  // namespace tessera::python
