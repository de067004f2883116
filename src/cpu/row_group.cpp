// Row groups: stages that follow each other, run range of rows by range of rows while the rows are in cache.
//
//     rows 0 … R-1      stage 1, stage 2, stage 3        x is read from memory by stage 1, from L2 by the others;
//     rows R … 2R-1     stage 1, stage 2, stage 3        temporaries hold R rows, for each thread its own
//     …
//
// Each stage is made ready twice, for R rows and for the rows that are left over, and placed at each range in turn. R
// depends on the stages only, never on the number of threads.
#include <algorithm>
#include <cstdlib>
#include <span>

#include "cpu/run.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

/// An operand of the group: what stages that name it share.
struct walked {
  const strided* at;
  std::int64_t row_bytes;  // of the distinct elements of a row; 0 when it is repeated from row to row
  std::int64_t step;       // bytes from row to row
};

std::int64_t row_bytes(const stage& s, const strided& x) {
  if (x.strides[s.row_axis] == 0) return 0;
  std::int64_t bytes = x.type.itemsize();
  for (int axis = 0; axis < s.extents.size(); ++axis) {
    if (axis != s.row_axis && x.strides[axis] != 0) bytes *= s.extents[axis];
  }
  return bytes;
}

small_vector<walked> operands_of(std::span<const stage> group) {
  small_vector<walked> all;
  const auto add = [&all](const stage& s, const strided& x) {
    const auto known = std::find_if(all.begin(), all.end(), [&x](const walked& other) {
      return other.at->data == x.data && other.at->temporary == x.temporary;
    });
    if (known == all.end()) {
      all.push_back({&x, row_bytes(s, x), std::abs(x.strides[s.row_axis])});
    } else {
      known->row_bytes = std::max(known->row_bytes, row_bytes(s, x));
      known->step = std::max(known->step, std::abs(x.strides[s.row_axis]));
    }
  };
  for (const stage& s : group) {
    for (const strided& x : s.inputs) add(s, x);
    for (const result& r : s.results) add(s, r.target);
  }
  return all;
}

std::int64_t temporary_count(std::span<const stage> group) {
  int most = -1;
  for (const stage& s : group) {
    for (const result& r : s.results) most = std::max(most, r.target.temporary);
  }
  return most + 1;
}

/// A temporary of n rows was laid out without gaps: outside of its rows, `rows` of them are shorter by rows / n.
void shorten(stage& s, std::int64_t rows) {
  const std::int64_t n = s.extents[s.row_axis];
  const auto of = [&s, n, rows](strided& x) {
    if (x.temporary < 0) return;
    const std::int64_t all = x.strides[s.row_axis] * n;
    for (std::int64_t& stride : x.strides) {
      if (stride >= all) stride = stride / n * rows;
    }
  };
  for (strided& x : s.inputs) of(x);
  for (result& r : s.results) of(r.target);
  s.extents[s.row_axis] = rows;
}

std::int64_t bytes_of(const stage& s, const strided& x) {
  std::int64_t bytes = x.type.itemsize();
  for (int axis = 0; axis < s.extents.size(); ++axis) bytes += x.strides[axis] * (s.extents[axis] - 1);
  return bytes;
}

/// Where the temporaries of `group` lie in one block of memory.
struct temporary_layout {
  explicit temporary_layout(std::span<const stage> group) : offsets(static_cast<std::size_t>(temporary_count(group))) {
    for (const stage& s : group) {
      for (const result& r : s.results) {
        if (r.target.temporary < 0) continue;
        offsets[static_cast<std::size_t>(r.target.temporary)] = bytes;
        bytes += round_up(bytes_of(s, r.target));
      }
    }
  }
  void place(std::byte* memory, std::byte** at) const {
    for (const std::int64_t offset : offsets) *at++ = memory + offset;
  }
  small_vector<std::int64_t> offsets;
  std::int64_t bytes = 0;
};

// ---- how many rows ------------------------------------------------------------------------------------------------

// Half of the smallest second-level cache of today: the other half is for what streams through.
constexpr std::int64_t most_range_bytes = 256 << 10;
// A range that walks less than this in one piece makes poor use of cache lines and pages.
constexpr std::int64_t shortest_piece = 2048;
// Temporaries up to this size may have all their rows.
constexpr std::int64_t most_whole_bytes = 1 << 20;

// Inputs that are each repeated along some kept axis are read again and again from cache, packed once: ranges would pack
// them once a range.
bool reuses_inputs(const stage& s) {
  constexpr std::int64_t often = 8;
  if (s.results[0].by == fold::none || s.inputs.empty()) return false;
  return std::all_of(s.inputs.begin(), s.inputs.end(), [&](const strided& x) {
    for (int i = 0; i < s.extents.size(); ++i) {
      if (!s.folded[static_cast<std::size_t>(i)] && x.strides[i] == 0 && s.extents[i] >= often) return true;
    }
    return false;
  });
}

