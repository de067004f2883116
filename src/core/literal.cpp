// Nested lists of numbers as arrays: shape, common dtype, elements.
#include "tessera/literal.hpp"

#include <cstring>

#include "core/access.hpp"
#include "core/default_device.hpp"
#include "core/element.hpp"
#include "core/literal_array.hpp"
#include "core/promotion.hpp"
#include "expr/build.hpp"

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

  void visit(list_t list, int depth = 0) {
    const auto count = static_cast<std::int64_t>(list.size());
    if (count != extents_[depth]) fail(depth, "has " + entries(count), "has " + std::to_string(extents_[depth]));
    position_[depth] = 0;
    for (const literal& entry : list) {
      if (entry.which() == literal::kind::text) throw dtype_error("array: text arrays do not exist yet", where_);
      const bool is_list = entry.which() == literal::kind::list;
      if (is_list != (depth + 1 < extents_.size())) {
        fail(depth + 1, is_list ? "is a list" : "is a number", is_list ? "is a number" : "is a list");
      }
      if (is_list) visit(entry.list(), depth + 1);
      else common_ = promote(common_, entry.number().type);
      ++position_[depth];
    }
  }

 private:
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
  std::int64_t position_[max_ndim + 1] = {};
};

/// Element by element, in the list's order.
class list_writer {
 public:
  list_writer(const array& to, bool checked, caller where) : to_(to), checked_(checked), where_(where) {}

  void write(list_t list, std::byte* data, int depth = 0) const {
    for (const literal& entry : list) {
      if (entry.which() == literal::kind::list) write(entry.list(), data, depth + 1);
      else write(entry.number(), data);
      data += to_.strides()[depth];
    }
  }

 private:
  void write(const scalar_value& number, std::byte* data) const {
    if (checked_) {
      const auto one = make_constant(number, to_.dtype(), "array", where_);
      std::memcpy(data, one.bytes, static_cast<std::size_t>(to_.itemsize()));
    } else {
      write_element(data, to_.dtype(), number);
    }
  }

  const array& to_;
  const bool checked_;
  const caller where_;
};

}  // namespace

array array_from_literal(list_t list, dtype type, order layout, caller where) {
  shape extents;
  add_extents(list, extents);
  list_check check(extents, where);
  check.visit(list);
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
