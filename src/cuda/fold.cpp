// How folds are laid out over threads, and the text of their kernels; src/cuda/device/fold.cuh has the loops.
//
//   rows      the innermost axis is folded     threads of a group walk it side by side
//   columns   the innermost axis is kept       neighbouring threads keep neighbouring results
//
// All other axes, kept or folded, are walked by their number with products in place of divisions. How many threads share a
// result, and into how many pieces the folded axes are cut, depends on the extents only, so that results are the same bits
// on every device.
#include "cuda/fold.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cuda/device_text.hpp"
#include "cuda/fold_source.hpp"
#include "cuda/pairs.hpp"
#include "cuda/scratch.hpp"
#include "cuda/source.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr int block_threads = 256, leaf_steps = 16;
constexpr std::int64_t shared_bytes = 40 << 10;

std::int64_t round_up_to_power(std::int64_t n) {
  std::int64_t power = 1;
  while (power < n) power *= 2;
  return power;
}

/// Units, counted from the first, that have all their elements along the innermost axis if that is folded.
std::int64_t full_units(const geometry& g, const shape& extents) {
  const int last = g.ndim() - 1;
  if (!g.folded[last] || extents[last] % g.vector == 0) return units_of(g, extents, true);
  const auto folded = std::count(g.folded.begin(), g.folded.end(), true);
  return folded == 1 ? extents[last] / g.vector : 0;
}

class fold_kernel {
 public:
  fold_kernel(const stage& s, const epilogue* tail) : s_(s), tail_(tail), g_(geometry_of(s, tail)) {
    rows_ = g_.folded[g_.ndim() - 1];
    choose_width();
    g_.wide = needs_wide_offsets(g_);
    indirect_ = needs_indirect(s, g_);
    choose_threads();
  }

  fold_choice choice() const { return {rows_, group_, g_.vector, unroll_, pieces_}; }
  void run(context& on) const;
  kernel_text text() const;

 private:
  void choose_width();
  void choose_threads();
  std::string key() const;
  int lanes() const { return rows_ ? 1 : g_.vector; }
  std::string program() const;
  void run_kept(context& on, const kernel& k, const slab& kept_part) const;

  const stage& s_;
  const epilogue* const tail_;
  geometry g_;
  bool rows_ = true, indirect_ = false, split_ = false;
  int group_ = 1, second_group_ = 32, unroll_ = 1;
  std::int64_t pieces_ = 1;
};

// Elements of an access: what a thread computes for each of them counts, and what is unrolled. Threads of columns keep a state
// for each: their joins are repeated, and they have to fit shared memory.
void fold_kernel::choose_width() {
  constexpr int most_weight = 128, most_unrolled = 96, most_joined = 64, heavy = 14;
  const int weight = fold_weight(s_);
  int most = rows_ ? 16 : weight < heavy ? 4 : 1;
  while (!rows_ && most > 1 && most * state_bytes(s_) * block_threads > shared_bytes) most /= 2;
  while (most > 1 && most * weight > most_weight) most /= 2;
  choose_vectors(g_, most);
  for (const int units : {4, 2}) {
    if (unroll_ == 1 && units * g_.vector * weight <= (rows_ ? most_unrolled : most_joined)) unroll_ = units;
  }
}

