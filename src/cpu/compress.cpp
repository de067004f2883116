// Masks in two passes over blocks: the condition becomes bits, then what they pick is read, written or numbered.
//
//   mark       condition, block by block in L1 -> bytes -> bits        1/32 of a float32 source: stays in the last cache
//   before     bits before each tile                                   so that tiles may go to any thread
//   compress   tile by tile, the last ones first: they are still in the cache if the condition has read the source
#include "cpu/compress.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <numeric>

#include "cpu/block_program.hpp"
#include "cpu/kernels/compress.hpp"
#include "cpu/threads.hpp"
#include "cpu/walk.hpp"

namespace tessera::detail::cpu {
namespace {

constexpr std::int64_t tile_words = mark_bits::tile / 64;

/// Or-s n bits into the string from bit `first` on. Other threads may do the same to the first and the last word.
void join_bits(std::uint64_t* words, std::int64_t first, const std::uint64_t* from, std::int64_t n) {
  const std::int64_t shift = first % 64;
  std::uint64_t* to = words + first / 64;
  const auto join = [](std::uint64_t& word, std::uint64_t bits) {
    std::atomic_ref(word).fetch_or(bits, std::memory_order_relaxed);
  };
  for (; n > 0; n -= 64, ++from, ++to) {
    const bool whole = shift == 0 && n >= 64;
    if (whole) {
      *to = *from;
      continue;
    }
    join(*to, *from << shift);
    if (shift != 0 && n > 64 - shift) join(to[1], *from >> (64 - shift));
  }
}

/// A bool input that lies in a row.
bool is_row_of_bools(const stage& s) {
  return s.instructions.empty() && s.inputs.size() == 1 && s.extents.size() <= 1 &&
         (s.extents.empty() || s.inputs[0].strides[0] == 1);
}

void mark_row(const std::byte* bytes, const mark_bits& to) {
  const auto pack = find_marks().pack;
  parallel_for(to.tile_count(), mark_bits::tile / 4, [&](std::int64_t begin, std::int64_t end, int) {
    const std::int64_t first = begin * mark_bits::tile, last = std::min(end * mark_bits::tile, to.points);
    pack(to.words + begin * tile_words, bytes + first, last - first);
  });
}

std::int64_t points_per_block(const stage& s) {
  std::int64_t widest = 1;
  for (const dtype& type : s.register_types) widest = std::max<std::int64_t>(widest, type.itemsize());
  return 4096 / widest;
}

void mark_blocks(const stage& s, const mark_bits& to) {
  small_vector<int> axes(static_cast<std::size_t>(s.extents.size()));
  std::iota(axes.begin(), axes.end(), 0);
  const block_program program(s, axes, block_size::of(points_per_block(s)));
  const blocking& blocks = program.blocks();
  const std::int64_t registers = program.scratch_bytes();
  const std::int64_t bytes = registers + round_up((blocks.most() + 63) / 64 * 8);
  const parallel_loop loop(blocks.count(), program.block_work() + blocks.most() / 4);
  const scratch memory(loop.slots() * bytes);
  const auto pack = find_marks().pack;
  const reg condition = s.results[0].value;
  loop.run([&](std::int64_t first, std::int64_t last, int slot) {
    std::byte* const mine = memory.data() + slot * bytes;
    auto* const packed = reinterpret_cast<std::uint64_t*>(mine + registers);
    block_program::worker worker(program, mine);
    std::int64_t point = -1;
    for (std::int64_t i = first; i < last; ++i) {
      const block where(blocks, i);
      if (point < 0) point = i / blocks.tiles * blocks.extents[blocks.cut] * blocks.inner + where.first * blocks.inner;
      worker.run(where);
      pack(packed, worker.value(condition), where.points);
      join_bits(to.words, point, packed, where.points);
      point += where.points;
    }
  });
}

std::int64_t count_tiles(const mark_bits& to) {
  const auto count = find_marks().count;
  parallel_for(to.tile_count(), tile_words / 2, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t t = begin; t < end; ++t) to.before[t] = count(to.words + t * tile_words, tile_words);
  });
  std::int64_t sum = 0;
  for (std::int64_t t = 0; t <= to.tile_count(); ++t) {
    const std::int64_t mine = t < to.tile_count() ? to.before[t] : 0;
    to.before[t] = sum;
    sum += mine;
  }
  return sum;
}

/// body(first point, last point, picked points before them) over ranges of whole tiles, those at the end first.
template <class Body> void for_each_tiles(const mark_bits& bits, std::int64_t work_each, const Body& body) {
  const std::int64_t tiles = bits.tile_count();
  parallel_for(tiles, mark_bits::tile * work_each, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t t = begin; t < end; ++t) {
      const std::int64_t tile = tiles - 1 - t;
      if (bits.before[tile] == bits.before[tile + 1]) continue;
      body(tile * mark_bits::tile, std::min((tile + 1) * mark_bits::tile, bits.points), bits.before[tile],
           bits.before[tile + 1]);
    }
  });
}

/// put(place of a set bit among n) for those from bit `first` on.
template <class Put> void for_each_bit(const std::uint64_t* words, std::int64_t first, std::int64_t n, const Put& put) {
  for (std::int64_t k = 0; k < n;) {
    const std::int64_t bit = first + k, shift = bit % 64, here = std::min(64 - shift, n - k);
    std::uint64_t set = words[bit / 64] >> shift;
    if (here < 64) set &= (std::uint64_t{1} << here) - 1;
    for (; set != 0; set &= set - 1) put(k + __builtin_ctzll(set));
    k += here;
  }
}

