// Which kernel of device/segments.cuh folds which segments. The choice depends on shape and strides only.
#include "cuda/segments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "cuda/device_text.hpp"
#include "cuda/lanes.hpp"
#include "cuda/scratch.hpp"
#include "cuda/source.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr std::int64_t block_threads = 256;

/// Whether x op (y op z) is as good as (x op y) op z.
bool may_be_regrouped(op code) {
  switch (code) {
    case op::add:
    case op::multiply:
    case op::maximum:
    case op::minimum:
    case op::fmax:
    case op::fmin:
    case op::gcd:
    case op::bitwise_and:
    case op::bitwise_or:
    case op::bitwise_xor:
    case op::logical_and:
    case op::logical_or:
    case op::logical_xor: return true;
    default: return false;
  }
}

/// Whether only the order of the elements tells which of two equal ones is the result.
bool is_ordered(op code, dtype type) {
  const bool extreme = code == op::maximum || code == op::minimum || code == op::fmax || code == op::fmin;
  return extreme && (type.kind() == 'f' || type.kind() == 'c');
}

/// Lanes and segments as a stage of three operands that move along both: a lane, where a segment begins, a result. Neighbours
/// among the results come last.
stage stage_of(const segment_plan& plan) {
  const int axes = plan.lanes.size();
  shape steps = plan.out.strides;
  steps.push_back(plan.out_stride);
  stage s;
  strided in{plan.in.data, plan.in.type, shape()},
      starts{reinterpret_cast<std::byte*>(const_cast<std::int64_t*>(plan.starts)), int64, shape()},
      out{plan.out.data, plan.out.type, shape()};
  for (const int axis : closest_last(steps)) {
    const bool segment = axis == axes;
    s.extents.push_back(segment ? plan.segments : plan.lanes[axis]);
    in.strides.push_back(segment ? 0 : plan.in.strides[axis]);
    starts.strides.push_back(segment ? 8 : 0);
    out.strides.push_back(steps[axis]);
    s.folded.push_back(false);
  }
  s.inputs.push_back(in);
  s.inputs.push_back(starts);
  s.results.push_back({0, fold::none, out, no_reg});
  return s;
}

class segment_kernel {
 public:
  segment_kernel(const segment_plan& plan, bool sums)
      : plan_(plan), sums_(sums), tree_(may_be_regrouped(plan.code)), s_(stage_of(plan)), g_(geometry_of(s_)) {
    choose_vectors(g_, 1);
    operand_view& in = g_.operands[0];
    in.align = std::min(in.align, alignment_of(static_cast<std::uintptr_t>(plan.in_stride), 16));
    make_strided(g_);
    g_.wide = needs_wide_offsets(g_);
    indirect_ = needs_indirect(s_, g_);
    choose_group();
  }

  void run(context& on) const {
    std::string key = "g";
    for (const int x : {group_ == 256 ? 0 : group_, pieces_ > 1 ? 1 : 0, sums_ ? 1 : 0, static_cast<int>(plan_.code)})
      key += static_cast<char>(x);
    stage_source(s_, g_, indirect_).append_key(key);
    const kernel& k = find_kernel(key, on.capability(), [this] { return text(); });
    for_each_slab(g_, false, [&](const slab& part) {
      const std::int64_t units = units_of(g_, part.extents, false);
      const scratch partial(on, pieces_ > 1 ? units * pieces_ * 16 : 0, "reduceat");
      parameters values;
      stage_source(s_, g_, indirect_).add_params(values, part);
      values.add(static_cast<std::uint32_t>(units));
      values.add(static_cast<std::uint32_t>(pieces_));
      values.add(plan_.count);
      values.add(plan_.in_stride);
      values.add(alone_);
      values.add(plan_.starts + plan_.segments - 1);
      values.add(static_cast<void*>(partial.data()));
      launch(on, k, {divide_up(units, block_threads / group_), pieces_}, values, indirect_);
      if (pieces_ > 1) launch(on, k, {divide_up(units, block_threads / 32)}, values, indirect_, true);
    });
  }

  kernel_text text() const {
    const stage_source source(s_, g_, indirect_);
    const instruction join{plan_.code, plan_.in.type};
    std::string body = preamble_of({&join, 1}, false) + std::string(segments_text) + "using namespace tessera;\n";
    body += source.params("  u32 units, pieces;\n  i64 count, step, alone;\n  const byte* last;\n  void* partial;\n");
    body += fmt::format(
        "struct program {{\n  static constexpr int operands = 3, in_align = {}, starts_align = {}, out_align = {};\n"
        "  static constexpr bool tree = {}, ordered = {}, sums = {};\n  using element = {};\n  using value = {};\n"
        "  using body = bodies::{};\n",
        g_.operands[0].align, g_.operands[1].align, g_.operands[2].align, tree_, is_ordered(plan_.code, plan_.in.type),
        sums_, type_name(plan_.in.type), value_name(), info(plan_.code).name);
    body += place_text(g_, false) + "};\n";
    const std::string after = fmt::format("_{}_{}", info(plan_.code).name, plan_.in.type.name());
    const std::string name = "tessera_segments" + after, joined = "tessera_join_segments" + after;
    const bool split = pieces_ > 1;
    body += source.entry(name, group_ == 1    ? "reduce_short<program>"
                               : group_ == 32 ? "reduce_by_warps<program>"
                                              : fmt::format("reduce_by_blocks<program, {}>", split));
    if (!split) return {name, body};
    return {name, body + source.entry(joined, "join_pieces<program>"), joined};
  }

 private:
  void choose_group() {
    constexpr std::int64_t enough_units = 8192, enough_blocks = 512, least_piece = 4096, most_pieces = 512;
    const std::int64_t units = units_of(g_, g_.extents, false), mean = plan_.count / plan_.segments;
    const std::int64_t step = std::llabs(g_.operands[0].strides[g_.ndim() - 1]);
    const bool side_by_side = step > 0 && step < std::llabs(plan_.in_stride) && units >= enough_units;
    if (side_by_side) alone_ = INT64_MAX;  // neighbouring threads read neighbours
    if (!tree_ || side_by_side || mean <= 16) return;
    group_ = mean <= 1024 ? 32 : 256;
    if (group_ == 32) return;
    pieces_ = std::min({divide_up(mean, least_piece), divide_up(enough_blocks, units), most_pieces});
  }

  /// 16-bit floats are added and multiplied in float.
  const char* value_name() const {
    const bool half = plan_.in.type == float16 || plan_.in.type == bfloat16;
    return half && (plan_.code == op::add || plan_.code == op::multiply) ? "float" : type_name(plan_.in.type);
  }

  const segment_plan& plan_;
  const bool sums_, tree_;
  const stage s_;
  geometry g_;
  bool indirect_ = false;
  int group_ = 1;
  std::int64_t pieces_ = 1, alone_ = 256;
};

void run(context& on, const segment_plan& plan, bool sums) {
  if (plan.count <= 0 || plan.segments <= 0) return;
  on.use(plan.in.data, false);
  on.use(plan.starts, false);
  on.use(plan.out.data, true);
  segment_kernel(plan, sums).run(on);
}

}  // namespace

void run_segments(context& on, const segment_plan& plan) { run(on, plan, false); }
void add_up_segments(context& on, const segment_plan& plan) { run(on, plan, true); }
kernel_text segments_text_of(const segment_plan& plan) { return segment_kernel(plan, false).text(); }

}  // namespace tessera::detail::cuda
