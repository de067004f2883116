// Lanes of up to 2048 elements are sorted in blocks (sort_walk.cpp); of longer ones a few places are selected (sort_select.cpp);
// else radix sorts of all lanes at once; device/sort.cuh has the keys.
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

#include "cuda/cub.hpp"
#include "cuda/device_text.hpp"
#include "cuda/random.hpp"
#include "cuda/scratch.hpp"
#include "cuda/sort_walk.hpp"
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
  explicit sort_kernels(const sort_plan& plan)
      : plan_(plan), walk_(plan), selects_(!sorts_in_blocks(plan) && selects(plan)) {}

  void run(context& on) const {
    std::int64_t most = std::max<std::int64_t>(1, most_slab_units() / plan_.count);
    if (selects_) most = std::min(most, most_selected_lanes(plan_));
    for_each_slab(walk_.g, false, most, [&](const slab& part) {
      if (sorts_in_blocks(plan_)) sort_short_lanes(on, walk_, part);
      else if (selects_ && !plan_.nth.empty()) select_places(on, walk_, part, nullptr);
      else run(on, part);
    });
  }

 private:
  bool indices() const { return plan_.what == sort_plan::kind::indices; }

  /// What goes along with the keys, as device/sort.cuh names it.
  const char* payload_of(const std::vector<pass>& passes) const {
    if (indices() || selects_ || passes.size() > 1) return "number";
    if (plan_.in.type.code() <= dtype_code::uint64) return "none";
    return itemsize_of(plan_.in.type) <= 4 ? "element" : "number";
  }

  /// Whether keys are made of all elements in order, whose numbers are noted; those selected have theirs.
  bool notes(bool first) const { return first && !selects_; }

  /// Elements of a lane that are sorted.
  std::int64_t sorted() const { return selects_ ? plan_.keep : plan_.count; }

  void run(context& on, const slab& part) const {
    const std::int64_t lanes = walk_.lanes(part), count = lanes * sorted();
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
    if (selects_) select_places(on, walk_, part, static_cast<std::uint32_t*>(payload.current));
    for (const pass& each : passes) {
      launch(on, part, each, &each == passes.data(), with, keys, payload, count, false);
      if (pairs) sort_pairs(on, each.key_bytes(), keys, 4, payload, count, each.bits());
      else sort_keys(on, each.key_bytes(), keys, count, each.bits());
    }
    launch(on, part, passes[0], true, with, keys, payload, lanes * plan_.keep, true);
  }

  void launch(context& on, const slab& part, const pass& each, bool first, std::string_view with,
              const sort_buffers& keys, const sort_buffers& payload, std::int64_t count, bool writes) const {
    std::string key = "o";
    key += with;
    for (const int x : {each.word, each.lane_bits > 0 ? 1 : 0, each.key_bytes(), first ? 1 : 0, notes(first) ? 1 : 0,
                        indices() ? 1 : 0, plan_.descending ? 1 : 0})
      key += static_cast<char>(x);
    walk_.source().append_key(key);
    const kernel& k = find_kernel(key, on.capability(), [&] { return text(each, first, with); });
    parameters values;
    walk_.source().add_params(values, part);
    values.add_divisor(plan_.count);
    values.add_divisor(plan_.keep);
    values.add(static_cast<std::uint32_t>(count));
    values.add(static_cast<std::uint32_t>(sorted()));
    values.add(std::int64_t{0});
    values.add(keys.current);
    values.add(payload.current);
    cuda::launch(on, k, {divide_up(count, block_threads)}, values, walk_.indirect, writes);
  }

  kernel_text text(const pass& each, bool first, std::string_view with) const {
    std::string body = std::string(types_text) + std::string(sort_text);
    body +=
        walk_.program("  divisor count, kept;\n  u32 units, sorted;\n  i64 position;\n  void* keys;\n  u32* payload;\n",
                      fmt::format("  static constexpr int word = {}, shift = {};\n  using key = unsigned_of<{}>;\n",
                                  each.word, each.lane_bits > 0 ? each.word_bits : -1, each.key_bytes()));
    const auto entry = [&](const std::string& name, const std::string& call) {
      body += walk_.source().entry(name, call);
      return name;
    };
    const std::string type = std::string("_") + plan_.in.type.name();
    const std::string keys =
        entry("tessera_keys" + type, fmt::format("make_keys<program, {}, payload::{}>", notes(first), with));
    if (!first) return {keys, body};
    const std::string sorted =
        entry("tessera_sorted" + type, fmt::format("write_sorted<program, payload::{}, {}>", with, indices()));
    return {keys, body, sorted};
  }

  const sort_plan& plan_;
  const sort_walk walk_;
  const bool selects_;
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

}  // namespace

void run_sort(context& on, const sort_plan& plan) {
  if (plan.count <= 0 || plan.keep <= 0) return;
  if (plan.count > INT32_MAX) {
    throw device_error(fmt::format("sort: {} elements along the axis on cuda:{}; expected fewer than 2147483648",
                                   plan.count, on.index()),
                       caller());
  }
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
