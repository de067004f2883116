// Creation: filled arrays, ranges bit for bit as NumPy's, memory by reference, asarray and its kin.
#include <gtest/gtest.h>

#include <complex>

#include "array_values.hpp"

using namespace tessera;
using tessera_test::message_of;
using tessera_test::values;

namespace {

using complex = std::complex<double>;

template <class Range> inline constexpr bool has_from_range = requires(const Range& r) { from_range(r); };

TEST(filled, has_shape_dtype_and_order) {
  EXPECT_EQ(values<double>(zeros({2, 2})), std::vector<double>(4, 0.0));
  EXPECT_EQ(values<std::int16_t>(ones({3}, int16)), std::vector<std::int16_t>(3, 1));
  EXPECT_EQ(zeros({2, 3}, float32, order::F).strides(), shape({4, 8}));
  EXPECT_EQ(zeros({}).ndim(), 0);
  EXPECT_EQ(zeros({3, 0, 2}).strides(), shape({0, 0, 0}));
  EXPECT_EQ(empty({4}, dtype()).dtype(), float64);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(empty({100}, int8).data()) % 64, 0u);
}

TEST(filled, that_cannot_be_says_its_size) {
  EXPECT_EQ(message_of<value_error>([] {
              zeros({1LL << 40, 1LL << 40});
            }),
            "zeros: shape (1099511627776, 1099511627776) has more bytes than fit in 64 bits");
  EXPECT_EQ(message_of<value_error>([] { ones({2, -1}); }), "ones: shape (2, -1) has a negative extent");
  EXPECT_EQ(message_of<out_of_memory>([] { empty({1LL << 55}); }),
            "array: 256.00 PiB for shape (36028797018963968,) of float64 are not available");
}

TEST(full, broadcasts_its_value) {
  EXPECT_EQ(full({2}, 5).dtype(), int64);
  EXPECT_EQ(full({2}, 5.0f).dtype(), float32);
  EXPECT_EQ(values<double>(full({2, 2}, array({1.0, 2.0}))), (std::vector<double>{1, 2, 1, 2}));
  EXPECT_EQ(values<std::int8_t>(full({2}, 7.5, int8)), (std::vector<std::int8_t>{7, 7}));
  EXPECT_EQ(message_of<overflow_error>([] { full({2}, 300, uint8); }), "full: 300 is out of bounds for uint8");
  EXPECT_EQ(message_of<shape_error>([] {
              full({2}, array({1, 2, 3}));
            }),
            "full: shape (3,) does not broadcast to the destination's (2,)");
}

TEST(like, keeps_shape_dtype_and_memory_order) {
  const array f = swapaxes(zeros({2, 3, 4}, float32), 0, 1);
  EXPECT_EQ(zeros_like(f).strides(), shape({16, 48, 4}));
  EXPECT_EQ(zeros_like(f).dtype(), float32);
  EXPECT_EQ(ones_like(f, int64, order::C).strides(), shape({64, 32, 8}));
  EXPECT_EQ(values<std::int64_t>(ones_like(array({1, 2}) + 1)), (std::vector<std::int64_t>{1, 1}));
  EXPECT_EQ(empty_like(5).ndim(), 0);
  EXPECT_EQ(full_like(array({1, 2}), 2.5).dtype(), int64);
  array a = {1, 2, 3};
  EXPECT_EQ(zeros_like(a[a > 1]).shape(), shape(2));
}

// ---- Ranges. The bits are those of numpy 2.4.6: [float(x).hex() for x in ...].

TEST(arange, counts_as_numpy_counts) {
  EXPECT_EQ(values<std::int64_t>(arange(3)), (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(arange(5, 0).shape(), shape(0));
  EXPECT_EQ(values<std::int64_t>(arange(5, 0, -2)), (std::vector<std::int64_t>{5, 3, 1}));
  EXPECT_EQ(arange(1, 2, 0.1).size(), 10);
  EXPECT_EQ(arange(0, 5, std::numeric_limits<double>::infinity()).size(), 1);
  EXPECT_EQ(arange(5.5, int32).size(), 6);
  EXPECT_EQ(values<std::int64_t>(
                arange(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), 1LL << 62)),
            (std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min(), -(1LL << 62), 0, 1LL << 62}));
  EXPECT_EQ(arange(true).dtype(), int64);
  EXPECT_EQ(arange(2.0).dtype(), float64);
  EXPECT_EQ(arange(0, 5e-324, 3).size(), 1) << "the quotient underflows to 0";
}

