// Sorting, searching and sets of texts, records and times, on the CPU or, built with TESSERA_TEST_ON_DEVICE, on a GPU. Orders are
// those of std::stable_sort with plain comparisons, or lists made by NumPy.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>

#include "array_values.hpp"
#include "ops/default_device.hpp"

namespace sorted_others {
#pragma pack(push, 1)
struct quote {
  char32_t name[5];
  double price;
  std::int64_t volume;
  bool active;
};
struct point {
  std::int16_t at[2];
  quote last;
};
#pragma pack(pop)
}  // namespace sorted_others

TESSERA_RECORD(sorted_others::quote, name, price, volume, active);
TESSERA_RECORD(sorted_others::point, at, last);

namespace tessera {
namespace {

using sorted_others::point;
using sorted_others::quote;
using tessera_test::message_of;
using tessera_test::values;
using places_list = std::vector<std::int64_t>;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t nat = std::numeric_limits<std::int64_t>::min();

class others_here : public on_test_device {};

places_list ints(const array& x) { return values<std::int64_t>(x.to(cpu())); }

/// The elements' bytes in C order.
std::vector<std::byte> bytes_of(const array& x) {
  const array there = x.to(cpu()).copy();
  const auto* first = static_cast<const std::byte*>(there.data());
  return {first, first + there.nbytes()};
}
#define EXPECT_SAME_ELEMENTS(got, want)        \
  do {                                         \
    const array g_ = (got), w_ = (want);       \
    EXPECT_EQ(g_.shape(), w_.shape());         \
    EXPECT_EQ(g_.dtype(), w_.dtype());         \
    EXPECT_TRUE(bytes_of(g_) == bytes_of(w_)); \
  } while (false)

template <class Less> places_list order_of(std::size_t n, const Less& less) {
  places_list order(n);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), less);
  return order;
}

/// A copy: in the packed struct the characters are misaligned.
std::u32string name_of(const quote& x) {
  std::u32string name(std::size(x.name), U'\0');
  std::memcpy(name.data(), &x, sizeof x.name);
  return name;
}
/// -1, 0, 1; NaN last and equal.
int compared(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) - std::isnan(b);
  return (a > b) - (a < b);
}
int compared(const quote& a, const quote& b, const std::string& field) {
  if (field == "name") return name_of(a).compare(name_of(b));
  if (field == "price") return compared(a.price, b.price);
  if (field == "volume") return compared(static_cast<double>(a.volume), static_cast<double>(b.volume));
  return a.active - b.active;
}
int compared(const quote& a, const quote& b, std::vector<std::string> fields) {
  for (const char* other : {"name", "price", "volume", "active"}) fields.push_back(other);
  for (const std::string& field : fields) {
    if (const int c = compared(a, b, field); c != 0) return c;
  }
  return 0;
}

