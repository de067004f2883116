// Dispatch by dtype, and choosing between elements.
#include "expr/other_types.hpp"

#include <algorithm>

#include "core/dtype_parts.hpp"
#include "core/promotion.hpp"
#include "core/words.hpp"
#include "expr/evaluate.hpp"
#include "ops/convert.hpp"
#include "ops/operands.hpp"
#include "ops/sort_keys.hpp"
#include "tessera/views.hpp"

namespace tessera::detail {
namespace {

/// The device of the first operand that is an array; the default one when all are numbers and texts.
tessera::device common_device(const std::vector<expr>& x, caller where) {
  for (const expr& each : x) {
    const node* n = access::node_of(each);
    if (n != nullptr && n->kind != node_kind::text) return device_of(each, where);
  }
  return device_of(x[0], where);
}

other_operand operand_on(const expr& x, tessera::device on, op code, caller where) {
  const node* n = access::node_of(x);
  if (n == nullptr || n->kind == node_kind::constant) {
    return {array(x, where).to(on, where), weak_kind_of(x) != weak_kind::none, false};
  }
  if (n->kind == node_kind::text) {
    const std::string& text = static_cast<const text_node*>(n)->utf8;
    return {text_array(text, on, where), false, true, text};
  }
  array value = materialize(x, where);
  if (value.device() != on) throw_devices(on, value.device(), info(code).name, where);
  return {std::move(value), false, false};
}

/// where(condition, x, y): the condition stays a recipe, which runs in the pass that chooses.
expr choose(const std::vector<expr>& x, tessera::device on, caller where) {
  other_operand first = operand_on(x[1], on, op::where, where), second = operand_on(x[2], on, op::where, where);
  const auto read_time = [&](other_operand& text, const other_operand& beside) {
    if (!text.text || !is_time(beside.value.dtype())) return;
    text.value = time_of_text(text.utf8, beside.value.dtype(), on, "where", where);
  };
  read_time(first, second);
  read_time(second, first);
  const dtype type = storable(result_type(first.value.dtype(), second.value.dtype()), "where", where);
  return choose_other(x[0].astype(bool_, where), convert(first.value, type, "where", where),
                      convert(second.value, type, "where", where), where);
}

std::optional<expr> apply(op code, const std::vector<other_operand>& x, caller where) {
  const auto any = [&x](bool (*is)(dtype)) {
    return std::any_of(x.begin(), x.end(), [is](const other_operand& o) { return is(o.value.dtype()); });
  };
  if (any([](dtype t) { return is_time(t); })) return time_elementwise(code, x, where);
  if (any([](dtype t) { return is_record(t); })) return record_elementwise(code, x, where);
  return text_elementwise(code, x, where);
}

}  // namespace

expr other_elementwise(op code, const std::vector<expr>& x, caller where) {
  const tessera::device on = common_device(x, where);
  if (code == op::where) return choose(x, on, where);
  std::vector<other_operand> operands;
  for (const expr& each : x) operands.push_back(operand_on(each, on, code, where));
  std::optional<expr> result = apply(code, operands, where);
  if (result) return std::move(*result);
  std::string text =
      std::string(info(code).name) + (x.size() == 1 ? ": not supported for dtype " : ": not supported for dtypes ");
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (i > 0) text += i + 1 == operands.size() ? " and " : ", ";
    text += operands[i].value.dtype().name();
  }
  throw dtype_error(text, where);
}

expr other_reduction(fold by, const expr& x, const axes& over, bool keepdims, const char* name, caller where) {
  const array value = materialize(x, where);
  if (is_time(value.dtype())) {
    if (std::optional<expr> result = time_reduction(by, value, over, keepdims, name, where)) return std::move(*result);
  }
  if ((by == fold::argmin || by == fold::argmax) && is_text(value.dtype()))
    return reduction(by, places_in_order(value, where), over, keepdims, name, where);
  throw dtype_error(std::string(name) + ": not supported for dtype " + value.dtype().name(), where);
}

array choose_other(const expr& condition, const array& x, const array& y, caller where) {
  const words as = words_of(x.dtype());
  const bool axis = as.count > 1;
  const operand mask(axis ? expand_dims(condition, -1) : condition, where);
  const operand first(as_words(x, axis, where), where), second(as_words(y, axis, where), where);
  return from_words(evaluate(elementwise(op::where, {&mask, &first, &second}), where), x.dtype(), axis);
}

array text_array(std::string_view text, tessera::device on, caller where) {
  const dtype type = str_(std::max<std::int64_t>(1, count_code_points(text, "array", where)));
  array result = access::make({}, type, order::C, cpu(), where);
  write_text(access::data(result), type, text, "array", where);
  return result.to(on, where);
}

}  // namespace tessera::detail
