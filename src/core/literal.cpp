// Nested lists of numbers and texts as arrays: shape, common dtype, elements. Records are in literal_rows.cpp.
#include "tessera/literal.hpp"

#include <algorithm>
#include <cstring>

#include "core/access.hpp"
#include "core/default_device.hpp"
#include "core/element.hpp"
#include "core/literal_array.hpp"
#include "core/dtype_parts.hpp"
#include "core/promotion.hpp"
#include "core/time_units.hpp"
#include "expr/build.hpp"
#include "expr/other_types.hpp"
#include "ops/convert.hpp"

namespace tessera {
namespace detail {
namespace {

using list_t = std::initializer_list<literal>;

/// "3 entries"
std::string entries(std::int64_t count) { return std::to_string(count) + (count == 1 ? " entry" : " entries"); }

/// Appends the extents that the first entries have at every depth.
void add_extents(list_t list, shape& extents) {
  extents.push_back(static_cast<std::int64_t>(list.size()));
  if (list.size() > 0 && list.begin()->which() == literal::kind::list) add_extents(list.begin()->list(), extents);
}

/// Checks that a nested list has its first entries' shape throughout, and finds the common dtype.
class list_check {
 public:
  list_check(const shape& extents, caller where) : extents_(extents), where_(where) {}

  dtype common() const { return common_.is_set() ? common_ : float64; }
  bool is_mixed() const { return texts_ && numbers_; }

  void visit(list_t list, int depth = 0) {
    const auto count = static_cast<std::int64_t>(list.size());
    if (count != extents_[depth]) fail(depth, "has " + entries(count), "has " + std::to_string(extents_[depth]));
    position_[depth] = 0;
    for (const literal& entry : list) {
      const bool is_list = entry.which() == literal::kind::list;
      if (is_list != (depth + 1 < extents_.size())) {
        fail(depth + 1, is_list ? "is a list" : "is no list", is_list ? "is no list" : "is a list");
      }
      if (is_list) visit(entry.list(), depth + 1);
      else add(entry);
      ++position_[depth];
    }
  }

 private:
  void add(const literal& entry) {
    const bool is_text = entry.which() == literal::kind::text;
    (is_text ? texts_ : numbers_) = true;
    common_ = promote(common_, is_text ? dtype_of_text(entry.text(), where_) : entry.number().type);
  }

  /// The entry at the first `depth` positions is unlike the first of its depth.
  [[noreturn]] void fail(int depth, const std::string& here, const std::string& first) const {
    std::string at, origin;
    for (int i = 0; i < depth; ++i) {
      at.append("[").append(std::to_string(position_[i])).append("]");
      origin += "[0]";
    }
    throw shape_error("array: ragged list: " + at + " " + here + " where " + origin + " " + first, where_);
  }

  const shape& extents_;
  const caller where_;
  dtype common_;
  bool texts_ = false, numbers_ = false;
  std::int64_t position_[max_ndim + 1] = {};
};

/// Element by element, in the list's order.
class list_writer {
 public:
  list_writer(const array& to, bool checked, caller where) : to_(to), checked_(checked), where_(where) {}

  void write(list_t list, std::byte* data, int depth = 0) const {
    for (const literal& entry : list) {
      if (entry.which() == literal::kind::list) write(entry.list(), data, depth + 1);
      else write_literal(data, to_.dtype(), entry, checked_, where_);
      data += to_.strides()[depth];
    }
  }

 private:
  const array& to_;
  const bool checked_;
  const caller where_;
};

}  // namespace

dtype dtype_of_text(std::string_view text, caller where) {
  return str_(std::max<std::int64_t>(1, count_code_points(text, "array", where)));
}

void write_literal(std::byte* to, dtype type, const literal& entry, bool checked, caller where) {
  if (is_text(type)) {
    const bool is_number = entry.which() == literal::kind::number;
    return write_text(to, type, is_number ? to_string(entry.number()) : std::string(entry.text()), "array", where);
  }
  if (entry.which() == literal::kind::text) {  // a date, or a number's digits
    const array value = convert(text_array(entry.text(), cpu(), where), type, "array", where);
    std::memcpy(to, access::data(value), static_cast<std::size_t>(type.itemsize()));
  } else if (checked) {
    const auto one = make_constant(entry.number(), type, "array", where);
    std::memcpy(to, one.bytes, static_cast<std::size_t>(type.itemsize()));
  } else {
    write_element(to, type, entry.number());
  }
}

array array_from_literal(list_t list, dtype type, order layout, caller where, bool rows) {
  const bool sized_by_list = (is_text(type) && type.itemsize() == 0) || (is_datetime(type) && is_generic(type));
  if (sized_by_list) {  // as wide, or as fine, as all entries need
    return convert(array_from_literal(list, {}, layout, where, false).to(cpu(), where), type, "array", where)
        .to(device_for_new_arrays(where), where);
  }
  if (type.is_set()) type = storable(type, "array", where);
  if (is_record(type)) return array_from_rows(list, type, layout, where);
  shape extents;
  add_extents(list, extents);
  list_check check(extents, where);
  check.visit(list);
  if (!type.is_set() && check.is_mixed()) {
    if (!rows) throw dtype_error("array: numbers and texts in one list; a dtype says what they are", where);
    return array_from_rows(list, dtype_of_rows(list, where), layout, where);
  }
  array result = access::make(extents, type.is_set() ? type : check.common(), layout, cpu(), where);
  list_writer(result, type.is_set(), where).write(list, access::data(result));
  return result.to(device_for_new_arrays(where), where);
}

}  // namespace detail

array::array(std::initializer_list<literal> list, order layout, caller where)
    : array(detail::array_from_literal(list, {}, layout, where)) {}

array::array(std::initializer_list<literal> list, const tessera::dtype& type, order layout, caller where)
    : array(detail::array_from_literal(list, type, layout, where)) {}

array::array(const tessera::dtype& type, std::initializer_list<literal> list, order layout, caller where)
    : array(detail::array_from_literal(list, type, layout, where)) {}

}  // namespace tessera
