// Planning: number the values, cut them into passes, place what is computed, lower each pass to a stage.
#include "expr/plan.hpp"

#include <algorithm>
#include <span>

#include "core/layout.hpp"
#include "expr/axes.hpp"
#include "expr/build.hpp"
#include "expr/lower.hpp"
#include "expr/overlap.hpp"
#include "expr/schedule.hpp"

namespace tessera::detail {

namespace {

bool has_elements(const shape& extents) { return std::find(extents.begin(), extents.end(), 0) == extents.end(); }

class planner {
 public:
  planner(std::span<const request> requests, const plan_options& options) : options_(options) {
    for (const request& r : requests) {
      outputs_.push_back({values_.add(*r.recipe), r.destination, r.mask.get() == nullptr ? -1 : values_.add(*r.mask)});
    }
  }

  planned run() {
    if (options_.to_run) values_.check_fresh(options_.name, options_.where);
    out_.on = values_.device(destination(), options_.name, options_.where);
    collect_exponents();
    plan_ = make_schedule(values_, outputs_);
    out_.overlaps = overlaps();
    if (out_.overlaps) return std::move(out_);
    arrays_.resize(static_cast<std::size_t>(values_.size()));
    out_.results.resize(outputs_.size());
    for (auto p = plan_.passes.begin(); p != plan_.passes.end();) {
      const auto end = std::find_if(p + 1, plan_.passes.end(), [](const pass& next) { return !next.joins; });
      if (end - p == 1) add_stage(*p);
      else add_group({p, end});
      p = end;
    }
    return std::move(out_);
  }

 private:
  const array* destination() const {
    for (const output& o : outputs_) {
      if (o.destination != nullptr) return o.destination;
    }
    return nullptr;
  }

  void collect_exponents() {
    for (int v = 0; v < values_.size(); ++v) {
      if (values_[v].kind() != node_kind::elementwise || !has_elements(values_[v].extents())) continue;
      const elementwise_node& n = values_[v].elementwise();
      if (n.code == op::pow && n.loop.kind() == 'i' && n.inputs[1]->kind != node_kind::constant)
        out_.exponents.push_back(n.inputs[1]);
    }
  }

  // ---- overlap

  /// Only what is read in the pass that writes matters: earlier passes are over by then.
  bool overlaps() const {
    for (const pass& p : plan_.passes) {
      for (const sink& s : p.sinks) {
        if (s.output >= 0 && outputs_[s.output].destination != nullptr && overlaps(p, s)) return true;
      }
    }
    return false;
  }

  bool overlaps(const pass& p, const sink& s) const {
    const output& o = outputs_[s.output];
    small_vector<int> roots{p.folds ? values_[s.value].inputs[0] : s.value};
    if (o.mask >= 0) roots.push_back(o.mask);
    for (int v : needed_for(values_, plan_, roots, p.level)) {
      const bool viewed = values_[v].kind() == node_kind::view;
      const int read = viewed ? values_[v].inputs[0] : v;
      if (values_[read].kind() != node_kind::leaf || (viewed && plan_.computed[read])) continue;
      const array& leaf = values_[read].leaf().value;
      if (!may_overlap(leaf, *o.destination)) continue;
      if (p.folds || viewed || !is_same_walk(leaf, *o.destination)) return true;
    }
    return false;
  }

  // ---- stages

  stage placed_stage(const pass& p) {
    const recipe r{values_, plan_, outputs_, arrays_, out_.on};
    stage s = lower(r, p);
    for (std::size_t i = 0; i < p.sinks.size(); ++i) {
      const placed target = place(p, p.sinks[i], s.inputs);
      s.results[i].target = {target.data, target.type, p.folds ? folded_strides(p, target) : target.strides,
                             target.temporary};
    }
    return s;
  }

  void add_group(std::span<const pass> group) {
    const std::size_t first = out_.steps.stages.size();
    small_vector<small_vector<int>> row_axes;
    for (const pass& p : group) {
      out_.steps.stages.push_back(placed_stage(p));
      row_axes.push_back(p.row_axes);
    }
    simplify_group(std::span(out_.steps.stages).subspan(first), std::move(row_axes));
  }

