// Moving elements: rows between strides, transposes, repetitions and whole copies, against loops over single elements.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "cpu/box.hpp"
#include "cpu/copy.hpp"
#include "cpu/kernels/move.hpp"
#include "cpu/kernels/table.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

using bytes = std::vector<std::byte>;

constexpr int itemsizes[] = {1, 2, 4, 8, 16};

bytes random_bytes(std::int64_t n) {
  static bytes pool;
  static std::mt19937 generator(7);
  while (static_cast<std::int64_t>(pool.size()) < n) pool.push_back(static_cast<std::byte>(generator()));
  return bytes(pool.begin(), pool.begin() + n);
}

class moving : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { use_simd_target(GetParam()); }
  void TearDown() override { use_simd_target(simd_targets().front()); }
};

// A target whose bytes outside of what is copied must stay as they are.
struct canvas {
  explicit canvas(std::int64_t n) : got(random_bytes(n)), want(got) {}
  bytes got, want;
  std::byte* middle() { return got.data() + got.size() / 2; }
  void expect(std::int64_t offset, const std::byte* element, int itemsize) {
    std::copy_n(element, itemsize, want.data() + want.size() / 2 + offset);
  }
};

TEST_P(moving, copies_rows_between_any_strides) {
  const bytes source = random_bytes(1 << 16);
  for (const int size : itemsizes) {
    for (const int from_step : {-3, -2, -1, 0, 1, 2, 3, 4, 5}) {
      for (const int to_step : {-2, -1, 1, 2, 3}) {
        for (const int shift : {0, 1}) {  // misaligned, and strides that are no multiple of the element
          for (const std::int64_t n : {1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 100}) {
            const std::int64_t from_stride = from_step * size + shift * (from_step > 4), to_stride = to_step * size;
            canvas to(1 << 14);
            const std::byte* from = source.data() + source.size() / 2 + shift;
            find_row_copy(size)(to.middle() + shift, to_stride, from, from_stride, n);
            for (std::int64_t i = 0; i < n; ++i) to.expect(shift + i * to_stride, from + i * from_stride, size);
            ASSERT_EQ(to.got, to.want) << size << " bytes, steps " << from_step << " to " << to_step << ", n " << n;
          }
        }
      }
    }
  }
}

// Rows at the very end of their memory: nothing beyond them may be read (the address sanitizer sees it).
TEST_P(moving, reads_no_further_than_the_last_element) {
  for (const int size : itemsizes) {
    for (const int step : {-2, -1, 1, 2, 3, 4}) {
      for (std::int64_t n = 1; n < 70; ++n) {
        const bytes source = random_bytes(((n - 1) * std::abs(step) + 1) * size);
        bytes to(static_cast<std::size_t>(n * size));
        const std::byte* first = source.data() + (step < 0 ? (n - 1) * -step * size : 0);
        find_row_copy(size)(to.data(), size, first, step * size, n);
        for (std::int64_t i = 0; i < n; ++i)
          ASSERT_TRUE(std::equal(&to[i * size], &to[i * size] + size, first + i * step * size));
      }
    }
  }
}

TEST_P(moving, transposes_tiles_of_every_size) {
  const bytes source = random_bytes(1 << 18);
  for (const int size : itemsizes) {
    for (const std::int64_t count : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 70}) {
      for (const std::int64_t rows : {1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33}) {
        for (const std::int64_t across : {size, -size, 2 * size}) {
          for (const std::int64_t along :
               {std::int64_t{size}, std::int64_t{3 * size}, rows * 2 * size + 1, std::int64_t{-600}}) {
            for (const std::int64_t pitch : {count * size, count * size + 24}) {
              canvas to(2 * (rows * pitch + 64));
              const columns from{source.data() + source.size() / 2 + 1, along, across};
              find_moves(size).transpose(to.middle() + 1, pitch, from, count, rows);
              for (std::int64_t r = 0; r < rows; ++r)
                for (std::int64_t i = 0; i < count; ++i)
                  to.expect(1 + r * pitch + i * size, from.data + i * along + r * across, size);
              ASSERT_EQ(to.got, to.want) << size << " bytes, " << rows << " rows of " << count << ", along " << along
                                         << ", across " << across;
            }
          }
        }
      }
    }
  }
}

TEST_P(moving, repeats_elements_and_writes_no_more) {
  const bytes source = random_bytes(1 << 14);
  for (const int size : itemsizes) {
    for (const std::int64_t times : {1, 2, 3, 4, 5, 8, 31, 32, 33, 70}) {
      for (const std::int64_t n : {1, 2, 3, 5, 11, 12, 13, 40}) {
        for (const std::int64_t stride : {size, -size, 5 * size + 1}) {
          canvas to(1 << 17);
          const std::byte* from = source.data() + source.size() / 2;
          find_moves(size).repeat(to.middle(), from, stride, n, times);
          for (std::int64_t i = 0; i < n * times; ++i) to.expect(i * size, from + i / times * stride, size);
          ASSERT_EQ(to.got, to.want) << size << " bytes, " << n << " times " << times;
        }
      }
    }
  }
}

