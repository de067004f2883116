// Recognises folds of pairs: two kept axes such that no input moves along both, one moves along each. Inputs then are sides
// of a tile; axes that both sides move along, or neither, are batches.
#include "cuda/pairs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cuda/device_text.hpp"
#include "cuda/fold_source.hpp"
#include "cuda/scratch.hpp"
#include "cuda/source.hpp"

namespace tessera::detail::cuda {
namespace {

/// Longer instructions are not unrolled: they take NVRTC's time, and hide the loop.
constexpr int most_unrolled = 8;
constexpr std::int64_t tile = 64, step = 16, padded = tile + 4;

class pairs_kernel {
 public:
  pairs_kernel(const stage& s, const epilogue* tail) : s_(s), tail_(tail), g_(geometry_of(s, tail)) {}

  /// Whether the stage is one.
  bool fits();
  void run(context& on) const;
  kernel_text text() const;

 private:
  bool find_axes();
  void choose_pieces();
  bool is_row_side(std::size_t input) const { return g_.operands[input].strides[columns_] == 0; }
  std::int64_t kept_number(int axis) const;
  std::string batch_text() const;
  bool along_folded(std::size_t input) const;
  struct reading {
    int together, align;
  };
  reading reading_of(std::size_t input) const;
  std::string tiles_text() const;
  std::string take_text() const;
  std::string deliver_pair_text() const;
  parameters values_of(std::byte* partial) const;