  void add_stage(const pass& p) {
    stage s = placed_stage(p);
    if (has_elements(p.extents)) {
      simplify_axes(s);
      out_.steps.stages.push_back(std::move(s));
    } else if (p.folds) {
      for (const sink& k : p.sinks) add_identity(values_[k.value].reduction().by, arrays_[k.value]);
    }
  }

  /// The array that a sink fills: the destination's, or a fresh one in the memory order of the pass's inputs.
  placed place(const pass& p, const sink& k, const inline_vector<strided, 4>& inputs) {
    const bool own = plan_.computed[k.value] && plan_.output_of[k.value] == k.output;
    const array* destination = k.output >= 0 ? outputs_[k.output].destination : nullptr;
    placed target;
    if (destination != nullptr) {
      target = {access::data(*destination), destination->dtype(), destination->shape(), destination->strides()};
    } else {
      target = {nullptr, values_[k.value].type(), values_[k.value].extents(), {}};
      target.strides = fresh_layout(p, k, target, inputs);
      if (k.output < 0) target.temporary = plan_.temporary[k.value];
      if (options_.to_run && target.temporary < 0) allocate(target, k.output);
    }
    if (own) arrays_[k.value] = target;
    return target;
  }

  shape fresh_layout(const pass& p, const sink& k, const placed& target,
                     const inline_vector<strided, 4>& inputs) const {
    const std::int64_t itemsize = target.type.itemsize();
    const fold by = p.folds ? values_[k.value].reduction().by : fold::none;
    if (plan_.c_order[k.value] || by == fold::argmin || by == fold::argmax)
      return contiguous_strides(target.extents, itemsize, order::C);
    small_vector<shape> kept;
    for (const strided& input : inputs)
      kept.push_back(p.folds ? kept_strides(p, target.extents, input.strides) : input.strides);
    small_vector<const shape*> strides;
    for (const shape& s : kept) strides.push_back(&s);
    return fresh_strides(target.extents, strides, itemsize);
  }

  void allocate(placed& target, int to) {
    array fresh = access::make_strided(target.extents, target.strides, target.type, out_.on, options_.where);
    target.data = access::data(fresh);
    if (to >= 0) out_.results[to] = std::move(fresh);
    else out_.steps.keep.push_back(std::move(fresh));
  }

  // ---- folded axes: those of the operand that the result lacks, or has with extent 1

  static bool is_folded(const pass& p, int axis) { return std::binary_search(p.over.begin(), p.over.end(), axis); }

  /// Strides of the result along the operand's axes.
  static shape folded_strides(const pass& p, const placed& target) {
    const bool keepdims = target.extents.size() == p.extents.size();
    shape strides = shape::filled(p.extents.size(), 0);
    for (int axis = 0, next = 0; axis < p.extents.size(); ++axis) {
      if (!is_folded(p, axis)) strides[axis] = target.strides[keepdims ? axis : next++];
    }
    return strides;
  }

  /// Strides of an operand along the result's axes.
  static shape kept_strides(const pass& p, const shape& extents, const shape& from) {
    const bool keepdims = extents.size() == p.extents.size();
    shape strides;
    for (int axis = 0; axis < p.extents.size(); ++axis) {
      if (!is_folded(p, axis)) strides.push_back(from[axis]);
      else if (keepdims) strides.push_back(0);
    }
    return strides;
  }

  /// The fold over no elements.
  void add_identity(fold by, const placed& target) {
    if (!has_elements(target.extents)) return;
    const int value = by == fold::prod || by == fold::all ? 1 : 0;
    stage s;
    s.extents = target.extents;
    s.folded.assign(static_cast<std::size_t>(s.extents.size()), false);
    s.constants.push_back(make_constant(value, target.type, "identity", options_.where));
    s.register_types.push_back(target.type);
    s.results.push_back({0, fold::none, {target.data, target.type, target.strides}, no_reg});
    simplify_axes(s);
    out_.steps.stages.push_back(std::move(s));
  }

  const plan_options& options_;
  dag values_;
  small_vector<output> outputs_;
  schedule plan_;
  small_vector<placed> arrays_;
  planned out_;
};

}  // namespace

planned make_plan(std::span<const request> requests, const plan_options& options) {
  return planner(requests, options).run();
}

}  // namespace tessera::detail
