// The k nearest of each row, by one of three ways; device/nearest.cuh has their kernels.
//
//   k = 1           in registers beside the tiles of distances
//   k <= 128        in lists beside the tiles
//   larger k        distances of some rows to some columns in memory, keys of these, the stable radix sort of sort.hpp
//
// Plans are cut along batch and rows until what is between the kernels fits a fixed size.
#include "cuda/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cuda/device_text.hpp"
#include "cuda/distance_source.hpp"
#include "cuda/distances.hpp"
#include "cuda/scratch.hpp"
#include "cuda/sort.hpp"
#include "cuda/source.hpp"
#include "ops/distance_parts.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr std::int64_t block_threads = 256, longest_list = 128;
constexpr std::int64_t most_list_bytes = std::int64_t{32} << 20;
/// Keys sorted at once: with positions and the sort's own memory 40 bytes each.
constexpr std::int64_t most_sorted = std::int64_t{1} << 20;
/// No row is this far from itself.
constexpr std::int64_t nowhere = INT64_MIN / 2;

std::int64_t batches(const nearest_plan& plan) {
  std::int64_t count = 1;
  for (const std::int64_t extent : plan.of.batch) count *= extent;
  return count;
}
std::int64_t entry_bytes(const nearest_plan& plan) { return plan.of.result == float32 ? 8 : 16; }
bool sorts(const nearest_plan& plan) { return plan.k > longest_list || plan.of.m > INT32_MAX; }

/// Columns of one sort, beside the k best so far.
std::int64_t sorted_columns(const nearest_plan& plan) {
  return std::min(plan.of.m, std::max(4 * plan.k, std::min(most_sorted, most_slab_units()) / 4));
}

// ---- where results are ----------------------------------------------------------------------------------------------
/// Rows of all points of the batch, then the places of their lists, as a stage, for the text of addresses.
stage stage_of(const nearest_plan& plan) {
  stage s;
  s.extents = plan.of.batch;
  s.extents.push_back(plan.of.n);
  s.extents.push_back(plan.k);
  s.folded.assign(static_cast<std::size_t>(s.extents.size()), false);
  s.folded.back() = true;
  s.register_types = {plan.of.result, int64};
  s.results.push_back({0, fold::none, plan.distances, no_reg});
  s.results.push_back({1, fold::none, plan.indices, no_reg});
  return s;
}

/// A kernel that stores results: `call` is made of its parameters, `struct params`, which has the members `more`.
class storing_kernel {
 public:
  explicit storing_kernel(const nearest_plan& plan) : s_(stage_of(plan)), g_(geometry_of(s_)) {
    choose_vectors(g_, 1);
    for (operand_view& x : g_.operands) {
      x.align = std::min(x.align, itemsize_of(x.type));
      x.along = inner::strided;
    }
    g_.wide = needs_wide_offsets(g_);
    indirect_ = needs_indirect(s_, g_);
  }
  storing_kernel(const storing_kernel&) = delete;
  storing_kernel& operator=(const storing_kernel&) = delete;

  struct what {
    std::string name, more, call;
  };
  const kernel& find(context& on, const what& w) const {
    std::string key = fmt::format("N{}{}", w.call, w.more);
    source().append_key(key);
    return find_kernel(key, on.capability(), [&] { return text(w); });
  }
  kernel_text text(const what& w) const {
    std::string body = std::string(types_text) + std::string(sort_text) + std::string(nearest_entries_text) +
                       std::string(nearest_results_text) + "using namespace tessera;\n";
    body += source().params("  i64 position;\n" + w.more);
    body +=
        fmt::format("struct place {{\n  static constexpr int operands = 2, distances_align = {}, indices_align = {};\n",
                    g_.operands[0].align, g_.operands[1].align);
    body += place_text(g_, false) + place_text(g_, true, true) + "};\n";
    return {w.name, body + source().entry(w.name, w.call)};
  }
  /// The values of all members but these.
  parameters values() const {
    slab whole;
    whole.extents = g_.extents;
    for (const operand_view& x : g_.operands) whole.data.push_back(x.data);
    parameters all;
    source().add_params(all, whole);
    all.add(std::int64_t{0});
    return all;
  }
  void start(context& on, const kernel& k, std::int64_t blocks, parameters& all) const {
    launch(on, k, {blocks}, all, indirect_);
  }

