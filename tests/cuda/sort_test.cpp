// Sorting, searching, medians and permutations on a device: against loops on the host and the host's results, bit for bit.
#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include "cuda/device_operands.hpp"

namespace {

using namespace tessera;
using tessera_test::all_dtypes;
using tessera_test::expect_bits;
using tessera_test::message_of;

class sorting_on_gpu : public on_gpu {};
class searching_on_gpu : public on_gpu {};
class medians_on_gpu : public on_gpu {};
class permutations_on_gpu : public on_gpu {};

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

bool is_real_integer(const dtype& type) { return type.kind() == 'b' || type.kind() == 'i' || type.kind() == 'u'; }

/// Few different values, so that many are equal; floats with both zeros, infinities and NaN, complex ones with NaN in each part.
array values(const shape& extents, const dtype& type, std::uint64_t seed = 1) {
  random::generator g(seed);
  const array few = g.integers(-6, 7, extents, {.device = cpu()}).astype(float64);
  if (is_real_integer(type)) return few.astype(type);
  const auto special = [](const array& x) {
    return array(
        where(x == 6.0, nan, where(x == 5.0, infinity, where(x == -5.0, -infinity, where(x == -4.0, -0.0, x)))));
  };
  const array real = special(few).astype(type);
  if (type != complex64 && type != complex128) return real;
  array all = real.copy();
  imag(all)(ellipsis) =
      special(g.integers(-6, 7, extents, {.device = cpu()}).astype(float64)).astype(imag(all).dtype());
  return all;
}

void expect_sorted(const array& x, const array& on_device, int axis, const std::string& what) {
  for (const bool descending : {false, true}) {
    const std::string which = what + (descending ? " descending" : "");
    expect_bits(sort(on_device, axis, {.descending = descending}), sort(x, axis, {.descending = descending}), which);
    expect_bits(argsort(on_device, axis, {.descending = descending}), argsort(x, axis, {.descending = descending}),
                which + " indices");
  }
}

TEST_F(sorting_on_gpu, of_floats_is_a_stable_sort) {
  for (const std::int64_t n : {1, 2, 33, 257, 5000}) {
    const array x = values({n}, float32);
    const auto* const elements = static_cast<const float*>(x.data());
    std::vector<std::int64_t> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      return elements[a] < elements[b] || (std::isnan(elements[b]) && !std::isnan(elements[a]));
    });
    const array found = argsort(x.to(cuda())).to(cpu()), sorted = sort(x.to(cuda())).to(cpu());
    for (std::int64_t i = 0; i < n; ++i) {
      ASSERT_EQ(static_cast<const std::int64_t*>(found.data())[i], order[static_cast<std::size_t>(i)])
          << n << " at " << i;
      ASSERT_EQ(
          std::memcmp(static_cast<const float*>(sorted.data()) + i, elements + order[static_cast<std::size_t>(i)], 4),
          0);
    }
  }
}

TEST_F(sorting_on_gpu, of_every_dtype_in_one_lane_and_in_many) {
  for (const dtype& type : all_dtypes) {
    const array x = values({6, 70}, type);
    const array there = x.to(cuda());
    expect_sorted(x, there, 1, std::string(type.name()) + " rows");
    expect_sorted(reshape(x, {420}), reshape(there, {420}), 0, std::string(type.name()) + " one lane");
  }
}

TEST_F(sorting_on_gpu, of_the_largest_and_smallest_numbers) {
  for (const dtype& type : {int8, int16, int32, int64, uint8, uint16, uint32, uint64}) {
    const array ends = array{0, 1, -1, 2, -2}.astype(type);
    const array shifted = type.kind() == 'u' ? ends : array(bitwise_left_shift(ends, 8 * type.itemsize() - 2));
    const array x = array(concatenate({ends, shifted, array(~shifted)}));
    expect_sorted(x, x.to(cuda()), 0, std::string(type.name()));
  }
  const array tiny{std::numeric_limits<double>::denorm_min(),
                   -std::numeric_limits<double>::denorm_min(),
                   0.0,
                   -0.0,
                   std::numeric_limits<double>::max(),
                   std::numeric_limits<double>::lowest(),
                   1e-300,
                   nan,
                   -nan};
  expect_sorted(tiny, tiny.to(cuda()), 0, "float64");
}

TEST_F(sorting_on_gpu, along_any_axis_of_any_layout) {
  for (const dtype& type : {int16, float32, float64}) {
    const array x = values({5, 4, 9}, type), there = x.to(cuda());
    for (const int axis : {0, 1, 2, -1, -2, -3}) {
      const std::string what = std::string(type.name()) + " axis " + std::to_string(axis);
      expect_sorted(x, there, axis, what);
      expect_sorted(x.T(), there.T(), axis, what + " transposed");
      expect_sorted(flip(x), flip(there), axis, what + " backwards");
      expect_sorted(x(tessera::all, slice(none, none, 2), slice(1, none, 3)),
                    there(tessera::all, slice(none, none, 2), slice(1, none, 3)), axis, what + " in steps");
      expect_sorted(broadcast_to(x(0), {3, 4, 9}), broadcast_to(there(0), {3, 4, 9}), axis, what + " repeated");
    }
  }
}

