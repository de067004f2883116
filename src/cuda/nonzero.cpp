// One kernel counts, by blocks, a second writes positions behind the counts of the blocks before. How many blocks there are
// depends on the number of elements only.
#include "cuda/nonzero.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "cuda/copies.hpp"
#include "cuda/device_text.hpp"
#include "cuda/scratch.hpp"
#include "cuda/source.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr std::int64_t block_threads = 256, most_blocks = 1024, least_tiles = 4;

/// A word as large as an element, and the bits of it that make the element differ from zero.
struct word_bits {
  const char* word;
  std::uint64_t mask;
};
word_bits bits_of(dtype type) {
  switch (type.code()) {
    case dtype_code::float16:
    case dtype_code::bfloat16: return {"u16", 0x7fff};
    case dtype_code::float32: return {"u32", 0x7fff'ffff};
    case dtype_code::float64: return {"u64", 0x7fff'ffff'ffff'ffff};
    case dtype_code::complex64: return {"u64", 0x7fff'ffff'7fff'ffff};
    case dtype_code::complex128: return {"two_words", 0x7fff'ffff'ffff'ffff};
    default: break;
  }
  constexpr const char* words[] = {"", "u8", "u16", "", "u32", "", "", "", "u64"};
  return {words[itemsize_of(type)], ~std::uint64_t{0}};
}

/// The array as a stage of one input whose axes are all folded: its points have numbers.
stage stage_of(const shape& extents, const strided& x) {
  stage s;
  s.extents = extents;
  for (int axis = 0; axis < extents.size(); ++axis) s.folded.push_back(true);
  s.inputs.push_back(x);
  return s;
}

class nonzero_kernel {
 public:
  nonzero_kernel(const shape& extents, const strided& x)
      : extents_(extents), s_(stage_of(extents, x)), g_(geometry_of(s_)) {
    choose_vectors(g_, 16);
    g_.wide = needs_wide_offsets(g_);
    indirect_ = needs_indirect(s_, g_) || extents.size() > 32;
    size_ = std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies<>());
    for_each_slab(g_, true, [&](const slab& part) { blocks_ += blocks_of(units_of(g_, part.extents, true)); });
  }

  std::int64_t blocks() const { return blocks_; }

  void count(context& on, std::uint32_t* counts) const {
    std::int64_t before = 0;
    for_each_slab(g_, true, [&](const slab& part) {
      const std::int64_t blocks = blocks_of(units_of(g_, part.extents, true));
      parameters values = params(part, counts, before, nullptr);
      launch(on, find(on), {blocks}, values, indirect_);
      before += blocks;
    });
  }

  void write(context& on, std::uint32_t* counts, std::int64_t* const* out) const {
    std::int64_t before = 0;
    for_each_slab(g_, true, [&](const slab& part) {
      const std::int64_t blocks = blocks_of(units_of(g_, part.extents, true));
      parameters values = params(part, counts, before, out);
      launch(on, find(on), {blocks}, values, indirect_, true);
      before += blocks;
    });
  }

  kernel_text text() const {
    const stage_source source(s_, g_, indirect_);
    const word_bits read = bits_of(s_.inputs[0].type);
    std::string body = std::string(types_text) + std::string(nonzero_text) + "using namespace tessera;\n";
    body += "struct wide_extent {\n  u64 extent;\n};\n";
    body += source.params(fmt::format(
        "  u32 units, piece, before, inner;\n  i64 position;\n  u32 *counts, *all_counts;\n  i64* out[{}];\n"
        "  {} extent[{}];\n",
        axes(), wide() ? "wide_extent" : "divisor", axes()));
    body += fmt::format(
        "struct program {{\n  static constexpr int vector = {}, axes = {};\n  static constexpr bool wide = {};\n"
        "  using word = {};\n",
        g_.vector, axes(), wide(), read.word);
    body += place_text(g_, true) + bits_text(read.mask) + "};\n";
    const std::string name = std::string("_") + s_.inputs[0].type.name();
    const std::string counts = "tessera_count_nonzero" + name, positions = "tessera_nonzero" + name;
    body += source.entry(counts, "count_nonzero<program>") + source.entry(positions, "nonzero<program>");
    return {counts, body, positions};
  }

 private:
  static std::int64_t blocks_of(std::int64_t units) {
    return std::min(most_blocks, divide_up(units, least_tiles * block_threads));
  }

  parameters params(const slab& part, std::uint32_t* counts, std::int64_t before, std::int64_t* const* out) const {
    const std::int64_t units = units_of(g_, part.extents, true);
    const std::int64_t piece = divide_up(divide_up(units, blocks_of(units)), block_threads) * block_threads;
    parameters to;
    stage_source(s_, g_, indirect_).add_params(to, part);
    for (const std::int64_t x : {units, piece, before, part.extents[part.extents.size() - 1]})
      to.add(static_cast<std::uint32_t>(x));
    to.add(part.first);
    to.add(counts + before);
    to.add(counts);
    for (int axis = 0; axis < axes(); ++axis) to.add(out != nullptr ? out[axis] : nullptr);
    for (int axis = 0; axis < axes(); ++axis) {
      if (wide()) to.add(extents_.empty() ? std::int64_t{1} : extents_[axis]);
      else to.add_divisor(extents_.empty() ? 1 : extents_[axis]);
    }
    return to;
  }
  int axes() const { return std::max(1, extents_.size()); }
  bool wide() const { return size_ >= std::int64_t{1} << 31; }

  const kernel& find(context& on) const {
    std::string key = "n";
    key += static_cast<char>(axes());
    key += static_cast<char>(wide());
    stage_source(s_, g_, indirect_).append_key(key);
    return find_kernel(key, on.capability(), [this] { return text(); });
  }

  std::string bits_text(std::uint64_t mask) const {
    const operand_view& x = g_.operands[0];
    const int one = std::min(x.align, itemsize_of(x.type));
    std::string text =
        "  static TESSERA_DEVICE u32 bits(const params& p, u32 unit, i64& position) {\n    byte* at[1];\n"
        "    const int count = folded_place(p, p.data, unit, at, position);\n    word x[vector];\n";
    // Of several elements where they follow each other; else a unit is one.
    if (x.along == inner::vector)
      text += fmt::format("    load_some<{}, {}>(x, at[0], count);\n", g_.vector > 1 ? x.align : one, one);
    else text += fmt::format("    x[0] = load_one<word, {}>(at[0]);\n", one);
    return text +
           fmt::format(
               "    u32 set = 0;\n#pragma unroll\n    for (int k = 0; k < vector; ++k) set |= is_set(x[k], {}ull) "
               "? 1u << k : 0u;\n    return set;\n  }}\n",
               mask);
  }

  const shape extents_;
  const stage s_;
  geometry g_;
  bool indirect_ = false;
  std::int64_t size_ = 0, blocks_ = 0;
};

}  // namespace

std::int64_t count_nonzero(context& on, const shape& extents, const strided& x) {
  const nonzero_kernel k(extents, x);
  const scratch counts(on, 4 * k.blocks(), "nonzero");
  on.use(x.data, false);
  k.count(on, reinterpret_cast<std::uint32_t*>(counts.data()));
  std::vector<std::uint32_t> each(static_cast<std::size_t>(k.blocks()));
  read(on, counts.data(), each.data(), 4 * k.blocks());
  return std::accumulate(each.begin(), each.end(), std::int64_t{0});
}

void nonzero(context& on, const shape& extents, const strided& x, std::int64_t* const* out) {
  const nonzero_kernel k(extents, x);
  const scratch scratch_counts(on, 4 * k.blocks(), "nonzero");
  auto* const counts = reinterpret_cast<std::uint32_t*>(scratch_counts.data());
  on.use(x.data, false);
  for (int axis = 0; axis < extents.size(); ++axis) on.use(out[axis], true);
  k.count(on, counts);
  k.write(on, counts, out);
}

kernel_text nonzero_text_of(const shape& extents, const strided& x) { return nonzero_kernel(extents, x).text(); }

}  // namespace tessera::detail::cuda
