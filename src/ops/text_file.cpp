// loadtxt: options checked, rows read, axes of extent 1 taken away.
#include "tessera/text_file.hpp"

#include <algorithm>

#include "core/dtype_parts.hpp"
#include "core/utf8.hpp"
#include "ops/convert.hpp"
#include "ops/text_file_rows.hpp"
#include "tessera/views.hpp"

namespace tessera {

array detail::with_ndmin(array x, int ndmin, caller where) {
  if (x.ndim() > ndmin) x = squeeze(x, {}, where);
  if (x.ndim() < ndmin && ndmin == 1) return x.view_at({newaxis}, where);
  if (x.ndim() == 1 && ndmin == 2) return x.view_at({ellipsis, newaxis}, where);
  if (x.ndim() == 0 && ndmin == 2) return x.view_at({newaxis, newaxis}, where);
  return x;
}

namespace {

void check(const loadtxt_options& options, const char* name, caller where) {
  const auto refuse = [&](const std::string& what) { throw value_error(std::string(name) + ": " + what, where); };
  if (!options.dtype.is_set()) throw dtype_error(std::string(name) + ": needs a dtype", where);
  if (options.ndmin < 0 || options.ndmin > 2) refuse("ndmin is 0, 1 or 2, not " + std::to_string(options.ndmin));
  if (options.skiprows < 0) refuse("skiprows must not be negative, it is " + std::to_string(options.skiprows));
  if (options.max_rows.value_or(0) < 0)
    refuse("max_rows must not be negative, it is " + std::to_string(*options.max_rows));
  if (options.unpack && options.dtype.has_fields()) refuse("records have fields, not columns to unpack");
  const bool long_comments =
      options.comments.size() > 1 || std::any_of(options.comments.begin(), options.comments.end(),
                                                 [](const std::string& c) { return detail::count_characters(c) > 1; });
  if (long_comments && !options.quotechar.empty()) refuse("quotes go together with one comment of one character only");
}

array load_rows(detail::text_input& in, const loadtxt_options& options) {
  detail::text_request request;
  request.syntax = {options.delimiter, options.comments, options.quotechar};
  const dtype type = detail::native(options.dtype);
  const bool finds_unit = type == dtype("M8");  // all texts together tell it
  request.type = finds_unit ? str_(0) : type;
  request.skiprows = options.skiprows;
  request.usecols = options.usecols;
  request.max_rows = options.max_rows;
  request.progress = options.progress;
  const caller where = in.where();
  array x = detail::with_memory(in.name(), where, [&] { return detail::read_rows(in, request); });
  if (finds_unit) x = detail::convert(x, type, in.name(), where);
  x = detail::with_ndmin(std::move(x), options.ndmin, where);
  if (options.unpack) x = x.T();
  return x.to(options.device ? *options.device : default_device(where), where);
}

}  // namespace

array loadtxt(const std::string& path, const loadtxt_options& options, caller where) {
  check(options, "loadtxt", where);
  detail::check_syntax({options.delimiter, options.comments, options.quotechar}, "loadtxt", where);
  detail::text_input in("loadtxt", path, where);
  return load_rows(in, options);
}

array loadtxt_text(std::string_view text, const loadtxt_options& options, caller where) {
  check(options, "loadtxt_text", where);
  detail::check_syntax({options.delimiter, options.comments, options.quotechar}, "loadtxt_text", where);
  detail::text_input in("loadtxt_text", text, where);
  return load_rows(in, options);
}

}  // namespace tessera