template <int size> void compress_sized(const compress_plan& plan, const walk& w) {
  const auto run = find_marks().of(size);
  const std::int64_t step = w.inner_stride(0);
  for_each_tiles(plan.bits, 1, [&](std::int64_t begin, std::int64_t end, std::int64_t at, std::int64_t until) {
    std::byte* to = plan.values.data + at * size;
    std::byte* const stop = plan.values.data + until * size;
    std::int64_t point = begin;
    for_each_run(w, begin, end, [&](const std::int64_t* offsets, std::int64_t n) {
      const std::byte* const row = plan.source.data + offsets[0];
      if (step == size) {
        to = run(to, stop, row, plan.bits.words, point, n);
      } else {
        for_each_bit(plan.bits.words, point, n, [&](std::int64_t k) {
          std::memcpy(to, row + k * step, size);
          to += size;
        });
      }
      point += n;
    });
  });
}

template <int size> void expand_sized(const compress_plan& plan, const walk& w) {
  const std::int64_t step = w.inner_stride(0), value_step = plan.values.strides[0];
  for_each_tiles(plan.bits, 2, [&](std::int64_t begin, std::int64_t end, std::int64_t at, std::int64_t) {
    const std::byte* from = plan.values.data + at * value_step;
    std::int64_t point = begin;
    for_each_run(w, begin, end, [&](const std::int64_t* offsets, std::int64_t n) {
      std::byte* const row = plan.source.data + offsets[0];
      for_each_bit(plan.bits.words, point, n, [&](std::int64_t k) {
        std::memcpy(row + k * step, from, size);
        from += value_step;
      });
      point += n;
    });
  });
}

/// Elements of several words: copied as rows.
void compress_rows(const compress_plan& plan, const walk& w) {
  const std::int64_t size = plan.source.type.itemsize(), step = w.inner_stride(0);
  for_each_tiles(plan.bits, size / 8, [&](std::int64_t begin, std::int64_t end, std::int64_t at, std::int64_t) {
    std::byte* to = plan.values.data + at * size;
    std::int64_t point = begin;
    for_each_run(w, begin, end, [&](const std::int64_t* offsets, std::int64_t n) {
      const std::byte* const row = plan.source.data + offsets[0];
      for_each_bit(plan.bits.words, point, n, [&](std::int64_t k) {
        std::memcpy(to, row + k * step, static_cast<std::size_t>(size));
        to += size;
      });
      point += n;
    });
  });
}

void expand_rows(const compress_plan& plan, const walk& w) {
  const std::int64_t size = plan.source.type.itemsize(), step = w.inner_stride(0), value_step = plan.values.strides[0];
  for_each_tiles(plan.bits, size / 8, [&](std::int64_t begin, std::int64_t end, std::int64_t at, std::int64_t) {
    const std::byte* from = plan.values.data + at * value_step;
    std::int64_t point = begin;
    for_each_run(w, begin, end, [&](const std::int64_t* offsets, std::int64_t n) {
      std::byte* const row = plan.source.data + offsets[0];
      for_each_bit(plan.bits.words, point, n, [&](std::int64_t k) {
        std::memcpy(row + k * step, from, static_cast<std::size_t>(size));
        from += value_step;
      });
      point += n;
    });
  });
}

}  // namespace

std::int64_t mark(const stage& s, const mark_bits& to) {
  if (is_row_of_bools(s)) {
    std::memset(to.words + to.points / 64, 0, static_cast<std::size_t>(to.word_count() - to.points / 64) * 8);
    mark_row(s.inputs[0].data, to);
  } else {
    std::memset(to.words, 0, static_cast<std::size_t>(to.word_count()) * 8);
    mark_blocks(s, to);
  }
  return count_tiles(to);
}

void compress(const compress_plan& plan) {
  const walk w(plan.extents, {&plan.source.strides});
  if (!plan.source.type.is_number()) return compress_rows(plan, w);
  with_itemsize(plan.source.type.itemsize(), [&]<int size>() { compress_sized<size>(plan, w); });
}

void expand(const compress_plan& plan) {
  const walk w(plan.extents, {&plan.source.strides});
  if (!plan.source.type.is_number()) return expand_rows(plan, w);
  with_itemsize(plan.source.type.itemsize(), [&]<int size>() { expand_sized<size>(plan, w); });
}

void positions(const mark_bits& bits, const shape& extents, std::int64_t* const* out) {
  const walk w(extents, shape::filled(extents.size(), 0));
  const int last = extents.size() - 1;
  const auto write = find_marks().positions;
  for_each_tiles(bits, 2, [&](std::int64_t begin, std::int64_t end, std::int64_t at, std::int64_t until) {
    std::int64_t point = begin;
    for_each_run(w, begin, end, [&](const std::int64_t*, std::int64_t n) {
      const std::int64_t row = point / extents[last];
      const std::int64_t next =
          write(out[last] + at, out[last] + until, point - row * extents[last], bits.words, point, n) - out[last];
      std::int64_t rest = row;
      for (int axis = last - 1; axis >= 0 && next > at; --axis) {
        std::fill(out[axis] + at, out[axis] + next, rest % extents[axis]);
        rest /= extents[axis];
      }
      at = next;
      point += n;
    });
  });
}

}  // namespace tessera::detail::cpu
