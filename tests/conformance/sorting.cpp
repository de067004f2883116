// sorting: orders, searches, distinct elements, sets of two arrays, bins.
#include <map>

#include "conformance/section.hpp"

namespace conformance {

using tessera::array;

namespace {

bool flag(const test_case& c, const char* key) { return c.has(key) && c[key].get<bool>(); }

void expect_only(const test_case& c, const array& got) {
  c.expect_success(kind_of(got.dtype(), got.shape()));
  c.expect_array(got, c["result"]);
}

void replay_sort(const test_case& c) {
  const placed a = operand_of(c, "a");
  expect_only(c, sort(a.array, axes_of(c["axis"])));
  a.expect_gaps_untouched();
}

void replay_argsort(const test_case& c) {
  const placed a = operand_of(c, "a");
  expect_only(c, argsort(a.array, axes_of(c["axis"])));
}

void replay_searchsorted(const test_case& c) {
  const placed a = operand_of(c, "a"), v = plain(c, "v");
  const tessera::side on = c.text("side") == "right" ? tessera::side::right : tessera::side::left;
  std::vector<tessera::expr> sorter;
  if (!c["sorter"].is_null()) sorter.push_back(plain(c, "sorter").array.copy());
  expect_only(c, searchsorted(a.array, v.array, {.side = on, .sorter = sorter}));
}

void replay_lexsort(const test_case& c) {
  std::vector<array> keys;
  for (const json& key : c["keys"]) keys.push_back(placed(c.read(key), "C").array.copy());
  expect_only(c, lexsort(keys));
}

/// Elements in order with one kind of zero: which of equal ones stands at a place is not said.
elements in_order(const array& a) { return read_back(sort(a + 0)); }

/// The element of place kth as if sorted, what is not greater before it and what is not less behind: the same elements.
void replay_partition(const test_case& c) {
  const placed a = operand_of(c, "a"), kth_value = plain(c, "kth_value");
  const auto kth = c["kth"].get<std::int64_t>();
  const tessera::slice first(kth), others(kth + 1, tessera::none);
  const array parted = partition(a.array, kth), order = argpartition(a.array, kth), sorted = sort(a.array);
  c.expect_success("a partition");
  for (const array& got : {parted, take(a.array, order)}) {
    expect_values(read_back(kth_value.array + 0), read_back(got(kth) + 0));
    expect_values(in_order(sorted(first)), in_order(got(first)));
    expect_values(in_order(sorted(others)), in_order(got(others)));
  }
}

void replay_unique(const test_case& c) {
  const placed a = operand_of(c, "a");
  const tessera::axes axis = axis_of(c);
  const bool equal_nan = flag(c, "equal_nan");
  const tessera::unique_parts_options options{.axis = axis, .equal_nan = equal_nan};
  const tessera::unique_all_result all = unique_all(a.array, options);
  c.expect_success("distinct elements");
  c.expect_array(all.values, c["values"]);
  c.expect_array(all.indices, c["index"]);
  c.expect_array(all.inverse_indices, c["inverse"]);
  c.expect_array(all.counts, c["counts"]);
  c.expect_array(unique(a.array, {.axis = axis, .equal_nan = equal_nan}), c["values"]);
  c.expect_array(unique_values(a.array, options), c["values"]);
  const auto [values, inverse] = unique_inverse(a.array, options);
  c.expect_array(values, c["values"]);
  c.expect_array(inverse, c["inverse"]);
  const auto [same_values, counts] = unique_counts(a.array, options);
  c.expect_array(same_values, c["values"]);
  c.expect_array(counts, c["counts"]);
}

void replay_union1d(const test_case& c) {
  const placed a = operand_of(c, "a"), b = plain(c, "b");
  expect_only(c, union1d(a.array, b.array));
}

void replay_intersect1d(const test_case& c) {
  const placed a = operand_of(c, "a"), b = plain(c, "b");
  const tessera::set_options options{.assume_unique = flag(c, "assume_unique")};
  expect_only(c, intersect1d(a.array, b.array, options));
  const auto [values, in_a, in_b] = intersect1d_indices(a.array, b.array, options);
  c.expect_array(values, c["result"]);
  c.expect_array(in_a, c["a_indices"]);
  c.expect_array(in_b, c["b_indices"]);
}

void replay_setdiff1d(const test_case& c) {
  const placed a = operand_of(c, "a"), b = plain(c, "b");
  expect_only(c, setdiff1d(a.array, b.array, {.assume_unique = flag(c, "assume_unique")}));
}

void replay_setxor1d(const test_case& c) {
  const placed a = operand_of(c, "a"), b = plain(c, "b");
  expect_only(c, setxor1d(a.array, b.array, {.assume_unique = flag(c, "assume_unique")}));
}

void replay_isin(const test_case& c) {
  const placed a = operand_of(c, "a"), b = plain(c, "b");
  expect_only(c, isin(a.array, b.array, {.assume_unique = flag(c, "assume_unique"), .invert = flag(c, "invert")}));
}

void replay_bincount(const test_case& c) {
  const placed a = operand_of(c, "a"), weights = plain(c, "weights");
  const auto minlength = c["minlength"].get<std::int64_t>();
  expect_only(c, bincount(a.array, {.minlength = minlength}));
  c.expect_array(bincount(a.array, {.weights = {weights.array.copy()}, .minlength = minlength}), c["weighted"]);
}

void replay_digitize(const test_case& c) {
  const placed a = operand_of(c, "a"), edges = plain(c, "edges");
  expect_only(c, digitize(a.array, edges.array, {.right = flag(c, "right")}));
}

void replay_histogram(const test_case& c) {
  const placed a = operand_of(c, "a");
  tessera::histogram_options options;
  if (!c["range"].is_null()) options.range = {c["range"][0].get<double>(), c["range"][1].get<double>()};
  const auto [counts, edges] = histogram(a.array, c["bins"].get<int>(), options);
  expect_only(c, counts);
  c.expect_array(edges, c["edges"]);
}

const std::map<std::string, replay_function> operations = {{"sort", replay_sort},
                                                           {"argsort", replay_argsort},
                                                           {"searchsorted", replay_searchsorted},
                                                           {"unique", replay_unique},
                                                           {"lexsort", replay_lexsort},
                                                           {"partition", replay_partition},
                                                           {"union1d", replay_union1d},
                                                           {"intersect1d", replay_intersect1d},
                                                           {"setdiff1d", replay_setdiff1d},
                                                           {"setxor1d", replay_setxor1d},
                                                           {"isin", replay_isin},
                                                           {"bincount", replay_bincount},
                                                           {"digitize", replay_digitize},
                                                           {"histogram", replay_histogram}};

}  // namespace

void replay_sorting(const test_case& c) {
  const auto found = operations.find(c.text("op"));
  if (found == operations.end()) throw skipped(c.text("op"));
  found->second(c);
}

}  // namespace conformance
