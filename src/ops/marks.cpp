// Conditions to bits, and elements picked by them.
#include "ops/marks.hpp"

#include "backend.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "expr/node.hpp"
#include "ops/index.hpp"
#include "tessera/elementwise.hpp"

namespace tessera::detail {
namespace {

// Below this many elements the paths for small recipes and a copy of bools take less than planning a pass.
constexpr std::int64_t small_condition = 4096;

/// The array as a stage for backend::mark.
stage stage_of(const array& bools) {
  stage s;
  const shape flat{bools.size()};
  if (const auto strides = reshape_strides(bools.shape(), bools.strides(), flat, 1, order::C)) {
    s.extents = flat;
    s.inputs.push_back({access::data(bools), bool_, *strides});
  } else {
    s.extents = bools.shape();
    s.inputs.push_back({access::data(bools), bool_, bools.strides()});
  }
  s.folded.assign(static_cast<std::size_t>(s.extents.size()), true);
  s.register_types.push_back(bool_);
  s.results.push_back({0, fold::argmax, {nullptr, int64, shape::filled(s.extents.size(), 0)}});
  return s;
}

void make_room(marks& m, caller where) {
  m.bits.points = element_count(m.extents);
  m.words = access::make(m.bits.word_count(), uint64, order::C, m.on, where);
  m.before = access::make(m.bits.tile_count() + 1, int64, order::C, m.on, where);
  m.bits.words = reinterpret_cast<std::uint64_t*>(access::data(m.words));
  m.bits.before = reinterpret_cast<std::int64_t*>(access::data(m.before));
}

bool is_recipe(const expr& x) {
  const node* n = access::node_of(x);
  return n != nullptr && n->kind == node_kind::elementwise;
}

/// x as bools, a recipe or an array.
expr as_bools(const expr& x, caller where) {
  const expr known = without_selection(x, where);
  return known.dtype() == bool_ ? known : astype(operand(known, where), bool_);
}

/// The marked places of `x` as a plan's source.
compress_plan plan_of(const marks& m, const array& x, const array& values) {
  compress_plan plan{m.bits, x.shape(), {access::data(x), x.dtype(), x.strides()}, {}};
  plan.values = {access::data(values), values.dtype(), values.strides()};
  return plan;
}

}  // namespace

marks mark(const expr& condition, caller where) {
  const expr bools = as_bools(condition, where);
  marks m;
  m.extents = bools.shape();
  if (is_recipe(bools) && element_count(m.extents) > small_condition) {
    m.on = device_of(bools, where);
    const program steps = plan_bits(bools, where);
    if (const std::size_t stages = steps.stages.size(); stages > 0) {
      make_room(m, where);
      if (is_explaining()) explain_run(steps);
      backend& device = backend_of(m.on);
      if (stages > 1) device.run_all({steps.stages.data(), stages - 1});
      m.count = device.mark(steps.stages.back(), m.bits);
      return m;
    }
  }
  const array elements = materialize(bools, where);
  m.on = elements.device();
  if (elements.size() == 0) return m;
  make_room(m, where);
  m.count = backend_of(m.on).mark(stage_of(elements), m.bits);
  return m;
}

array compress(const marks& m, const array& x, caller where) {
  const array values = access::make(m.count, x.dtype(), order::C, m.on, where);
  if (m.count > 0) backend_of(m.on).compress(plan_of(m, x, values));
  return values;
}

void expand(const marks& m, const array& target, const array& values) {
  if (m.count == 0) return;
  backend_of(m.on).expand(plan_of(m, target, values));
  access::note_write(target);
}

namespace {

std::vector<array> positions_over(const marks& m, const shape& extents, caller where) {
  std::vector<array> result;
  std::vector<std::int64_t*> out;
  for (int axis = 0; axis < extents.size(); ++axis) {
    result.push_back(access::make(m.count, int64, order::C, m.on, where));
    out.push_back(reinterpret_cast<std::int64_t*>(access::data(result.back())));
  }
  if (m.count > 0) backend_of(m.on).positions(m.bits, extents, out.data());
  return result;
}

}  // namespace

std::vector<array> positions(const marks& m, caller where) { return positions_over(m, m.extents, where); }

array flat_positions(const marks& m, caller where) { return positions_over(m, {element_count(m.extents)}, where)[0]; }

std::optional<std::int64_t> first_outside(const array& positions, std::int64_t end, caller where) {
  const operand each(positions, where);
  const marks outside =
      mark(logical_or(operand(less(each, 0), where), operand(greater_equal(each, end), where)), where);
  if (outside.count == 0) return {};
  return item_of(compress(outside, positions, where));
}

}  // namespace tessera::detail
