// Which kernel of device/index.cuh picks which elements.
//
//     picked axes    those that an index array moves along, outermost, in their order: they decide which writer is the last
//     other axes     inside; rows that lie one after the other on both sides are moved in pieces of up to 16 bytes
//
// Elements are moved as so many bytes: there is a kernel for each size, alignment, number of axes and of index arrays.
#include "cuda/index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "cuda/copies.hpp"
#include "cuda/device_text.hpp"
#include "cuda/scratch.hpp"
#include "cuda/source.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr std::int64_t block_threads = 256;
constexpr std::int64_t most_units = (std::int64_t{1} << 31) - 1;
constexpr std::int64_t most_numbers = std::int64_t{1}
                                      << 20;  // device/index.cuh: number_bits; the table stays in the cache

std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

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

/// The plan as a stage whose inputs are source, values, positions…; picked axes first, the others marked as folded.
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

class index_kernel {
 public:
  enum class use : std::uint8_t { gather, scatter, scatter_in_turn };

  index_kernel(const index_plan& plan, use how)
      : plan_(plan), how_(how), s_(stage_of(plan, how == use::scatter)), g_(geometry_of(s_)) {
    choose_vectors(g_, 1);
    widen();
    // One text for all dtypes of a size, and for all ways to lie along the innermost axis: a thread moves one element.
    for (operand_view& x : g_.operands) {
      x.type = word_of(itemsize_of(x.type));
      x.align = std::min(x.align, itemsize_of(x.type));
      x.along = inner::strided;
    }
    g_.wide = needs_wide_offsets(g_);
    indirect_ = needs_indirect(s_, g_);
  }

  void gather(context& on) const {
    for_each_slab(g_, false, [&](const slab& part) {
      const std::int64_t units = units_of(g_, part.extents, false);
      parameters values = params(part, units, 1);
      launch(on, find(on), {divide_up(units, block_threads)}, values, indirect_);
    });
  }

  void scatter_in_turn(context& on) const {
    for_each_slab(g_, false, [&](const slab& part) {
      parameters values = params(part, units_of(g_, part.extents, false), 1);
      launch(on, find(on), {1}, values, indirect_);
    });
  }

  void scatter(context& on) const {
    const std::int64_t inside = units_of(g_, g_.extents, true), most = most_slab_units();
    const bool marks = needs_marks();
    const std::int64_t most_picked =
        marks ? std::min(most_numbers, most) : std::max<std::int64_t>(1, most / std::min(most, inside));
    for_each_slab(g_, false, most_picked, [&](const slab& picked) {
      const std::int64_t numbers = units_of(g_, picked.extents, false);
      const int bits = std::bit_width(static_cast<std::uint64_t>(2 * numbers));
      const scratch table(on, marks ? std::int64_t{8} << bits : 0, "scatter");
      if (marks) {
        fill(on, table.data(), std::int64_t{8} << bits);
        parameters values = params(picked, numbers, 1, table.data(), bits);
        launch(on, find(on), {divide_up(numbers, block_threads)}, values, indirect_);
      }
      geometry rows = g_;
      rows.extents = picked.extents;
      for (std::size_t k = 0; k < rows.operands.size(); ++k) rows.operands[k].data = picked.data[k];
      for_each_slab(rows, true, std::max<std::int64_t>(1, most / numbers), [&](const slab& part) {
        const std::int64_t kept = units_of(rows, part.extents, true);
        parameters values = params(part, numbers * kept, kept, table.data(), bits);
        launch(on, find(on), {divide_up(numbers * kept, block_threads)}, values, indirect_, marks);
      });
    });
  }

 private:
  int itemsize() const { return itemsize_of(g_.operands[0].type); }
  bool needs_marks() const { return !plan_.distinct && units_of(g_, g_.extents, false) > 1; }

  static void fill(context& on, void* data, std::int64_t bytes) {
    check(cudaMemsetAsync(data, 0, static_cast<std::size_t>(bytes), on.stream()), "cudaMemsetAsync");
  }