/// Few values of each field, so that each decides somewhere.
std::vector<quote> quotes(std::size_t n, int kinds) {
  std::mt19937 random(7);
  const auto below = [&](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
  std::vector<quote> list(n);
  for (quote& q : list) {
    for (int i = 0, length = below(6); i < length; ++i)
      q.name[i] = below(3) == 0 ? U"aé😀"[below(3)] : static_cast<char32_t>('a' + below(2));
    q.price = below(kinds) == 0 ? nan : below(kinds) - 1.0;
    q.volume = below(kinds) - 2;
    q.active = below(2) != 0;
  }
  return list;
}

array array_of(const std::vector<quote>& list) { return on(from_span(std::span<const quote>(list)).copy()); }

const std::vector<std::vector<std::string>> orders = {
    {}, {"volume"}, {"volume", "name"}, {"active", "price"}, {"price"}};

void expect_sorted_records(const std::vector<quote>& list, const std::vector<std::string>& fields) {
  const array x = array_of(list);
  const auto down = [&](std::int64_t a, std::int64_t b) {
    return compared(list[static_cast<std::size_t>(a)], list[static_cast<std::size_t>(b)], fields);
  };
  const places_list up = order_of(list.size(), [&](auto a, auto b) { return down(a, b) < 0; });
  EXPECT_EQ(ints(argsort(x, {.order = fields})), up);
  EXPECT_EQ(ints(argsort(x, {.order = fields, .descending = true})),
            order_of(list.size(), [&](auto a, auto b) { return down(a, b) > 0; }));
  EXPECT_SAME_ELEMENTS(sort(x, {.order = fields}), take(x, argsort(x, {.order = fields})));
}

TEST_F(others_here, records_sort_by_fields) {
  for (const auto& fields : orders) {
    for (const int kinds : {1, 3, 400}) {
      SCOPED_TRACE(testing::PrintToString(fields) + " " + std::to_string(kinds));
      expect_sorted_records(quotes(on_device ? 300 : 2000, kinds), fields);
    }
  }
  for (const std::size_t n : {0u, 1u, 2u}) expect_sorted_records(quotes(n, 3), {"volume"});
}

TEST_F(others_here, lanes_sort_alone) {
  const std::vector<quote> list = quotes(6 * 5 * 4, 3);
  const array x = reshape(array_of(list), {6, 5, 4});
  for (const int axis : {0, 1, 2, -1}) {
    const array order = argsort(x, axis, {.order = "active"}), sorted = sort(x, axis, {.order = "active"});
    EXPECT_EQ(order.shape(), x.shape());
    EXPECT_SAME_ELEMENTS(sorted, take_along_axis(x, order, axis));
    const array lanes = moveaxis(x, axis, -1), of_lanes = moveaxis(order, axis, -1);
    for (int i = 0; i < lanes.shape()[0]; ++i) {
      for (int j = 0; j < lanes.shape()[1]; ++j)
        EXPECT_EQ(ints(of_lanes(i, j)), ints(argsort(lanes(i, j).copy(), {.order = "active"})));
    }
  }
  EXPECT_SAME_ELEMENTS(sort(x, axes{}), sort(array_of(list)));
  EXPECT_EQ(argsort(zeros({3, 0}, x.dtype())).shape(), shape({3, 0}));
  EXPECT_EQ(argsort(zeros({0, 3}, x.dtype())).shape(), shape({0, 3}));
}

TEST_F(others_here, texts_sort) {
  const std::vector<quote> list = quotes(1500, 3);
  const array names = array_of(list)["name"];
  const auto name = [&](std::int64_t i) { return name_of(list[static_cast<std::size_t>(i)]); };
  const places_list up = order_of(list.size(), [&](auto a, auto b) { return name(a) < name(b); });
  EXPECT_EQ(ints(argsort(names)), up);
  EXPECT_EQ(ints(argsort(names, {.descending = true})),
            order_of(list.size(), [&](auto a, auto b) { return name(a) > name(b); }));
  EXPECT_SAME_ELEMENTS(sort(names), take(names, on(argsort(names))));

  // The same memory as bytes and as raw bytes: 20 of them, compared one by one.
  const auto raw = [&](std::int64_t i) {
    return std::string_view(reinterpret_cast<const char*>(list[static_cast<std::size_t>(i)].name), 20);
  };
  const places_list by_bytes = order_of(list.size(), [&](auto a, auto b) { return raw(a) < raw(b); });
  EXPECT_EQ(ints(argsort(names.copy().view("S20"))), by_bytes);
  EXPECT_EQ(ints(argsort(names.copy().view("V20"))), by_bytes);
}

TEST_F(others_here, texts_with_long_common_beginnings_sort) {
  std::vector<std::array<char, 40>> list(400);
  std::mt19937 random(3);
  for (auto& text : list) {
    text.fill('x');
    for (std::size_t i = 0; i < 40; i += 13) text[i] = static_cast<char>('a' + random() % 3);
  }
  const array x = on(array(from_pointer(list.data(), {400}, "S40")).copy());
  const places_list up = order_of(
      400, [&](auto a, auto b) { return list[static_cast<std::size_t>(a)] < list[static_cast<std::size_t>(b)]; });
  EXPECT_EQ(ints(argsort(x)), up);
}

TEST_F(others_here, times_sort_with_nat_last) {
  const std::vector<std::int64_t> steps = {5, nat, -3, 5, std::numeric_limits<std::int64_t>::max(), nat + 1, nat, 0};
  const array x = on(from_pointer(steps.data(), {8}, "M8[s]").copy());
  EXPECT_EQ(ints(argsort(x)), (places_list{5, 2, 7, 0, 3, 4, 1, 6}));
  EXPECT_EQ(ints(argsort(x, {.descending = true})), (places_list{1, 6, 4, 0, 3, 7, 2, 5}));
  EXPECT_SAME_ELEMENTS(sort(x), take(x, argsort(x)));
  EXPECT_SAME_ELEMENTS(partition(x, 7)(slice(6, none)).copy(), sort(x)(slice(6, none)).copy());
  EXPECT_EQ(ints(argpartition(x, 0)(slice(1))), (places_list{5}));
  EXPECT_SAME_ELEMENTS(topk(x, 3).values, take(x, on(array{1, 6, 4})));
}

TEST_F(others_here, parts_of_records_sort) {
  // NumPy compares the bytes of sub-arrays; here they go element by element.
  std::vector<point> list(6);
  const int at[6][2] = {{256, 0}, {1, 0}, {-1, 5}, {-1, 4}, {1, -1}, {-1, 4}};
  for (std::size_t i = 0; i < 6; ++i) {
    list[i] = {};
    for (int k = 0; k < 2; ++k) list[i].at[k] = static_cast<std::int16_t>(at[i][k]);
    list[i].last.volume = -static_cast<std::int64_t>(i);
  }
  const array x = on(from_span(std::span<const point>(list)).copy());
  EXPECT_EQ(ints(argsort(x)), (places_list{5, 3, 2, 4, 1, 0}));
  EXPECT_EQ(ints(argsort(x, {.order = "last"})), (places_list{5, 4, 3, 2, 1, 0}));
}

TEST_F(others_here, complex_fields_sort_as_complex_numbers) {
  const std::vector<double> parts = {nan, nan, nan, 1, 1, nan, 5, 5, 5, 2, nan, 0, 0, nan};
  const array x = on(from_pointer(parts.data(), {7}, record({{"a", complex128}})).copy());
  EXPECT_EQ(ints(argsort(x)), (places_list{4, 3, 6, 2, 5, 1, 0}));
}

TEST_F(others_here, several_keys_of_any_dtype) {
  const std::vector<quote> list = quotes(700, 3);
  const array x = array_of(list);
  const places_list want = order_of(list.size(), [&](auto a, auto b) {
    const quote &p = list[static_cast<std::size_t>(a)], &q = list[static_cast<std::size_t>(b)];
    for (const char* field : {"name", "volume"}) {
      if (const int c = compared(p, q, std::string(field)); c != 0) return c < 0;
    }
    return false;
  });
  EXPECT_EQ(ints(lexsort({x["volume"], x["name"]})), want);
  const array two = reshape(x["name"], {2, 350});
  EXPECT_EQ(ints(lexsort({two}, 1)), ints(argsort(two, 1)));
  EXPECT_EQ(ints(lexsort({two}, 0)), ints(argsort(two, 0)));
}

TEST_F(others_here, the_largest_and_parts) {
  const std::vector<quote> list = quotes(200, 3);
  const array x = array_of(list), down = argsort(x, {.descending = true});
  const topk_result best = topk(x, 5);
  EXPECT_EQ(ints(best.indices), ints(down(slice(5))));
  EXPECT_SAME_ELEMENTS(best.values, take(x, on(array(down(slice(5))))));
  const array lanes = reshape(x, {4, 50});
  EXPECT_EQ(ints(topk(lanes, 2, 1, {.largest = false}).indices), ints(argsort(lanes, 1)(all, slice(2))));
  EXPECT_EQ(topk(lanes, 0, 1).values.shape(), shape({4, 0}));
  EXPECT_SAME_ELEMENTS(partition(x["name"], 3)(3), sort(x["name"])(3));
}

TEST_F(others_here, searches) {
  const std::vector<quote> list = quotes(300, 4);
  const array x = array_of(list), sorted = sort(x), names = sort(x["name"]);
  const auto count = [&](const auto& before) {
    places_list result;
    for (std::size_t i = 0; i < list.size(); ++i) {
      result.push_back(std::count_if(list.begin(), list.end(), [&](const quote& q) { return before(q, list[i]); }));
    }
    return result;
  };
  EXPECT_EQ(ints(searchsorted(sorted, x)), count([](auto& a, auto& b) { return compared(a, b, orders[0]) < 0; }));
  EXPECT_EQ(ints(searchsorted(sorted, x, {.side = side::right})),
            count([](auto& a, auto& b) { return compared(a, b, orders[0]) <= 0; }));
  const std::string name = "name";
  EXPECT_EQ(ints(searchsorted(names, x["name"])), count([&](auto& a, auto& b) { return compared(a, b, name) < 0; }));
  EXPECT_EQ(ints(searchsorted(x["name"], x["name"], {.side = side::right, .sorter = {argsort(x["name"])}})),
            count([&](auto& a, auto& b) { return compared(a, b, name) <= 0; }));
  EXPECT_EQ(searchsorted(names, reshape(x["name"], {3, 100})).shape(), shape({3, 100}));
  EXPECT_EQ(ints(searchsorted(on(array{"a", "b", "b", "d"}), "b")), (places_list{1}));
  EXPECT_EQ(ints(searchsorted(on(array{"a", "b", "b", "d"}), on(array{"", "abc", "z", "b"}), {.side = side::right})),
            (places_list{0, 1, 4, 3}));
  const std::vector<std::int64_t> steps = {-3, 0, 5, nat};
  const array times = on(from_pointer(steps.data(), {4}, "m8[s]").copy());
  EXPECT_EQ(ints(searchsorted(times, times)), (places_list{0, 1, 2, 3}));
  EXPECT_EQ(ints(searchsorted(times, times, {.side = side::right})), (places_list{1, 2, 3, 4}));
}

TEST_F(others_here, distinct_elements) {
  const array x = on(array{{"b", "a"}, {"ab", "b"}, {"", "a"}});
  const unique_all_result all = unique_all(x);
  EXPECT_SAME_ELEMENTS(all.values, on(array{"", "a", "ab", "b"}));
  EXPECT_EQ(ints(all.indices), (places_list{4, 1, 2, 0}));
  EXPECT_EQ(ints(all.inverse_indices), (places_list{3, 1, 2, 3, 0, 1}));
  EXPECT_EQ(ints(all.counts), (places_list{1, 2, 1, 2}));
  EXPECT_SAME_ELEMENTS(unique(x), all.values);
  const array rows = on(array{{"a", "b"}, {"a", "b"}, {"0", "z"}});
  EXPECT_SAME_ELEMENTS(unique(rows, {.axis = 0}), on(array{{"0", "z"}, {"a", "b"}}));
  EXPECT_SAME_ELEMENTS(unique(rows, {.axis = 1}), rows);
  EXPECT_SAME_ELEMENTS(unique(zeros(0, "U3")), zeros(0, "U3"));
}

TEST_F(others_here, distinct_elements_with_nan_and_nat) {
  const std::vector<std::int64_t> steps = {nat, 30, nat, 20};
  const array times = on(from_pointer(steps.data(), {4}, "M8[D]").copy());
  EXPECT_SAME_ELEMENTS(unique(times), take(times, on(array{3, 1, 0})));
  EXPECT_SAME_ELEMENTS(unique(times, {.equal_nan = false}), take(times, on(array{3, 1, 0, 2})));
  EXPECT_SAME_ELEMENTS(unique(reshape(times, {2, 2}), {.axis = 0}),
                       reshape(take(times, on(array{2, 3, 0, 1})), {2, 2}));
  std::vector<quote> list(4);
  list[0].price = list[1].price = nan;
  const array records = array_of(list);
  EXPECT_SAME_ELEMENTS(unique(records), take(records, on(array{2, 0, 1})));
  EXPECT_EQ(ints(unique_counts(records).counts), (places_list{2, 1, 1}));
}

TEST_F(others_here, sets_of_two) {
  const array x = on(array{"b", "a", "cc", "a"}), y = on(array{"a", "d", "cc"});
  EXPECT_SAME_ELEMENTS(union1d(x, y), on(array{"a", "b", "cc", "d"}));
  EXPECT_SAME_ELEMENTS(intersect1d(x, y), on(array{"a", "cc"}));
  EXPECT_SAME_ELEMENTS(setdiff1d(x, y), on(array{"b", "cc"})(slice(1)).copy());
  EXPECT_SAME_ELEMENTS(setxor1d(x, y), on(array{"b", "d", "cc"})(slice(2)).copy());
  const auto [values, in_x, in_y] = intersect1d_indices(x, y);
  EXPECT_SAME_ELEMENTS(values, on(array{"a", "cc"}));
  EXPECT_EQ(ints(in_x), (places_list{1, 2}));
  EXPECT_EQ(ints(in_y), (places_list{0, 2}));
  const array found = isin(reshape(x, {2, 2}), y);
  EXPECT_EQ(found.shape(), shape({2, 2}));
  EXPECT_EQ(tessera_test::doubles(found), (std::vector<double>{0, 1, 1, 1}));
  EXPECT_EQ(tessera_test::doubles(isin(x, on(array{"b", "zebra"}), {.invert = true})),
            (std::vector<double>{0, 1, 1, 1}));
  EXPECT_EQ(tessera_test::doubles(isin(x, "cc")), (std::vector<double>{0, 0, 1, 0}));
  EXPECT_EQ(isin(on(zeros(0, "U2")), y).size(), 0);
}

TEST_F(others_here, sets_of_two_with_nan_and_nat) {
  const std::vector<std::int64_t> steps = {nat, 30, nat, 20};
  const array times = on(from_pointer(steps.data(), {4}, "M8[D]").copy());
  const auto at = [&](const array& places) { return array(take(times, on(places))); };
  EXPECT_EQ(tessera_test::doubles(isin(times, times)), (std::vector<double>{0, 1, 0, 1}));
  EXPECT_SAME_ELEMENTS(setxor1d(times, times(slice(2))), at({3, 0, 0}));
  EXPECT_SAME_ELEMENTS(union1d(times, times), at({3, 1, 0}));
  EXPECT_SAME_ELEMENTS(intersect1d(times, times), at({3, 1}));
  EXPECT_SAME_ELEMENTS(setdiff1d(times, times(slice(1, 2))), at({3, 0}));
  std::vector<quote> list(4);
  list[0].price = list[1].price = nan;
  const array r = array_of(list);
  EXPECT_EQ(tessera_test::doubles(isin(r, r)), (std::vector<double>{0, 0, 1, 1}));
  EXPECT_SAME_ELEMENTS(union1d(r, r), take(r, on(array{2, 0, 0, 0, 0})));
  EXPECT_SAME_ELEMENTS(intersect1d(r, r), r(slice(2, 3)).copy());
  EXPECT_SAME_ELEMENTS(setdiff1d(r, r(slice(1))), take(r, on(array{2, 0, 1})));
}

TEST_F(others_here, places_of_the_smallest_and_largest_text) {
  const array x = on(array{{"b", "ab", "c"}, {"c", "", "c"}});
  EXPECT_EQ(ints(argmax(x)), (places_list{2}));
  EXPECT_EQ(ints(argmin(x)), (places_list{4}));
  EXPECT_EQ(ints(argmax(x, 0)), (places_list{1, 0, 0}));
  EXPECT_EQ(ints(argmin(x, 1, {.keepdims = true})), (places_list{1, 1}));
}

TEST_F(others_here, groups_by_text) {
  const group_result sums =
      group_reduce(on(array{"b", "a", "b", "cc"}), on(array{1.0, 2.0, 4.0, 8.0}), group_fold::sum);
  EXPECT_SAME_ELEMENTS(sums.keys, on(array{"a", "b", "cc"}));
  EXPECT_EQ(tessera_test::doubles(sums.values), (std::vector<double>{2, 5, 8}));
  const group_result counts = group_reduce(on(array{"b", "a", "b"}), on(array{"x", "y", "z"}), group_fold::count);
  EXPECT_EQ(ints(counts.values), (places_list{1, 2}));
}

TEST_F(others_here, errors) {
  const array r = array_of(quotes(3, 2)), texts = on(array{"b", "a"});
  using testing::StartsWith;
  EXPECT_THAT(message_of<index_error>([&] { (void)sort(r, {.order = "size"}); }),
              StartsWith("sort: no field 'size'; there are 'name', 'price', 'volume', 'active'"));
  EXPECT_THAT(message_of<value_error>([&] {
                (void)argsort(r, {.order = {"name", "name"}});
              }),
              StartsWith("argsort: order names the field 'name' twice"));
  EXPECT_THAT(message_of<value_error>([&] {
                (void)sort(on(array{2, 1}), {.order = "name"});
              }),
              StartsWith("sort: order names fields, but x has dtype int64"));
  EXPECT_THROW((void)sort(texts, {.order = "name"}), value_error);
  EXPECT_THROW((void)searchsorted(r, texts), dtype_error);
  EXPECT_THROW((void)group_reduce(texts, texts, group_fold::sum), dtype_error);
}

}  // namespace
}  // namespace tessera
