// Sorts lanes, one after the other or each on a thread: what is not contiguous is brought beside, several neighbouring lanes at
// once, so that lines of memory are read and written whole.
#include "cpu/sort.hpp"

#include <algorithm>
#include <bit>

#include "cpu/kernels/move.hpp"
#include "cpu/lanes.hpp"
#include "cpu/memory.hpp"
#include "cpu/sort_lane.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

constexpr std::int64_t most_elements = std::int64_t{1} << 32;  // their positions have 32 bits

/// Rows of lanes beside: up to `lanes` of them, `pitch` bytes apart.
struct rows {
  std::byte* data;
  std::int64_t pitch;
};

class lane_sorter {
 public:
  lane_sorter(const sort_plan& plan, bool parallel)
      : plan_(plan), kernels_(find_sort_kernels(plan.in.type)), parallel_(parallel) {
    const int in_size = plan.in.type.itemsize(), out_size = plan.out.type.itemsize();
    gathers_ = plan.in_stride != in_size;
    scatters_ = plan.out_stride != out_size || plan.keep < plan.count ||
                reinterpret_cast<std::uintptr_t>(plan.out.data) % static_cast<std::size_t>(out_size) != 0;
    for (const std::int64_t stride : plan.out.strides) scatters_ = scatters_ || stride % out_size != 0;
    in_pitch_ = round_up(plan.count * in_size);
    out_pitch_ = round_up(plan.count * out_size);
    row_ = plan.lanes.empty() ? 1 : plan.lanes[plan.lanes.size() - 1];
    const std::int64_t pitch = (gathers_ ? in_pitch_ : 0) + (scatters_ ? out_pitch_ : 0);
    if (pitch > 0) together_ = std::clamp<std::int64_t>(beside_bytes / pitch, 1, std::min<std::int64_t>(row_, 64));
  }

  std::int64_t groups() const { return count_of(plan_.lanes) / row_ * groups_of_row(); }
  std::int64_t lanes_together() const { return together_; }
  std::int64_t memory() const { return together_ * ((gathers_ ? in_pitch_ : 0) + (scatters_ ? out_pitch_ : 0)); }

  void run(std::int64_t group, std::byte* memory) const {
    const std::int64_t first = group / groups_of_row() * row_ + group % groups_of_row() * together_,
                       count = std::min(together_, row_ - group % groups_of_row() * together_);
    const std::byte* in = plan_.in.data + offset_at(plan_.lanes, plan_.in.strides, first);
    std::byte* out = plan_.out.data + offset_at(plan_.lanes, plan_.out.strides, first);
    const std::int64_t in_step = step(plan_.in), out_step = step(plan_.out);
    const rows from{memory, in_pitch_}, to{memory + (gathers_ ? together_ * in_pitch_ : 0), out_pitch_};
    if (gathers_)
      find_moves(plan_.in.type.itemsize())
          .transpose(from.data, from.pitch, {in, plan_.in_stride, in_step}, plan_.count, count);
    for (std::int64_t i = 0; i < count; ++i)
      sort_one(gathers_ ? from.data + i * from.pitch : in + i * in_step,
               scatters_ ? to.data + i * to.pitch : out + i * out_step);
    if (scatters_) scatter(to, out, out_step, count);
  }

 private:
  static constexpr std::int64_t beside_bytes = std::int64_t{1} << 18;

  std::int64_t groups_of_row() const { return (row_ + together_ - 1) / together_; }
  static std::int64_t step(const strided& x) { return x.strides.empty() ? 0 : x.strides[x.strides.size() - 1]; }

  void scatter(const rows& from, std::byte* out, std::int64_t step, std::int64_t count) const {
    const int size = plan_.out.type.itemsize();
    if (step == size && count > 1) {  // rows across the lanes
      find_moves(size).transpose(out, plan_.out_stride, {from.data, from.pitch, size}, count, plan_.keep);
      return;
    }
    for (std::int64_t i = 0; i < count; ++i)
      find_row_copy(size)(out + i * step, plan_.out_stride, from.data + i * from.pitch, size, plan_.keep);
  }

  void sort_one(const std::byte* in, std::byte* out) const {
    const lane x{plan_.in.type, kernels_, in, plan_.count, plan_.descending, parallel_};
    const bool parts = !plan_.nth.empty() && !plan_.descending;
    if (plan_.what == sort_plan::kind::values) return parts ? select_values(x, plan_.nth, out) : sort_values(x, out);
    auto* places = reinterpret_cast<std::int64_t*>(out);
    if (parts) select_indices(x, plan_.nth, places);
    else if (plan_.keep < plan_.count / 8) first_indices(x, plan_.keep, places);
    else sort_indices(x, places);
  }

  const sort_plan& plan_;
  const sort_kernels& kernels_;
  bool parallel_, gathers_ = false, scatters_ = false;
  std::int64_t in_pitch_ = 0, out_pitch_ = 0, row_ = 1, together_ = 1;
};

}  // namespace

void sort(const sort_plan& plan) {
  if (plan.count <= 0 || plan.keep <= 0) return;
  if (plan.in.type.kind() == 'c' || plan.count > most_elements) return sort_compared(plan);
  const std::int64_t lanes = count_of(plan.lanes);
  const bool inside = lanes < thread_count();  // threads share each lane
  const lane_sorter sorter(plan, inside);
  if (inside) {
    const scratch memory(sorter.memory());
    for (std::int64_t group = 0; group < sorter.groups(); ++group) sorter.run(group, memory.data());
    return;
  }
  const std::int64_t work =
      4 * plan.count * std::bit_width(static_cast<std::uint64_t>(plan.count)) * sorter.lanes_together();
  const parallel_loop loop(sorter.groups(), work);
  const scratch memory(loop.slots() * sorter.memory());
  loop.run([&](std::int64_t first, std::int64_t last, int slot) {
    for (std::int64_t group = first; group < last; ++group) sorter.run(group, memory.data() + slot * sorter.memory());
  });
}

}  // namespace tessera::detail::cpu
