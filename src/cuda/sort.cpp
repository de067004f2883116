// Radix sorts of all lanes at once; device/sort.cuh has the keys.
//
//     key of up to 32 bits      lane number | key                     one pass; integers come back out of their keys,
//                                                                     floats go along with them
//     64 bits, one lane         key                                   one pass
//     64 bits, several lanes    key, then lane number                 each pass keeps the order of the one before
//     complex128                imaginary, real part, lane number
#include "cuda/sort.hpp"

#include <fmt/format.h>

#include <bit>
#include <string_view>

#include "cuda/copies.hpp"
#include "cuda/cub.hpp"
#include "cuda/device_text.hpp"
#include "cuda/lanes.hpp"
#include "cuda/random.hpp"
#include "cuda/scratch.hpp"
#include "cuda/source.hpp"
#include "tessera/error.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr std::int64_t block_threads = 256;

/// Keys of one radix sort: a word of the elements' keys, none (-1), with the lane's number above it or not.
struct pass {
  int word, word_bits, lane_bits;
  int bits() const { return word_bits + lane_bits; }
  int key_bytes() const { return std::max(1, static_cast<int>(std::bit_ceil(static_cast<unsigned>(bits() + 7) / 8))); }
};

std::vector<pass> passes_of(dtype type, std::int64_t lanes) {
  const int lane_bits = std::bit_width(static_cast<std::uint64_t>(lanes - 1)), bits = 8 * itemsize_of(type);
  if (bits <= 32) return {{0, bits, lane_bits}};
  std::vector<pass> all;
  for (int word = 0; word < bits / 64; ++word) all.push_back({word, 64, 0});
  if (lane_bits > 0) all.push_back({-1, 0, lane_bits});
  return all;
}

class sort_kernels {
 public:
  explicit sort_kernels(const sort_plan& plan) : plan_(plan), s_(stage_of_lanes(plan)), g_(geometry_of(s_)) {
    choose_vectors(g_, 1);
    for (operand_view& x : g_.operands) {
      x.align = std::min(x.align, itemsize_of(x.type));
      x.along = inner::strided;  // one text for all ways to lie along the innermost axis
    }
    g_.wide = needs_wide_offsets(g_);
    indirect_ = needs_indirect(s_, g_);
  }

  void run(context& on) const {
    const std::int64_t most = std::max<std::int64_t>(1, most_slab_units() / plan_.count);
    for_each_slab(g_, false, most, [&](const slab& part) { run(on, part); });
  }

 private:
  bool indices() const { return plan_.what == sort_plan::kind::indices; }

  /// What goes along with the keys, as device/sort.cuh names it.
  const char* payload_of(const std::vector<pass>& passes) const {
    if (indices() || passes.size() > 1) return "number";
    if (plan_.in.type.code() <= dtype_code::uint64) return "none";
    return itemsize_of(plan_.in.type) <= 4 ? "element" : "number";
  }

  void run(context& on, const slab& part) const {
    const std::int64_t lanes = units_of(g_, part.extents, false), count = lanes * plan_.count;
    const std::vector<pass> passes = passes_of(plan_.in.type, lanes);
    const std::string_view with = payload_of(passes);
    const bool pairs = with != "none";
    int key_bytes = 0;
    for (const pass& each : passes) key_bytes = std::max(key_bytes, each.key_bytes());
    const std::int64_t key_size = divide_up(count * key_bytes, 256) * 256,
                       payload_size = divide_up(count * 4, 256) * 256;
    const scratch memory(on, 2 * key_size + (pairs ? 2 * payload_size : 0), "sort");
    sort_buffers keys{memory.data(), memory.data() + key_size}, payload{};
    if (pairs) payload = {memory.data() + 2 * key_size, memory.data() + 2 * key_size + payload_size};
    for (const pass& each : passes) {
      launch(on, part, each, &each == passes.data(), with, keys, payload, count, false);
      if (pairs) sort_pairs(on, each.key_bytes(), keys, 4, payload, count, each.bits());
      else sort_keys(on, each.key_bytes(), keys, count, each.bits());
    }
    launch(on, part, passes[0], true, with, keys, payload, count, true);
  }

