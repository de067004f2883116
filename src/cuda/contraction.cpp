// Runs a contraction: the copies and calls of cuBLAS of its mapping, or tiles.
#include "cuda/contraction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cuda/cublas.hpp"
#include "cuda/device_text.hpp"
#include "cuda/geometry.hpp"
#include "cuda/source.hpp"
#include "cuda/stages.hpp"
#include "expr/axes.hpp"
#include "ops/contraction_axes.hpp"

namespace tessera::detail::cuda {
namespace {

// ---- what is run by which ----------------------------------------------------------------------------------------------
// These numbers are reasoned, not measured: they need a GPU.
//
/// A call of cuBLAS or a tile has its costs; below, the fused kernel has read its operands sooner.
constexpr std::int64_t least_products = 4096;
/// Tiles of integers are 64 wide: narrower products would mostly compute what nobody wants.
constexpr std::int64_t least_side = 16;
/// Fewer tiles than multiprocessors, each with a long sum: the fused kernel cuts sums into pieces.
constexpr std::int64_t few_tiles = 64, long_sum = 1024;
/// Enough tiles of 128 x 128 to fill the largest GPUs once, two a multiprocessor.
constexpr std::int64_t many_tiles = 256;

bool is_floating(dtype type) { return type.kind() == 'f' || type.kind() == 'c'; }

struct tile_grid {
  std::int64_t side, rows, columns, blocks;

  tile_grid(const contraction_plan& plan, std::int64_t per_thread)
      : side(16 * per_thread),
        rows(divide_up(points(plan.rows), side)),
        columns(divide_up(points(plan.columns), side)),
        blocks(points(plan.batch) * rows * columns) {}
};

bool tiles_pay(const contraction_plan& plan) {
  constexpr std::int64_t most = INT32_MAX;
  constexpr std::size_t most_axes = 24;  // parameters of a kernel
  const std::int64_t m = points(plan.rows), n = points(plan.columns), k = points(plan.summed);
  if (std::min(m, n) < least_side || std::max({m, n, k}) > most - 256 || points(plan.batch) > most) return false;
  if (plan.batch.size() + plan.rows.size() + plan.columns.size() + plan.summed.size() > most_axes) return false;
  const std::int64_t blocks = tile_grid(plan, 4).blocks;
  return blocks <= most && (blocks >= few_tiles || k <= long_sum);
}

// ---- tiles -------------------------------------------------------------------------------------------------------------
class tiles_kernel {
 public:
  explicit tiles_kernel(const contraction_plan& plan) : plan_(plan) {
    for (const contraction_axes* group : {&plan.batch, &plan.rows, &plan.columns, &plan.summed}) {
      for (const contraction_axis& axis : *group) all_.push_back(axis);
    }
    x_ = of(reinterpret_cast<std::uintptr_t>(plan.x), &contraction_axis::x);
    y_ = of(reinterpret_cast<std::uintptr_t>(plan.y), &contraction_axis::y);
    to_ = of(reinterpret_cast<std::uintptr_t>(plan.to), &contraction_axis::to);
    // 64 totals of 64 bits, or offsets of 64 bits beside 64 totals, do not fit the registers.
    if (plan.type.itemsize() < 8 && !is_wide() && tile_grid(plan, 8).blocks >= many_tiles) per_thread_ = 8;
  }

  std::int64_t width() const { return tile_grid(plan_, per_thread_).side; }

  void run(context& on) const {
    const kernel& k = find_kernel(fmt::format("c{}", call()), on.capability(), [this] { return text(); });
    const tile_grid grid(plan_, per_thread_);
    parameters values;
    values.add(plan_.x);
    values.add(plan_.y);
    values.add(plan_.to);
    for (const std::int64_t size :
         {points(plan_.rows), points(plan_.columns), points(plan_.summed), grid.rows, grid.columns}) {
      values.add(static_cast<std::uint32_t>(size));
    }
    for (const contraction_axis& axis : all_) values.add_divisor(axis.extent);
    for (const auto stride : {&contraction_axis::x, &contraction_axis::y, &contraction_axis::to}) {
      for (const contraction_axis& axis : all_) values.add_offset(axis.*stride, is_wide());
    }
    launch(on, k, {grid.blocks}, values, false);
  }

