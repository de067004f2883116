// Writes `struct program` for a distance_plan.
#include "cuda/distance_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cuda/device_text.hpp"
#include "cuda/source.hpp"

namespace tessera::detail::cuda {
namespace {

// For their constants: nothing is computed with them here.
#define TESSERA_METRIC inline
#include "metrics/base-inl.hpp"
namespace metrics {
#include "metrics/all-inl.hpp"
}  // namespace metrics

/// Calls and operators that take tens of instructions.
constexpr std::string_view long_calls[] = {"power(", "logarithm(", "sine(", "square_root(", " / "};

std::string_view metric_text(metric_code what) {
  const std::string_view all[] = {
#define X(name) metric_##name##_text,
      TESSERA_METRICS(X)
#undef X
  };
  return all[static_cast<int>(what)];
}

/// How many sums the metric keeps of a pair.
int sums_of(metric_code what) {
  constexpr int all[] = {
#define X(name) metrics::name::sums,
      TESSERA_METRICS(X)
#undef X
  };
  return all[static_cast<int>(what)];
}

/// Whether a step takes so many instructions that unrolling it would only take NVRTC's time.
bool has_long_step(metric_code what) {
  const std::string_view text = metric_text(what);
  const std::size_t begin = std::min(text.find("void step("), text.size());
  const std::string_view step = text.substr(begin, text.find(" finish(") - begin);
  return std::any_of(std::begin(long_calls), std::end(long_calls),
                     [&](std::string_view call) { return step.find(call) != step.npos; });
}

std::span<const strided> fields_of(const inline_vector<strided, 3>& x) { return {x.begin(), x.end()}; }

std::int64_t stride_of(const strided& x, int axis) { return x.data == nullptr ? 0 : x.strides[axis]; }

geometry batch_geometry(const distance_plan& plan, std::initializer_list<strided> targets) {
  stage s;
  s.extents = plan.batch;
  if (s.extents.empty()) s.extents.push_back(1);
  s.folded.assign(static_cast<std::size_t>(s.extents.size()), false);
  const auto along_batch = [&](const strided& x) {
    strided part = {x.data, x.data == nullptr ? plan.type : x.type, shape()};
    for (int axis = 0; axis < plan.batch.size(); ++axis) part.strides.push_back(stride_of(x, axis));
    if (plan.batch.empty()) part.strides.push_back(0);
    return part;
  };
  for (const strided& x : plan.x) s.inputs.push_back(along_batch(x));
  for (const strided& x : plan.y) s.inputs.push_back(along_batch(x));
  s.inputs.push_back(along_batch(plan.x_row));
  s.inputs.push_back(along_batch(plan.y_row));
  for (const strided& x : targets) s.results.push_back({0, fold::none, along_batch(x), no_reg});
  return geometry_of(s);
}

}  // namespace

int common_alignment(const geometry& g, std::size_t k, std::initializer_list<std::int64_t> strides, int most) {
  std::uintptr_t all = reinterpret_cast<std::uintptr_t>(g.operands[k].data);
  for (const std::int64_t stride : g.operands[k].strides) all |= static_cast<std::uintptr_t>(stride);
  for (const std::int64_t stride : strides) all |= static_cast<std::uintptr_t>(stride);
  return alignment_of(all, most);
}

distance_source::distance_source(const distance_plan& plan, std::initializer_list<strided> targets)
    : plan_(plan), g_(batch_geometry(plan, targets)) {
  // More would not fit the registers, nor, with several fields, shared memory. Long steps hide the loads of smaller tiles.
  const bool one_word = sums_of(plan.what) == 1 && plan.x.size() == 1 && plan.y.size() == 1 && plan.type == float32;
  const bool is_long = has_long_step(plan.what);
  thread_rows_ = one_word && !is_long ? 8 : 4;
  blocks_ = plan.type.itemsize() == 8 && (sums_of(plan.what) > 1 || is_long || plan.type == uint64) ? 1 : 2;
  constexpr int leaf = 64;
  program_ = fmt::format(
      "struct program {{\n"
      "  using metric = {};\n  using element = {};\n  using number = {};\n  using x = {};\n  using y = {};\n"
      "  static constexpr int thread_rows = {}, unroll = {}, batch_axes = {}, number_align = {}, leaf = {};\n"
      "  static constexpr bool weighted = {}, x_rows = {}, y_rows = {};\n}};\n",
      name_of(plan.what), type_name(plan.type), type_name(plan.result), layout(0, fields_of(plan.x), plan.n),
      layout(plan.x.size(), fields_of(plan.y), plan.m), thread_rows_, is_long ? 1 : 2, g_.ndim(), number_alignment(),
      plan.type == float32 && plan.d > leaf ? leaf : 0, plan.w.data != nullptr, plan.x_row.data != nullptr,
      plan.y_row.data != nullptr);
}

std::string distance_source::name() const { return fmt::format("{}_{}", name_of(plan_.what), plan_.type.name()); }

std::string distance_source::text() const {
  std::string text = std::string(types_text) + "#define TESSERA_METRIC TESSERA_DEVICE\nnamespace tessera {\n";
  text += metric_base_text;
  text += "}  // namespace tessera\n";
  text += metrics_text;
  text += "namespace tessera {\n";
  text += metric_text(plan_.what);
  text += "}  // namespace tessera\n";
  text += tiles_text;
  text += distances_text;
  return text + "using namespace tessera;\n" + program_;
}

/// Neighbours along coordinates or rows are read together where all fields have them.
std::string distance_source::layout(std::size_t first, std::span<const strided> fields, std::int64_t rows) const {
  const int axis = plan_.batch.size(), itemsize = plan_.type.itemsize();
  bool row_follows = true, coordinate_follows = true;
  int align_rows = 16, align_coordinates = 16, align = itemsize;
  for (std::size_t k = 0; k < fields.size(); ++k) {
    const std::int64_t row = rows > 1 ? fields[k].strides[axis] : itemsize;
    const std::int64_t coordinate = plan_.d > 1 ? fields[k].strides[axis + 1] : itemsize;
    row_follows = row_follows && row == itemsize;
    coordinate_follows = coordinate_follows && coordinate == itemsize;
    align_coordinates = std::min(align_coordinates, common_alignment(g_, first + k, {rows > 1 ? row : 0}, 16));
    align_rows = std::min(align_rows, common_alignment(g_, first + k, {plan_.d > 1 ? coordinate : 0}, 16));
    align = std::min(align, common_alignment(g_, first + k, {row, coordinate}, itemsize));
  }
  if (row_follows && (plan_.d == 1 || !coordinate_follows)) {
    return fmt::format("row_layout<true, {}, {}>", 16 / itemsize, align_rows);
  }
  if (coordinate_follows) return fmt::format("row_layout<false, {}, {}>", 16 / itemsize, align_coordinates);
  const bool along_rows = std::llabs(fields[0].strides[axis]) < std::llabs(fields[0].strides[axis + 1]);
  return fmt::format("row_layout<{}, 1, {}>", along_rows, align);
}

int distance_source::number_alignment() const {
  const int axis = plan_.batch.size(), itemsize = plan_.type.itemsize();
  const std::size_t rows = plan_.x.size() + plan_.y.size();
  int align = std::min(common_alignment(g_, rows, {stride_of(plan_.x_row, axis)}, itemsize),
                       common_alignment(g_, rows + 1, {stride_of(plan_.y_row, axis)}, itemsize));
  const std::uintptr_t w =
      reinterpret_cast<std::uintptr_t>(plan_.w.data) | static_cast<std::uintptr_t>(stride_of(plan_.w, 0));
  return std::min(align, alignment_of(w, itemsize));
}

void distance_source::for_each_part(const std::function<void(const distance_part&)>& run) const {
  constexpr std::int64_t unit = 128;  // rows and columns of a part begin at whole tiles, as aligned as the first
  const std::int64_t most = divide_up(most_slab_units(), unit) * unit;
  const std::int64_t rows = std::min<std::int64_t>(1 << 20, most), columns = std::min<std::int64_t>(1 << 22, most),
                     most_tiles = std::min<std::int64_t>(1 << 30, most);
  for (std::int64_t i = 0; i < plan_.n; i += rows) {
    for (std::int64_t j = 0; j < plan_.m; j += columns) {
      const std::int64_t n = std::min(rows, plan_.n - i), m = std::min(columns, plan_.m - j);
      const std::int64_t tiles = divide_up(n, tile_rows()) * divide_up(m, tile_columns);
      for_each_slab(g_, false, std::max<std::int64_t>(1, most_tiles / tiles), [&](const slab& batch) {
        run({batch, i, j, n, m});
      });
    }
  }
}

void distance_source::add_operands(parameters& to, const distance_part& part) const {
  const int axis = plan_.batch.size();
  const std::size_t x = 0, y = plan_.x.size(), rows = y + plan_.y.size();
  const auto add_data = [&](std::size_t k, std::int64_t first, const strided& from) {
    to.add(from.data == nullptr ? nullptr : part.batch.data[k] + first * from.strides[axis]);
  };
  for (std::size_t k = 0; k < plan_.x.size(); ++k) add_data(x + k, part.i, plan_.x[k]);
  for (std::size_t k = 0; k < plan_.y.size(); ++k) add_data(y + k, part.j, plan_.y[k]);
  add_data(rows, part.i, plan_.x_row);
  add_data(rows + 1, part.j, plan_.y_row);
  to.add(plan_.w.data);
  for (const auto* fields : {&plan_.x, &plan_.y}) {
    for (const strided& field : *fields) {
      to.add(field.strides[axis]);
      to.add(field.strides[axis + 1]);
    }
  }
  to.add(stride_of(plan_.x_row, axis));
  to.add(stride_of(plan_.y_row, axis));
  to.add(stride_of(plan_.w, 0));
  to.add(plan_.d);
  to.add(static_cast<std::uint32_t>(part.n));
  to.add(static_cast<std::uint32_t>(part.m));
  if (plan_.result == float32) {
    to.add(static_cast<float>(plan_.order));
    to.add(static_cast<float>(plan_.total));
  } else {
    to.add(plan_.order);
    to.add(plan_.total);
  }
  for (const std::int64_t extent : part.batch.extents) to.add_divisor(extent);
  for (std::size_t k = 0; k < first_target(); ++k) {
    for (const std::int64_t stride : g_.operands[k].strides) to.add(stride);
  }
}

void distance_source::add_target_strides(parameters& to, std::size_t target) const {
  for (const std::int64_t stride : g_.operands[first_target() + target].strides) to.add(stride);
}

void distance_source::use_operands(context& on) const {
  for (std::size_t k = 0; k < g_.operands.size(); ++k) {
    if (g_.operands[k].data != nullptr) on.use(g_.operands[k].data, k >= first_target());
  }
  if (plan_.w.data != nullptr) on.use(plan_.w.data, false);
}

}  // namespace tessera::detail::cuda
