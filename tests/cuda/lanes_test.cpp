// Scans and random fills against the CPU's.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "backend.hpp"
#include "cpu/elements.hpp"
#include "cpu/hand_made.hpp"
#include "cuda/geometry.hpp"
#include "cuda/launch.hpp"
#include "cuda/random.hpp"
#include "cuda/scan.hpp"
#include "mirror.hpp"

namespace tessera::detail {
namespace {

using testing_kernels::kind_of;
using testing_kernels::read;
using testing_kernels::size_of;

constexpr dtype all_dtypes[] = {bool_,  int8,    int16,    int32,   int64,   uint8,     uint16,    uint32,
                                uint64, float16, bfloat16, float32, float64, complex64, complex128};

struct lanes_of {
  std::vector<std::byte> bytes;
  strided view;
  std::int64_t stride = 0;  // along the axis
};
/// `extents` with the scanned axis in its place; rows of the last axis lie together, `gap` elements apart.
lanes_of make_lanes(dtype type, const shape& extents, int axis, int gap, bool backwards) {
  lanes_of x;
  std::int64_t step = size_of(type) * gap;
  shape strides = shape::filled(extents.size(), 0);
  for (int k = extents.size() - 1; k >= 0; --k) {
    strides[k] = step;
    step *= extents[k];
  }
  x.bytes.resize(static_cast<std::size_t>(step + 64));
  x.view.data = x.bytes.data() + (16 - reinterpret_cast<std::uintptr_t>(x.bytes.data()) % 16) % 16;
  x.view.type = type;
  if (backwards) {
    x.view.data += strides[axis] * (extents[axis] - 1);
    strides[axis] = -strides[axis];
  }
  x.stride = strides[axis];
  strides.erase(axis);
  x.view.strides = strides;
  return x;
}

void expect_same_scan(fold by, dtype type, const shape& extents, int axis, int gap = 1, bool backwards = false) {
  SCOPED_TRACE(testing::Message() << type.name() << " " << to_string(extents) << " axis " << axis << " gap " << gap);
  lanes_of in = make_lanes(type, extents, axis, gap, backwards), want = make_lanes(type, extents, axis, 1, false),
           got = make_lanes(type, extents, axis, 1, false);
  std::mt19937_64 random(3);
  for (std::size_t i = 0; i + 16 <= in.bytes.size(); i += static_cast<std::size_t>(size_of(type))) {
    std::byte* const to = in.bytes.data() + (16 - reinterpret_cast<std::uintptr_t>(in.bytes.data()) % 16) % 16 + i;
    if (to + 16 > in.bytes.data() + in.bytes.size()) break;
    const double value = by == fold::prod ? 1 + (static_cast<double>(random() % 64) - 32) * 1e-4
                                          : static_cast<double>(random() % 64) / 16;
    const std::uint64_t bits = random();
    if (kind_of(type) == 'f') testing_kernels::write_real(type, to, value);
    else if (kind_of(type) == 'c') {
      testing_kernels::write_real(type == complex64 ? float32 : float64, to, value);
      testing_kernels::write_real(type == complex64 ? float32 : float64, to + size_of(type) / 2, value / 64);
    } else std::memcpy(to, &bits, static_cast<std::size_t>(size_of(type)));
  }
  scan_plan plan;
  plan.by = by;
  plan.lanes = extents;
  plan.lanes.erase(axis);
  plan.count = extents[axis];
  plan.in = in.view;
  plan.in_stride = in.stride;
  plan.out = want.view;
  plan.out_stride = want.stride;
  cpu_backend().scan(plan);
  shape all = plan.lanes;
  all.push_back(plan.count);
  cuda::mirror copies;
  const auto whole = [](strided x, std::int64_t stride) {
    x.strides.push_back(stride);
    return x;
  };
  copies.add(whole(in.view, in.stride), all);
  copies.add(whole(got.view, got.stride), all);
  copies.upload();
  plan.in.data = copies.of(in.view.data);
  plan.out = got.view;
  plan.out.data = copies.of(got.view.data);
  cuda::run_scan(cuda::context_of(0), plan);
  copies.download();
  const bool rounds = kind_of(type) == 'f' || kind_of(type) == 'c';
  // Sums of few bits are exact in any order but for 16-bit floats, which the CPU rounds at every step.
  const bool half = type == float16 || type == bfloat16;
  const double bound = !rounds           ? 0
                       : half            ? 400
                       : by == fold::sum ? 0.5
                                         : 4.0 * static_cast<double>(std::min<std::int64_t>(plan.count, 500));
  int shown = 0;
  for (std::int64_t i = 0; i < points_of(extents) && shown < 3; ++i) {
    const std::byte *g = got.view.data + i * size_of(type), *w = want.view.data + i * size_of(type);
    if (std::memcmp(g, w, static_cast<std::size_t>(size_of(type))) == 0) continue;
    if (rounds && testing_kernels::ulps(type, read(type, g), read(type, w)) <= bound) continue;
    ++shown;
    ADD_FAILURE() << "element " << i << ": " << testing_kernels::text(type, read(type, g)) << " not "
                  << testing_kernels::text(type, read(type, w));
  }
}

TEST(cuda_scans, of_every_dtype) {
  for (const dtype type : all_dtypes) {
    for (const fold by : {fold::sum, fold::prod}) {
      expect_same_scan(by, type, {7, 20}, 1);
      expect_same_scan(by, type, {70, 130}, 1);
      expect_same_scan(by, type, {3, 1000}, 1);
    }
  }
}

TEST(cuda_scans, along_any_axis_of_any_layout) {
  for (int axis = 0; axis < 3; ++axis) {
    for (const int gap : {1, 3}) {
      for (const bool backwards : {false, true}) {
        expect_same_scan(fold::sum, float32, {5, 60, 41}, axis, gap, backwards);
        expect_same_scan(fold::sum, int16, {80, 3, 67}, axis, gap, backwards);
      }
    }
  }
  expect_same_scan(fold::sum, float32, {33, 9000}, 0);
}

TEST(cuda_scans, of_long_lanes_in_pieces) {
  for (const std::int64_t n : {1, 2, 33, 1023, 4097, 100003}) {
    expect_same_scan(fold::sum, float32, {n}, 0);
    expect_same_scan(fold::sum, int64, {2, n}, 1);
    expect_same_scan(fold::sum, uint8, {n, 2}, 0, 1, true);
  }
  const std::int64_t before = cuda::launch_count();
  expect_same_scan(fold::prod, float64, {50000}, 0);
  EXPECT_EQ(cuda::launch_count() - before, 2);
}

void expect_same_random(distribution kind, dtype type, int words, std::int64_t count, std::int64_t shift,
                        std::uint64_t first = 0, std::uint64_t most = 0) {
  SCOPED_TRACE(testing::Message() << type.name() << " words " << words << " count " << count);
  random_plan plan;
  plan.kind = kind;
  plan.type = type;
  plan.count = count;
  plan.words = words;
  plan.seed = 0x123456789abcdef1u;
  plan.stream = 0xfedcba9876543210u;
  plan.counter = 0xfffffffeu;  // a carry on the way
  plan.low = -1.5;
  plan.width = 3.25;
  plan.last = 1.7;
  plan.first = first;
  plan.most = most;
  const std::int64_t bytes = count * size_of(type);
  std::vector<std::byte> want(static_cast<std::size_t>(bytes + 32)), got(static_cast<std::size_t>(bytes + 32));
  plan.out = want.data() + shift;
  cpu_backend().random(plan);
  cuda::mirror copies;
  const strided to{got.data() + shift, type, shape(size_of(type))};
  copies.add(to, {count});
  copies.upload();
  plan.out = copies.of(to.data);
  cuda::run_random(cuda::context_of(0), plan);
  copies.download();
  EXPECT_EQ(std::memcmp(got.data() + shift, want.data() + shift, static_cast<std::size_t>(bytes)), 0);
}

// Units are counted in 32 bits: 2**31 of them and more are refused, which smaller limits show.
TEST(cuda_scans, of_lanes_that_are_too_long_say_so) {
  const std::int64_t before = cuda::set_slab_units(100);
  lanes_of in = make_lanes(float32, {1, 401}, 1, 1, false), out = make_lanes(float32, {1, 401}, 1, 1, false);
  scan_plan plan;
  plan.by = fold::sum;
  plan.lanes = {1};
  plan.count = 401;
  plan.in = in.view;
  plan.out = out.view;
  plan.in_stride = in.stride;
  plan.out_stride = out.stride;
  try {
    cuda::run_scan(cuda::context_of(0), plan);
    ADD_FAILURE() << "no error";
  } catch (const device_error& problem) {
    EXPECT_STREQ(problem.what(), "cumsum: lanes of 401 elements are more than a scan on cuda takes: 400");
  }
  cuda::set_slab_units(before);
}

TEST(cuda_random, has_the_cpus_bits) {
  for (const std::int64_t count : {1, 2, 3, 4, 5, 1000, 4099}) {
    for (const dtype type : {float32, float64}) {
      const int words = type == float32 ? 1 : 2;
      for (const std::int64_t shift : {0, 4, 8}) {
        expect_same_random(distribution::uniform, type, words, count, shift * size_of(type) / 4);
        expect_same_random(distribution::normal, type, words, count, shift * size_of(type) / 4);
      }
    }
    expect_same_random(distribution::integers, int8, 2, count, 1, 0xfffffffffffffff0u, 99);
    expect_same_random(distribution::integers, bool_, 2, count, 0, 0, 1);
    expect_same_random(distribution::integers, uint16, 2, count, 0, 0, 65535);
    expect_same_random(distribution::integers, int32, 2, count, 4, 5, 0xffffffffu);
    expect_same_random(distribution::integers, int64, 2, count, 0, 0x8000000000000000u, 12345);
    expect_same_random(distribution::integers, int64, 4, count, 8, 0x8000000000000000u, 0xffffffffffffffffu);
    expect_same_random(distribution::integers, uint64, 4, count, 0, 7, 0x123456789abcdefu);
  }
}

}  // namespace
}  // namespace tessera::detail
