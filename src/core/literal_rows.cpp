// Lists of rows as arrays of records.
#include <algorithm>
#include <cstring>

#include "core/access.hpp"
#include "core/default_device.hpp"
#include "core/dtype_parts.hpp"
#include "core/layout.hpp"
#include "core/literal_array.hpp"
#include "core/promotion.hpp"

namespace tessera::detail {
namespace {

using list_t = std::initializer_list<literal>;

bool is_list(const literal& entry) noexcept { return entry.which() == literal::kind::list; }

bool is_row(list_t list, dtype type);

/// Whether an entry looks like a field from `axis` on: a list has not more levels than it. Of several entries the first counts.
bool is_field(const literal& entry, const field& f, int axis = 0) {
  if (!is_list(entry)) return true;
  if (axis == f.extents.size()) return f.type.has_fields() && is_row(entry.list(), f.type);
  return entry.list().size() == 0 || is_field(*entry.list().begin(), f, axis + 1);
}

/// Whether the list looks like one record: an entry for each field, lists only where a field has parts.
bool is_row(list_t list, dtype type) {
  const std::vector<field>& fields = type.fields();
  if (list.size() != fields.size()) return false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!is_field(list.begin()[i], fields[i])) return false;
  }
  return true;
}

class row_writer {
 public:
  row_writer(const array& to, caller where) : to_(to), where_(where) {}

  void write(list_t list, std::byte* data, int depth = 0) const {
    if (depth == to_.ndim()) return record(list, data, to_.dtype());
    if (static_cast<std::int64_t>(list.size()) != to_.shape()[depth]) {
      throw shape_error("array: ragged list of rows: " + std::to_string(list.size()) + " entries where the first has " +
                            std::to_string(to_.shape()[depth]),
                        where_);
    }
    for (const literal& entry : list) {
      if (!is_list(entry)) refuse("an entry that is no list");
      write(entry.list(), data, depth + 1);
      data += to_.strides()[depth];
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw value_error("array: " + what + " where a row of " + to_.dtype().name() + " is expected", where_);
  }

  void record(list_t row, std::byte* data, dtype type) const {
    const std::vector<field>& fields = type.fields();
    if (row.size() != fields.size()) refuse("a list of " + std::to_string(row.size()) + " entries");
    for (std::size_t i = 0; i < fields.size(); ++i) {
      sub_array(row.begin()[i], data + fields[i].offset, fields[i].type, fields[i].extents, 0);
    }
  }

  /// A number or text fills a sub-array.
  void sub_array(const literal& entry, std::byte* data, dtype type, const shape& extents, int depth) const {
    if (depth == extents.size()) {
      if (!type.has_fields()) return element(entry, data, type);
      if (!is_list(entry)) refuse("an entry that is no list");
      return record(entry.list(), data, type);
    }
    std::int64_t step = type.itemsize();
    for (int axis = depth + 1; axis < extents.size(); ++axis) step *= extents[axis];
    if (is_list(entry) && static_cast<std::int64_t>(entry.list().size()) != extents[depth]) {
      refuse("a list of " + std::to_string(entry.list().size()) + " entries for a field of shape " +
             to_string(extents));
    }
    for (std::int64_t i = 0; i < extents[depth]; ++i) {
      sub_array(is_list(entry) ? entry.list().begin()[i] : entry, data + i * step, type, extents, depth + 1);
    }
  }

  void element(const literal& entry, std::byte* data, dtype type) const {
    if (is_list(entry)) refuse("a list for one element");
    write_literal(data, type, entry, true, where_);
  }

  const array& to_;
  const caller where_;
};

}  // namespace

array array_from_rows(list_t list, dtype type, order layout, caller where) {
  if (!type.has_fields()) throw dtype_error("array: a list does not say the bytes of " + type.name(), where);
  shape extents;
  for (list_t at = list; !is_row(at, type); at = at.begin()->list()) {
    if (extents.size() == max_ndim) break;
    extents.push_back(static_cast<std::int64_t>(at.size()));
    if (at.size() == 0) break;
    if (!is_list(*at.begin())) {
      throw value_error(
          "array: a list of " + std::to_string(at.size()) + " entries where a row of " + type.name() + " is expected",
          where);
    }
  }
  const array result = access::make(extents, type, layout, cpu(), where);
  std::memset(access::data(result), 0, static_cast<std::size_t>(result.nbytes()));  // between fields too
  row_writer(result, where).write(list, access::data(result));
  return result.to(device_for_new_arrays(where), where);
}

dtype dtype_of_rows(list_t list, caller where) {
  while (list.size() > 0 && is_list(*list.begin()) && std::all_of(list.begin(), list.end(), is_list)) {
    // Rows are the innermost lists. Their common record is that of all of them.
    const list_t inner = list.begin()->list();
    if (inner.size() > 0 && is_list(*inner.begin())) {
      list = inner;
      continue;
    }
    dtype common;
    for (const literal& row : list) {
      const dtype one = dtype_of_rows(row.list(), where);
      const dtype both = promote(common, one);
      if (!both.is_set()) throw shape_error("array: ragged list: rows of different lengths", where);
      common = both;
    }
    return common;
  }
  std::vector<field> fields;
  for (const literal& entry : list) {
    const bool is_text = entry.which() == literal::kind::text;
    if (is_list(entry))
      throw dtype_error("array: numbers, texts and lists in one row; a dtype says what they are", where);
    fields.emplace_back("", is_text ? dtype_of_text(entry.text(), where) : entry.number().type);
  }
  return record(fields, {}, where);
}

}  // namespace tessera::detail
