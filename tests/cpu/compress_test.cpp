// mark, compress, expand and positions of the CPU against plain loops: every instruction set, itemsize, any strides and
// misaligned elements, sizes around groups, words and tiles and large enough for several threads.
#include "cpu/compress.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "cpu/kernels/compress.hpp"
#include "cpu/kernels/table.hpp"
#include "hand_made.hpp"

namespace tessera::detail {
namespace {

using bytes = std::vector<std::byte>;
using numbers = std::vector<std::int64_t>;

constexpr std::int64_t sizes[] = {1, 7, 8, 31, 32, 33, 63, 64, 65, 255, 4095, 4096, 4097, 12345};

/// On each instruction set of this machine in turn.
class masks : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { use_simd_target(GetParam()); }
  void TearDown() override { use_simd_target(simd_targets().front()); }

  bytes random_bytes(std::int64_t n) {
    bytes result(static_cast<std::size_t>(n));
    for (std::byte& b : result) b = static_cast<std::byte>(random_());
    return result;
  }
  /// Bools of which about one in `rarity` is true; true is any byte but zero.
  bytes random_bools(std::int64_t n, unsigned rarity) {
    bytes result(static_cast<std::size_t>(n), std::byte{0});
    for (std::byte& b : result) {
      if (random_() % rarity == 0) b = static_cast<std::byte>(1 + random_() % 255);
    }
    return result;
  }
  std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(n)); }

  std::mt19937_64 random_{20240611};
};
INSTANTIATE_TEST_SUITE_P(instruction_sets, masks, testing::ValuesIn(simd_targets()),
                         [](const auto& info) { return info.param; });

