// How device/histogram.cuh counts values, or sorts them for their weights to be added up.
#include "cuda/histogram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "cuda/device_text.hpp"
#include "cuda/numbered_keys.hpp"
#include "cuda/scratch.hpp"
#include "cuda/segments.hpp"
#include "cuda/source.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr std::int64_t block_threads = 256;
constexpr std::int64_t small_table = 4096, large_table = 12288;  // counts in 16 KiB, 48 KiB of shared memory

stage stage_of(const histogram_plan& plan) {
  stage s;
  s.extents = plan.extents;
  for (int axis = 0; axis < plan.extents.size(); ++axis) s.folded.push_back(false);
  s.inputs.push_back(plan.values);
  if (plan.weights.data) s.inputs.push_back(plan.weights);
  return s;
}

class histogram_kernel {
 public:
  explicit histogram_kernel(const histogram_plan& plan)
      : plan_(plan), weighted_(plan.weights.data != nullptr), s_(stage_of(plan)), g_(geometry_of(s_)) {
    choose_vectors(g_, weighted_ ? 1 : 4);
    g_.wide = needs_wide_offsets(g_);
    indirect_ = needs_indirect(s_, g_);
    const std::int64_t points = units_of(g_, g_.extents, false) * g_.vector;
    if (4 * plan.bins <= points)
      table_ = plan.bins <= small_table ? small_table : plan.bins <= large_table ? large_table : 0;
    key_bits_ = std::bit_width(static_cast<std::uint64_t>(plan.bins));
    key_bytes_ = key_bits_ > 32 ? 8 : 4;
  }

  void run(context& on) const {
    if (weighted_) return sort_and_add(on);
    const kernel& k = find(on);
    for_each_slab(g_, false, [&](const slab& part) {
      const std::int64_t units = units_of(g_, part.extents, false), blocks = blocks_of(units);
      const std::int64_t piece = divide_up(divide_up(units, blocks), block_threads) * block_threads;
      parameters values = params(part, units, piece, nullptr, nullptr, plan_.out);
      launch(on, k, {divide_up(units, piece)}, values, indirect_);
    });
  }

  kernel_text text() const {
    const stage_source source(s_, g_, indirect_);
    std::string body = std::string(types_text) + std::string(histogram_text) + "using namespace tessera;\n";
    body += source.params(
        "  u32 units, piece, copies, inner;\n  i64 bins;\n  const byte* edges;\n  void* keys;\n  u32* numbers;\n  u64* "
        "out;\n");
    body += fmt::format(
        "struct program {{\n  static constexpr int operands = {}, vector = {}, edges_align = {}, weights_align = {};\n"
        "  static constexpr bool binned = {}, uniform = {};\n  using value = {};\n  using weight = {};\n",
        g_.operands.size(), g_.vector, edges_align(),
        weighted_ ? std::min(g_.operands[1].align, itemsize_of(plan_.weights.type)) : 1, plan_.edges == nullptr,
        plan_.uniform, type_name(plan_.values.type), weighted_ ? type_name(plan_.weights.type) : "i64");
    body += place_text(g_, false) + load_text() + "};\n";
    const std::string of = std::string("_") + plan_.values.type.name();
    if (!weighted_) {
      const std::string name = "tessera_histogram" + of;
      return {name, body + source.entry(name, table_ == 0 ? "count_values<program>"
                                                          : fmt::format("count_in_tables<program, {}>", table_))};
    }
    const std::string bins = "tessera_bins" + of, weights = "tessera_weights" + of;
    body += source.entry(bins, fmt::format("number_by_bin<program, {}>", key_name()));
    return {bins, body + source.entry(weights, "weights_in_order<program>"), weights};
  }

 private:
  const char* key_name() const { return key_bytes_ == 8 ? "u64" : "u32"; }
  int edges_align() const {
    return alignment_of(reinterpret_cast<std::uintptr_t>(plan_.edges), itemsize_of(plan_.values.type));
  }

  /// As many as keep a multiprocessor busy, each with at least four values a bin of the tables that it adds at the end.
  std::int64_t blocks_of(std::int64_t units) const {
    constexpr std::int64_t most_blocks = 1024, least_tiles = 4;
    std::int64_t blocks = std::min(most_blocks, divide_up(units, least_tiles * block_threads));
    if (table_ > 0) blocks = std::min(blocks, divide_up(units * g_.vector, 4 * plan_.bins));
    // Counts of a block have 32 bits.
    return std::max(blocks, divide_up(units * g_.vector, std::int64_t{1} << 31));
  }