  const stage& s_;
  const epilogue* const tail_;
  geometry g_;
  int rows_ = -1, columns_ = -1;  // the axes i and j
  bool indirect_ = false;
  int slabs_ = 2;
  std::int64_t kept_ = 1, folded_ = 1, batches_ = 1, pieces_ = 1, piece_ = 1;
};

bool pairs_kernel::find_axes() {
  std::int64_t best = 0;
  const std::size_t inputs = s_.inputs.size();
  for (int i = 0; i < g_.ndim(); ++i) {
    for (int j = 0; j < g_.ndim(); ++j) {
      if (i == j || g_.folded[i] || g_.folded[j]) continue;
      bool apart = true, row = false, column = false;
      for (std::size_t k = 0; k < inputs; ++k) {
        const bool along_i = g_.operands[k].strides[i] != 0, along_j = g_.operands[k].strides[j] != 0;
        apart = apart && !(along_i && along_j);
        row = row || along_i;
        column = column || along_j;
      }
      const auto reach = [&](int axis) { return std::llabs(g_.operands[inputs].strides[axis]); };
      const bool in_order =
          reach(i) > reach(j) || (reach(i) == reach(j) && i < j);  // neighbouring threads store side by side
      const std::int64_t size = std::min(g_.extents[i], g_.extents[j]);
      if (!apart || !row || !column || !in_order || size <= best) continue;
      best = size;
      rows_ = i;
      columns_ = j;
    }
  }
  return best > 0;
}

bool pairs_kernel::fits() {
  constexpr std::int64_t shortest_side = 16, least_points = 1 << 16, most_state = 8, most_shared = 48 << 10;
  if (state_bytes(s_) > most_state) return false;
  for (const result& r : s_.results) {
    if (r.by == fold::argmin || r.by == fold::argmax) return false;  // tiles do not keep positions
  }
  std::int64_t shared = 0;
  for (const strided& x : s_.inputs) shared += step * padded * itemsize_of(x.type) + 16;
  if (shared > most_shared || !find_axes()) return false;
  slabs_ = 2 * shared <= most_shared ? 2 : 1;
  choose_vectors(g_, 1);
  kept_ = units_of(g_, g_.extents, false);
  folded_ = units_of(g_, g_.extents, true);
  if (std::max(kept_, folded_) > most_slab_units()) return false;
  if (std::min(g_.extents[rows_], g_.extents[columns_]) < shortest_side || folded_ < 2) return false;
  if (kept_ * folded_ < least_points) return false;
  batches_ = kept_ / (g_.extents[rows_] * g_.extents[columns_]);
  g_.wide = needs_wide_offsets(g_);
  indirect_ = needs_indirect(s_, g_);
  choose_pieces();
  return true;
}

void pairs_kernel::choose_pieces() {
  constexpr std::int64_t enough_blocks = 512, least_piece = 8 * step, most_piece = 1024 * step, most_pieces = 65535;
  const std::int64_t blocks = batches_ * divide_up(g_.extents[rows_], tile) * divide_up(g_.extents[columns_], tile);
  pieces_ = std::min(divide_up(folded_, least_piece), divide_up(enough_blocks, blocks));
  pieces_ = std::clamp<std::int64_t>(pieces_, divide_up(folded_, most_piece), most_pieces);
  piece_ = divide_up(divide_up(folded_, pieces_), step) * step;
  pieces_ = divide_up(folded_, piece_);
}

/// How far the number of a kept point moves along one of its axes.
std::int64_t pairs_kernel::kept_number(int axis) const {
  std::int64_t number = 1;
  for (int k = axis + 1; k < g_.ndim(); ++k) number *= g_.folded[k] ? 1 : g_.extents[k];
  return number;
}

std::string pairs_kernel::batch_text() const {
  std::string text =
      "  static TESSERA_DEVICE u32 batch_number(const params& p, u32 batch) {\n    u32 number = 0, rest = batch;\n";
  for (int axis = g_.ndim() - 1, k = 0; axis >= 0; --axis) {
    if (g_.folded[axis] || axis == rows_ || axis == columns_) continue;
    text += fmt::format("    number += rest % p.axis[{0}].extent * p.number[{1}];\n    rest /= p.axis[{0}].extent;\n",
                        axis, k++);
  }
  return text + "    return number;\n  }\n";
}

/// Neighbouring threads read along whichever axis has neighbouring elements.
bool pairs_kernel::along_folded(std::size_t input) const {
  return g_.folded[g_.ndim() - 1] && g_.operands[input].along == inner::vector;
}

/// Elements of an input that are read at once: neighbours along the folded axis, if there is one only, or along the side.
pairs_kernel::reading pairs_kernel::reading_of(std::size_t input) const {
  const operand_view& x = g_.operands[input];
  const int itemsize = itemsize_of(x.type), side = is_row_side(input) ? rows_ : columns_;
  const bool along = along_folded(input);
  const int axis = along ? g_.ndim() - 1 : side;
  const bool follow =
      x.strides[axis] == itemsize && (!along || std::count(g_.folded.begin(), g_.folded.end(), true) == 1);
  auto all = reinterpret_cast<std::uintptr_t>(x.data);
  for (int k = 0; k < g_.ndim(); ++k) all |= k == axis ? 0 : static_cast<std::uintptr_t>(x.strides[k]);
  const int align = alignment_of(all, 16), together = follow ? std::clamp(align / itemsize, 1, 4) : 1;
  return {together, together > 1 ? align : std::min(x.align, itemsize)};
}

std::string pairs_kernel::tiles_text() const {
  std::string members, held, fetch, keep;
  for (std::size_t k = 0; k < s_.inputs.size(); ++k) {
    const operand_view& x = g_.operands[k];
    const char* const type = type_name(x.type);
    const bool row = is_row_side(k), along = along_folded(k);
    const int axis = row ? rows_ : columns_, itemsize = itemsize_of(x.type);
    const auto [v, align] = reading_of(k);
    const char *const first = row ? "i0" : "j0", *const extent = row ? "rows" : "columns";
    members += fmt::format("    alignas(16) {} t{}[{}][{}];\n", type, k, step, padded);
    held += fmt::format("    {} t{}[{}][{}];\n", type, k, 4 / v, v);
    const std::string place = fmt::format(
        "#pragma unroll\n    for (u32 n = 0; n < {}; ++n) {{\n      const u32 v = threadIdx.x + 256 * n, k = {}, i = "
        "{};\n",
        4 / v, along ? fmt::format("v % {} * {}", step / v, v) : fmt::format("v / {}", tile / v),
        along ? fmt::format("v / {}", step / v) : fmt::format("v % {} * {}", tile / v, v));
    fetch +=
        place +
        fmt::format(
            "      load_part<{4}>(held.t{0}[n], base[{0}], 0);\n      if (first + k < last && {1} + i < p.{2}) {{\n"
            "        i64 position;\n        folded_place(p, base, first + k, at, position);\n"
            "        load_some<{3}, {4}>(held.t{0}[n], at[{0}] + static_cast<{5}>({1} + i) * "
            "p.stride[{0}][{6}], {7});\n      }}\n    }}\n",
            k, first, extent, align, std::min(align, itemsize), g_.wide ? "i64" : "i32", axis,
            v == 1  ? "1"
            : along ? fmt::format("static_cast<int>(last - first - k)")
                    : fmt::format("static_cast<int>(p.{} - {} - i)", extent, first));
    keep += place +
            fmt::format(
                "#pragma unroll\n      for (int m = 0; m < {0}; ++m) to.t{1}[k{2}][i{3}] = held.t{1}[n][m];\n    }}\n",
                v, k, along ? " + m" : "", along ? "" : " + m");
  }
  return fmt::format("  struct tiles {{\n{}  }};\n  struct held {{\n{}  }};\n", members, held) +
         fmt::format(
             "  static TESSERA_DEVICE void fetch(const params& p, held& held, byte* const (&base)[{0}], u32 i0, u32 "
             "j0, u32 first, "
             "u32 last) {{\n    byte* at[{0}];\n{1}  }}\n"
             "  static TESSERA_DEVICE void keep(tiles& to, const held& held) {{\n{2}  }}\n",
             g_.operands.size(), fetch, keep);
}

std::string pairs_kernel::take_text() const {
  std::string text =
      "  static TESSERA_DEVICE void take(const params& p, const tiles& shared, u32 step, u32 row, u32 column, leaves "
      "(&all)[4][4]) {\n";
  for (std::size_t k = 0; k < s_.inputs.size(); ++k) {
    text +=
        fmt::format("    {0} x{1}[4];\n    load<{3}>(x{1}, reinterpret_cast<const byte*>(&shared.t{1}[step][{2}]));\n",
                    type_name(s_.inputs[k].type), k, is_row_side(k) ? "row" : "column",
                    std::min(16, 4 * itemsize_of(s_.inputs[k].type)));
  }
  text += "#pragma unroll\n    for (int r = 0; r < 4; ++r) {\n#pragma unroll\n      for (int c = 0; c < 4; ++c) {\n";
  const auto value = [&](reg r) {
    if (r < s_.inputs.size()) return fmt::format("x{}[{}]", r, is_row_side(r) ? "r" : "c");
    if (r < s_.inputs.size() + s_.constants.size()) return fmt::format("p.c{}", r);
    return fmt::format("r{}", r);
  };
  for (const instruction& i : s_.instructions) {
    text += fmt::format("        const {} r{} = {};\n", type_name(s_.register_types[i.result]), i.result,
                        call_text(s_, i, value));
  }
  for (std::size_t k = 0; k < s_.results.size(); ++k) {
    text += fmt::format("        const {} o{}[1] = {{{}}};\n        all[r][c].s{}.take(o{}, 1, 0);\n",
                        type_name(s_.register_types[s_.results[k].value]), k, value(s_.results[k].value), k, k);
  }
  return text + "      }\n    }\n  }\n";
}

std::string pairs_kernel::deliver_pair_text() const {
  const std::size_t n = g_.operands.size();
  std::string text = fmt::format(
      "  static TESSERA_DEVICE void deliver_pair(const params& p, byte* const (&base)[{}], u32 i, u32 j, const states& "
      "all) {{\n    byte* at[{}];\n",
      n, n);
  const char* const offset = g_.wide ? "i64" : "i32";
  for (std::size_t k = s_.inputs.size(); k < n; ++k) {
    text += fmt::format(
        "    at[{0}] = base[{0}] + static_cast<{1}>(i) * p.stride[{0}][{2}] + static_cast<{1}>(j) * "
        "p.stride[{0}][{3}];\n",
        k, offset, rows_, columns_);
  }
  return text + "    deliver(p, at, 0, all);\n  }\n";
}

kernel_text pairs_kernel::text() const {
  const stage_source source(s_, g_, indirect_);
  const std::string name = source.name() + "_of_pairs", second = pieces_ > 1 ? name + "_join" : "";
  std::string body = preamble_of(with_instructions(s_, tail_), true) + std::string(fold_text) +
                     std::string(cuda::tiles_text) + std::string(pairs_text) + "using namespace tessera;\n";
  body += source.params(
      fmt::format(
          "  u32 kept, folded, piece, pieces, inner, rows, columns, tiles_i, tiles_j, row_number, column_number;\n"
          "  u32 number[{}];\n  i64 position;\n  void* partial;\n  u64 piece_bytes;\n",
          g_.ndim()) +
      constants_text(tail_));
  body += fmt::format("struct program {{\n  static constexpr int operands = {}, lanes = 1, slabs = {}, unroll = {};\n",
                      g_.operands.size(), slabs_, weight_of(s_) > most_unrolled ? 1 : 2);
  body += states_text(s_) + place_text(g_, false) + place_text(g_, true) + deliver_text(s_, g_, -1, tail_);
  body += batch_text() + tiles_text() + take_text() + deliver_pair_text() + "};\n";
  body += fmt::format("static_assert(sizeof(program::states) == {});\n", state_bytes(s_));
  body += source.entry(name, fmt::format("fold_pairs<program, {}>", pieces_ > 1));
  if (pieces_ > 1) body += source.entry(second, "join_kept<program, 32>");
  return {name, body, second};
}

parameters pairs_kernel::values_of(std::byte* partial) const {
  parameters values;
  slab whole;
  whole.extents = g_.extents;
  for (const operand_view& x : g_.operands) whole.data.push_back(x.data);
  stage_source(s_, g_, indirect_).add_params(values, whole);
  const auto word = [&values](std::int64_t x) { values.add(static_cast<std::uint32_t>(x)); };
  word(kept_);
  word(folded_);
  word(piece_);
  word(pieces_);
  word(g_.extents[g_.ndim() - 1]);
  word(g_.extents[rows_]);
  word(g_.extents[columns_]);
  word(divide_up(g_.extents[rows_], tile));
  word(divide_up(g_.extents[columns_], tile));
  word(kept_number(rows_));
  word(kept_number(columns_));
  int written = 0;
  for (int axis = g_.ndim() - 1; axis >= 0; --axis) {
    if (g_.folded[axis] || axis == rows_ || axis == columns_) continue;
    word(kept_number(axis));
    ++written;
  }
  for (; written < g_.ndim(); ++written) word(0);
  values.add(std::int64_t{0});
  values.add(static_cast<void*>(partial));
  values.add(kept_ * state_bytes(s_));
  add_constants(values, tail_);
  return values;
}

void pairs_kernel::run(context& on) const {
  std::string key = pieces_ > 1 ? "P" : "p";
  key += static_cast<char>(rows_);
  key += static_cast<char>(columns_);
  for (std::size_t k = 0; k < s_.inputs.size(); ++k) {
    const reading how = reading_of(k);
    key += is_row_side(k) ? 'i' : 'j';
    key += static_cast<char>(how.together);
    key += static_cast<char>(how.align);
  }
  stage_source(s_, g_, indirect_).append_key(key);
  append_key(key, tail_);
  const kernel& k = find_kernel(key, on.capability(), [this] { return text(); });
  const scratch partial(on, pieces_ > 1 ? kept_ * pieces_ * state_bytes(s_) : 0, "reduction");
  parameters values = values_of(partial.data());
  const std::int64_t blocks = batches_ * divide_up(g_.extents[rows_], tile) * divide_up(g_.extents[columns_], tile);
  launch(on, k, {blocks, pieces_}, values, indirect_);
  if (pieces_ > 1) launch(on, k, {divide_up(kept_, 32)}, values, indirect_, true);
}

}  // namespace

bool run_pairs(context& on, const stage& s, const epilogue* tail) {
  if (s.inputs.size() < 2 || s.extents.size() < 3) return false;
  pairs_kernel kernel(s, tail);
  if (!kernel.fits()) return false;
  kernel.run(on);
  return true;
}

kernel_text pairs_text_of(const stage& s) {
  pairs_kernel kernel(s, nullptr);
  return s.inputs.size() >= 2 && s.extents.size() >= 3 && kernel.fits() ? kernel.text() : kernel_text{};
}

}  // namespace tessera::detail::cuda