void fold_kernel::choose_threads() {
  constexpr std::int64_t enough_blocks = 1024;
  const std::int64_t kept = units_of(g_, g_.extents, false), folded = units_of(g_, g_.extents, true);
  std::int64_t blocks, walkers;  // threads that share the folded axes
  if (rows_) {
    const bool long_rows = folded > 1024 || (folded > 128 && kept <= 256);
    group_ = long_rows ? block_threads
                       : static_cast<int>(std::min<std::int64_t>(32, round_up_to_power(divide_up(folded, 2))));
    walkers = group_;
    blocks = divide_up(kept, block_threads / group_);
  } else {
    const bool shares = state_bytes(s_) * block_threads <= shared_bytes;
    const bool few = folded > 8 && kept < 65536 && shares;
    group_ = few ? static_cast<int>(std::min<std::int64_t>(32, round_up_to_power(kept))) : block_threads;
    walkers = block_threads / group_;
    blocks = divide_up(kept, group_);
  }
  // Pieces: for enough blocks, of at least 16 steps of each thread; and so that no thread adds up more than 64 leaves.
  constexpr std::int64_t most_steps = 64 * leaf_steps, most_pieces = 65535;
  const std::int64_t useful = std::min(divide_up(folded, walkers * leaf_steps), divide_up(enough_blocks, blocks));
  const bool worth = rows_ ? group_ == block_threads : true;
  pieces_ = std::max<std::int64_t>(worth ? useful : 1, divide_up(folded, walkers * most_steps));
  pieces_ = std::clamp<std::int64_t>(pieces_, 1, most_pieces);
  if (pieces_ > 1) {  // whole steps
    const std::int64_t piece = divide_up(divide_up(folded, pieces_), walkers) * walkers;
    pieces_ = divide_up(folded, piece);
  }
  split_ = pieces_ > 1 || folded > most_slab_units();
  const bool shares = state_bytes(s_) * block_threads <= shared_bytes;
  second_group_ = rows_ ? (pieces_ > 128 ? block_threads : 32) : shares ? 32 : block_threads;
}

std::string fold_kernel::key() const {
  std::string key = split_ ? "F" : "f";
  key += static_cast<char>(unroll_);
  for (const int threads : {group_, second_group_}) key += static_cast<char>(threads == block_threads ? 0 : threads);
  stage_source(s_, g_, indirect_).append_key(key);
  append_key(key, tail_);
  return key;
}

// ---- text ---------------------------------------------------------------------------------------------------------

std::string fold_kernel::program() const {
  const std::size_t n = g_.operands.size();
  std::string text = "struct program {\n";
  text += fmt::format(
      "  static constexpr int operands = {}, lanes = {}, unroll = {};\n  static constexpr bool always_full = {};\n", n,
      lanes(), unroll_, g_.vector == 1);
  text += states_text(s_) + place_text(g_, false) + place_text(g_, true);
  text += fmt::format(
      "  template <bool Full> static TESSERA_DEVICE void take(const params& p, byte* const (&base)[{}], u32 unit, int "
      "kept, leaves "
      "(&all)[lanes]) {{\n",
      n);
  text += fmt::format(
      "    byte* at[{}];\n    i64 position;\n    const int folded = folded_place(p, base, unit, at, position);\n", n);
  std::string outputs;
  for (std::size_t i = 0; i < s_.results.size(); ++i) {
    text += fmt::format("    {} o{}[{}];\n", type_name(s_.register_types[s_.results[i].value]), i, g_.vector);
    outputs += fmt::format(", o{}", i);
  }
  text += fmt::format("    points<{}, Full>(p, at, {}{});\n", g_.vector, rows_ ? "folded" : "kept", outputs);
  for (std::size_t i = 0; i < s_.results.size(); ++i) {
    if (rows_) {
      text += fmt::format("    all[0].s{}.take(o{}, Full ? {} : folded, position);\n", i, i, g_.vector);
    } else {
      text += fmt::format(
          "#pragma unroll\n    for (int k = 0; k < lanes; ++k) {{\n      const {} each[1] = {{o{}[k]}};\n      "
          "all[k].s{}.take(each, 1, position);\n    }}\n",
          type_name(s_.register_types[s_.results[i].value]), i, i);
    }
  }
  text += "  }\n";
  text += deliver_text(s_, g_, rows_ ? -1 : g_.ndim() - 1, tail_);
  text += "};\n";
  return text + fmt::format("static_assert(sizeof(program::states) == {});\n", state_bytes(s_));
}

