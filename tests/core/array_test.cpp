// array: handles, flags, base, views as another dtype, copies, host access, iteration, writing through.
#include <gtest/gtest.h>

#include <complex>

#include "array_values.hpp"
#include "core/access.hpp"

using namespace tessera;
using tessera_test::message_of;
using tessera_test::values;

namespace {

TEST(array, default_constructed_and_moved_from_are_empty) {
  array none, a = {1, 2, 3};
  array b = std::move(a);
  for (const array* x : {&none, &a}) {
    EXPECT_EQ(x->shape(), shape(0));
    EXPECT_EQ(x->dtype(), float64);
    EXPECT_EQ(x->size(), 0);
    EXPECT_EQ(x->device(), cpu());
    EXPECT_NE(x->data(), nullptr);
    EXPECT_TRUE(x->flags().c_contiguous);
    EXPECT_EQ(x->copy().shape(), shape(0));
    EXPECT_EQ(x->base().size(), 0);
    EXPECT_EQ(x->T().shape(), shape(0));
    EXPECT_TRUE(x->is(*x));
    for (const array& row : *x) FAIL() << row.ndim();
  }
  array c;
  c = std::move(b);
  EXPECT_EQ(values<std::int64_t>(c), (std::vector<std::int64_t>{1, 2, 3}));
  array& same = c;
  c = std::move(same);
  EXPECT_EQ(c.size(), 3);
  a = c;
  EXPECT_TRUE(a.is(c));
}

TEST(array, copying_the_handle_shares_the_elements) {
  array a = {1, 2, 3};
  array b = a;
  b(0) = 9;
  EXPECT_EQ(values<std::int64_t>(a), (std::vector<std::int64_t>{9, 2, 3}));
  EXPECT_TRUE(a.is(b));
  EXPECT_FALSE(a.is(a.copy()));
}

TEST(flags, print_as_numpys) {
  EXPECT_EQ(to_string(array({{1, 2}, {3, 4}}, order::F).flags()),
            "  C_CONTIGUOUS : False\n  F_CONTIGUOUS : True\n  OWNDATA : True\n  WRITEABLE : True\n"
            "  ALIGNED : True\n  WRITEBACKIFCOPY : False\n");
}

TEST(flags, follow_layout_ownership_and_alignment) {
  array a = zeros({4, 6});
  EXPECT_TRUE(a.flags().owndata);
  EXPECT_FALSE(a.T().flags().owndata);
  EXPECT_TRUE(a.T().flags().f_contiguous);
  EXPECT_FALSE(a.T().flags().c_contiguous);
  EXPECT_FALSE(a.readonly().flags().writeable);
  EXPECT_FALSE(a.readonly().T().flags().writeable);
  EXPECT_TRUE(a.flags().writeable);
  alignas(16) char bytes[64] = {};
  EXPECT_FALSE(from_pointer(bytes + 1, {3}, float64).flags().aligned);
  EXPECT_FALSE(from_pointer(bytes, {3}, float64, {.strides = {9}}).flags().aligned);
  EXPECT_TRUE(from_pointer(bytes, {1}, float64, {.strides = {9}}).flags().aligned);
  EXPECT_TRUE(from_pointer(bytes + 8, {1}, complex128).flags().aligned);
  EXPECT_FALSE(from_pointer(bytes, {3}, float64).flags().owndata);
}

TEST(base, is_the_array_that_owns_the_elements) {
  array a = zeros({2, 3}, int32);
  const array b = a.T(), c = b.mT();
  EXPECT_TRUE(b.base().is(a));
  EXPECT_TRUE(c.base().is(a)) << "not the view in between";
  EXPECT_EQ(a.base().size(), 0);
  EXPECT_FALSE(a.copy().base().is(a));
  array orphan = zeros({2, 3}).T();
  EXPECT_EQ(orphan.base().shape(), shape({2, 3})) << "elements live as long as a view does";
}

TEST(view, as_another_dtype_follows_numpys_rules) {
  array a = arange(6, int16);
  EXPECT_EQ(a.view(uint16).shape(), shape(6));
  EXPECT_EQ(a.view(int32).shape(), shape(3));
  EXPECT_EQ(a.view(int8).shape(), shape(12));
  EXPECT_EQ(a.view({}).dtype(), int16);
  array flipped = zeros({2, 1}, int64);
  EXPECT_EQ(zeros({2, 0}, int64).view(int16).shape(), shape({2, 0}));
  EXPECT_EQ(flipped.T().copy().view(int16).shape(), shape({1, 8}));
  a.view(int8)(1) = 1;
  EXPECT_EQ(values<std::int16_t>(a)[0], 256);
}

TEST(view, as_another_dtype_says_why_it_cannot) {
  EXPECT_EQ(message_of<value_error>([] { array(5).view(int8); }),
            "view: int64 as int8: a 0-d array keeps its itemsize");
  EXPECT_EQ(message_of<value_error>([] { zeros({3}, int16).view(int64); }),
            "view: int16 as int64: the last axis has 6 bytes, not a multiple of 8");
  EXPECT_EQ(message_of<value_error>([] {
              zeros({3, 4}).T().view(int8);
            }),
            "view: float64 as int8: the last axis must be contiguous, its stride is 32");
}

TEST(matrix_transpose, needs_two_axes) {
  EXPECT_EQ(zeros({2, 3, 4}).mT().shape(), shape({2, 4, 3}));
  EXPECT_EQ(message_of<axis_error>([] { zeros({3}).mT(); }), "mT: shape (3,) has fewer than two axes");
}

TEST(copy, lies_in_the_order_asked_for) {
  array c = reshape(arange(24), {2, 3, 4});
  EXPECT_EQ(c.copy(order::F).strides(), shape({8, 16, 48}));
  EXPECT_EQ(c.T().copy().strides(), shape({48, 16, 8}));
  EXPECT_EQ(c.T().copy(order::A).strides(), shape({8, 32, 96}));
  EXPECT_EQ(swapaxes(c, 0, 1).copy(order::K).strides(), shape({32, 96, 8}));
  EXPECT_EQ(swapaxes(c, 0, 1).copy(order::A).strides(), shape({64, 32, 8}));
  EXPECT_EQ(swapaxes(c, 0, 1).astype(float32).strides(), shape({16, 48, 4}));
  for (const order layout : {order::C, order::F, order::A, order::K}) {
    EXPECT_EQ(values<std::int64_t>(swapaxes(c, 0, 1).copy(layout)), values<std::int64_t>(swapaxes(c, 0, 1)));
  }
  EXPECT_FALSE(shares_memory(c, c.copy()));
  EXPECT_TRUE(c.readonly().copy().flags().writeable);
}

TEST(astype, casts_and_always_copies) {
  array a = {1.75, -1.25, 300.0};
  EXPECT_EQ(values<std::int32_t>(a.astype(int32)), (std::vector<std::int32_t>{1, -1, 300}));
  EXPECT_FALSE(shares_memory(a, a.astype(float64)));
  EXPECT_EQ(a.astype({}).dtype(), float64);
}

TEST(repeated_view, too_large_to_copy_is_an_error) {
  const array many = broadcast_to(array(1.0), {1LL << 31, 1LL << 30});
  EXPECT_EQ(message_of<value_error>([&] { many.copy(); }),
            "array: shape (2147483648, 1073741824) has more bytes than fit in 64 bits");
}

// ---- Elements on the host

TEST(item, converts_one_element) {
  EXPECT_EQ(array({{7}}).item<int>(), 7);
  EXPECT_EQ(array(2.5).item<float>(), 2.5f);
  EXPECT_TRUE(bool(array({true})));
  EXPECT_EQ(message_of<value_error>([] {
              (void)array({1, 2}).item<int>();
            }),
            "item: shape (2,) has 2 elements, not one");
  EXPECT_EQ(message_of<value_error>([] { (void)bool(array()); }), "item: shape (0,) has 0 elements, not one");
  EXPECT_EQ(message_of<overflow_error>([] { (void)array(300).item<std::int8_t>(); }),
            "conversion: 300 is out of bounds for int8");
}

TEST(accessor, reads_and_writes_checked_elements) {
  array a = zeros({2, 3}, int32);
  const auto at = a.T().accessor<std::int32_t, 2>();
  at(2, 1) = 5;
  EXPECT_EQ(int(a(1, 2)), 5);
  EXPECT_EQ(at.extent(0), 3);
  EXPECT_EQ(message_of<index_error>([&] { (void)at(3, 0); }), "accessor: 3 is out of bounds for axis 0 with extent 3");
  EXPECT_EQ(message_of<index_error>([&] { (void)at(0, -1); }),
            "accessor: -1 is out of bounds for axis 1 with extent 2");
}

TEST(accessor, refuses_another_dtype_rank_or_permission) {
  const array a = zeros({2, 3}, int32);
  EXPECT_EQ(message_of<dtype_error>([&] { a.accessor<double, 2>(); }),
            "accessor: elements are int32, asked for as float64");
  EXPECT_EQ(message_of<shape_error>([&] { a.accessor<int, 1>(); }), "accessor: shape (2, 3) has 2 axes, asked for 1");
  EXPECT_EQ(message_of<value_error>([&] { a.readonly().accessor<int, 2>(); }),
            "accessor: the array is read-only; ask for const elements");
  EXPECT_EQ((a.readonly().accessor<const int, 2>()(1, 1)), 0);
  EXPECT_EQ(message_of<value_error>([&] { a.T().span<int>(); }),
            "span: shape (3, 2) with strides (4, 12) is not C-contiguous");
  alignas(8) char bytes[32] = {};
  EXPECT_EQ(message_of<value_error>([&] { from_pointer(bytes + 1, {2}, int32).span<int>(); }),
            "span: the elements are misaligned");
}

TEST(span, covers_a_contiguous_array) {
  array a = zeros({2, 3}, float32);
  for (float& x : a.span<float>()) x = 2;
  EXPECT_EQ(values<float>(a), std::vector<float>(6, 2.0f));
  EXPECT_EQ(array().span<const double>().size(), 0u);
}

TEST(iteration, gives_a_view_for_each_step_of_the_first_axis) {
  array a = reshape(arange(6), {3, 2});
  std::int64_t row = 0;
  for (array r : a.T()) {
    EXPECT_EQ(r.shape(), shape(3));
    r(0) = 10 + row++;
  }
  EXPECT_EQ(values<std::int64_t>(a), (std::vector<std::int64_t>{10, 11, 2, 3, 4, 5}));
  EXPECT_EQ(message_of<axis_error>([] { array(5).begin(); }), "iteration: a 0-d array has no axis");
}

// ---- Writing through

TEST(assignment, of_a_number_has_numpys_checks) {
  array a = zeros({3}, uint8);
  a(0) = 7.9;
  a(1) = true;
  EXPECT_EQ(values<std::uint8_t>(a), (std::vector<std::uint8_t>{7, 1, 0}));
  EXPECT_EQ(message_of<overflow_error>([&] { a(0) = 300; }), "assign: 300 is out of bounds for uint8");
  EXPECT_EQ(message_of<overflow_error>([&] { a(all) = -1; }), "assign: -1 is out of bounds for uint8");
  EXPECT_EQ(message_of<dtype_error>([&] { a(0) = std::complex<double>(1, 1); }),
            "assign: a complex number does not fit into uint8");
  EXPECT_EQ(values<std::uint8_t>(a)[0], 7) << "a call that throws has changed nothing";
}

TEST(assignment, refuses_read_only_arrays_and_lost_temporaries) {
  array a = zeros({3});
  EXPECT_EQ(message_of<value_error>([&] { a.readonly()(0) = 1; }), "assign: the destination is read-only");
  EXPECT_EQ(message_of<value_error>([&] { a.readonly() += 1; }), "add: the destination is read-only");
  const std::string lost = "the destination is a temporary that nobody else holds, the write would be lost";
  EXPECT_EQ(message_of<value_error>([] { zeros({3}) = 5; }), "assign: " + lost);
  EXPECT_EQ(message_of<value_error>([] { zeros({3}) *= 5; }), "multiply: " + lost);
  EXPECT_EQ(message_of<value_error>([] { array() = 5; }), "nothing was thrown") << "nothing to lose";
  std::int64_t memory[2] = {};
  from_pointer(memory, {2}, int64) = 4;
  EXPECT_EQ(memory[1], 4) << "foreign memory outlives the temporary";
  a.T() = 2;
  a += 1;
  EXPECT_EQ(values<double>(a), std::vector<double>(3, 3.0));
}

TEST(in_place, keeps_the_dtype_or_names_both) {
  array a = {1, 2, 3};
  EXPECT_EQ(message_of<dtype_error>([&] { a += 0.5; }),
            "add: float64 does not cast to the destination's int64 (same_kind)");
  EXPECT_EQ(message_of<dtype_error>([&] { a /= 2; }),
            "divide: float64 does not cast to the destination's int64 (same_kind)");
  EXPECT_EQ(message_of<shape_error>([&] {
              a += array({{1, 1, 1}});
            }),
            "add: shape (1, 3) does not broadcast to the destination's (3,)");
  a -= 1;
  a *= array({1, 2, 3});
  a <<= 1;
  a %= 5;
  a |= 8;
  EXPECT_EQ(values<std::int64_t>(a), (std::vector<std::int64_t>{8, 12, 10}));
  array single = ones({2}, float32);
  single += array({0.5, 0.25});
  EXPECT_EQ(values<float>(single), (std::vector<float>{1.5f, 1.25f}));
}

TEST(where, is_the_line_of_the_caller) {
  array a = {1, 2};
  const unsigned line = __LINE__ + 2;
  try {
    a(0).readonly() = 5;
    FAIL() << "nothing was thrown";
  } catch (const value_error& e) {
    EXPECT_EQ(e.where().line(), line);
  }
}

}  // namespace
