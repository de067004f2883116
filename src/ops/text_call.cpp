// Operands of functions of texts: checked, of one kind, broadcast.
#include "ops/text_call.hpp"

#include <algorithm>
#include <cstring>

#include "core/dtype_parts.hpp"
#include "expr/evaluate.hpp"
#include "expr/node.hpp"
#include "expr/other_types.hpp"
#include "ops/convert.hpp"

namespace tessera::detail {
namespace {

const text_node* text_of(const expr& x) {
  const node* n = access::node_of(x);
  return n != nullptr && n->kind == node_kind::text ? static_cast<const text_node*>(n) : nullptr;
}

/// The kind of the arrays among the texts.
dtype kind_of(const char* name, caller where, const std::vector<expr>& texts) {
  dtype kind;
  for (const expr& x : texts) {
    if (text_of(x)) continue;
    if (!is_text(x.dtype())) {
      throw dtype_error(std::string(name) + ": dtype " + x.dtype().name() + " is no text", where);
    }
    if (kind.is_set() && kind.code() != x.dtype().code()) {
      throw dtype_error(std::string(name) + ": texts of both kinds, " + kind.name() + " and " + x.dtype().name(),
                        where);
    }
    kind = x.dtype();
  }
  return kind.is_set() ? kind : str_(1);
}

array integers_of(const char* name, caller where, const expr& x) {
  if (x.dtype().kind() != 'i' && x.dtype().kind() != 'u' && x.dtype() != bool_) {
    throw dtype_error(std::string(name) + ": expected integers beside the texts, not " + x.dtype().name(), where);
  }
  const device_scope here(access::node_of(x) == nullptr ? cpu() : device_of(x, where));
  return materialize(x.astype(int64, where), where);
}

}  // namespace

text_call::text_call(const char* name, caller where, const std::vector<expr>& texts, const std::vector<expr>& integers)
    : name_(name), where_(where), buffers_(texts.size()), texts_(texts.size()), integers_(integers.size()) {
  const dtype kind = kind_of(name, where, texts);
  for (const expr& x : texts) {
    const text_node* text = text_of(x);
    array value = text ? text_array(text->utf8, cpu(), where) : materialize(x, where);
    if (text && kind.kind() == 'S') value = convert(value, bytes_(0), name, where);
    operands_.push_back(std::move(value));
  }
  for (const expr& x : integers) operands_.push_back(integers_of(name, where, x));
  for (const array& x : operands_) {
    require_host(x, "this function of texts", name, where);
    extents_ = broadcast(extents_, x.shape(), name, where);
  }
  for (const array& x : operands_) {
    strides_.push_back(broadcast_strides(x.shape(), x.strides(), extents_));
    data_.push_back(access::data(x));
    room_.push_back(static_cast<std::size_t>(characters_of(x.dtype())));
    in_place_.push_back(x.dtype().code() == dtype_code::str_ && x.flags().aligned);
  }
}

void text_call::load(std::size_t k, std::int64_t offset) {
  const std::byte* element = data_[k] + offset;
  if (k < texts_.size()) texts_[k] = load_text(element, operands_[k].dtype(), buffers_[k]);
  else std::memcpy(&integers_[k - texts_.size()], element, sizeof(std::int64_t));
}

array text_call::joined(code_points all, const std::vector<std::size_t>& ends, dtype kind) const {
  std::size_t widest = 0, begin = 0;
  for (const std::size_t end : ends) {
    widest = std::max(widest, end - begin);
    begin = end;
  }
  const dtype type = text_of_kind(kind, static_cast<std::int64_t>(widest), name_, where_);
  array result = access::make(extents_, type, order::C, cpu(), where_);
  std::byte* to = access::data(result);
  begin = 0;
  for (const std::size_t end : ends) {
    store_text(to, type, all.substr(begin, end - begin));
    to += type.itemsize();
    begin = end;
  }
  return result;
}

array add_texts(const array& x, const array& y, const char* name, caller where) {
  text_call call(name, where, {x, y});
  const dtype type = text_of_kind(x.dtype(), characters_of(call.type(0)) + characters_of(call.type(1)), name, where);
  return call.texts(type, [&](std::u32string& to) { (to += call.text(0)) += call.text(1); });
}

array multiply_texts(const array& x, const array& times, const char* name, caller where) {
  text_call call(name, where, {x}, {times});
  // The width first: a width beyond all memory is to be refused before anything is made.
  std::int64_t widest = 0;
  call.for_each([&] {
    const auto length = static_cast<std::int64_t>(call.text().size()), n = std::max<std::int64_t>(call.integer(), 0);
    std::int64_t width = 0;
    if (__builtin_mul_overflow(length, n, &width)) width = std::numeric_limits<std::int64_t>::max();
    widest = std::max(widest, width);
  });
  const dtype type = text_of_kind(x.dtype(), widest, name, where);
  return call.texts(type, [&](std::u32string& to) {
    if (call.text().empty()) return;
    for (std::int64_t i = 0; i < call.integer(); ++i) to += call.text();
  });
}

}  // namespace tessera::detail