  /// Takes several elements that lie one after the other on both sides as one.
  void widen() {
    operand_view &source = g_.operands[0], &values = g_.operands[1];
    for (const index_operand& i : plan_.indices)
      source.align = std::min(source.align, static_cast<int>((i.stride | 16) & -(i.stride | 16)));
    const int last = g_.ndim() - 1, size = itemsize();
    const bool rows = source.strides[last] == size && values.strides[last] == size &&
                      std::all_of(g_.operands.begin() + 2, g_.operands.end(),
                                  [last](const operand_view& x) { return x.strides[last] == 0; });
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

  parameters params(const slab& part, std::int64_t units, std::int64_t kept, void* table = nullptr,
                    int bits = 0) const {
    parameters to;
    stage_source(s_, g_, indirect_).add_params(to, part);
    for (const index_operand& i : plan_.indices) to.add(i.stride);
    if (plan_.indices.empty()) to.add(std::int64_t{0});
    to.add(std::int64_t{0});
    to.add(static_cast<void*>(plan_.source.data + plan_.low));
    to.add(table);
    to.add(static_cast<std::uint32_t>(units));
    to.add(static_cast<std::uint32_t>(bits));
    to.add_divisor(kept);
    return to;
  }

  const kernel& find(context& on) const {
    std::string key = "i";
    key += static_cast<char>(how_);
    key += static_cast<char>(needs_marks());
    stage_source(s_, g_, indirect_).append_key(key);
    return find_kernel(key, on.capability(), [this] { return text(); });
  }

  kernel_text text() const {
    const stage_source source(s_, g_, indirect_);
    const std::size_t indices = plan_.indices.size();
    std::string body = std::string(types_text) + std::string(index_text) + "using namespace tessera;\n";
    body += source.params(
        fmt::format("  i64 step[{}];\n  i64 position;\n  byte* lowest;\n  u64* table;\n  u32 units, bits;\n"
                    "  divisor kept;\n",
                    std::max<std::size_t>(1, indices)));
    body += fmt::format(
        "struct program {{\n  static constexpr int operands = {}, indices = {}, source_align = {}, values_align = {};\n"
        "  using element = typename chunk_of<{}>::type;\n",
        g_.operands.size(), indices, g_.operands[0].align, g_.operands[1].align, itemsize());
    body += place_text(g_, false) + place_text(g_, true, true) + "};\n";
    const std::string size = fmt::format("_{}_bytes", itemsize());
    const auto entry = [&](const std::string& name, const std::string& call) {
      body += fmt::format("extern \"C\" __global__ void __launch_bounds__(256) {}({}) {{\n{}  {}(p);\n}}\n", name,
                          source.parameter(), source.bind_parameter(), call);
      return name;
    };
    if (how_ == use::gather) return {entry("tessera_gather" + size, "gather<program>"), body};
    if (how_ == use::scatter_in_turn)
      return {entry("tessera_scatter_in_turn" + size, "scatter_in_turn<program>"), body};
    const bool marks = needs_marks();
    const std::string write = entry("tessera_scatter" + size, fmt::format("scatter<program, {}>", !marks));
    if (!marks) return {write, body};
    const std::string mark = entry("tessera_mark_writers" + size, "mark_writers<program>");
    return {mark, body, write};
  }

  const index_plan& plan_;
  const use how_;
  const stage s_;
  geometry g_;
  bool indirect_ = false;
};

void use_operands(context& on, const index_plan& plan, bool writes_source) {
  on.use(plan.source.data, writes_source);
  on.use(plan.values.data, !writes_source);
  for (const index_operand& i : plan.indices) on.use(i.positions.data, false);
}

}  // namespace

std::int64_t check_indices(context& on, std::int64_t* positions, std::int64_t count, std::int64_t extent) {
  const kernel& k = find_kernel("ic", on.capability(), []() -> kernel_text {
    return {"tessera_check_indices",
            std::string(types_text) + std::string(index_text) +
                "struct alignas(16) params { tessera::i64* positions; tessera::u64 count; tessera::i64 extent; "
                "tessera::u64* first_bad; };\n"
                "extern \"C\" __global__ void __launch_bounds__(256) tessera_check_indices(const __grid_constant__ "
                "params p) {\n  tessera::check_position(p.positions, p.count, p.extent, p.first_bad);\n}\n"};
  });
  const scratch first_bad(on, 8, "index");
  on.use(positions, true);
  check(cudaMemsetAsync(first_bad.data(), 0xff, 8, on.stream()), "cudaMemsetAsync");
  parameters values;
  values.add(positions);
  values.add(count);
  values.add(extent);
  values.add(first_bad.data());
  launch(on, k, {divide_up(count, block_threads)}, values, false);
  std::int64_t bad = -1;  // all bits set, as the device has it where there is none
  read(on, first_bad.data(), &bad, sizeof bad);
  return bad;
}

void gather(context& on, const index_plan& plan) {
  use_operands(on, plan, false);
  index_kernel(plan, index_kernel::use::gather).gather(on);
}

void scatter(context& on, const index_plan& plan) {
  use_operands(on, plan, true);
  if (plan.overlapping) index_kernel(plan, index_kernel::use::scatter_in_turn).scatter_in_turn(on);
  else index_kernel(plan, index_kernel::use::scatter).scatter(on);
}

}  // namespace tessera::detail::cuda