  void launch(context& on, const slab& part, const pass& each, bool first, std::string_view with,
              const sort_buffers& keys, const sort_buffers& payload, std::int64_t count, bool writes) const {
    std::string key = "o";
    key += with;
    for (const int x : {each.word, each.lane_bits > 0 ? 1 : 0, each.key_bytes(), first ? 1 : 0, indices() ? 1 : 0,
                        plan_.descending ? 1 : 0})
      key += static_cast<char>(x);
    const stage_source source(s_, g_, indirect_);
    source.append_key(key);
    const kernel& k = find_kernel(key, on.capability(), [&] { return text(each, first, with); });
    parameters values;
    source.add_params(values, part);
    values.add_divisor(plan_.count);
    values.add(static_cast<std::uint32_t>(count));
    values.add(std::int64_t{0});
    values.add(keys.current);
    values.add(payload.current);
    cuda::launch(on, k, {divide_up(count, block_threads)}, values, indirect_, writes);
  }

  kernel_text text(const pass& each, bool first, std::string_view with) const {
    const stage_source source(s_, g_, indirect_);
    std::string body = std::string(types_text) + std::string(sort_text) + "using namespace tessera;\n";
    body += source.params("  divisor count;\n  u32 units;\n  i64 position;\n  void* keys;\n  u32* payload;\n");
    body += fmt::format(
        "struct program {{\n  static constexpr int operands = 2, in_align = {}, out_align = {}, word = {}, shift = "
        "{};\n"
        "  static constexpr bool descending = {};\n  using element = {};\n  using key = unsigned_of<{}>;\n",
        g_.operands[0].align, g_.operands[1].align, each.word, each.lane_bits > 0 ? each.word_bits : -1,
        plan_.descending, type_name(plan_.in.type), each.key_bytes());
    body += place_text(g_, false) + place_text(g_, true, true) + "};\n";
    const auto entry = [&](const std::string& name, const std::string& call) {
      body += source.entry(name, call);
      return name;
    };
    const std::string type = std::string("_") + plan_.in.type.name();
    const std::string keys =
        entry("tessera_keys" + type, fmt::format("make_keys<program, {}, payload::{}>", first, with));
    if (!first) return {keys, body};
    const std::string sorted =
        entry("tessera_sorted" + type, fmt::format("write_sorted<program, payload::{}, {}>", with, indices()));
    return {keys, body, sorted};
  }

  const sort_plan& plan_;
  const stage s_;
  geometry g_;
  bool indirect_ = false;
};

/// The search as a stage that copies values to positions.
stage stage_of(const search_plan& plan) {
  stage s;
  s.extents = plan.extents;
  for (int axis = 0; axis < plan.extents.size(); ++axis) s.folded.push_back(false);
  s.inputs.push_back(plan.values);
  s.register_types.push_back(plan.values.type);
  s.results.push_back({0, fold::none, plan.out, no_reg});
  return s;
}

/// Sorts everything beside, then copies the first places.
void sort_first(context& on, const sort_plan& plan) {
  sort_plan whole = plan;
  whole.keep = plan.count;
  std::int64_t size = itemsize_of(plan.out.type);
  whole.out_stride = size;
  size *= plan.count;
  for (int axis = plan.lanes.size() - 1; axis >= 0; --axis) {
    whole.out.strides[axis] = size;
    size *= plan.lanes[axis];
  }
  const scratch memory(on, size, "sort");
  whole.out.data = memory.data();
  run_sort(on, whole);
  shape extents = plan.lanes;
  strided from = whole.out, to = plan.out;
  extents.push_back(plan.keep);
  from.strides.push_back(whole.out_stride);
  to.strides.push_back(plan.out_stride);
  copy(on, extents, from, to);
}

}  // namespace

