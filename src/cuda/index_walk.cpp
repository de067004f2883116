// Axes in order, bytes for dtypes, parameters.
#include "cuda/index_walk.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tessera::detail::cuda {
namespace {

/// An unsigned number of that many bytes, to merge axes and write parameters by.
dtype word_of(std::int64_t bytes) {
  switch (bytes) {
    case 1: return uint8;
    case 2: return uint16;
    case 4: return uint32;
    case 8: return uint64;
    default: return complex128;
  }
}

/// Whether points that differ along this axis only are picked by different positions, or are one and the same element.
bool is_picked(const index_plan& plan, int axis) {
  if (plan.source.strides[axis] == 0) return true;
  return std::any_of(plan.indices.begin(), plan.indices.end(),
                     [axis](const index_operand& i) { return i.positions.strides[axis] != 0; });
}

stage stage_of(const index_plan& plan, bool numbers_picked) {
  stage s;
  s.inputs.push_back(plan.source);
  s.inputs.push_back(plan.values);
  for (const index_operand& i : plan.indices) s.inputs.push_back(i.positions);
  if (!numbers_picked) {
    s.extents = plan.extents;
    for (int axis = 0; axis < plan.extents.size(); ++axis) s.folded.push_back(false);
    return s;
  }
  inline_vector<shape, 4> strides;
  for (strided& x : s.inputs) strides.push_back(std::exchange(x.strides, shape()));
  for (const bool picked : {true, false}) {
    for (int axis = 0; axis < plan.extents.size(); ++axis) {
      if (is_picked(plan, axis) != picked) continue;
      s.extents.push_back(plan.extents[axis]);
      s.folded.push_back(!picked);
      for (std::size_t k = 0; k < s.inputs.size(); ++k) s.inputs[k].strides.push_back(strides[k][axis]);
    }
  }
  return s;
}

}  // namespace

index_walk::index_walk(const index_plan& plan, bool numbers_picked, elements kind)
    : plan_(plan), s_(stage_of(plan, numbers_picked)), g_(geometry_of(s_)) {
  choose_vectors(g_, 1);
  align_source();
  if (kind == elements::as_bytes) widen();
  if (kind == elements::as_bytes) {  // one text for all dtypes of a size
    for (operand_view& x : g_.operands) x.type = word_of(itemsize_of(x.type));
  }
  make_strided(g_);
  g_.wide = needs_wide_offsets(g_);
  indirect_ = needs_indirect(s_, g_);
}

void index_walk::align_source() {
  int& align = g_.operands[0].align;
  for (const index_operand& i : plan_.indices)
    align = std::min(align, static_cast<int>((i.stride | 16) & -(i.stride | 16)));
}

void index_walk::widen() {
  operand_view &source = g_.operands[0], &values = g_.operands[1];
  const int last = g_.ndim() - 1, size = itemsize();
  const bool rows =
      source.strides[last] == size && values.strides[last] == size &&
      std::all_of(g_.operands.begin() + 2, g_.operands.end(), [last](const auto& x) { return x.strides[last] == 0; });
  if (!rows) return;
  std::int64_t wide = std::min(source.align, values.align);
  while (wide > size && (g_.extents[last] * size) % wide != 0) wide /= 2;
  if (wide <= size) return;
  g_.extents[last] = g_.extents[last] * size / wide;
  for (operand_view* const x : {&source, &values}) {
    x->type = word_of(wide);
    x->strides[last] = wide;
  }
}

void index_walk::for_each_part(const slab& picked, std::int64_t most,
                               const std::function<void(const slab&)>& run) const {
  geometry rows = g_;
  rows.extents = picked.extents;
  for (std::size_t k = 0; k < rows.operands.size(); ++k) rows.operands[k].data = picked.data[k];
  for_each_slab(rows, true, std::max<std::int64_t>(1, most / this->picked(picked.extents)), run);
}

void index_walk::run(context& on, const kernel& k, const slab& part, const index_share& share, bool second) const {
  parameters values = params(part, share);
  launch(on, k, {share.in_turn ? 1 : (share.units + 255) / 256}, values, indirect_, second);
}

parameters index_walk::params(const slab& part, const index_share& share) const {
  parameters to;
  stage_source(s_, g_, indirect_).add_params(to, part);
  for (const index_operand& i : plan_.indices) to.add(i.stride);
  if (plan_.indices.empty()) to.add(std::int64_t{0});
  to.add(std::int64_t{0});
  to.add(static_cast<void*>(plan_.source.data + plan_.low + share.moved));
  to.add(share.table);
  to.add(share.numbers);
  for (const std::int64_t x : {share.units, share.points, std::int64_t{share.bits}})
    to.add(static_cast<std::uint32_t>(x));
  to.add_divisor(share.kept);
  return to;
}

void index_walk::append_key(std::string& key) const { stage_source(s_, g_, indirect_).append_key(key); }

std::string index_walk::program(const std::string& members) const {
  std::string text = "using namespace tessera;\n";
  text += stage_source(s_, g_, indirect_)
              .params(fmt::format("  i64 step[{}];\n  i64 position;\n  byte* lowest;\n  void* table;\n  u32* numbers;\n"
                                  "  u32 units, points, bits;\n  divisor kept;\n",
                                  std::max<std::size_t>(1, plan_.indices.size())));
  text += fmt::format(
      "struct program {{\n  static constexpr int operands = {}, indices = {}, source_align = {}, values_align = {};\n",
      g_.operands.size(), plan_.indices.size(), source_align(), g_.operands[1].align);
  return text + members + place_text(g_, false) + place_text(g_, true, true) + "};\n";
}

std::string index_walk::entry(const std::string& name, const std::string& call) const {
  return stage_source(s_, g_, indirect_).entry(name, call);
}

void use_operands(context& on, const index_plan& plan, bool writes_source) {
  on.use(plan.source.data, writes_source);
  on.use(plan.values.data, !writes_source);
  for (const index_operand& i : plan.indices) on.use(i.positions.data, false);
}

}  // namespace tessera::detail::cuda
