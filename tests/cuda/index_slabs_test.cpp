// Kernels of index arrays and masks from inside: where the points do not fit one launch, with slabs made small, against the
// host's; how long they take to compile, and that they keep their values in registers.
#include <gtest/gtest.h>

#include <random>

#include "backend.hpp"
#include "cuda/index.hpp"
#include "cuda/kernel_cache.hpp"
#include "cuda/marks.hpp"
#include "mirrored.hpp"

namespace tessera::detail {
namespace {

/// A table of 9 x 4 x 6 elements picked along its middle and last axis by arrays of shapes (7, 1) and (5,): points 7 x 5 x 9,
/// the source backwards along its first axis.
struct picked_table {
  std::vector<std::int64_t> rows, columns;
  std::vector<float> table, values;

  picked_table() : table(9 * 4 * 6), values(7 * 5 * 9) {
    std::mt19937 random(5);
    for (int i = 0; i < 7; ++i) rows.push_back(random() % 4);
    for (int i = 0; i < 5; ++i) columns.push_back(random() % 6);
    for (float& x : table) x = static_cast<float>(random() % 1000) / 7;
    for (float& x : values) x = static_cast<float>(random() % 1000) / 7;
  }
  index_plan plan() {
    const auto bytes = [](auto& x) { return reinterpret_cast<std::byte*>(x.data()); };
    index_plan p;
    p.extents = {7, 5, 9};
    p.source = {bytes(table) + 8 * 96, float32, {0, 0, -96}};
    p.indices = {{{bytes(rows), int64, {8, 0, 0}}, 24}, {{bytes(columns), int64, {0, 8, 0}}, 4}};
    p.values = {bytes(values), float32, {5 * 9 * 4, 9 * 4, 4}};
    p.low = -8 * 96;
    p.high = 96 - 4;
    return p;
  }
};

/// The same on the device, all memory copied back.
void run_there(picked_table& x, const std::function<void(cuda::context&, const index_plan&)>& run) {
  cuda::mirror copies;
  index_plan p = x.plan();
  const auto add = [&](auto& list) {
    const std::int64_t n = static_cast<std::int64_t>(list.size()), size = sizeof(list[0]);
    copies.add({reinterpret_cast<std::byte*>(list.data()), size == 8 ? int64 : float32, shape(size)}, shape(n));
  };
  add(x.rows);
  add(x.columns);
  add(x.table);
  add(x.values);
  copies.upload();
  p.source.data = copies.of(p.source.data);
  p.values.data = copies.of(p.values.data);
  for (index_operand& i : p.indices) i.positions.data = copies.of(i.positions.data);
  run(cuda::context_of(0), p);
  copies.download();
}

constexpr std::int64_t slab_sizes[] = {1, 4, 9, 10, 60, 1000};

TEST(cuda_index_slabs, gather_reads_all_of_them) {
  for (const std::int64_t most : slab_sizes) {
    const cuda::small_slabs small(most);
    picked_table want, got;
    cpu_backend().gather(want.plan());
    run_there(got, cuda::gather);
    EXPECT_EQ(got.values, want.values) << most;
  }
}

TEST(cuda_index_slabs, scatter_lets_the_last_win_across_them) {
  for (const std::int64_t most : slab_sizes) {
    const cuda::small_slabs small(most);
    picked_table want, got;
    cpu_backend().scatter(want.plan());
    run_there(got, cuda::scatter);
    EXPECT_EQ(got.table, want.table) << most;
  }
}

TEST(cuda_index_slabs, scatter_of_distinct_elements_needs_no_marks) {
  for (const std::int64_t most : slab_sizes) {
    const cuda::small_slabs small(most);
    picked_table want, got;
    want.rows = got.rows = {0, 1, 2, 3, 0, 1, 2};  // (the columns make them distinct: 4 x 6 picked once)
    want.columns = got.columns = {0, 1, 2, 3, 4};
    const auto cut = [](index_plan p) {
      p.extents[0] = 4;
      p.distinct = true;
      return p;
    };
    cpu_backend().scatter(cut(want.plan()));
    run_there(got, [&](cuda::context& on, const index_plan& p) { cuda::scatter(on, cut(p)); });
    EXPECT_EQ(got.table, want.table) << most;
  }
}

TEST(cuda_index_slabs, accumulate_keeps_the_order_across_them) {
  for (const std::int64_t most : slab_sizes) {
    const cuda::small_slabs small(most);
    picked_table want, got;
    cpu_backend().accumulate(want.plan(), op::add);
    run_there(got, [](cuda::context& on, const index_plan& p) { cuda::accumulate(on, p, op::add); });
    EXPECT_EQ(got.table, want.table) << most;
  }
}

/// Where x is not zero, for backend::mark.
stage not_zero(const strided& x, const shape& extents) {
  stage s;
  s.extents = extents;
  s.folded.assign(static_cast<std::size_t>(extents.size()), true);
  s.inputs.push_back(x);
  s.register_types = {x.type, bool_};
  s.instructions.push_back({op::cast, x.type, 1, {0, no_reg, no_reg}});
  s.results.push_back({1, fold::argmax, {nullptr, int64, shape::filled(extents.size(), 0)}, no_reg});
  return s;
}

TEST(cuda_index_slabs, masks_are_marked_through_all_of_them) {
  std::vector<float> x(5 * 7 * 16);
  std::mt19937 random(7);
  for (float& e : x) e = static_cast<float>(random() % 3);
  for (const std::int64_t step : {64, -64}) {
    for (const std::int64_t most : slab_sizes) {
      const cuda::small_slabs small(most);
      const shape extents{5, 7, 12};
      strided view{reinterpret_cast<std::byte*>(x.data()), float32, {7 * 64, step, 4}};
      if (step < 0) view.data += 6 * 64;
      std::vector<std::int64_t> want, got;
      for (std::int64_t k = 0; k < 5 * 7 * 12; ++k) {
        const std::int64_t row = k / 12 % 7;
        const float value = x[static_cast<std::size_t>(k / 84 * 112 + (step < 0 ? 6 - row : row) * 16 + k % 12)];
        if (value != 0) want.push_back(k);
      }
      got.assign(want.size(), -1);
      mark_bits bits;
      bits.points = 5 * 7 * 12;
      std::vector<std::uint64_t> words(static_cast<std::size_t>(bits.word_count()), ~std::uint64_t{0});
      std::vector<std::int64_t> before(static_cast<std::size_t>(bits.tile_count() + 1));
      const auto bytes_of = [](auto& list) { return reinterpret_cast<std::byte*>(list.data()); };
      cuda::mirror copies;
      copies.add(view, extents);
      copies.add({bytes_of(got), int64, shape(8)}, shape(static_cast<std::int64_t>(got.size())));
      copies.add({bytes_of(words), uint64, shape(8)}, shape(bits.word_count()));
      copies.add({bytes_of(before), int64, shape(8)}, shape(bits.tile_count() + 1));
      copies.upload();
      bits.words = reinterpret_cast<std::uint64_t*>(copies.of(bytes_of(words)));
      bits.before = reinterpret_cast<std::int64_t*>(copies.of(bytes_of(before)));
      strided there = view;
      there.data = copies.of(view.data);
      EXPECT_EQ(cuda::mark(cuda::context_of(0), not_zero(there, extents), bits), std::ssize(want));
      auto* const out = reinterpret_cast<std::int64_t*>(copies.of(bytes_of(got)));
      cuda::positions(cuda::context_of(0), bits, {bits.points}, &out);
      copies.download();
      EXPECT_EQ(got, want) << most << " " << step;
    }
  }
}

TEST(cuda_index_kernels, keep_their_values_in_registers) {
  picked_table x;
  const index_plan plan = x.plan();
  index_plan rows = plan, doubles = plan, integers = plan;
  rows.indices.pop_back();
  rows.indices[0].positions.strides = {8, 0, 0};
  rows.source = {rows.source.data, complex128, {0, 160, 16}};
  rows.values = {rows.values.data, complex128, {5 * 9 * 16, 9 * 16, 16}};
  doubles.values.type = float64;
  integers.source.type = integers.values.type = int32;
  const auto view = [&x](const dtype& type) {
    const std::int64_t size = type.itemsize();
    return strided{reinterpret_cast<std::byte*>(x.table.data()), type, {9 * size, size}};
  };
  const auto taken = [&view](const dtype& type) {
    compress_plan plan{{.points = 27}, {3, 9}, view(type), view(type)};
    plan.source.strides = {100, 20};
    return plan;
  };
  for (const cuda::kernel_text& text :
       {cuda::gather_text_of(plan), cuda::gather_text_of(rows), cuda::scatter_text_of(plan),
        cuda::scatter_text_of(rows), cuda::accumulate_text_of(plan, op::add),
        cuda::accumulate_text_of(doubles, op::multiply), cuda::accumulate_text_of(rows, op::maximum),
        cuda::accumulate_text_of(integers, op::add), cuda::mark_text_of(not_zero(view(bool_), {3, 9})),
        cuda::mark_text_of(not_zero(view(complex128), {3, 9})), cuda::compress_text_of(taken(complex128)),
        cuda::compress_text_of(taken(int8)), cuda::positions_text_of(taken(int8).bits, {3, 9})}) {
    cuda::expect_in_registers(text);
  }
}

TEST(cuda_index_kernels, compile_within_the_budget) {
  setenv("TESSERA_CUDA_CACHE", "0", 1);
  constexpr double budget = 0.15;  // of processor time
  const auto seconds = [](const std::function<void(cuda::context&, const index_plan&)>& run) {
    picked_table x;
    double least = 1e9;  // of three: the machine may be busy
    for (int i = 0; i < 3; ++i) {
      cuda::forget_kernels();
      const double before = cuda::kernel_cache_statistics().compile_seconds;
      run_there(x, run);
      least = std::min(least, cuda::kernel_cache_statistics().compile_seconds - before);
    }
    return least;
  };
  const double gather = seconds(cuda::gather), scatter = seconds(cuda::scatter);
  const double add = seconds([](cuda::context& on, const index_plan& p) { cuda::accumulate(on, p, op::add); });
  std::printf("gather %.0f ms, scatter %.0f ms, accumulate %.0f ms\n", 1e3 * gather, 1e3 * scatter, 1e3 * add);
  unsetenv("TESSERA_CUDA_CACHE");
  EXPECT_LT(gather, budget);
  EXPECT_LT(scatter, budget);
  EXPECT_LT(add, budget);
}

}  // namespace
}  // namespace tessera::detail
