// Kernels of masks: one runs a condition and stores its bits, two count them, one takes what they pick.
#include "cuda/marks.hpp"

#include <fmt/format.h>

#include "cuda/copies.hpp"
#include "cuda/device_text.hpp"
#include "cuda/source.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr std::int64_t block_threads = 256, tiles_per_block = 8;

/// Bools that are stored already are read as bytes: any but zero is true.
stage with_bytes(stage s) {
  if (!s.instructions.empty()) return s;
  s.inputs[0].type = s.register_types[0] = uint8;
  return s;
}

class mark_kernel {
 public:
  explicit mark_kernel(const stage& s) : s_(with_bytes(s)), g_(geometry_of(s_)) {
    choose_vectors(g_, widest(s_));
    g_.wide = needs_wide_offsets(g_);
    indirect_ = needs_indirect(s_, g_);
  }

  void run(context& on, const mark_bits& to) const {
    const stage_source source(s_, g_, indirect_);
    std::string key = "m";
    source.append_key(key);
    const kernel& k = find_kernel(key, on.capability(), [this] { return text(); });
    for_each_slab(g_, true, [&](const slab& part) {
      const std::int64_t units = units_of(g_, part.extents, true), inner = part.extents[part.extents.size() - 1];
      parameters values;
      source.add_params(values, part);
      values.add(static_cast<std::uint32_t>(units));
      values.add(static_cast<std::uint32_t>(inner));
      // Threads next to each other have points next to each other, but where rows end with a part of a unit.
      const bool whole = part.first % 32 == 0 && (part.extents.size() == 1 || inner % g_.vector == 0);
      values.add(static_cast<std::uint32_t>(whole));
      values.add(part.first);
      values.add(to.words);
      launch(on, k, {divide_up(units, block_threads)}, values, indirect_);
    });
  }

  kernel_text text() const {
    const stage_source source(s_, g_, indirect_);
    const std::string name = "tessera_mark" + source.name().substr(7);
    const char* const type = type_name(s_.register_types[s_.results[0].value]);
    std::string body = preamble_of(s_.instructions, false) + std::string(marks_text) + "using namespace tessera;\n";
    body += source.params("  u32 units, inner, whole_words;\n  i64 position;\n  u32* words;\n") + source.points();
    body += fmt::format("struct program {{\n  static constexpr int vector = {};\n", g_.vector) + place_text(g_, true);
    body += fmt::format(
        "  static TESSERA_DEVICE u32 bits(const params& p, u32 unit, i64& position) {{\n    byte* at[{}];\n"
        "    const int count = folded_place(p, p.data, unit, at, position);\n    {} x[vector];\n",
        g_.operands.size(), type);
    if (g_.vector > 1) body += "    if (count < vector) points<vector, false>(p, at, count, x);\n    else ";
    body += "points<vector, true>(p, at, count, x);\n    u32 set = 0;\n#pragma unroll\n";
    body +=
        "    for (int k = 0; k < vector; ++k) set |= k < count && x[k] != 0 ? 1u << k : 0u;\n    return set;\n  "
        "}\n};\n";
    return {name, body + source.entry(name, "mark<program>")};
  }

 private:
  const stage s_;
  geometry g_;
  bool indirect_ = false;
};

void add_bits(parameters& to, const mark_bits& bits) {
  to.add(bits.words);
  to.add(bits.before);
  to.add(static_cast<std::uint32_t>(bits.tile_count()));
}

constexpr const char* bits_members = "  const u32* words;\n  u64* before;\n  u32 tiles;\n";

std::int64_t count(context& on, const mark_bits& to) {
  const kernel& k = find_kernel("mc", on.capability(), [] {
    std::string body = std::string(types_text) + std::string(marks_text) + "using namespace tessera;\n";
    body += fmt::format("struct alignas(16) params {{\n{}}};\n", bits_members);
    body += entry_text("tessera_count_bits", "count_bits") + entry_text("tessera_number_tiles", "number_tiles");
    return kernel_text{"tessera_count_bits", body, "tessera_number_tiles"};
  });
  parameters values;
  add_bits(values, to);
  launch(on, k, {divide_up(to.tile_count(), tiles_per_block)}, values, false);
  launch(on, k, {1}, values, false, true);
  std::int64_t picked = 0;
  read(on, to.before + to.tile_count(), &picked, sizeof picked);
  return picked;
}

/// What is done at picked points: `take` between the elements of an array and of a list, or their coordinates written.
enum class taking : std::uint8_t { compress, expand, positions };

class picked_kernel {
 public:
  picked_kernel(taking kind, const compress_plan& plan, std::int64_t* const* out)
      : kind_(kind), plan_(plan), out_(out), extents_(plan.extents), wide_(plan.bits.points >= std::int64_t{1} << 31) {
    if (kind == taking::positions) return;
    stage s;
    s.extents = plan.extents;
    s.folded.assign(static_cast<std::size_t>(plan.extents.size()), false);
    s.inputs.push_back(plan.source);
    const geometry merged = geometry_of(s);
    extents_ = merged.extents;
    strides_ = merged.operands[0].strides;
    source_align_ = align_of(plan.source.data, strides_);
    value_align_ = align_of(plan.values.data, plan.values.strides);
  }