 private:
  stage_source source() const { return {s_, g_, indirect_}; }

  const stage s_;
  geometry g_;
  bool indirect_ = false;
};

// ---- lists beside the tiles -----------------------------------------------------------------------------------------
class list_kernels {
 public:
  explicit list_kernels(const nearest_plan& plan) : plan_(plan), source_(plan.of, {}) {
    const std::int64_t rows = batches(plan) * plan.of.n, blocks = batches(plan) * tiles();
    // Enough blocks for any device, of at least 16 tiles: each piece begins anew, when much comes before the limit.
    constexpr std::int64_t enough_blocks = 512, least_piece = 1024;
    pieces_ = std::min({divide_up(enough_blocks, blocks), divide_up(plan.of.m, least_piece),
                        most_list_bytes / (rows * plan.k * entry_bytes(plan))});
    pieces_ = std::max<std::int64_t>(pieces_, 1);
    constexpr std::int64_t columns = distance_source::tile_columns;
    piece_ = divide_up(divide_up(plan.of.m, pieces_), columns) * columns;
    pieces_ = divide_up(plan.of.m, piece_);
  }

  void run(context& on) const {
    const std::int64_t rows = batches(plan_) * plan_.of.n;
    const scratch lists(on, rows * pieces_ * plan_.k * entry_bytes(plan_), "nearest");
    find(on, lists.data());
    write(on, lists.data(), rows);
  }

  std::vector<kernel_text> texts() const { return {text(), storing_kernel(plan_).text(writing())}; }

 private:
  kernel_text text() const {
    const std::string name = (plan_.k == 1 ? "tessera_nearest_one_" : "tessera_nearest_") + source_.name();
    return {name,
            source_.text() + std::string(sort_text) + std::string(nearest_entries_text) + std::string(nearest_text) +
                fmt::format("{}extern \"C\" __global__ void __launch_bounds__(256, {}) {}(const __grid_constant__ "
                            "nearest_params<nearest_program> p) {{\n  {}(p);\n}}\n",
                            program(), blocks(), name, call())};
  }
  /// A lane's four entries of 16 bytes do not fit beside what two blocks leave of the registers.
  int blocks() const { return plan_.of.result == float64 && entries_a_lane() == 4 ? 1 : source_.blocks(); }
  /// A warp a row, a block where there are many pieces.
  int writing_warps() const { return pieces_ > 8 ? 8 : 1; }
  storing_kernel::what writing() const {
    return {std::string("tessera_nearest_lists_") + plan_.of.result.name(),
            "  const void* lists;\n  i64 self;\n  u32 units, n, k, pieces;\n",
            fmt::format("write_nearest<{}, place, {}, {}, {}>", type_name(plan_.of.result), plan_.largest_first,
                        entries_a_lane(), writing_warps())};
  }
  std::int64_t tiles() const { return divide_up(plan_.of.n, source_.tile_rows()); }
  int entries_a_lane() const { return plan_.k <= 32 ? 1 : plan_.k <= 64 ? 2 : 4; }
  std::string call() const {
    if (plan_.k == 1) return "find_the_nearest<nearest_program>";
    return fmt::format("find_nearest<nearest_program, {}>", entries_a_lane());
  }
  std::string program() const {
    return fmt::format("struct nearest_program : program {{ static constexpr bool largest = {}; }};\n",
                       plan_.largest_first);
  }
  std::int64_t self() const { return plan_.exclude_self ? plan_.of.first_row : nowhere; }