  kernel_text text() const {
    const std::string name = fmt::format("tessera_contract_{}", plan_.type.name());
    const std::string axes = axes_text();
    return {name,
            preamble_of({}, false) + std::string(contraction_text) +
                fmt::format("extern \"C\" __global__ void __launch_bounds__(256) {}(const tessera::contraction_params<"
                            "tessera::{}, tessera::{}> p) {{\n  using namespace tessera;\n  {}(p);\n}}\n",
                            name, axes, offset(), call())};
  }

 private:
  struct side {
    int align;
    bool wide;
  };

  side of(std::uintptr_t address, std::int64_t contraction_axis::*stride) const {
    std::uint64_t reach = 0;
    for (const contraction_axis& axis : all_) {
      address |= static_cast<std::uintptr_t>(axis.*stride);
      reach += static_cast<std::uint64_t>(std::llabs(axis.*stride)) * static_cast<std::uint64_t>(axis.extent);
    }
    return {alignment_of(address, itemsize_of(plan_.type)), reach > INT32_MAX};
  }
  bool is_wide() const { return x_.wide || y_.wide || to_.wide; }
  const char* offset() const { return is_wide() ? "i64" : "i32"; }

  std::string axes_text() const {
    return fmt::format("contraction_axes<{}, {}, {}, {}>", plan_.batch.size(), plan_.rows.size(), plan_.columns.size(),
                       plan_.summed.size());
  }
  /// Whether neighbours along what is summed are closer than those along the operand's own axis.
  static bool along_summed(const contraction_axes& own, const contraction_axes& summed,
                           std::int64_t contraction_axis::*stride) {
    return std::llabs(summed.back().*stride) < std::llabs(own.back().*stride);
  }
  std::string call() const {
    return fmt::format("contract_tiles<{}, {}, {}, {}, {}, {}, {}, {}, {}>", type_name(plan_.type), axes_text(),
                       per_thread_, x_.align, y_.align, to_.align,
                       along_summed(plan_.rows, plan_.summed, &contraction_axis::x),
                       along_summed(plan_.columns, plan_.summed, &contraction_axis::y), offset());
  }

  const contraction_plan& plan_;
  int per_thread_ = 4;  // results of a thread along each side
  contraction_axes all_;
  side x_, y_, to_;
};

// ---- cuBLAS ------------------------------------------------------------------------------------------------------------
shape packed_strides(const shape& extents, std::int64_t itemsize) {
  shape strides = extents;
  for (int axis = extents.size() - 1; axis >= 0; --axis) {
    strides[axis] = itemsize;
    itemsize *= extents[axis];
  }
  return strides;
}

/// Elements between an array and its copy.
void copy_elements(context& on, const mapped_copy& copy, dtype type, const std::byte* from, std::byte* to, bool packs) {
  const shape packed = packed_strides(copy.extents, type.itemsize());
  stage s;
  s.extents = copy.extents;
  s.folded.assign(static_cast<std::size_t>(copy.extents.size()), false);
  s.inputs.push_back({const_cast<std::byte*>(from), type, packs ? copy.strides : packed});
  s.register_types.push_back(type);
  if (copy.conjugated) {
    s.instructions.push_back({op::conj, type, 1, {0, no_reg, no_reg}});
    s.register_types.push_back(type);
  }
  s.results.push_back(
      {static_cast<reg>(copy.conjugated), fold::none, {to, type, packs ? packed : copy.strides}, no_reg});
  simplify_axes(s);
  run_stage(on, s);
}

/// The addresses of all matrices, made on the device.
class pointer_arrays {
 public:
  pointer_arrays(context& on, const contraction_mapping& m, const void* x, const void* y, const void* to)
      : count_(points(m.outer)), memory_(on, 3 * count_ * static_cast<std::int64_t>(sizeof(void*)), "contraction") {
    const std::size_t axes = m.outer.size();
    const kernel& k = find_kernel(fmt::format("c*{}", axes), on.capability(), [axes]() -> kernel_text {
      return {"tessera_matrix_pointers",
              preamble_of({}, false) + std::string(contraction_text) +
                  fmt::format("extern \"C\" __global__ void __launch_bounds__(256) tessera_matrix_pointers(const "
                              "tessera::pointer_params<{0}> p) {{\n  tessera::write_pointers<{0}>(p);\n}}\n",
                              axes)};
    });
    parameters values;
    values.add(m.y_first ? y : x);
    values.add(m.y_first ? x : y);
    values.add(to);
    values.add(memory_.data());
    values.add(count_);
    for (const contraction_axis& axis : m.outer) values.add(axis.extent);
    for (const contraction_axis& axis : m.outer) {
      values.add(m.y_first ? axis.y : axis.x);
      values.add(m.y_first ? axis.x : axis.y);
      values.add(axis.to);
    }
    launch(on, k, {divide_up(count_, 256)}, values, false);
  }
  std::int64_t count() const { return count_; }
  void** of(int side) const { return reinterpret_cast<void**>(memory_.data()) + side * count_; }