TEST_P(moving, streams_any_alignment) {
  const bytes source = random_bytes(4096);
  for (const int size : itemsizes) {
    for (std::int64_t offset = 0; offset < 66; offset += 3) {
      for (const std::int64_t n : {0, 1, 3, 5, 17, 100}) {
        canvas to(1 << 13);
        find_moves(size).stream(to.middle() + offset, source.data() + 5, n);
        finish_streaming();
        for (std::int64_t i = 0; i < n; ++i) to.expect(offset + i * size, source.data() + 5 + i * size, size);
        ASSERT_EQ(to.got, to.want);
      }
    }
  }
}

// ---- whole copies -------------------------------------------------------------------------------------------------
shape strides_of(const std::vector<int>& axes, const shape& extents, std::int64_t itemsize) {
  shape strides = shape::filled(extents.size(), 0);
  for (const int axis : axes) {  // innermost first
    strides[axis] = itemsize;
    itemsize *= extents[axis];
  }
  return strides;
}

void expect_copied(const shape& extents, const std::vector<int>& from_axes, const std::vector<int>& to_axes, int size) {
  std::int64_t points = 1;
  for (const std::int64_t extent : extents) points *= extent;
  const shape from_strides = strides_of(from_axes, extents, size), to_strides = strides_of(to_axes, extents, size);
  const bytes from = random_bytes(points * size);
  bytes to(from.size());
  copy_elements(size, extents, from.data(), from_strides, to.data(), to_strides);
  for (std::int64_t point = 0; point < points; ++point) {
    std::int64_t rest = point, at_from = 0, at_to = 0;
    for (int axis = extents.size() - 1; axis >= 0; --axis) {
      at_from += rest % extents[axis] * from_strides[axis];
      at_to += rest % extents[axis] * to_strides[axis];
      rest /= extents[axis];
    }
    ASSERT_TRUE(std::equal(&to[at_to], &to[at_to] + size, &from[at_from]))
        << to_string(extents) << ", " << size << " bytes, point " << point;
  }
}

TEST_P(moving, copies_every_order_of_axes) {
  const shape spaces[] = {{3, 5, 7}, {2, 1100, 3}, {70, 3, 150}, {33, 130, 17}, {4, 2, 700}};
  for (const shape& extents : spaces) {
    std::vector<int> to{0, 1, 2};
    do {
      for (const int size : itemsizes) expect_copied(extents, {2, 1, 0}, to, size);
    } while (std::next_permutation(to.begin(), to.end()));
  }
}

// Beyond 8 MiB targets are written past the caches.
TEST_P(moving, copies_large_targets) {
  for (const int threads : {1, 3}) {
    set_thread_count(threads);
    expect_copied({1500, 1501}, {1, 0}, {0, 1}, 4);
    expect_copied({3000, 1001}, {1, 0}, {0, 1}, 8);
    expect_copied({3001, 3001}, {1, 0}, {1, 0}, 1);
  }
  set_thread_count(1);
}

TEST_P(moving, copies_large_strided_and_reversed_rows) {
  const std::int64_t n = 2'200'003;
  const bytes from = random_bytes(3 * 4 * n);
  for (const std::int64_t step : {3, -1}) {
    bytes to(static_cast<std::size_t>(4 * n) + 1);
    const std::byte* first = from.data() + (step < 0 ? 4 * (n - 1) : 0);
    copy_elements(4, {n}, first, {4 * step}, to.data() + 1, {4});
    for (std::int64_t i = 0; i < n; ++i)
      ASSERT_TRUE(std::equal(&to[4 * i + 1], &to[4 * i + 1] + 4, first + 4 * step * i)) << i;
  }
}

TEST_P(moving, loads_boxes_of_repeated_elements) {
  const bytes source = random_bytes(4096);
  for (const int size : itemsizes) {
    for (const std::int64_t times : {2, 3, 8, 40}) {
      box x;  // 5 rows of 7 elements, each repeated
      x.push(5, 9 * size, 7 * times * size, true);
      x.push(7, size, times * size);
      x.push(times, 0, size);
      x.finish();
      canvas to(1 << 16);
      x.copy(size, to.middle(), source.data(), 4);
      for (std::int64_t i = 0; i < 4 * 7 * times; ++i)
        to.expect(i * size, source.data() + (i / (7 * times) * 9 + i / times % 7) * size, size);
      ASSERT_EQ(to.got, to.want) << size << " bytes, times " << times;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(every_target, moving, testing::ValuesIn(simd_targets()),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace tessera::detail::cpu