void run_sort(context& on, const sort_plan& plan) {
  if (plan.count <= 0) return;
  if (plan.count > INT32_MAX) {
    throw device_error(fmt::format("sort: {} elements along the axis on cuda:{}; expected fewer than 2147483648",
                                   plan.count, on.index()),
                       caller());
  }
  if (plan.keep < plan.count) return sort_first(on, plan);
  on.use(plan.in.data, false);
  on.use(plan.out.data, true);
  sort_kernels(plan).run(on);
}

void run_search(context& on, const search_plan& plan) {
  on.use(plan.sorted, false);
  on.use(plan.values.data, false);
  on.use(plan.out.data, true);
  const stage s = stage_of(plan);
  geometry g = geometry_of(s);
  choose_vectors(g, 1);
  g.wide = needs_wide_offsets(g);
  const bool indirect = needs_indirect(s, g);
  const stage_source source(s, g, indirect);
  const int sorted_align = alignment_of(reinterpret_cast<std::uintptr_t>(plan.sorted), itemsize_of(plan.values.type));
  std::string key = "b";
  key += static_cast<char>(plan.right);
  key += static_cast<char>(sorted_align);
  source.append_key(key);
  const kernel& k = find_kernel(key, on.capability(), [&]() -> kernel_text {
    const std::string name = fmt::format("tessera_search_{}", plan.values.type.name());
    std::string body = std::string(types_text) + std::string(sort_text) + "using namespace tessera;\n";
    body += source.params("  u32 units;\n  const byte* sorted;\n  i64 sorted_count;\n");
    body += fmt::format(
        "struct program {{\n  static constexpr int operands = 2, in_align = {}, out_align = {}, sorted_align = {};\n"
        "  using element = {};\n",
        std::min(g.operands[0].align, itemsize_of(plan.values.type)), std::min(g.operands[1].align, 8), sorted_align,
        type_name(plan.values.type));
    body += place_text(g, false) + "};\n";
    return {name, body + source.entry(name, fmt::format("search_sorted<program, {}>", plan.right))};
  });
  for_each_slab(g, false, [&](const slab& part) {
    const std::int64_t units = units_of(g, part.extents, false);
    parameters values;
    source.add_params(values, part);
    values.add(static_cast<std::uint32_t>(units));
    values.add(plan.sorted);
    values.add(plan.count);
    launch(on, k, {divide_up(units, block_threads)}, values, indirect);
  });
}

void run_permutation(context& on, const random_plan& plan) {
  if (plan.count <= 0) return;
  on.use(plan.out, true);
  const std::int64_t size = divide_up(plan.count * 8, 256) * 256;
  const scratch memory(on, 3 * size, "permutation");
  sort_buffers keys{memory.data(), memory.data() + size}, positions{plan.out, memory.data() + 2 * size};
  random_plan random_keys = plan;
  random_keys.out = memory.data();
  run_random(on, random_keys);
  const kernel& k = find_kernel("n", on.capability(), []() -> kernel_text {
    return {
        "tessera_numbers",
        std::string(types_text) +
            "struct alignas(16) params { tessera::i64* out; tessera::u64 count; };\n"
            "extern \"C\" __global__ void __launch_bounds__(256) tessera_numbers(const __grid_constant__ params p) {\n"
            "  const tessera::u64 i = static_cast<tessera::u64>(blockIdx.x) * 256 + threadIdx.x;\n"
            "  if (i < p.count) p.out[i] = i;\n}\n"};
  });
  parameters values;
  values.add(plan.out);
  values.add(plan.count);
  launch(on, k, {divide_up(plan.count, block_threads)}, values, false);
  sort_pairs(on, 8, keys, 8, positions, plan.count, 64);
  if (positions.current == plan.out) return;
  check(cudaMemcpyAsync(plan.out, positions.current, static_cast<std::size_t>(plan.count) * 8, cudaMemcpyDeviceToDevice,
                        on.stream()),
        "cudaMemcpyAsync");
}

}  // namespace tessera::detail::cuda
