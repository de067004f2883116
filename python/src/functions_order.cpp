// Functions that sort, select by rank and search.
#include "functions.hpp"

namespace tessera::python {
namespace {

/// NumPy's word for an algorithm: only whether equal elements keep their order matters.
bool stable_of(nb::handle kind, bool stable) {
  if (kind.is_none()) return stable;
  return word<bool>(nb::cast<std::string>(kind), "sort: kind",
                    {{"quicksort", false}, {"heapsort", false}, {"mergesort", true}, {"stable", true}});
}

/// A field's name or a sequence of them.
names fields_of(nb::handle order) {
  if (order.is_none()) return {};
  if (PyUnicode_Check(order.ptr())) return names(nb::cast<std::string>(order));
  std::vector<std::string> list;
  for (nb::handle name : order) list.push_back(nb::cast<std::string>(name));
  return names(std::move(list));
}

/// Places given as an integer or a vector of them.
places positions_of(nb::handle x, const char* name) {
  const array list = to_array(x);
  if (list.dtype().kind() != 'i' && list.dtype().kind() != 'u' && list.size() > 0) {
    throw dtype_error(std::string(name) + ": kth: expected integers, not " + list.dtype().name());
  }
  if (list.ndim() > 1) {
    throw value_error(std::string(name) + ": kth of shape " + to_string(list.shape()) + "; expected one axis at most");
  }
  const array host = ravel(list.to(cpu())).astype(int64);
  const auto values = host.span<const std::int64_t>();
  return std::vector<std::int64_t>(values.begin(), values.end());
}

using sorting = array (*)(const operand&, const sort_axis&, const sort_options&);

void bind_sorts(nb::module_& m) {
  const auto bind = [&](const char* name, sorting f, const char* sentence) {
    m.def(
        name,
        [f](nb::handle x, nb::handle axis, nb::handle kind, nb::handle order, bool descending, bool stable) {
          const expr operand = to_expr(x);
          const axes along = to_axes(axis);
          const sort_options options{
              .order = fields_of(order), .descending = descending, .stable = stable_of(kind, stable)};
          return wrap(without_gil([&] { return f(operand, along, options); }));
        },
        nb::arg("x"), nb::arg("axis").none() = -1, optional("kind"), optional("order"), nb::kw_only(),
        nb::arg("descending") = false, nb::arg("stable") = true, sentence);
  };
  bind("sort", sort,
       "Sorted along an axis, or flattened with axis=None; NaN last; records by the fields of `order` first.");
  bind("argsort", argsort, "The positions that sort along an axis.");
  m.def(
      "lexsort",
      [](nb::handle keys, nb::handle axis) {
        const std::vector<expr> list = operands_or_rows(keys);
        const int along = to_axis(axis);
        return wrap(without_gil([&] { return lexsort(list, along); }));
      },
      nb::arg("keys"), nb::arg("axis") = -1,
      "The positions that sort by several keys: by the last one, where it is equal by the one before it, and so on.");
}

using partitioning = array (*)(const operand&, const places&, const axes&);

void bind_ranks(nb::module_& m, nb::module_& core) {
  const auto bind = [&](const char* name, partitioning f, const char* sentence) {
    m.def(
        name,
        [f, name](nb::handle x, nb::handle kth, nb::handle axis, nb::handle) {
          const expr operand = to_expr(x);
          const places wanted = positions_of(kth, name);
          const axes along = to_axes(axis);
          return wrap(without_gil([&] { return f(operand, wanted, along); }));
        },
        nb::arg("x"), nb::arg("kth"), nb::arg("axis").none() = -1, nb::arg("kind") = "introselect", sentence);
  };
  bind("partition", partition, "The kth elements where sorting would put them, no greater ones before each of them.");
  bind("argpartition", argpartition, "The positions that partition along an axis.");
  core.def(
      "topk",
      [](nb::handle x, nb::handle k, nb::handle axis, bool largest, bool sorted) {
        const expr operand = to_expr(x);
        const std::int64_t count = to_int(k);
        const axes along = to_axes(axis);
        const topk_options options{.largest = largest, .sorted = sorted};
        const topk_result found = without_gil([&] { return topk(operand, count, along, options); });
        return wrap(std::vector<array>{found.values, found.indices});
      },
      nb::arg("x"), nb::arg("k"), nb::arg("axis").none() = -1, nb::arg("largest") = true, nb::arg("sorted") = true);
}

void bind_searches(nb::module_& m) {
  m.def(
      "searchsorted",
      [](nb::handle x1, nb::handle x2, const std::string& which, nb::handle sorter) {
        const expr sorted = to_expr(x1), values = to_expr(x2, array_or_null(x1));
        const search_options options{
            .side = word<side>(which, "searchsorted: side", {{"left", side::left}, {"right", side::right}}),
            .sorter = one_or_none(sorter, x1)};
        return wrap(without_gil([&] { return searchsorted(sorted, values, options); }));
      },
      nb::arg("x1"), nb::arg("x2"), nb::arg("side") = "left", optional("sorter"),
      "Where values would be inserted to keep x1, a sorted vector, in order.");
}

}  // namespace

void bind_order(nb::module_& m, nb::module_& core) {
  bind_sorts(m);
  bind_ranks(m, core);
  bind_searches(m);
}

}  // namespace tessera::python