  parameters params(const slab& part, std::int64_t units, std::int64_t piece, void* keys, std::uint32_t* numbers,
                    void* out) const {
    parameters to;
    stage_source(s_, g_, indirect_).add_params(to, part);
    const std::int64_t copies = table_ == 0 ? 1 : std::clamp<std::int64_t>(table_ / plan_.bins, 1, 8);
    for (const std::int64_t x : {units, piece, copies, part.extents[part.extents.size() - 1]})
      to.add(static_cast<std::uint32_t>(x));
    to.add(plan_.bins);
    to.add(plan_.edges);
    to.add(keys);
    to.add(numbers);
    to.add(out);
    return to;
  }

  const kernel& find(context& on) const {
    std::string key = "h";
    for (const int x : {weighted_ ? key_bytes_ : 0, static_cast<int>(table_ / 4096),
                        plan_.edges == nullptr ? 0 : edges_align(), plan_.uniform ? 1 : 0})
      key += static_cast<char>(x);
    stage_source(s_, g_, indirect_).append_key(key);
    return find_kernel(key, on.capability(), [this] { return text(); });
  }

  std::string load_text() const {
    const operand_view& x = g_.operands[0];
    const int one = std::min(x.align, itemsize_of(x.type));
    std::string text = fmt::format(
        "  static TESSERA_DEVICE int load(const params& p, u32 unit, value (&x)[vector]) {{\n    byte* at[{}];\n"
        "    const int count = kept_place(p, unit, at);\n",
        g_.operands.size());
    text += g_.vector > 1 ? fmt::format("    load_some<{}, {}>(x, at[0], count);\n", x.align, one)  // neighbours then
                          : fmt::format("    x[0] = load_one<value, {}>(at[0]);\n", one);
    return text + "    return count;\n  }\n";
  }

  void sort_and_add(context& on) const {
    const kernel& k = find(on);
    const std::int64_t size = itemsize_of(plan_.weights.type);
    const scratch begins(on, 8 * (plan_.bins + 1), "histogram");
    for_each_slab(g_, false, std::min(most_slab_units(), numbered_keys::most), [&](const slab& part) {
      const std::int64_t points = units_of(g_, part.extents, false);
      numbered_keys order(on, points, key_bytes_, "histogram");
      const scratch weights(on, points * size, "histogram");
      const auto launch_points = [&](bool second) {
        parameters values = params(part, points, points, order.keys(), order.numbers(), weights.data());
        launch(on, k, {divide_up(points, block_threads)}, values, indirect_, second);
      };
      launch_points(false);
      order.sort(on, key_bits_);
      launch_points(true);
      find_begins(on, order.keys(), points, begins.data());
      add_up(on, weights.data(), points, begins.data());
    });
  }

  void find_begins(context& on, void* keys, std::int64_t points, void* begins) const {
    const kernel& k = find_kernel(std::string("B") + key_name(), on.capability(), [this]() -> kernel_text {
      const std::string name = "tessera_begin_of_bins";
      const std::string params = fmt::format(
          "using namespace tessera;\nstruct alignas(16) params {{\n  const {}* keys;\n  i64 count, bins;\n  i64* "
          "begins;\n}};\n",
          key_name());
      return {name, std::string(types_text) + std::string(histogram_text) + params + entry_text(name, "begin_of_bins")};
    });
    parameters values;
    values.add(keys);
    values.add(points);
    values.add(plan_.bins);
    values.add(begins);
    launch(on, k, {divide_up(plan_.bins + 1, block_threads)}, values, false);
  }

  void add_up(context& on, std::byte* weights, std::int64_t points, void* begins) const {
    const std::int64_t size = itemsize_of(plan_.weights.type);
    segment_plan sums;
    sums.count = points;
    sums.segments = plan_.bins;
    sums.starts = static_cast<const std::int64_t*>(begins);
    sums.in = {weights, plan_.weights.type, {}};
    sums.out = {plan_.out, plan_.weights.type, {}};
    sums.in_stride = sums.out_stride = size;
    add_up_segments(on, sums);
  }

  const histogram_plan& plan_;
  const bool weighted_;
  const stage s_;
  geometry g_;
  bool indirect_ = false;
  std::int64_t table_ = 0;  // counts of a block in shared memory; 0: none
  int key_bits_ = 0, key_bytes_ = 4;
};

}  // namespace

void run_histogram(context& on, const histogram_plan& plan) {
  if (plan.bins <= 0) return;
  for (const std::int64_t extent : plan.extents) {
    if (extent == 0) return;
  }
  on.use(plan.values.data, false);
  if (plan.weights.data) on.use(plan.weights.data, false);
  if (plan.edges) on.use(plan.edges, false);
  on.use(plan.out, true);
  histogram_kernel(plan).run(on);
}

kernel_text histogram_text_of(const histogram_plan& plan) { return histogram_kernel(plan).text(); }

}  // namespace tessera::detail::cuda
