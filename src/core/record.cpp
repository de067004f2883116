// Records: where their fields lie, and one layout for all dtypes that are equal.
#include "tessera/record.hpp"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "core/dtype_parts.hpp"
#include "core/layout.hpp"
#include "tessera/error.hpp"

namespace tessera {

using detail::dtype_parts;
using detail::record_layout;

namespace {

/// How all layouts are made: with the number of records that stand in one another.
struct nested_layout : record_layout {
  explicit nested_layout(record_layout&& layout) : record_layout(std::move(layout)) {
    for (const field& f : fields) {
      if (!f.type.has_fields()) continue;
      levels = std::max(levels, 1 + static_cast<const nested_layout&>(dtype_parts::layout(f.type)).levels);
    }
  }
  int levels = 1;
};

/// All layouts that were ever made; they are never freed, so that a dtype needs no count. A dtype that a file describes
/// takes a few hundred bytes for good.
class layout_table {
 public:
  const record_layout& find(record_layout&& wanted) {
    const std::size_t key = hash(wanted);
    const std::lock_guard lock(mutex_);
    const auto [begin, end] = layouts_.equal_range(key);
    for (auto at = begin; at != end; ++at) {
      if (at->second->itemsize == wanted.itemsize && at->second->fields == wanted.fields) return *at->second;
    }
    return *layouts_.emplace(key, new nested_layout(std::move(wanted)))->second;
  }

 private:
  static std::size_t hash(const record_layout& x) {
    std::size_t h = static_cast<std::size_t>(x.itemsize);
    const auto mix = [&h](std::size_t part) { h = (h ^ part) * 0x9e3779b97f4a7c15u; };
    for (const field& f : x.fields) {
      mix(std::hash<std::string>()(f.name));
      mix(static_cast<std::size_t>(f.offset));
      mix(static_cast<std::size_t>(f.type.itemsize()));
    }
    return h;
  }
  std::mutex mutex_;
  std::unordered_multimap<std::size_t, const record_layout*> layouts_;
};

layout_table& layouts() {
  static layout_table* const table = new layout_table;  // outlives every static array
  return *table;
}

std::int64_t round_up(std::int64_t n, std::int64_t multiple) { return (n + multiple - 1) / multiple * multiple; }

const std::vector<field>& no_fields() {
  static const std::vector<field>* const none = new std::vector<field>;
  return *none;
}

/// Alignment of a field in an aligned record: what C gives it.
int natural_alignment(dtype type) {
  int most = type.has_fields() ? 1 : type.alignment();
  if (type.is_aligned() || !type.has_fields()) {
    for (const field& f : type.fields()) most = std::max(most, natural_alignment(f.type));
  }
  return most;
}

/// Records within records: what the readers of files take, and what recursion over fields has room for.
constexpr int most_levels = 63;
int levels_of(dtype type) {
  if (!type.has_fields()) return 0;
  return static_cast<const nested_layout&>(dtype_parts::layout(type)).levels;
}

/// Fills in names and offsets; returns the itemsize.
std::int64_t lay_out(std::vector<field>& fields, const record_options& options, caller where) {
  std::int64_t end = 0, most = 0;
  int alignment = 1;
  std::unordered_set<std::string> taken;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    field& f = fields[i];
    if (f.name.empty()) f.name = "f" + std::to_string(i);
    const std::string name = "record: field '" + f.name + "'";
    if (!f.type.is_set()) throw dtype_error(name + " has no dtype", where);
    if (levels_of(f.type) >= most_levels) {
      throw value_error(name + ": records are nested " + std::to_string(most_levels) + " deep at most", where);
    }
    if (f.type.itemsize() == 0) throw dtype_error(name + " of " + f.type.name() + " has no bytes", where);
    if (!taken.insert(f.name).second) throw value_error(name + " stands there twice", where);
    const int own = options.aligned ? natural_alignment(f.type) : 1;
    alignment = std::max(alignment, own);
    if (f.offset < 0) f.offset = round_up(end, own);
    if (f.offset % own != 0) {
      throw value_error(
          name + ": offset " + std::to_string(f.offset) + " is no multiple of its alignment, " + std::to_string(own),
          where);
    }
    if (std::any_of(f.extents.begin(), f.extents.end(), [](std::int64_t e) { return e < 0; })) {
      throw value_error(name + ": shape " + to_string(f.extents) + " has a negative extent", where);
    }
    // Checked in steps: extents of a file may multiply to anything.
    const std::int64_t count = detail::element_count(f.extents, "record", where, std::max(1, f.type.itemsize()));
    const std::int64_t bytes = count * f.type.itemsize();
    if (bytes > detail::most_itemsize || f.offset > detail::most_itemsize - bytes) {
      throw value_error(name + ": ends beyond " + std::to_string(detail::most_itemsize) + " bytes", where);
    }
    end = f.offset + bytes;
    most = std::max(most, end);
  }
  const std::int64_t needed = round_up(most, alignment);
  if (options.itemsize < 0 && needed > detail::most_itemsize) {
    throw value_error("record: " + std::to_string(needed) + " bytes with the padding at the end are more than " +
                          std::to_string(detail::most_itemsize),
                      where);
  }
  if (options.itemsize < 0) return needed;
  if (options.itemsize < most || options.itemsize % alignment != 0 || options.itemsize > detail::most_itemsize) {
    throw value_error("record: itemsize " + std::to_string(options.itemsize) + " does not hold fields of " +
                          std::to_string(needed) + " bytes",
                      where);
  }
  return options.itemsize;
}

}  // namespace

