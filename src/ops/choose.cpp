// Elements chosen by conditions, masks and numbers: place, putmask, select, choose, piecewise.
#include <optional>

#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "expr/overlap.hpp"
#include "ops/index.hpp"
#include "ops/marks.hpp"
#include "ops/operands.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/select.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

/// The mask where target is, checked to have as many elements; one on the host goes there.
expr mask_beside(const array& target, const operand& mask, const char* name) {
  const expr known = without_selection(mask.recipe(), mask.where());
  if (known.size() != target.size()) {
    throw value_error(std::string(name) + ": a mask of shape " + to_string(known.shape()) + " and a target of shape " +
                          to_string(target.shape()) + " must have as many elements",
                      mask.where());
  }
  const tessera::device on = device_of(known, mask.where());
  if (on == target.device()) return known;
  const bool is_number = access::node_of(known) == nullptr;
  const std::optional<device_scope> number_on_host = is_number ? std::make_optional<device_scope>(cpu()) : std::nullopt;
  if (!is_number && on != cpu()) throw_devices(target.device(), on, name, mask.where());
  return materialize(known, mask.where()).to(target.device(), mask.where());
}

/// The values at these `count` positions, counted round and round; one value stays one and needs no positions.
array repeated(const array& list, std::int64_t count, const array& positions, caller where) {
  if (list.size() > 1) return take(list, array(remainder(operand(positions, where), list.size()), where));
  return broadcast_to(list, {count}, where);
}

void write_marked(const marks& m, const array& target, const array& values, caller where) {
  if (may_overlap_itself(target)) put(target, operand(flat_positions(m, where), where), operand(values, where));
  else expand(m, target, values);
}

}  // namespace

void place(array target, const operand& mask, const operand& values) {
  const caller where = mask.where();
  check_writable(target, "place", where);
  const expr condition = mask_beside(target, mask, "place");
  const array list = ravel(values_for(values.recipe(), target, target.dtype(), "place", values.where()));
  const marks m = mark(condition, where);
  if (m.count == 0) return;
  if (list.size() == 0) throw value_error("place: there are elements to write, but no values", values.where());
  if (list.size() >= m.count) return write_marked(m, target, list(slice(m.count)), where);
  const array numbers = list.size() > 1 ? arange(m.count, {.device = target.device()}, where) : array();
  write_marked(m, target, repeated(list, m.count, numbers, where), where);
}

void putmask(array target, const operand& mask, const operand& values) {
  const caller where = mask.where();
  check_writable(target, "putmask", where);
  const expr condition = mask_beside(target, mask, "putmask");
  const array list = ravel(values_for(values.recipe(), target, target.dtype(), "putmask", values.where()));
  if (list.size() == 0) return;
  if (list.size() == 1 && condition.shape() == target.shape() && condition.dtype() == bool_) {
    evaluate_into(target, list, assign_rule::unsafe, "putmask", where, &condition);  // one pass
    return;
  }
  const marks m = mark(condition, where);
  if (m.count == 0) return;
  if (list.size() >= target.size())
    return write_marked(m, target, compress(m, list(slice(target.size())), where), where);
  write_marked(m, target, repeated(list, m.count, list.size() > 1 ? flat_positions(m, where) : array(), where), where);
}

array select(const expr_list& conditions, const expr_list& choices, const operand& otherwise) {
  const caller where = otherwise.where();
  if (conditions.size() != choices.size() || conditions.size() == 0) {
    throw value_error("select: takes one choice for each of at least one condition, not " +
                          std::to_string(conditions.size()) + " conditions and " + std::to_string(choices.size()) +
                          " choices",
                      where);
  }
  std::vector<expr> values = choices.list();
  values.push_back(otherwise.recipe());
  const dtype type = common_dtype(values);
  expr result = astype(operand(values.back(), where), type);
  for (std::size_t i = conditions.size(); i-- > 0;) {
    if (conditions[i].dtype() != bool_) {
      throw dtype_error("select: condition " + std::to_string(i) + " must be bool, not " + conditions[i].dtype().name(),
                        where);
    }
    result = tessera::where(operand(conditions[i], where), astype(operand(values[i], where), type), result);
  }
  return array(result, where);
}

namespace {

void check_choices(const array& positions, std::int64_t count, caller where) {
  const auto [low, high] = bounds_of(positions, where);
  if (low >= 0 && high < count) return;
  throw value_error(
      "choose: no choice has number " + std::to_string(low < 0 ? low : high) + ", there are " + std::to_string(count),
      where);
}

}  // namespace

array choose(const operand& index, const expr_list& choices, take_mode mode) {
  const caller where = index.where();
  if (choices.size() == 0) throw value_error("choose: takes at least one choice", where);
  array positions = positions_of(index.recipe(), casting::safe, "choose", where);
  shape extents = positions.shape();
  for (const expr& choice : choices.list()) extents = broadcast(extents, choice.shape(), "choose", where);
  const auto count = static_cast<std::int64_t>(choices.size());
  if (element_count(extents) > 0) {
    if (mode == take_mode::raise) check_choices(positions, count, where);
    positions = folded_positions(positions, count, mode, where);
  }
  const dtype type = common_dtype(choices.list());
  const operand numbers(positions, where);
  expr result = broadcast_to(astype(operand(choices[choices.size() - 1], where), type), extents, where);
  for (std::int64_t i = count - 1; i-- > 0;) {
    const expr choice = astype(operand(choices[static_cast<std::size_t>(i)], where), type);
    result = tessera::where(operand(equal(numbers, operand(i, where)), where), operand(choice, where),
                            operand(result, where));
  }
  return array(result, where);
}

array detail::piecewise(const operand& x, const expr_list& conditions, std::span<const piece> pieces) {
  const caller where = x.where();
  const std::size_t count = conditions.size();
  if (count == 0 || (pieces.size() != count && pieces.size() != count + 1)) {
    throw value_error("piecewise: takes one piece for each of at least one condition, or one more, not " +
                          std::to_string(count) + " conditions and " + std::to_string(pieces.size()) + " pieces",
                      where);
  }
  const array from = materialize(x.recipe(), where);
  std::vector<expr> masks;
  for (const expr& condition : conditions.list()) masks.push_back(astype(operand(condition, where), bool_));
  if (pieces.size() > count) {
    expr any = masks[0];
    for (std::size_t i = 1; i < count; ++i) any = logical_or(operand(any, where), operand(masks[i], where));
    masks.push_back(logical_not(operand(any, where)));
  }
  array result = zeros_like(operand(from, where));
  for (std::size_t i = 0; i < masks.size(); ++i) {
    const piece& p = pieces[i];
    const std::vector<any_index> at = {any_index(masks[i])};
    if (!p.is_function()) {
      result.select_at(at, where) = operand(p.elements(), where);
      continue;
    }
    const array there(from.select_at(at, where), where);
    if (there.size() > 0) result.select_at(at, where) = operand(p(there), where);
  }
  return result;
}

}  // namespace tessera
