// Plans of lanes whose operands lie in host memory, run on the device: what tests of sorts, segments, histograms and
// index arrays share.
#pragma once
#include <gtest/gtest.h>

#include <functional>

#include "cpu/hand_made.hpp"
#include "cuda/geometry.hpp"
#include "cuda/kernel_cache.hpp"
#include "cuda/nvrtc.hpp"
#include "mirror.hpp"

namespace tessera::detail::cuda {

/// Launches have at most that many units while it lives.
class small_slabs {
 public:
  explicit small_slabs(std::int64_t most) : before_(set_slab_units(most)) {}
  ~small_slabs() { set_slab_units(before_); }

 private:
  const std::int64_t before_;
};

/// Lanes with the axis behind them.
inline shape with_axis(shape lanes, std::int64_t count) {
  lanes.push_back(count);
  return lanes;
}
/// The operand without that axis.
template <class T> strided lanes_of(const operand_of<T>& x) {
  strided view = x.view();
  view.strides.erase(view.strides.size() - 1);
  return view;
}
template <class T> std::int64_t axis_of(const operand_of<T>& x) { return x.view().strides[x.extents().size() - 1]; }

/// Layouts in which no two elements are one.
inline constexpr layout target_layouts[] = {layout::contiguous, layout::reversed, layout::strided, layout::transposed,
                                            layout::misaligned};

template <class T> void add_to(mirror& copies, const operand_of<T>& x) { copies.add(x.view(), x.extents()); }
template <class T> void add_to(mirror& copies, std::vector<T>& x) {
  if (x.empty()) return;
  copies.add({reinterpret_cast<std::byte*>(x.data()), dtype(dtype_code::uint8), shape(1)},
             shape(static_cast<std::int64_t>(x.size() * sizeof(T))));
}
template <class T> T* there(const mirror& copies, std::vector<T>& x) {
  return reinterpret_cast<T*>(copies.of(reinterpret_cast<std::byte*>(x.data())));
}

/// A plan's operands along their last axis, on the device.
template <class Plan, class In, class Out>
void set_operands(Plan& plan, const mirror& copies, const operand_of<In>& in, const operand_of<Out>& out) {
  plan.in = lanes_of(in);
  plan.out = lanes_of(out);
  plan.in.data = copies.of(plan.in.data);
  plan.out.data = copies.of(plan.out.data);
  plan.in_stride = axis_of(in);
  plan.out_stride = axis_of(out);
}

/// The assembler reports no stack and no spills, on any architecture.
inline void expect_in_registers(const kernel_text& text) {
  if (const std::string problem = nvrtc_problem(); !problem.empty()) GTEST_SKIP() << problem;
  for (const int capability : {75, 80, 90, 100, 120}) {
    std::string report;
    compile(text.source, text.name, {capability, false}, &report);
    const auto count = [&](const std::string& what) {
      int times = 0;
      for (std::size_t at = 0; (at = report.find(what, at)) != std::string::npos; ++at) ++times;
      return times;
    };
    EXPECT_EQ(count(" bytes stack frame"), text.second.empty() ? 1 : 2) << report;
    EXPECT_EQ(count(" 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads"), count(" bytes stack frame"))
        << text.name << " sm_" << capability << "\n"
        << report;
  }
}

}  // namespace tessera::detail::cuda