namespace detail {

dtype record_of_layout(std::vector<field> fields, std::int64_t itemsize, bool aligned) {
  const bool native = std::all_of(fields.begin(), fields.end(), [](const field& f) { return f.type.is_native(); });
  const record_layout& layout = layouts().find({std::move(fields), itemsize, native});
  const dtype type = dtype_parts::make(dtype_code::void_, reinterpret_cast<std::uintptr_t>(&layout));
  return dtype_parts::with_aligned(type, aligned);
}

dtype raw_bytes(std::int64_t n) { return record_of_layout({}, n, false); }

dtype registered_record(const std::vector<field>& fields, std::size_t size, std::size_t alignment) {
  return record(fields, {.aligned = alignment > 1, .itemsize = static_cast<std::int64_t>(size)}, caller());
}

}  // namespace detail

field::field(std::string_view text, tessera::dtype t, tessera::shape e, std::int64_t at)
    : name(text), type(t), extents(std::move(e)), offset(at) {}

std::int64_t field::nbytes() const noexcept { return detail::element_count(extents) * type.itemsize(); }

dtype record(std::initializer_list<field> fields, const record_options& options, caller where) {
  return record(std::vector<field>(fields), options, where);
}

dtype record(const std::vector<field>& fields, const record_options& options, caller where) {
  std::vector<field> laid = fields;
  const std::int64_t itemsize = lay_out(laid, options, where);
  return detail::record_of_layout(std::move(laid), itemsize, options.aligned);
}

names::names(std::initializer_list<std::string_view> list) { list_.assign(list.begin(), list.end()); }

const std::vector<field>& dtype::fields() const noexcept {
  return code() == dtype_code::void_ ? dtype_parts::layout(*this).fields : no_fields();
}

int dtype::alignment() const noexcept {
  switch (code()) {
    case dtype_code::unset:
    case dtype_code::bytes_: return 1;
    case dtype_code::str_: return 4;
    case dtype_code::void_: {
      int most = 1;
      if (is_aligned())
        for (const field& f : fields()) most = std::max(most, natural_alignment(f.type));
      return most;
    }
    default: return kind() == 'c' ? itemsize() / 2 : itemsize();
  }
}

}  // namespace tessera