/// Rows in a range; all of them when the stages had better run one after the other.
std::int64_t rows_in_range(std::span<const stage> group) {
  const std::int64_t n = group[0].extents[group[0].row_axis];
  const small_vector<walked> operands = operands_of(group);
  std::int64_t bytes = 0, largest = 0;
  for (const walked& x : operands) {
    bytes += x.row_bytes;
    largest = std::max(largest, x.row_bytes);
  }
  std::int64_t rows = std::clamp<std::int64_t>(most_range_bytes / std::max<std::int64_t>(bytes, 1), 1, n);
  const bool may_be_whole = temporary_layout(group).bytes <= most_whole_bytes;
  if (std::any_of(group.begin(), group.end(), reuses_inputs)) return n;
  if (may_be_whole) {
    if (bytes > most_range_bytes) return n;
  }
  for (const walked& x : operands) {
    if (x.row_bytes != largest || rows * x.step >= shortest_piece) continue;
    if (may_be_whole) return n;
    rows = std::min(n, (shortest_piece + x.step - 1) / x.step);
  }
  // Equal ranges; where rows are short they may lie side by side in a block: whole vectors.
  const std::int64_t ranges = (n + rows - 1) / rows;
  rows = (n + ranges - 1) / ranges;
  return rows >= 256 ? std::min(n, round_up(rows)) : rows;
}

// ---- running ------------------------------------------------------------------------------------------------------

void run_whole(std::span<const stage> group) {
  const temporary_layout layout(group);
  const scratch memory(layout.bytes);
  const auto bind = [&](strided& x) {
    if (x.temporary < 0) return;
    x.data = memory.data() + layout.offsets[static_cast<std::size_t>(x.temporary)];
    x.temporary = -1;
  };
  for (stage s : group) {
    for (strided& x : s.inputs) bind(x);
    for (result& r : s.results) bind(r.target);
    s.row_axis = -1;
    run(s);
  }
}

/// The stages of a group, ready for ranges of so many rows.
class range_plan {
 public:
  range_plan(std::span<const stage> group, std::int64_t rows) : stages_(shortened(group, rows)), temporaries_(stages_) {
    for (const stage& s : stages_) {
      ready_.push_back(prepare(s));
      scratch_ = std::max(scratch_, round_up(ready_.back()->scratch_bytes()));
    }
    pointers_ = round_up(static_cast<std::int64_t>(temporaries_.offsets.size() * sizeof(std::byte*)));
  }

  std::int64_t scratch_bytes() const noexcept { return pointers_ + temporaries_.bytes + scratch_; }

  void run(std::int64_t row, std::byte* memory) const {
    auto** const temporaries = reinterpret_cast<std::byte**>(memory);
    temporaries_.place(memory + pointers_, temporaries);
    for (const auto& s : ready_) s->run({row, temporaries}, memory + pointers_ + temporaries_.bytes);
  }

  /// About how many simple operations a range takes.
  std::int64_t work() const noexcept {
    std::int64_t result = 0;
    for (const stage& s : stages_) {
      std::int64_t points = static_cast<std::int64_t>(s.instructions.size()) + 1;
      for (const std::int64_t extent : s.extents) points *= extent;
      result += points;
    }
    return result;
  }

 private:
  static small_vector<stage> shortened(std::span<const stage> group, std::int64_t rows) {
    small_vector<stage> stages(group.begin(), group.end());
    for (stage& s : stages) shorten(s, rows);
    return stages;
  }

  small_vector<stage> stages_;
  temporary_layout temporaries_;
  small_vector<std::unique_ptr<prepared_stage>> ready_;
  std::int64_t pointers_ = 0, scratch_ = 0;
};

}  // namespace

void run_rows(std::span<const stage> group) {
  const std::int64_t n = group[0].extents[group[0].row_axis], rows = rows_in_range(group);
  if (rows == n) return run_whole(group);
  const std::int64_t ranges = (n + rows - 1) / rows;
  const range_plan full(group, rows), last(group, n - (ranges - 1) * rows);
  const std::int64_t work = full.work(), bytes = std::max(full.scratch_bytes(), last.scratch_bytes());
  const parallel_loop loop(ranges, work);
  const scratch memory(loop.slots() * bytes);
  loop.run([&](std::int64_t begin, std::int64_t end, int slot) {
    for (std::int64_t i = begin; i < end; ++i) {
      (i + 1 < ranges ? full : last).run(i * rows, memory.data() + slot * bytes);
    }
  });
}

}  // namespace tessera::detail::cpu
