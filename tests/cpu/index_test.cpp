// gather, scatter, accumulate and check_indices of the CPU against plain loops: every itemsize, misaligned
// elements, negative and zero strides, sizes large enough for several threads.
#include "cpu/index.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <random>

#include "cpu/kernels/table.hpp"

using namespace tessera;
using namespace tessera::detail;

namespace {

using bytes = std::vector<std::byte>;

bytes random_bytes(std::size_t n, unsigned seed) {
  std::mt19937 random(seed);
  bytes result(n);
  for (std::byte& b : result) b = static_cast<std::byte>(random());
  return result;
}

/// rows x columns elements of a table picked by rows: value(i, j) = table(position(i), j).
struct row_pick {
  dtype type;
  std::int64_t table_rows = 50, rows = 30, columns = 7;
  std::vector<std::int64_t> positions;
  bytes table, values;

  explicit row_pick(dtype t, std::int64_t count = 30) : type(t), rows(count) {
    std::mt19937 random(3);
    for (std::int64_t i = 0; i < rows; ++i) positions.push_back(static_cast<std::int64_t>(random() % table_rows));
    table = random_bytes(static_cast<std::size_t>(table_rows * columns * type.itemsize() + 1), 1);
    values = random_bytes(static_cast<std::size_t>(rows * columns * type.itemsize() + 1), 2);
  }
  // Elements begin one byte past the allocation, so that they are misaligned; the table's columns run backwards.
  index_plan plan() {
    const std::int64_t size = type.itemsize();
    index_plan p;
    p.extents = {rows, columns};
    p.source = {table.data() + 1 + (columns - 1) * size, type, {0, -size}};
    p.indices = {{{reinterpret_cast<std::byte*>(positions.data()), int64, {8, 0}}, columns * size}};
    p.values = {values.data() + 1, type, {columns * size, size}};
    return p;
  }
  std::byte* table_at(std::int64_t i, std::int64_t j) {
    return table.data() + 1 + (positions[i] * columns + columns - 1 - j) * type.itemsize();
  }
  std::byte* value_at(std::int64_t i, std::int64_t j) {
    return values.data() + 1 + (i * columns + j) * type.itemsize();
  }
};

const dtype one_of_each_size[] = {int8, float16, float32, int64, complex128};

TEST(gather, reads_every_itemsize_misaligned_and_backwards) {
  for (const dtype& type : one_of_each_size) {
    row_pick x(type);
    cpu::gather(x.plan());
    for (std::int64_t i = 0; i < x.rows; ++i) {
      for (std::int64_t j = 0; j < x.columns; ++j) {
        ASSERT_EQ(std::memcmp(x.value_at(i, j), x.table_at(i, j), type.itemsize()), 0)
            << type.name() << ' ' << i << ' ' << j;
      }
    }
  }
}

TEST(gather, reads_the_same_with_many_points) {
  row_pick x(float32, 100000);
  cpu::gather(x.plan());
  for (std::int64_t i = 0; i < x.rows; ++i) {
    for (std::int64_t j = 0; j < x.columns; ++j) ASSERT_EQ(std::memcmp(x.value_at(i, j), x.table_at(i, j), 4), 0);
  }
}

TEST(gather, adds_up_the_positions_of_several_index_arrays) {
  std::vector<std::int64_t> table(6 * 5), rows = {5, 0, 3}, columns = {4, 1}, out(6);
  std::iota(table.begin(), table.end(), 0);
  index_plan p;
  p.extents = {3, 2};
  p.source = {reinterpret_cast<std::byte*>(table.data()), int64, {0, 0}};
  p.indices = {{{reinterpret_cast<std::byte*>(rows.data()), int64, {8, 0}}, 40},
               {{reinterpret_cast<std::byte*>(columns.data()), int64, {0, 8}}, 8}};
  p.values = {reinterpret_cast<std::byte*>(out.data()), int64, {16, 8}};
  cpu::gather(p);
  EXPECT_EQ(out, (std::vector<std::int64_t>{29, 26, 4, 1, 19, 16}));
}

TEST(scatter, writes_in_order_so_that_the_last_of_duplicates_wins) {
  for (const dtype& type : one_of_each_size) {
    row_pick x(type, 200);  // 200 positions in 50 rows
    row_pick expected = x;
    for (std::int64_t i = 0; i < x.rows; ++i) {
      for (std::int64_t j = 0; j < x.columns; ++j)
        std::memcpy(expected.table_at(i, j), x.value_at(i, j), type.itemsize());
    }
    cpu::scatter(x.plan());
    ASSERT_EQ(x.table, expected.table) << type.name();
  }
}

TEST(accumulate, takes_duplicates_in_turn) {
  std::vector<std::int64_t> table(4, 0), positions = {1, 3, 1, 1}, values = {1, 2, 3, 4};
  index_plan p;
  p.extents = {4};
  p.source = {reinterpret_cast<std::byte*>(table.data()), int64, {0}};
  p.indices = {{{reinterpret_cast<std::byte*>(positions.data()), int64, {8}}, 8}};
  p.values = {reinterpret_cast<std::byte*>(values.data()), int64, {8}};
  cpu::accumulate(p, op::add);
  EXPECT_EQ(table, (std::vector<std::int64_t>{0, 8, 0, 2}));
  cpu::accumulate(p, op::maximum);
  EXPECT_EQ(table, (std::vector<std::int64_t>{0, 8, 0, 2}));
  cpu::accumulate(p, op::multiply);
  EXPECT_EQ(table, (std::vector<std::int64_t>{0, 8 * 12, 0, 4}));
}

TEST(accumulate, computes_in_the_values_dtype_and_casts_each_time) {
  std::vector<float> table = {16777216.f};
  std::vector<std::int64_t> positions = {0, 0};
  std::vector<double> values = {1, 1};
  index_plan p;
  p.extents = {2};
  p.source = {reinterpret_cast<std::byte*>(table.data()), float32, {0}};
  p.indices = {{{reinterpret_cast<std::byte*>(positions.data()), int64, {8}}, 4}};
  p.values = {reinterpret_cast<std::byte*>(values.data()), float64, {8}};
  cpu::accumulate(p, op::add);
  EXPECT_EQ(table[0], 16777216.f);  // each 16777217 rounds back
}

TEST(check_indices, makes_positions_positive_or_finds_the_first_bad_one) {
  std::vector<std::int64_t> good(300000), bad;
  for (std::size_t i = 0; i < good.size(); ++i) good[i] = static_cast<std::int64_t>(i % 20) - 10;
  bad = good;
  EXPECT_EQ(cpu::check_indices(good.data(), 300000, 10), -1);
  for (std::size_t i = 0; i < good.size(); ++i) ASSERT_EQ(good[i], (static_cast<std::int64_t>(i % 20) - 10 + 10) % 10);
  bad[290000] = -11;
  bad[123456] = 10;
  EXPECT_EQ(cpu::check_indices(bad.data(), 300000, 10), 123456);
  EXPECT_EQ(bad[123456], 10);
  EXPECT_EQ(cpu::check_indices(bad.data(), 1, 0), 0);
}

}  // namespace