 private:
  const std::int64_t count_;
  const scratch memory_;
};

void multiply_pointers(context& on, const contraction_mapping& m, const std::byte* x, const std::byte* y,
                       std::byte* to) {
  const pointer_arrays pointers(on, m, x, y, to);
  const products blas(on, m);
  for (std::int64_t i = 0; i < pointers.count(); i += most_products) {
    blas.multiply(pointers.of(0) + i, pointers.of(1) + i, pointers.of(2) + i,
                  std::min(most_products, pointers.count() - i));
  }
}

void multiply_strided(context& on, const contraction_mapping& m, const std::byte* x, const std::byte* y,
                      std::byte* to) {
  const products blas(on, m);
  const std::int64_t item = m.type.itemsize();
  for (std::int64_t call = 0; call < points(m.outer); ++call) {
    const contraction_point at = point_at({x, y, to}, m.outer, call);
    const std::byte *first = m.y_first ? at.y : at.x, *second = m.y_first ? at.x : at.y;
    for (std::int64_t i = 0; i < m.products; i += most_products) {
      blas.multiply(first + i * m.first.step * item, second + i * m.second.step * item,
                    at.to + i * m.result.step * item, std::min(most_products, m.products - i));
    }
  }
}

void run_products(context& on, const contraction_plan& plan) {
  const contraction_mapping m = map_contraction(plan);
  const scratch own_x(on, m.copy_of_x.bytes, "contraction"), own_y(on, m.copy_of_y.bytes, "contraction"),
      own_to(on, m.copy_of_to.bytes, "contraction");
  if (m.copy_of_x.made) copy_elements(on, m.copy_of_x, m.type, m.x, own_x.data(), true);
  if (m.copy_of_y.made) copy_elements(on, m.copy_of_y, m.type, m.y, own_y.data(), true);
  const std::byte *x = m.copy_of_x.made ? own_x.data() : m.x, *y = m.copy_of_y.made ? own_y.data() : m.y;
  std::byte* const to = m.copy_of_to.made ? own_to.data() : m.to;
  if (m.batches == product_batches::pointers) multiply_pointers(on, m, x, y, to);
  else multiply_strided(on, m, x, y, to);
  if (m.copy_of_to.made) copy_elements(on, m.copy_of_to, m.type, to, m.to, false);
}

}  // namespace

bool contracts(const contraction_plan& plan) {
  const std::int64_t m = points(plan.rows), n = points(plan.columns), k = points(plan.summed);
  if (std::min(m, n) == 1 || k == 1) return false;  // as many bytes as products
  if (m < least_products && n < least_products && k < least_products && m * n * k < least_products) return false;
  return is_floating(plan.type) || tiles_pay(plan);
}

void run_contraction(context& on, const contraction_plan& plan) {
  on.use(plan.x, false);
  on.use(plan.y, false);
  on.use(plan.to, true);
  if (is_floating(plan.type)) run_products(on, plan);
  else tiles_kernel(plan).run(on);
}

std::string contraction_calls(const contraction_plan& plan) {
  if (is_floating(plan.type)) return text_of(map_contraction(plan));
  return fmt::format("tiles of {0} x {0}", tiles_kernel(plan).width());
}

kernel_text tiles_text_of(const contraction_plan& plan) { return tiles_kernel(plan).text(); }

}  // namespace tessera::detail::cuda
