// One pass to one stage: number the registers, bind inputs and constants, emit instructions in vertex order.
#include "expr/lower.hpp"

#include <algorithm>
#include <cstring>

#include "core/layout.hpp"
#include "expr/build.hpp"
#include "expr/fold.hpp"

namespace tessera::detail {

namespace {

class lowering {
 public:
  lowering(const recipe& r, const pass& p) : r_(r), pass_(p) {
    out_.extents = p.extents;
    out_.folded.assign(static_cast<std::size_t>(p.extents.size()), false);
    for (int axis : p.over) out_.folded[axis] = true;
    folds_ = std::any_of(p.over.begin(), p.over.end(), [&p](int axis) { return p.extents[axis] != 1; });
  }

  stage run() {
    small_vector<int> roots;
    for (const sink& s : pass_.sinks) {
      roots.push_back(root_of(s));
      if (mask_of(s) >= 0) roots.push_back(mask_of(s));
    }
    const small_vector<int> needed = needed_for(r_.values, r_.plan, roots, pass_.level);
    for (int v : needed) {
      if (is_source(v) && r_.values[v].kind() != node_kind::constant && !is_number_from_host(v)) bind_input(v);
    }
    for (int v : needed) {
      if (is_source(v) && r_.values[v].kind() == node_kind::constant) {
        const constant_node& c = r_.values[v].constant();
        registers_.set(v, add_constant(make_constant(c.value, c.type, "constant", c.where)));
      } else if (is_source(v) && is_number_from_host(v)) {
        const array& leaf = r_.values[v].leaf().value;
        constant number{leaf.dtype(), {}};
        std::memcpy(number.bytes, access::data(leaf), static_cast<std::size_t>(leaf.itemsize()));
        registers_.set(v, add_constant(number));
      }
    }
    reserve_position_constant();
    for (int v : needed) {
      if (!is_source(v)) emit(v);
    }
    for (const sink& s : pass_.sinks) add_result(s);
    return std::move(out_);
  }

 private:
  /// A 0-d array on the host that takes part in work on a device: its element becomes a constant.
  bool is_number_from_host(int v) const {
    return r_.on.kind() != device_kind::cpu && r_.values[v].kind() == node_kind::leaf &&
           r_.values[v].leaf().value.device() == cpu();
  }
  bool is_source(int v) const { return r_.plan.is_source(r_.values, v, pass_.level); }

  /// The vertex whose register leaves: of a fold its operand.
  int root_of(const sink& s) const { return pass_.folds ? r_.values[s.value].inputs[0] : s.value; }
  int mask_of(const sink& s) const { return s.output < 0 ? -1 : r_.outputs[s.output].mask; }

  // ---- registers

  reg new_register(dtype type) {
    out_.register_types.push_back(type);
    return static_cast<reg>(out_.register_types.size() - 1);
  }

  void bind_input(int v) {
    const placed at = place_of(v);
    strided input{at.data, at.type, strides_over(at, pass_.extents), at.temporary};
    // Views of one array with different shapes are different vertices, and may still walk the same elements here.
    constexpr std::size_t most_compared = 16;
    const auto end = out_.inputs.begin() + static_cast<std::ptrdiff_t>(std::min(out_.inputs.size(), most_compared));
    const auto known = std::find_if(out_.inputs.begin(), end, [&input](const strided& other) {
      return other.data != nullptr && other.data == input.data && other.type == input.type &&
             other.strides == input.strides;
    });
    if (known != end) {
      registers_.set(v, static_cast<reg>(known - out_.inputs.begin()));
      return;
    }
    registers_.set(v, new_register(at.type));
    out_.inputs.push_back(std::move(input));
  }

  reg add_constant(const constant& value) {
    const std::size_t first = out_.inputs.size();
    for (std::size_t i = 0; i < out_.constants.size(); ++i) {
      const constant& known = out_.constants[i];
      if (known.type == value.type && std::memcmp(known.bytes, value.bytes, sizeof value.bytes) == 0)
        return static_cast<reg>(first + i);
    }
    out_.constants.push_back(value);
    return new_register(value.type);
  }

  /// argmin and argmax over no more than one element are 0.
  void reserve_position_constant() {
    if (!pass_.folds || folds_) return;
    zero_ = add_constant(make_constant(0, int64, "constant", caller()));
  }

  /// Where the elements are that v reads.
  placed place_of(int v) const {
    const vertex& here = r_.values[v];
    if (here.kind() == node_kind::view) {
      placed at = place_of_array(here.inputs[0]);
      const std::int64_t itemsize = at.type.itemsize();
      if (at.data != nullptr) at.data += here.view().offset * itemsize;
      at.extents = here.extents();
      at.strides = here.view().strides;
      for (std::int64_t& stride : at.strides) stride *= itemsize;
      return at;
    }
    if (here.kind() == node_kind::leaf) return place_of_leaf(here);
    return r_.arrays[v];
  }
  placed place_of_array(int v) const {
    return r_.values[v].kind() == node_kind::leaf && !r_.plan.computed[v] ? place_of_leaf(r_.values[v]) : r_.arrays[v];
  }
  static placed place_of_leaf(const vertex& v) {
    const array& a = v.leaf().value;
    return {access::data(a), a.dtype(), a.shape(), a.strides()};
  }

  // ---- instructions

  reg emit(op code, dtype loop, std::initializer_list<reg> sources) {
    instruction i{code, loop};
    std::copy(sources.begin(), sources.end(), i.source);
    i.result = new_register(result_dtype(code, loop));
    out_.instructions.push_back(i);
    return i.result;
  }

  void emit(int v) {
    const vertex& here = r_.values[v];
    const elementwise_node& n = here.elementwise();
    instruction i{n.code, n.loop};
    for (int k = 0; k < here.input_count; ++k) i.source[k] = registers_.at(here.inputs[k]);
    i.result = new_register(here.type());
    registers_.set(v, i.result);
    out_.instructions.push_back(i);
  }

  reg cast(reg value, dtype type) { return out_.register_types[value] == type ? value : emit(op::cast, type, {value}); }

  // ---- results

  void add_result(const sink& s) {
    reg value = registers_.at(root_of(s));
    const fold by = pass_.folds ? r_.values[s.value].reduction().by : fold::none;
    const int mask = mask_of(s);
    if (pass_.folds && !folds_) {
      if (by == fold::argmin || by == fold::argmax) value = zero_;
      if (by == deviations_fold) value = emit(op::subtract, out_.register_types[value], {value, value});  // NaN stays
      value = cast(value, r_.values[s.value].type());
    }
    if (!pass_.folds && s.output >= 0 && r_.outputs[s.output].destination != nullptr) {
      value = cast(value, r_.outputs[s.output].destination->dtype());
    }
    out_.results.push_back({value, folds_ ? by : fold::none, {}, mask >= 0 ? registers_.at(mask) : no_reg});
  }

  const recipe& r_;
  const pass& pass_;
  bool folds_;  // over an axis longer than 1
  stage out_;
  reg zero_ = no_reg;
  small_map<int, reg, 32> registers_;
};

}  // namespace

stage lower(const recipe& r, const pass& p) { return lowering(r, p).run(); }

shape strides_over(const placed& a, const shape& extents) {
  shape strides = broadcast_strides(a.extents, a.strides, extents);
  for (int axis = 0; axis < extents.size(); ++axis) {
    if (extents[axis] == 1) strides[axis] = 0;
  }
  return strides;
}

}  // namespace tessera::detail
