// Basic indexing: views by integers, slices, newaxis and an ellipsis.
#include <limits>

#include "ops/elements.hpp"

using namespace tessera;

namespace {

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min(),
                       highest = std::numeric_limits<std::int64_t>::max();

/// Python's rule, written as its documentation does: i, i + step, … as long as they stay on the near side of end.
list sliced(std::int64_t extent, bound begin, bound end, bound step) {
  const __int128 by = step.given ? step.value : 1;
  const auto place = [&](bound b, __int128 otherwise) -> __int128 {
    if (!b.given) return otherwise;
    __int128 at = b.value;
    if (at < 0) at += extent;
    const __int128 low = by > 0 ? 0 : -1, high = by > 0 ? extent : extent - 1;
    return at < low ? low : at > high ? high : at;
  };
  const __int128 first = place(begin, by > 0 ? 0 : extent - 1), last = place(end, by > 0 ? extent : -1);
  list result;
  for (__int128 i = first; by > 0 ? i < last : i > last; i += by) result.push_back(static_cast<std::int64_t>(i));
  return result;
}

TEST(slices, follow_pythons_rule_for_any_bounds_and_steps) {
  const std::vector<bound> bounds = {none, 0, 1, 3, 4, 5, -1, -4, -5, -6, lowest, lowest + 1, highest};
  const std::vector<bound> steps = {none, 1, 2, 3, 7, -1, -2, -3, -7, highest, lowest, lowest + 1};
  for (std::int64_t extent : {0, 1, 2, 5}) {
    array x = arange(extent);
    for (bound begin : bounds) {
      for (bound end : bounds) {
        for (bound step : steps) {
          ASSERT_EQ(ints(x(slice(begin, end, step))), sliced(extent, begin, end, step))
              << extent << ": " << begin.value << ' ' << end.value << ' ' << step.value;
        }
      }
    }
  }
}

TEST(basic_indexing, makes_views_that_write_through) {
  array m = reshape(arange(12), {3, 4});
  m(1) = 0;
  m(all, -1) += 100;
  m(0, slice(none, none, 2)) = array{-1, -2};
  EXPECT_EQ(ints(m), (list{-1, 1, -2, 103, 0, 0, 0, 100, 8, 9, 10, 111}));
  EXPECT_TRUE(m(1).base().is(m.base()));
}

TEST(basic_indexing, moves_the_origin_and_keeps_strides) {
  array m = reshape(arange(24), {2, 3, 4});
  const array v = m(1, slice(none, none, -1), newaxis, slice(1, none, 2));
  EXPECT_EQ(v.shape(), shape({3, 1, 2}));
  EXPECT_EQ(v.strides()[0], -32);
  EXPECT_EQ(v.strides()[2], 16);
  EXPECT_EQ(ints(v), (list{21, 23, 17, 19, 13, 15}));
  EXPECT_EQ(static_cast<const std::byte*>(v.data()) - static_cast<const std::byte*>(m.data()), (12 + 8 + 1) * 8);
}

TEST(basic_indexing, an_ellipsis_stands_for_the_axes_not_named) {
  array m = reshape(arange(24), {2, 3, 4});
  EXPECT_EQ(m(ellipsis, 0).shape(), shape({2, 3}));
  EXPECT_EQ(m(0, ellipsis).shape(), shape({3, 4}));
  EXPECT_EQ(m(0, 0, ellipsis, 0).shape(), shape());
  EXPECT_EQ(m(ellipsis).shape(), m.shape());
  EXPECT_EQ(m().shape(), m.shape());
  EXPECT_EQ(m(ellipsis, newaxis).shape(), shape({2, 3, 4, 1}));
}

TEST(basic_indexing, of_empty_arrays_and_0d_arrays) {
  array e = zeros({3, 0, 2});
  EXPECT_EQ(e(2).shape(), shape({0, 2}));
  EXPECT_EQ(e(all, slice(5, 9)).shape(), shape({3, 0, 2}));
  EXPECT_EQ(e(slice(none, none, -1), all, 1).shape(), shape({3, 0}));
  array scalar = 5;
  EXPECT_EQ(scalar(newaxis, ellipsis).shape(), shape({1}));
  scalar() = 7;
  EXPECT_EQ(int(scalar), 7);
}

TEST(basic_indexing, takes_indices_known_at_run_time_only) {
  array m = reshape(arange(6), {2, 3});
  EXPECT_EQ(ints(m.view_at({all, 1})), (list{1, 4}));
  EXPECT_EQ(m.view_at({}).shape(), m.shape());
}

TEST(basic_indexing, overlapping_assignment_is_as_if_copied_first) {
  array a = arange(6), reversed = arange(6);
  a(slice(1, none)) = a(slice(none, -1));
  EXPECT_EQ(ints(a), (list{0, 0, 1, 2, 3, 4}));
  reversed() = reversed(slice(none, none, -1));
  EXPECT_EQ(ints(reversed), (list{5, 4, 3, 2, 1, 0}));
}

TEST(index_errors, name_the_position_the_axis_and_the_extent) {
  array m = zeros({4, 2});
  EXPECT_EQ(error_of([&] { m(9); }), "index_error index: 9 is out of bounds for axis 0 with extent 4");
  EXPECT_EQ(error_of([&] { m(all, -3); }), "index_error index: -3 is out of bounds for axis 1 with extent 2");
  EXPECT_EQ(error_of([&] { m(newaxis, 0, 2); }), "index_error index: 2 is out of bounds for axis 1 with extent 2");
  EXPECT_EQ(error_of([&] { m(lowest); }),
            "index_error index: -9223372036854775808 is out of bounds for axis 0 with extent 4");
  EXPECT_EQ(error_of([&] { m(0, 0, 0); }), "index_error index: too many indices for an array of shape (4, 2): 3");
  EXPECT_EQ(error_of([&] { m(all, ellipsis, all, all); }),
            "index_error index: too many indices for an array of shape (4, 2): 3");
  EXPECT_EQ(error_of([&] { m(ellipsis, ellipsis); }), "index_error index: more than one ellipsis");
  EXPECT_EQ(error_of([&] { m(slice(none, none, 0)); }), "value_error index: slice step cannot be zero");
  EXPECT_EQ(error_of([&] { array(5)(0); }), "index_error index: too many indices for an array of shape (): 1");
  EXPECT_EQ(error_of([&] { m["x"]; }), "index_error index: dtype float64 has no fields");
  EXPECT_EQ(error_of([&] { m.view_at(std::vector<subscript>(63, newaxis)); }),
            "index_error index: the result would have more than 64 axes");
}

TEST(index_errors, tell_the_callers_line) {
  array m = zeros({4, 2});
  try {
    m(9);
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(std::string(e.where().file_name()), __FILE__);
    EXPECT_EQ(e.where().line(), __LINE__ - 4u);
  }
}

}  // namespace