TEST_F(sorting_on_gpu, of_many_short_lanes_and_of_few_long_ones) {
  for (const dtype& type : {uint8, float16, float32, complex64}) {
    for (const shape& extents : {shape{400, 3}, shape{2, 1500}}) {
      const array x = values(extents, type), there = x.to(cuda());
      expect_sorted(x, there, 1, std::string(type.name()) + " " + to_string(extents));
      expect_sorted(x, there, 0, std::string(type.name()) + " columns of " + to_string(extents));
    }
  }
}

TEST_F(sorting_on_gpu, of_misaligned_elements) {
  for (const dtype& type : {int32, float64, complex128}) {
    const array x = values({40}, type);
    array bytes = zeros({x.size() * x.itemsize() + 1}, {.dtype = uint8, .device = cuda()});
    array there = array(bytes(slice(1, none))).view(type);
    there(ellipsis) = x.to(cuda());
    expect_sorted(x, there, 0, std::string(type.name()));
  }
}

TEST_F(sorting_on_gpu, of_nothing_one_and_no_axis) {
  for (const shape& extents : {shape{0}, shape{3, 0}, shape{0, 3}, shape{1}, shape{1, 1}, shape{7, 1}}) {
    const array x = values(extents, float32);
    expect_sorted(x, x.to(cuda()), -1, str(x));
  }
  EXPECT_EQ(argsort(array(3.0).to(cuda())).to(cpu()).size(), 1);
  EXPECT_THROW(sort(zeros({3}).to(cuda()), 1), axis_error);
}

TEST_F(sorting_on_gpu, of_lanes_of_one_after_one_lane_and_before) {
  for (const dtype& type : {int64, uint64, int32, float64}) {
    for (const bool one_first : {true, false}) {
      const int extra = one_first ? 0 : 2;  // other extents, and so kernels that are not there yet
      for (const bool one : {one_first, !one_first}) {
        shape extents = one ? shape{1} : shape{3, 1};
        for (int axis = 0; axis < extra; ++axis) extents.push_back(1);
        const array x = values(extents, type, 3);
        expect_sorted(x, x.to(cuda()), one ? 0 : 1, std::string(type.name()) + (one ? " one" : " three"));
      }
    }
  }
}

TEST_F(searching_on_gpu, finds_what_the_host_finds) {
  for (const dtype& type : all_dtypes) {
    const array keys = sort(values({37}, type)), x = values({4, 11}, type, 2);
    const array keys_there = keys.to(cuda()), there = x.to(cuda());
    for (const side from : {side::left, side::right}) {
      const std::string what = std::string(type.name()) + (from == side::left ? " left" : " right");
      expect_bits(searchsorted(keys_there, there, {.side = from}), searchsorted(keys, x, {.side = from}), what);
      expect_bits(searchsorted(keys_there, there.T()(slice(none, none, -2)), {.side = from}),
                  searchsorted(keys, x.T()(slice(none, none, -2)), {.side = from}), what + " in steps");
    }
  }
  EXPECT_EQ(searchsorted(zeros({0}).to(cuda()), ones({2}).to(cuda())).to(cpu()).size(), 2);
}

TEST_F(searching_on_gpu, of_arrays_elsewhere_names_both_devices) {
  const std::string text = message_of<device_error>([] { searchsorted(ones({3}).to(cuda()), ones({2}).to(cpu())); });
  EXPECT_NE(text.find("cuda:0"), std::string::npos) << text;
  EXPECT_NE(text.find("cpu"), std::string::npos) << text;
}

TEST_F(medians_on_gpu, are_the_hosts) {
  for (const dtype& type : {int32, float16, float32, float64}) {
    const array x = values({5, 6, 7}, type), there = x.to(cuda());
    for (const int axis : {0, 1, 2}) {
      const std::string what = std::string(type.name()) + " axis " + std::to_string(axis);
      for (const auto& [a, b] : {std::pair(array(median(there, axis)), array(median(x, axis))),
                                 std::pair(array(nanmedian(there, axis)), array(nanmedian(x, axis)))}) {
        ASSERT_EQ(a.device(), cuda());
        EXPECT_TRUE(array_equal(a.to(cpu()), b, true)) << what << "\n" << a << "\n" << b;
      }
    }
    EXPECT_TRUE(array_equal(array(median(there)).to(cpu()), array(median(x)), true)) << type.name();
  }
}

TEST_F(permutations_on_gpu, have_the_hosts_bits) {
  for (const std::int64_t n : {0, 1, 2, 1000, 3001}) {
    random::generator here(11), there(11);
    const array expected = here.permutation(n);
    {
      const device_scope gpu(cuda());
      expect_bits(there.permutation(n), expected, std::to_string(n));
    }
    EXPECT_TRUE(array_equal(sort(expected), arange(n, {.device = cpu()})));
  }
}

TEST_F(sorting_on_gpu, that_finds_no_memory_leaves_nothing_behind) {
  const array x = arange(100000.0, {.device = cuda()});
  const memory_statistics before = memory_stats(cuda());
  const std::int64_t limit = set_memory_limit(before.bytes_in_use + (1 << 20), cuda());
  EXPECT_THROW(argsort(x), out_of_memory);
  set_memory_limit(limit, cuda());
  EXPECT_EQ(memory_stats(cuda()).bytes_in_use, before.bytes_in_use);
  EXPECT_EQ(array(argsort(x)(99999)).item<std::int64_t>(), 99999);
}

}  // namespace
