// savetxt: formats matched with columns, rows written in blocks.
#include <algorithm>

#include "core/access.hpp"
#include "core/dtype_parts.hpp"
#include "core/file_access.hpp"
#include "core/text_format.hpp"
#include "cpu/threads.hpp"
#include "expr/evaluate.hpp"
#include "tessera/text_file.hpp"

namespace tessera {

text_formats::text_formats(std::initializer_list<std::string_view> list)
    : list_(list.begin(), list.end()), each_(true) {}

namespace {

using detail::text_conversion;
using detail::text_format;

/// What one % writes: where it lies in a row, and its dtype.
struct value_column {
  std::int64_t offset;
  dtype type;
};

struct table {
  array rows;
  std::int64_t count = 0, columns = 1, step = 0;  // bytes between rows
  std::vector<value_column> values;               // two for a complex column
  bool complex = false;
};

table table_of(const operand& x) {
  const caller where = x.where();
  table t;
  t.rows = detail::materialize(x.recipe(), where).to(cpu(), where);
  const array& a = t.rows;
  const bool records = a.dtype().has_fields();
  if (a.ndim() == 0 || a.ndim() > 2 || (records && a.ndim() != 1)) {
    throw value_error(
        "savetxt: shape " + to_string(a.shape()) + "; expected one axis" + (records ? " of records" : " or two"),
        where);
  }
  t.count = a.shape()[0];
  t.step = a.strides()[0];
  t.complex = a.dtype().kind() == 'c';
  if (records) {
    for (const field& f : a.dtype().fields()) {
      if (!f.extents.empty() || f.type.has_fields())
        throw dtype_error("savetxt: field '" + f.name + "' is not one element", where);
      t.values.push_back({f.offset, f.type});
    }
    t.columns = static_cast<std::int64_t>(t.values.size());
    return t;
  }
  t.columns = a.ndim() == 2 ? a.shape()[1] : 1;
  const std::int64_t between = a.ndim() == 2 ? a.strides()[1] : 0;
  const dtype part = !t.complex ? a.dtype() : a.dtype() == complex64 ? float32 : float64;
  for (std::int64_t i = 0; i < t.columns; ++i) {
    t.values.push_back({i * between, part});
    if (t.complex) t.values.push_back({i * between + part.itemsize(), part});
  }
  return t;
}

/// The format of a row, by NumPy's rules: what counts is how often % is written.
std::string row_format(const savetxt_options& options, const table& t, caller where) {
  std::vector<std::string> list = options.fmt.list();
  if (options.fmt.each()) {
    if (static_cast<std::int64_t>(list.size()) != t.columns) {
      throw value_error("savetxt: fmt has " + std::to_string(list.size()) + " formats, the rows have " +
                            std::to_string(t.columns) + " columns",
                        where);
    }
  } else {
    const std::string one = list[0];
    const std::int64_t count = std::count(one.begin(), one.end(), '%');
    if (count != 1) {
      if (count != static_cast<std::int64_t>(t.values.size())) {
        throw value_error("savetxt: fmt '" + one + "' has " + std::to_string(count) +
                              " % formats, the rows need 1 or " + std::to_string(t.values.size()),
                          where);
      }
      return one;
    }
    list.assign(static_cast<std::size_t>(t.columns), t.complex ? " (" + one + "+" + one + "j)" : one);
  }
  std::string all;
  for (std::size_t i = 0; i < list.size(); ++i) all += (i > 0 ? options.delimiter : "") + list[i];
  return all;
}

text_format checked_format(const savetxt_options& options, const table& t, caller where) {
  const std::string text = row_format(options, t, where);
  text_format format = detail::parse_text_format(text, "savetxt", where);
  if (format.items.size() != t.values.size()) {
    throw value_error("savetxt: fmt '" + text + "' formats " + std::to_string(format.items.size()) +
                          " values, the rows have " + std::to_string(t.values.size()),
                      where);
  }
  for (std::size_t i = 0; i < t.values.size(); ++i) {
    if (takes(format.items[i], t.values[i].type)) continue;
    throw dtype_error("savetxt: column " + std::to_string(t.complex ? i / 2 : i) + ": %" + format.items[i].what +
                          " does not take " + t.values[i].type.name(),
                      where);
  }
  return format;
}

/// Rows that are written together.
struct block {
  std::string text;
  std::int64_t failed_row = -1;
  std::size_t failed_value = 0;
  const char* failure = nullptr;
};

void format_rows(block& to, const table& t, const text_format& format, const std::string& newline, std::int64_t first,
                 std::int64_t last) {
  to.text.clear();
  for (std::int64_t row = first; row < last; ++row) {
    const std::byte* const from = detail::access::data(t.rows) + row * t.step;
    const std::size_t begin = to.text.size();
    for (std::size_t i = 0; i < t.values.size(); ++i) {
      const value_column& value = t.values[i];
      to.failure = append_formatted(to.text, format.items[i], from + value.offset, value.type);
      if (to.failure == nullptr) continue;
      to.failed_row = row;
      to.failed_value = i;
      return;
    }
    to.text += format.after;
    to.text += newline;
    if (!t.complex) continue;
    for (std::size_t at = begin; (at = to.text.find("+-", at)) != std::string::npos;) to.text.erase(at, 1);
  }
}

void write_rows(const detail::file_descriptor& file, const table& t, const text_format& format,
                const std::string& newline, const detail::file_context& on) {
  constexpr std::int64_t values_each = 4096;  // of a block, some 100 KB
  const std::int64_t each = std::max<std::int64_t>(1, values_each / std::max<std::int64_t>(1, std::ssize(t.values)));
  std::vector<block> blocks(static_cast<std::size_t>(4 * detail::cpu::thread_count()));
  for (std::int64_t begin = 0; begin < t.count; begin += each * std::ssize(blocks)) {
    const std::int64_t used = std::min<std::int64_t>(std::ssize(blocks), (t.count - begin + each - 1) / each);
    detail::cpu::parallel_for(used, values_each * 200, [&](std::int64_t first, std::int64_t last, int) {
      for (std::int64_t k = first; k < last; ++k) {
        const std::int64_t row = begin + k * each;
        format_rows(blocks[static_cast<std::size_t>(k)], t, format, newline, row, std::min(row + each, t.count));
      }
    });
    for (std::int64_t k = 0; k < used; ++k) {
      const block& done = blocks[static_cast<std::size_t>(k)];
      if (done.failure) {
        throw value_error("savetxt: row " + std::to_string(done.failed_row) + ", column " +
                              std::to_string(t.complex ? done.failed_value / 2 : done.failed_value) + ": " +
                              done.failure,
                          on.where());
      }
      write_all(file, done.text.data(), done.text.size(), on);
    }
  }
}

void write_comment(const detail::file_descriptor& file, const std::string& text, const savetxt_options& options,
                   const detail::file_context& on) {
  if (text.empty()) return;
  std::string lines = options.comments;
  for (const char c : text) {
    lines += c;
    if (c == '\n') lines += options.comments;
  }
  lines += options.newline;
  write_all(file, lines.data(), lines.size(), on);
}

}  // namespace

void savetxt(const std::string& path, const operand& x, const savetxt_options& options) {
  const detail::file_context on("savetxt", path, x.where());
  const table t = table_of(x);
  const text_format format = checked_format(options, t, x.where());
  detail::replacement_file file(on);
  write_comment(file.descriptor(), options.header, options, on);
  write_rows(file.descriptor(), t, format, options.newline, on);
  write_comment(file.descriptor(), options.footer, options, on);
  file.commit();
}

}  // namespace tessera
