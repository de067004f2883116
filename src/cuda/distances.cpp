// Launches of fill_tiles (device/distances.cuh), a block a tile.
#include "cuda/distances.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cuda/distance_source.hpp"
#include "ops/distance_parts.hpp"

namespace tessera::detail::cuda {
namespace {

class distances_kernel {
 public:
  explicit distances_kernel(const distance_plan& plan) : plan_(plan), source_(plan, {plan.to}) {
    const int axis = plan.batch.size(), itemsize = plan.result.itemsize();
    const std::int64_t row = plan.condensed ? 0 : plan.to.strides[axis];
    const std::int64_t column = plan.to.strides[plan.condensed ? axis : axis + 1];
    const bool follow = !plan.condensed && plan.m > 1 && column == itemsize;
    const std::size_t to = source_.first_target();
    const int align = follow ? common_alignment(source_.batch(), to, {plan.n > 1 ? row : 0}, 16)
                             : common_alignment(source_.batch(), to, {row, column}, itemsize);
    call_ = fmt::format("fill_tiles<program, {}, {}, {}>", plan.condensed, follow ? 4 : 1, align);
    to_stride_[0] = row;
    to_stride_[1] = column;
  }

  void run(context& on) const {
    source_.use_operands(on);
    const kernel& k = find_kernel("d" + call_ + source_.program(), on.capability(), [this] { return text(); });
    source_.for_each_part([&](const distance_part& part) {
      const std::int64_t first = plan_.first_row + part.i;
      if (plan_.condensed && part.j + part.m <= first + 1) return;  // on or below the diagonal
      parameters values;
      source_.add_operands(values, part);
      const std::int64_t before = plan_.condensed ? -condensed_before(plan_.first_row, plan_.m) * to_stride_[1]
                                                  : part.i * to_stride_[0] + part.j * to_stride_[1];
      values.add(reinterpret_cast<std::intptr_t>(part.batch.data[source_.first_target()]) + before);
      for (const std::int64_t x : {to_stride_[0], to_stride_[1], first, part.j, plan_.m}) values.add(x);
      values.add_divisor(source_.tiles_i(part));
      values.add_divisor(source_.tiles_j(part));
      source_.add_target_strides(values, 0);
      std::int64_t batches = 1;
      for (const std::int64_t extent : part.batch.extents) batches *= extent;
      launch(on, k, {batches * source_.tiles_i(part) * source_.tiles_j(part)}, values, false);
    });
  }

  kernel_text text() const {
    const std::string name = "tessera_distances_" + source_.name();
    return {name, source_.text() + fmt::format("extern \"C\" __global__ void __launch_bounds__(256, {}) {}(const "
                                               "__grid_constant__ distance_params<program> p) {{\n  {}(p);\n}}\n",
                                               source_.blocks(), name, call_)};
  }

 private:
  const distance_plan& plan_;
  const distance_source source_;
  std::string call_;
  std::int64_t to_stride_[2];
};

}  // namespace

void run_distances(context& on, const distance_plan& plan) { distances_kernel(plan).run(on); }

kernel_text distances_text_of(const distance_plan& plan) { return distances_kernel(plan).text(); }

}  // namespace tessera::detail::cuda