  void find(context& on, std::byte* lists) const {
    const kernel& k = find_kernel(fmt::format("n{}{}{}", call(), program(), source_.program()), on.capability(),
                                  [this] { return text(); });
    slab whole;
    whole.extents = source_.batch().extents;
    for (const operand_view& x : source_.batch().operands) whole.data.push_back(x.data);
    parameters values;
    source_.add_operands(values, {whole, 0, 0, plan_.of.n, plan_.of.m});
    values.add(lists);
    values.add(batches(plan_) * plan_.of.n);
    values.add(self());
    values.add(static_cast<std::uint32_t>(plan_.k));
    values.add(static_cast<std::uint32_t>(piece_));
    values.add_divisor(tiles());
    launch(on, k, {batches(plan_) * tiles(), pieces_}, values, false);
  }

  void write(context& on, std::byte* lists, std::int64_t rows) const {
    const storing_kernel storing(plan_);
    const kernel& k = storing.find(on, writing());
    parameters values = storing.values();
    values.add(lists);
    values.add(self());
    for (const std::int64_t x : {rows, plan_.of.n, plan_.k, pieces_}) values.add(static_cast<std::uint32_t>(x));
    storing.start(on, k, divide_up(rows, 8 / writing_warps()), values);
  }

  const nearest_plan& plan_;
  const distance_source source_;
  std::int64_t pieces_ = 1, piece_ = 0;
};

// ---- sorting --------------------------------------------------------------------------------------------------------
class sorted_rows {
 public:
  explicit sorted_rows(const nearest_plan& plan) : plan_(plan), columns_(sorted_columns(plan)) {}

  /// Of one point of the batch.
  void run(context& on) const {
    const std::int64_t rows = plan_.of.n, item = plan_.of.result.itemsize(), kept = several() ? rows * plan_.k : 0;
    const scratch keys(on, rows * width() * item, "nearest"), order(on, rows * width() * 8, "nearest"),
        kept_keys(on, kept * item, "nearest"), indices(on, 2 * kept * 8, "nearest");
    std::byte* const of_indices[] = {indices.data(), indices.data() + kept * 8};
    bool second = false;
    for (std::int64_t first = 0; first < plan_.of.m; first += columns_, second = !second) {
      const std::int64_t columns = std::min(columns_, plan_.of.m - first), held = first == 0 ? 0 : plan_.k;
      distance_plan part = plan_.of;
      narrow_columns(part, first, columns);
      part.condensed = false;
      part.to = {keys.data() + held * item, plan_.of.result, shape()};
      for (int axis = 0; axis < plan_.of.batch.size(); ++axis) part.to.strides.push_back(0);
      part.to.strides.push_back(width() * item);
      part.to.strides.push_back(item);
      run_distances(on, part);
      make_keys(on, keys.data(), kept_keys.data(), held, first, columns);
      sort_keys_of_rows(on, keys.data(), order.data(), held + columns);
      take(on, {keys.data(), order.data(), kept_keys.data(), of_indices[second], of_indices[!second]}, held, first,
           first + columns == plan_.of.m);
    }
  }

 private:
  struct workspace {
    std::byte *keys, *order, *next_keys, *kept, *next;
  };

  bool several() const { return columns_ < plan_.of.m; }
  std::int64_t width() const { return columns_ + (several() ? plan_.k : 0); }
  const char* value() const { return type_name(plan_.of.result); }

  void make_keys(context& on, std::byte* keys, const std::byte* kept_keys, std::int64_t held, std::int64_t first,
                 std::int64_t columns) const {
    const std::string call = fmt::format("make_nearest_keys<{}, {}>", value(), plan_.largest_first);
    const kernel& k = find_kernel(fmt::format("n{}", call), on.capability(), [&]() -> kernel_text {
      const std::string name = std::string("tessera_nearest_keys_") + plan_.of.result.name();
      return {name, std::string(types_text) + std::string(sort_text) + std::string(nearest_entries_text) +
                        std::string(nearest_results_text) +
                        fmt::format("using namespace tessera;\nextern \"C\" __global__ void __launch_bounds__(256) "
                                    "{}(const sorting_params<{}> p) {{\n  {}(p);\n}}\n",
                                    name, value(), call)};
    });
    const std::int64_t units = plan_.of.n * (held + columns);
    parameters values;
    values.add(keys);
    values.add(kept_keys);
    for (const std::int64_t x : {width(), units, plan_.exclude_self ? plan_.of.first_row : nowhere, first})
      values.add(x);
    values.add(static_cast<std::uint32_t>(held));
    values.add(static_cast<std::uint32_t>(columns));
    launch(on, k, {divide_up(units, block_threads)}, values, false);
  }