TEST(arange, continues_its_first_two_elements_in_the_dtype) {
  EXPECT_EQ(values<std::int8_t>(arange(0, 300, 100, int8)), (std::vector<std::int8_t>{0, 100, -56}));
  EXPECT_EQ(values<std::int64_t>(arange(0.5, 5, 1, int64)), (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(values<std::int64_t>(arange(0, 1, 0.3, int64)), (std::vector<std::int64_t>{0, 0, 0, 0}));
  EXPECT_EQ(values<bool>(arange(0, 2, 1, bool_)), (std::vector<bool>{false, true}));
  EXPECT_EQ(values<double>(arange(0.1, 1.0, 0.07)),
            (std::vector<double>{0x1.999999999999ap-4, 0x1.5c28f5c28f5c3p-3, 0x1.eb851eb851eb9p-3, 0x1.3d70a3d70a3d8p-2,
                                 0x1.851eb851eb852p-2, 0x1.ccccccccccccep-2, 0x1.0a3d70a3d70a4p-1, 0x1.2e147ae147ae2p-1,
                                 0x1.51eb851eb851fp-1, 0x1.75c28f5c28f5dp-1, 0x1.999999999999ap-1, 0x1.bd70a3d70a3d7p-1,
                                 0x1.e147ae147ae15p-1}));
  EXPECT_EQ(values<float>(arange(0, 3, 0.3, float32)),
            (std::vector<float>{0, 0x1.333334p-2f, 0x1.333334p-1f, 0x1.cccccep-1f, 0x1.333334p+0f, 0x1.8p+0f,
                                0x1.cccccep+0f, 0x1.0ccccep+1f, 0x1.333334p+1f, 0x1.59999ap+1f}));
  EXPECT_EQ(values<double>(arange(0, 1, 0.1, float16).astype(float64)),
            (std::vector<double>{0, 0x1.998p-4, 0x1.998p-3, 0x1.33p-2, 0x1.998p-2, 0x1p-1, 0x1.33p-1, 0x1.664p-1,
                                 0x1.998p-1, 0x1.ccc0p-1}));
  EXPECT_EQ(values<complex>(arange(0, 3, 1, complex128)), (std::vector<complex>{0, 1, 2}));
  EXPECT_EQ(arange(complex(3, 1)).size(), 1);
}

TEST(arange, says_what_is_wrong) {
  EXPECT_EQ(message_of<value_error>([] { arange(0, 1, 0); }), "arange: the step is 0");
  EXPECT_EQ(message_of<value_error>([] { arange(0, std::nan(""), 1); }),
            "arange: the length cannot be computed from a NaN");
  EXPECT_EQ(message_of<value_error>([] { arange(0, 1e300, 1); }), "arange: more elements than fit in 64 bits");
  EXPECT_EQ(message_of<overflow_error>([] { arange(300, 302, 1, uint8); }), "arange: 300 is out of bounds for uint8");
  EXPECT_EQ(message_of<dtype_error>([] { arange(0, 3, 1, bool_); }),
            "arange: a bool range has at most 2 elements, asked for 3");
}

TEST(linspace, has_numpys_bits_and_an_exact_end) {
  EXPECT_EQ(values<double>(linspace(0, 1, 7)),
            (std::vector<double>{0, 0x1.5555555555555p-3, 0x1.5555555555555p-2, 0x1p-1, 0x1.5555555555555p-1,
                                 0x1.aaaaaaaaaaaaap-1, 1}));
  EXPECT_EQ(values<double>(linspace(-2.5, 3.1, 6, {.endpoint = false})),
            (std::vector<double>{-2.5, -0x1.9111111111112p+0, -0x1.4444444444446p-1, 0x1.333333333333p-2,
                                 0x1.3bbbbbbbbbbbap+0, 0x1.1555555555554p+1}));
  EXPECT_EQ(values<double>(linspace(0, 5e-324, 4)), (std::vector<double>{0, 0, 5e-324, 5e-324}));
  EXPECT_EQ(values<std::int64_t>(linspace(0, -3.5, 5, {.dtype = int64})),
            (std::vector<std::int64_t>{0, -1, -2, -3, -4}));
  EXPECT_EQ(values<complex>(linspace(complex(1, 1), 2, 3)), (std::vector<complex>{{1, 1}, {1.5, 0.5}, {2, 0}}));
  EXPECT_EQ(linspace(0, 1, 0).size(), 0);
  EXPECT_EQ(values<double>(linspace(3, 4, 1)), std::vector<double>{3});
  EXPECT_EQ(linspace(0, 1).size(), 50);
  EXPECT_EQ(message_of<value_error>([] { linspace(0, 1, -1); }), "linspace: the count is negative: -1");
}

TEST(logspace, raises_its_base) {
  EXPECT_EQ(values<double>(logspace(0, 2, 3)), (std::vector<double>{1, 10, 100}));
  EXPECT_EQ(values<std::int64_t>(logspace(0, 3, 4, 2, {.dtype = int64})), (std::vector<std::int64_t>{1, 2, 4, 8}));
}

TEST(geomspace, keeps_its_ends_and_signs) {
  const auto up = values<double>(geomspace(1, 1000, 4)), down = values<double>(geomspace(-1, -1000, 4));
  for (int i = 0; i < 4; ++i) {
    EXPECT_NEAR(up[static_cast<std::size_t>(i)], std::pow(10, i), 1e-12 * std::pow(10, i));
    EXPECT_EQ(down[static_cast<std::size_t>(i)], -up[static_cast<std::size_t>(i)]);
  }
  EXPECT_EQ(up[0], 1);
  EXPECT_EQ(up[3], 1000);
  const auto mixed = values<double>(geomspace(1, -1, 3));
  EXPECT_EQ(mixed[0], 1);
  EXPECT_TRUE(std::isnan(mixed[1]));
  EXPECT_EQ(mixed[2], -1);
  const auto turned = values<complex>(geomspace(complex(0, 1), complex(0, 1000), 4));
  for (int i = 0; i < 4; ++i) {
    EXPECT_NEAR(std::abs(turned[static_cast<std::size_t>(i)] - complex(0, std::pow(10, i))), 0, 1e-9);
  }
  EXPECT_EQ(message_of<value_error>([] { geomspace(0, 1); }), "geomspace: a progression cannot include 0");
}

// ---- Diagonals, triangles, coordinates

TEST(eye, has_ones_on_one_diagonal) {
  EXPECT_EQ(values<std::int64_t>(eye(2, 3, -1, int64)), (std::vector<std::int64_t>{0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(values<std::int64_t>(eye(2, 3, 1, int64)), (std::vector<std::int64_t>{0, 1, 0, 0, 0, 1}));
  EXPECT_EQ(values<double>(eye(2, -1, 5)), std::vector<double>(4, 0.0));
  EXPECT_EQ(values<double>(identity(2)), (std::vector<double>{1, 0, 0, 1}));
  EXPECT_EQ(values<int>(eye(2, {.columns = 3, .k = 1, .dtype = int32})), (std::vector<int>{0, 1, 0, 0, 0, 1}));
  EXPECT_TRUE(identity(3, {.layout = order::F, .device = cpu()}).flags().f_contiguous);
  EXPECT_EQ(message_of<value_error>([] { eye(-2); }), "eye: shape (-2, -2) has a negative extent");
}

TEST(triangles, are_zero_elsewhere) {
  const array m = reshape(arange(1, 7), {2, 3});
  EXPECT_EQ(values<std::int64_t>(tril(m)), (std::vector<std::int64_t>{1, 0, 0, 4, 5, 0}));
  EXPECT_EQ(values<std::int64_t>(tril(m, 1)), (std::vector<std::int64_t>{1, 2, 0, 4, 5, 6}));
  EXPECT_EQ(values<std::int64_t>(triu(m)), (std::vector<std::int64_t>{1, 2, 3, 0, 5, 6}));
  EXPECT_EQ(values<std::int64_t>(triu(m, -1)), (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(values<std::int64_t>(tril(arange(3))), (std::vector<std::int64_t>{0, 0, 0, 0, 1, 0, 0, 1, 2}));
  EXPECT_EQ(tril(ones({2, 2}, bool_)).dtype(), bool_);
  EXPECT_EQ(tril(ones({4, 2, 3})).shape(), shape({4, 2, 3}));
  EXPECT_EQ(message_of<axis_error>([] { tril(5); }), "tril: a 0-d array has no triangle");
}

TEST(diag, makes_or_takes_a_diagonal) {
  EXPECT_EQ(values<std::int64_t>(diag(array{1, 2}, -1)), (std::vector<std::int64_t>{0, 0, 0, 1, 0, 0, 0, 2, 0}));
  const array m = reshape(arange(6), {2, 3}), d = diag(m, 1);
  EXPECT_EQ(values<std::int64_t>(d), (std::vector<std::int64_t>{1, 5}));
  EXPECT_FALSE(shares_memory(d, m));
  EXPECT_EQ(diag(m, 7).size(), 0);
  EXPECT_EQ(message_of<shape_error>([] {
              diag(zeros({2, 2, 2}));
            }),
            "diag: shape (2, 2, 2) is neither a vector nor a matrix");
}

TEST(meshgrid, repeats_coordinates_along_the_other_axes) {
  const auto xy = meshgrid({array{1, 2}, array{3, 4, 5}});
  EXPECT_EQ(xy[0].shape(), shape({3, 2}));
  EXPECT_EQ(values<std::int64_t>(xy[0]), (std::vector<std::int64_t>{1, 2, 1, 2, 1, 2}));
  EXPECT_EQ(values<std::int64_t>(xy[1]), (std::vector<std::int64_t>{3, 3, 4, 4, 5, 5}));
  EXPECT_TRUE(xy[0].flags().owndata);
  const auto ij = meshgrid({array{1, 2}, array{3, 4, 5}, 6}, indexing::ij);
  EXPECT_EQ(ij[2].shape(), shape({2, 3, 1}));
  EXPECT_EQ(values<std::int64_t>(ij[0]), (std::vector<std::int64_t>{1, 1, 1, 2, 2, 2}));
}

// ---- C++ memory

TEST(from_range, copies_with_the_elements_own_dtype) {
  EXPECT_EQ(from_range(std::vector<int>{1, 2}).dtype(), int32);
  EXPECT_EQ(from_range(std::vector<std::size_t>{1, 2}).dtype(), uint64);
  EXPECT_EQ(values<bool>(from_range(std::vector<bool>{true, false, true})), (std::vector<bool>{true, false, true}));
  std::vector<double> v{1, 2};
  const array a = from_range(v);
  v[0] = 9;
  EXPECT_EQ(values<double>(a), (std::vector<double>{1, 2}));
  EXPECT_EQ(from_range(std::vector<float>{}).shape(), shape(0));
  EXPECT_FALSE(has_from_range<std::vector<long double>>) << "there is no such dtype";
}

TEST(from_pointer, refers_to_the_memory_and_frees_it_once) {
  int freed = 0;
  double memory[6] = {0, 1, 2, 3, 4, 5};
  {
    const deleter count = [](void* n) { ++*static_cast<int*>(n); };
    array a = from_pointer(memory, {2, 3}, float64, {.free = count, .context = &freed});
    array row = a(1);
    a = array();
    row(0) = 9;
    EXPECT_EQ(memory[3], 9);
    EXPECT_EQ(freed, 0);
    EXPECT_EQ(row.base().shape(), shape({2, 3}));
  }
  EXPECT_EQ(freed, 1);
}

TEST(from_pointer, walks_any_strides) {
  std::int32_t memory[6] = {0, 1, 2, 3, 4, 5};
  const array backwards = from_pointer(memory + 5, {3}, int32, {.strides = {-8}});
  EXPECT_EQ(values<std::int32_t>(backwards), (std::vector<std::int32_t>{5, 3, 1}));
  EXPECT_EQ(values<std::int32_t>(flip(backwards)), (std::vector<std::int32_t>{1, 3, 5}));
  const std::int32_t* const constant = memory;
  EXPECT_FALSE(from_pointer(constant, {6}, int32).flags().writeable);
  EXPECT_FALSE(from_pointer(memory, {6}, int32, {.readonly = true}).flags().writeable);
  EXPECT_EQ(from_pointer(static_cast<void*>(nullptr), {0, 3}, int32).shape(), shape({0, 3}));
}

TEST(from_pointer, that_throws_leaves_the_memory_to_the_caller) {
  int freed = 0;
  double memory[2] = {};
  const from_pointer_options options{.free = [](void* n) { ++*static_cast<int*>(n); }, .context = &freed};
  EXPECT_EQ(message_of<value_error>([&] { from_pointer(memory, {-1}, float64, options); }),
            "from_pointer: shape (-1,) has a negative extent");
  auto strided = options;
  strided.strides = {8};
  EXPECT_EQ(message_of<shape_error>([&] {
              from_pointer(memory, {1, 2}, float64, strided);
            }),
            "from_pointer: shape (1, 2) and strides (8,) have different lengths");
  strided.strides = {1LL << 62};
  EXPECT_EQ(message_of<value_error>([&] { from_pointer(memory, {4}, float64, strided); }),
            "from_pointer: shape (4,) with strides (4611686018427387904,) reaches outside the address space");
  EXPECT_EQ(message_of<value_error>([&] { from_pointer(static_cast<void*>(nullptr), {1}, float64, options); }),
            "from_pointer: a null pointer for shape (1,)");
  EXPECT_EQ(freed, 0);
}

// ---- As wanted

TEST(copies_of_host_memory, take_a_dtype_and_an_order) {
  const std::vector<int> six{1, 2, 3, 4, 5, 6};
  const array columns = copy_of(six.data(), {2, 3}, {.dtype = int32, .layout = order::F});
  EXPECT_TRUE(columns.flags().f_contiguous);
  EXPECT_EQ(values<int>(columns), six);
  EXPECT_EQ(values<float>(from_range(six, {.dtype = float32})), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(values<std::int8_t>(from_range(std::vector<bool>{true, false}, {.dtype = int8})),
            (std::vector<std::int8_t>{1, 0}));
}

TEST(asarray, takes_what_is_asked_for_as_options) {
  const array a = arange(3);
  EXPECT_TRUE(asarray(a, {.device = cpu()}).is(a));
  EXPECT_EQ(asarray(a, {.dtype = float32}).dtype(), float32);
  EXPECT_TRUE(asarray(ones({2, 3}), {.layout = order::F}).flags().f_contiguous);
}

TEST(asarray, copies_only_when_it_must) {
  array a = reshape(arange(6), {2, 3});
  EXPECT_TRUE(asarray(a).is(a));
  EXPECT_FALSE(shares_memory(asarray(a, float64), a));
  EXPECT_TRUE(ascontiguousarray(a).is(a));
  EXPECT_FALSE(shares_memory(ascontiguousarray(a.T()), a));
  EXPECT_TRUE(ascontiguousarray(a.T()).flags().c_contiguous);
  EXPECT_TRUE(shares_memory(asfortranarray(a.T()), a));
  EXPECT_TRUE(asfortranarray(a).flags().f_contiguous);
  EXPECT_EQ(ascontiguousarray(5.0).shape(), shape(1));
  EXPECT_EQ(asfortranarray(5.0).shape(), shape({1}));
}

TEST(require, copies_for_a_property_that_lacks) {
  array a = reshape(arange(6), {2, 3});
  EXPECT_TRUE(require(a, {}).is(a));
  EXPECT_TRUE(require(a, {.c_contiguous = true, .aligned = true, .writeable = true, .owndata = false}).is(a));
  EXPECT_TRUE(require(a, {.owndata = true}).flags().owndata);
  EXPECT_TRUE(require(a.readonly(), {.writeable = true}).flags().writeable);
  EXPECT_TRUE(require(a, {.f_contiguous = true}).flags().f_contiguous);
  EXPECT_EQ(require(a, {.dtype = float32}).dtype(), float32);
  EXPECT_EQ(message_of<value_error>([&] { require(a, {.c_contiguous = true, .f_contiguous = true}); }),
            "require: c_contiguous and f_contiguous exclude each other");
}

}  // namespace