  void run(context& on) const {
    std::string key = "mt";
    for (const int x : {static_cast<int>(kind_), extents_.size(), static_cast<int>(wide_), source_align_, value_align_,
                        kind_ == taking::positions ? 0 : itemsize_of(plan_.source.type)})
      key += static_cast<char>(x);
    const kernel& k = find_kernel(key, on.capability(), [this] { return text(); });
    parameters values;
    add_bits(values, plan_.bits);
    for (int axis = 0; axis < extents_.size(); ++axis) {
      if (wide_) values.add(extents_[axis]);
      else values.add_divisor(extents_[axis]);
    }
    if (kind_ == taking::positions) {
      for (int axis = 0; axis < extents_.size(); ++axis) values.add(out_[axis]);
    } else {
      for (const std::int64_t stride : strides_) values.add(stride);
      values.add(plan_.source.data);
      values.add(plan_.values.data);
      values.add(plan_.values.strides[0]);
    }
    launch(on, k, {plan_.bits.tile_count()}, values, false);
  }

  kernel_text text() const {
    constexpr const char* names[] = {"tessera_compress", "tessera_expand", "tessera_positions"};
    const std::string name = names[static_cast<int>(kind_)];
    std::string body = std::string(types_text) + std::string(marks_text) + "using namespace tessera;\n";
    body += "struct wide_extent {\n  u64 extent;\n};\n";
    const int axes = extents_.size();
    body += fmt::format("struct alignas(16) params {{\n{}  {} extent[{}];\n", bits_members,
                        wide_ ? "wide_extent" : "divisor", axes);
    if (kind_ == taking::positions) body += fmt::format("  i64* out[{}];\n}};\n", axes);
    else body += fmt::format("  i64 stride[{}];\n  byte *source, *values;\n  i64 step;\n}};\n", axes);
    body += "struct program {\n  static TESSERA_DEVICE void take(const params& p, u64 position, u64 at) {\n";
    body += fmt::format("    {} rest = position;\n", wide_ ? "u64" : "u32");
    if (kind_ != taking::positions) body += "    byte* element = p.source;\n";
    for (int axis = axes - 1; axis >= 0; --axis) {
      const std::string place = axis == 0 ? "rest" : fmt::format("place{}", axis);
      if (axis > 0) {
        const std::string quotient =
            wide_ ? fmt::format("rest / p.extent[{}].extent", axis) : fmt::format("quotient(rest, p.extent[{}])", axis);
        body += fmt::format("    const {} above{} = {}", wide_ ? "u64" : "u32", axis, quotient);
        body += fmt::format(", place{0} = rest - above{0} * p.extent[{0}].extent;\n    rest = above{0};\n", axis);
      }
      body += kind_ == taking::positions
                  ? fmt::format("    p.out[{}][at] = {};\n", axis, place)
                  : fmt::format("    element += static_cast<i64>({}) * p.stride[{}];\n", place, axis);
    }
    return {name, body + move() + "  }\n};\n" + entry_text(name, "picked<program>")};
  }

 private:
  int align_of(const std::byte* data, const shape& strides) const {
    std::uintptr_t all = reinterpret_cast<std::uintptr_t>(data);
    for (const std::int64_t stride : strides) all |= static_cast<std::uintptr_t>(stride);
    return alignment_of(all, itemsize_of(plan_.source.type));
  }

  std::string move() const {
    if (kind_ == taking::positions) return "";
    const int size = itemsize_of(plan_.source.type);
    const std::string type = size == 16 ? "complex128" : fmt::format("u{}", 8 * size);
    const std::string value = "p.values + static_cast<i64>(at) * p.step";
    return kind_ == taking::compress ? fmt::format("    store_one<{}>({}, load_one<{}, {}>(element));\n", value_align_,
                                                   value, type, source_align_)
                                     : fmt::format("    store_one<{}>(element, load_one<{}, {}>({}));\n", source_align_,
                                                   type, value_align_, value);
  }

  const taking kind_;
  const compress_plan& plan_;
  std::int64_t* const* out_;
  shape extents_, strides_;  // the source's, merged
  const bool wide_;
  int source_align_ = 1, value_align_ = 1;
};

compress_plan plan_of(const mark_bits& bits, const shape& extents) { return {bits, extents, {}, {}}; }

void use(context& on, const mark_bits& bits, bool written) {
  on.use(bits.words, written);
  on.use(bits.before, written);
}

}  // namespace

std::int64_t mark(context& on, const stage& s, const mark_bits& to) {
  for (const strided& input : s.inputs) on.use(input.data, false);
  use(on, to, true);
  fill_zero(on, to.words, 8 * to.word_count());
  mark_kernel(s).run(on, to);
  return count(on, to);
}

void compress(context& on, const compress_plan& plan) {
  use(on, plan.bits, false);
  on.use(plan.source.data, false);
  on.use(plan.values.data, true);
  picked_kernel(taking::compress, plan, nullptr).run(on);
}

void expand(context& on, const compress_plan& plan) {
  use(on, plan.bits, false);
  on.use(plan.values.data, false);
  on.use(plan.source.data, true);
  picked_kernel(taking::expand, plan, nullptr).run(on);
}

void positions(context& on, const mark_bits& bits, const shape& extents, std::int64_t* const* out) {
  use(on, bits, false);
  for (int axis = 0; axis < extents.size(); ++axis) on.use(out[axis], true);
  const compress_plan plan = plan_of(bits, extents);
  picked_kernel(taking::positions, plan, out).run(on);
}

kernel_text mark_text_of(const stage& s) { return mark_kernel(s).text(); }
kernel_text compress_text_of(const compress_plan& plan) {
  return picked_kernel(taking::compress, plan, nullptr).text();
}
kernel_text positions_text_of(const mark_bits& bits, const shape& extents) {
  const compress_plan plan = plan_of(bits, extents);
  return picked_kernel(taking::positions, plan, nullptr).text();
}

}  // namespace tessera::detail::cuda