  void sort_keys_of_rows(context& on, std::byte* keys, std::byte* order, std::int64_t count) const {
    const std::int64_t item = plan_.of.result.itemsize();
    sort_plan sorted;
    sorted.what = sort_plan::kind::indices;
    sorted.lanes = {plan_.of.n};
    sorted.count = sorted.keep = count;
    sorted.in = {keys, item == 4 ? uint32 : uint64, {width() * item}};
    sorted.out = {order, int64, {width() * 8}};
    sorted.in_stride = item;
    sorted.out_stride = 8;
    run_sort(on, sorted);
  }

  void take(context& on, const workspace& from, std::int64_t held, std::int64_t first, bool last) const {
    const storing_kernel storing(plan_);
    const kernel& k = storing.find(
        on, {std::string("tessera_nearest_sorted_") + plan_.of.result.name(),
             "  const void* keys;\n  void* next_keys;\n  const i64 *order, *kept;\n  i64 *next, first;\n  u64 width;\n"
             "  u32 units, k, held;\n",
             fmt::format("take_nearest<{}, place, {}, {}>", value(), plan_.largest_first, last)});
    const std::int64_t units = plan_.of.n * plan_.k;
    parameters values = storing.values();
    for (const void* x : {from.keys, from.next_keys, from.order, from.kept, from.next}) values.add(x);
    values.add(first);
    values.add(width());
    for (const std::int64_t x : {units, plan_.k, held}) values.add(static_cast<std::uint32_t>(x));
    storing.start(on, k, divide_up(units, block_threads), values);
  }

  const nearest_plan& plan_;
  const std::int64_t columns_;
};

// ---- plans small enough ---------------------------------------------------------------------------------------------
bool fits(const nearest_plan& plan) {
  const std::int64_t rows = batches(plan) * plan.of.n;
  if (sorts(plan)) {
    const std::int64_t width = sorted_columns(plan) + plan.k;
    return batches(plan) == 1 && rows * width <= std::min(most_sorted, most_slab_units());
  }
  return rows * plan.k * entry_bytes(plan) <= most_list_bytes && rows <= most_slab_units();
}

/// In halves along the first axis that has some, until they fit.
void run_parts(context& on, const nearest_plan& plan) {
  if (batches(plan) * plan.of.n == 1 || fits(plan)) {
    if (sorts(plan)) sorted_rows(plan).run(on);
    else list_kernels(plan).run(on);
    return;
  }
  const shape& batch = plan.of.batch;
  int axis = 0;
  while (axis < batch.size() && batch[axis] == 1) ++axis;
  const std::int64_t extent = axis < batch.size() ? batch[axis] : plan.of.n, half = (extent + 1) / 2;
  for (const std::int64_t first : {std::int64_t{0}, half}) {
    nearest_plan part = plan;
    narrow(part, axis, first, first == 0 ? half : extent - half);
    run_parts(on, part);
  }
}

}  // namespace

void run_nearest(context& on, const nearest_plan& plan) {
  const distance_plan& of = plan.of;
  for (const strided& x : of.x) on.use(x.data, false);
  for (const strided& y : of.y) on.use(y.data, false);
  for (const strided* const x : {&of.x_row, &of.y_row, &of.w}) {
    if (x->data != nullptr) on.use(x->data, false);
  }
  on.use(plan.distances.data, true);
  on.use(plan.indices.data, true);
  run_parts(on, plan);
}

std::vector<kernel_text> nearest_texts_of(const nearest_plan& plan) { return list_kernels(plan).texts(); }

}  // namespace tessera::detail::cuda