/// Bits that own their memory, which starts out as garbage.
struct owned_bits : mark_bits {
  explicit owned_bits(std::int64_t n) {
    points = n;
    all_words.assign(static_cast<std::size_t>(word_count()), 0xaaaa'aaaa'aaaa'aaaa);
    all_before.assign(static_cast<std::size_t>(tile_count() + 1), -1);
    words = all_words.data();
    before = all_before.data();
  }
  std::vector<std::uint64_t> all_words;
  numbers all_before;
};

stage stage_of(const shape& extents, std::byte* bools, const shape& strides) {
  stage s;
  s.extents = extents;
  s.folded.assign(static_cast<std::size_t>(extents.size()), true);
  s.inputs.push_back({bools, bool_, strides});
  s.register_types.push_back(bool_);
  s.results.push_back({0, fold::argmax, {nullptr, int64, shape::filled(extents.size(), 0)}, no_reg});
  return s;
}

/// The byte offsets of an array's elements in C order.
numbers offsets_of(const shape& extents, const shape& strides) {
  numbers result{0};
  for (int axis = 0; axis < extents.size(); ++axis) {
    numbers longer;
    for (const std::int64_t at : result) {
      for (std::int64_t k = 0; k < extents[axis]; ++k) longer.push_back(at + k * strides[axis]);
    }
    result = std::move(longer);
  }
  return result;
}

/// An array of random strides, negative ones too, its elements anywhere in memory that is large enough.
struct layout {
  shape extents, strides;
  std::int64_t bytes = 0, first = 0;  // of the memory; of the first element
};
template <class Random> layout random_layout(Random& random, const shape& extents, std::int64_t itemsize) {
  layout result{extents, shape::filled(extents.size(), 0), 0, 0};
  std::vector<int> order;
  for (int axis = 0; axis < extents.size(); ++axis) order.push_back(axis);
  std::shuffle(order.begin(), order.end(), random);
  std::int64_t span = itemsize;
  for (const int axis : order) {
    std::int64_t stride = span + (random() % 3 == 0 ? static_cast<std::int64_t>(random() % 5) : 0);
    span = stride * extents[axis];
    if (random() % 3 == 0) {
      result.first += stride * (extents[axis] - 1);
      stride = -stride;
    }
    result.strides[axis] = stride;
  }
  result.bytes = span + 3;
  result.first += static_cast<std::int64_t>(random() % 3);
  return result;
}

TEST_P(masks, bytes_become_bits_and_are_counted) {
  const cpu::mark_kernels& kernels = cpu::find_marks();
  for (const std::int64_t n : sizes) {
    const bytes bools = random_bools(n, 3);
    std::vector<std::uint64_t> words(static_cast<std::size_t>((n + 63) / 64), ~std::uint64_t{0});
    kernels.pack(words.data(), bools.data(), n);
    std::int64_t expected = 0;
    for (std::int64_t k = 0; k < static_cast<std::int64_t>(words.size()) * 64; ++k) {
      const bool is_set = k < n && bools[static_cast<std::size_t>(k)] != std::byte{0};
      ASSERT_EQ(words[static_cast<std::size_t>(k / 64)] >> (k % 64) & 1, is_set ? 1u : 0u) << n << " " << k;
      expected += is_set;
    }
    EXPECT_EQ(kernels.count(words.data(), static_cast<std::int64_t>(words.size())), expected);
  }
}

TEST_P(masks, elements_of_every_size_are_packed_from_any_bit_on_and_nothing_is_written_behind_them) {
  const cpu::mark_kernels& kernels = cpu::find_marks();
  for (const int size : {1, 2, 4, 8, 16}) {
    for (const std::int64_t n : sizes) {
      const std::int64_t first = below(130);
      const bytes bools = random_bools(first + n, 2), from = random_bytes(n * size + 1);
      std::vector<std::uint64_t> words(static_cast<std::size_t>((first + n + 63) / 64 + 1));
      kernels.pack(words.data(), bools.data(), first + n);
      bytes expected;
      for (std::int64_t k = 0; k < n; ++k) {
        if (bools[static_cast<std::size_t>(first + k)] == std::byte{0}) continue;
        expected.insert(expected.end(), from.begin() + 1 + k * size, from.begin() + 1 + (k + 1) * size);
      }
      bytes found(expected.size() + 64, std::byte{0x5a});
      std::byte* const stop = found.data() + expected.size();
      EXPECT_EQ(kernels.of(size)(found.data(), stop, from.data() + 1, words.data(), first, n), stop);
      expected.resize(found.size(), std::byte{0x5a});
      ASSERT_EQ(found, expected) << size << " " << n << " " << first;
    }
  }
}

TEST_P(masks, elements_replace_others_where_bytes_are_not_zero) {
  const cpu::mark_kernels& kernels = cpu::find_marks();
  for (const int size : {1, 2, 4, 8, 16}) {
    for (const std::int64_t n : sizes) {
      const bytes mask = random_bools(n, 1 + static_cast<unsigned>(below(3)) * 20), from = random_bytes(n * size + 1);
      bytes to = random_bytes(n * size + 1 + 64), expected = to;
      for (std::int64_t k = 0; k < n; ++k) {
        if (mask[static_cast<std::size_t>(k)] != std::byte{0})
          std::copy_n(from.begin() + 1 + k * size, size, expected.begin() + 1 + k * size);
      }
      kernels.blend_of(size)(to.data() + 1, from.data() + 1, mask.data(), n);
      ASSERT_EQ(to, expected) << size << " " << n;
    }
  }
}

TEST_P(masks, positions_are_numbered_from_any_base) {
  const cpu::mark_kernels& kernels = cpu::find_marks();
  for (const unsigned rarity : {1u, 2u, 40u}) {
    for (const std::int64_t n : sizes) {
      const std::int64_t first = below(130), base = below(1 << 30);
      const bytes bools = random_bools(first + n, rarity);
      std::vector<std::uint64_t> words(static_cast<std::size_t>((first + n + 63) / 64 + 1));
      kernels.pack(words.data(), bools.data(), first + n);
      numbers expected;
      for (std::int64_t k = 0; k < n; ++k) {
        if (bools[static_cast<std::size_t>(first + k)] != std::byte{0}) expected.push_back(base + k);
      }
      numbers found(expected.size() + 8, -7);
      std::int64_t* const stop = found.data() + expected.size();
      EXPECT_EQ(kernels.positions(found.data(), stop, base, words.data(), first, n), stop);
      expected.resize(found.size(), -7);
      ASSERT_EQ(found, expected);
    }
  }
}

/// Marks random bools of a random layout, and takes, puts and numbers elements of another by them.
TEST_P(masks, of_any_layout_pick_what_loops_pick) {
  for (int round = 0; round < 300; ++round) {
    shape extents;
    for (std::int64_t axes = 1 + below(4), room = 20000; axes > 0; --axes) {
      extents.push_back(1 + below(std::min<std::int64_t>(room, axes == 1 ? 9000 : 12)));
      room = std::max<std::int64_t>(1, room / extents[extents.size() - 1]);
    }
    const layout mask = random_layout(random_, extents, 1);
    bytes bools = random_bools(mask.bytes, 1 + static_cast<unsigned>(below(4)) * 9);
    const numbers at = offsets_of(extents, mask.strides);
    const auto n = static_cast<std::int64_t>(at.size());
    numbers picked;
    for (std::int64_t k = 0; k < n; ++k) {
      if (bools[static_cast<std::size_t>(mask.first + at[static_cast<std::size_t>(k)])] != std::byte{0})
        picked.push_back(k);
    }
    const auto count = static_cast<std::int64_t>(picked.size());

    owned_bits marked(n);
    ASSERT_EQ(cpu::mark(stage_of(extents, bools.data() + mask.first, mask.strides), marked), count);
    for (std::int64_t tile = 0; tile <= marked.tile_count(); ++tile) {
      const auto before = std::lower_bound(picked.begin(), picked.end(), tile * mark_bits::tile) - picked.begin();
      ASSERT_EQ(marked.all_before[static_cast<std::size_t>(tile)], before);
    }

    const dtype type = (const dtype[]){int8, float16, float32, int64, complex128}[below(5)];
    const std::int64_t size = type.itemsize();
    const layout from = random_layout(random_, extents, size);
    bytes source = random_bytes(from.bytes), values(static_cast<std::size_t>(count * size + 32), std::byte{0x33});
    const numbers source_at = offsets_of(extents, from.strides);
    bytes expected;
    for (const std::int64_t k : picked) {
      const auto first = source.begin() + from.first + source_at[static_cast<std::size_t>(k)];
      expected.insert(expected.end(), first, first + size);
    }
    expected.resize(values.size(), std::byte{0x33});
    cpu::compress({marked, extents, {source.data() + from.first, type, from.strides}, {values.data(), type, {size}}});
    ASSERT_EQ(values, expected);

    bytes target = source, fresh = random_bytes(2 * count * size + 16);
    bytes replaced = source;
    const std::int64_t step = below(2) == 0 ? 0 : 2 * size;
    for (std::int64_t i = 0; i < count; ++i) {
      std::memcpy(
          replaced.data() + from.first + source_at[static_cast<std::size_t>(picked[static_cast<std::size_t>(i)])],
          fresh.data() + i * step, static_cast<std::size_t>(size));
    }
    cpu::expand({marked, extents, {target.data() + from.first, type, from.strides}, {fresh.data(), type, {step}}});
    ASSERT_EQ(target, replaced);

    std::vector<numbers> coordinates(static_cast<std::size_t>(extents.size()), numbers(picked.size() + 1, -1));
    std::vector<std::int64_t*> out;
    for (numbers& axis : coordinates) out.push_back(axis.data());
    cpu::positions(marked, extents, out.data());
    for (std::int64_t i = 0; i <= count; ++i) {
      std::int64_t rest = i < count ? picked[static_cast<std::size_t>(i)] : -1;
      for (int axis = extents.size() - 1; axis >= 0; --axis) {
        const std::int64_t found = coordinates[static_cast<std::size_t>(axis)][static_cast<std::size_t>(i)];
        ASSERT_EQ(found, i < count ? rest % extents[axis] : -1);
        rest /= extents[axis];
      }
    }
  }
}

TEST_P(masks, are_the_same_on_any_number_of_threads) {
  const std::int64_t rows = 3001, columns = 333, n = rows * columns;
  bytes bools = random_bools(2 * n, 3), source = random_bytes(4 * n);
  const stage s = stage_of({rows, columns}, bools.data(), {2 * columns, 2});
  std::vector<bytes> results;
  with_thread_counts([&](int) {
    owned_bits marked(n);
    const std::int64_t picked = cpu::mark(s, marked);
    bytes values(static_cast<std::size_t>(4 * picked));
    cpu::compress({marked, {n}, {source.data(), float32, {4}}, {values.data(), float32, {4}}});
    results.push_back(std::move(values));
  });
  bytes expected;
  for (std::int64_t k = 0; k < n; ++k) {
    if (bools[static_cast<std::size_t>(2 * k)] != std::byte{0})
      expected.insert(expected.end(), source.begin() + 4 * k, source.begin() + 4 * (k + 1));
  }
  for (const bytes& values : results) ASSERT_TRUE(values == expected);
}

}  // namespace
}  // namespace tessera::detail