kernel_text fold_kernel::text() const {
  const stage_source source(s_, g_, indirect_);
  const std::string name = source.name(), second = split_ ? name + "_join" : "";
  std::string body =
      preamble_of(with_instructions(s_, tail_), true) + std::string(fold_text) + "using namespace tessera;\n";
  body += source.params(
      "  u32 kept, folded, full, piece, pieces, first_piece, inner;\n  i64 position;\n  void* partial;\n  u64 "
      "piece_bytes;\n" +
      constants_text(tail_));
  body += source.points() + program();
  body += source.entry(name, fmt::format("{}<program, {}, {}>", rows_ ? "fold_rows" : "fold_columns", group_, split_));
  if (split_)
    body += source.entry(second, fmt::format("{}<program, {}>", rows_ ? "join_rows" : "join_kept", second_group_));
  return {name, body, second};
}

// ---- running ------------------------------------------------------------------------------------------------------

void fold_kernel::run(context& on) const {
  const kernel& k = find_kernel(key(), on.capability(), [this] { return text(); });
  for_each_slab(g_, false, [&](const slab& kept_part) { run_kept(on, k, kept_part); });
}

void fold_kernel::run_kept(context& on, const kernel& k, const slab& kept_part) const {
  geometry here = g_;
  here.extents = kept_part.extents;
  for (std::size_t i = 0; i < here.operands.size(); ++i) here.operands[i].data = kept_part.data[i];
  const std::int64_t kept = units_of(here, here.extents, false);
  const auto count_pieces = [&](const slab& part, std::int64_t& piece) {
    const std::int64_t folded = units_of(here, part.extents, true);
    const std::int64_t walkers = rows_ ? group_ : block_threads / group_;
    piece = divide_up(divide_up(folded, pieces_), walkers) * walkers;
    return divide_up(folded, piece);
  };
  std::int64_t all_pieces = 0;
  for_each_slab(here, true, [&](const slab& part) {
    std::int64_t piece;
    all_pieces += count_pieces(part, piece);
  });
  const std::int64_t size = state_bytes(s_), results = kept * lanes();
  const scratch partial(on, split_ ? results * all_pieces * size : 0, "reduction");
  const std::int64_t beside = rows_ ? block_threads / group_ : group_;
  std::int64_t first_piece = 0;
  const auto values_of = [&](const slab& part, std::int64_t piece) {
    parameters values;
    stage_source(s_, here, indirect_).add_params(values, part);
    const auto word = [&values](std::int64_t x) { values.add(static_cast<std::uint32_t>(x)); };
    word(kept);
    word(units_of(here, part.extents, true));
    word(full_units(here, part.extents));
    word(piece);
    word(all_pieces);
    word(first_piece);
    word(part.extents[part.extents.size() - 1]);
    values.add(part.first);
    values.add(partial.data());
    values.add(rows_ ? size : results * size);
    add_constants(values, tail_);
    return values;
  };
  for_each_slab(here, true, [&](const slab& part) {
    std::int64_t piece;
    const std::int64_t pieces = count_pieces(part, piece);
    parameters values = values_of(part, piece);
    launch(on, k, {divide_up(kept, beside), pieces}, values, indirect_);
    first_piece += pieces;
  });
  if (!split_) return;
  slab whole;
  whole.extents = here.extents;
  whole.data = kept_part.data;
  parameters values = values_of(whole, 0);
  const std::int64_t blocks =
      rows_ ? divide_up(kept, block_threads / second_group_) : divide_up(results, second_group_);
  launch(on, k, {blocks}, values, indirect_, true);
}

}  // namespace

void run_folds(context& on, const stage& s, const epilogue* tail) {
  if (!run_pairs(on, s, tail)) fold_kernel(s, tail).run(on);
}

fold_choice fold_choice_of(const stage& s) { return fold_kernel(s, nullptr).choice(); }

kernel_text fold_text_of(const stage& s) { return fold_kernel(s, nullptr).text(); }

}  // namespace tessera::detail::cuda
