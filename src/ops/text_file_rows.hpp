// Rows of a text into elements, blocks of it at a time on all threads.
#pragma once
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/file_access.hpp"
#include "core/text_columns.hpp"
#include "core/text_rows.hpp"
#include "tessera/progress.hpp"

namespace tessera::detail {

/// A text in a file or in memory.
class text_input {
 public:
  text_input(const char* name, const std::string& path, caller where);
  text_input(const char* name, std::string_view text, caller where) : name_(name), where_(where), text_(text) {}

  const char* name() const noexcept { return name_; }
  caller where() const noexcept { return where_; }
  std::int64_t size() const noexcept { return size_; }
  /// Bytes from `begin` on, at most `count`; valid until the next call.
  std::string_view view(std::int64_t begin, std::int64_t count);
  /// Where the text begins: behind a byte order mark.
  std::int64_t begin();
  /// The line that byte `offset` is in, from 1 on.
  std::int64_t line_of(std::int64_t offset);
  /// Throws file_error "NAME: FILE: …", of a text in memory value_error "NAME: …".
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  const char* name_;
  caller where_;
  std::optional<file_context> on_;
  std::optional<opened_file> file_;
  std::string_view text_;
  std::int64_t size_ = static_cast<std::int64_t>(text_.size());
  std::unique_ptr<char[]> block_;
  std::int64_t capacity_ = 0;
};

struct text_request {
  text_syntax syntax;
  dtype type;
  std::int64_t skiprows = 0;
  std::vector<std::int64_t> usecols;
  std::optional<std::int64_t> max_rows;
  progress_function progress;
};

/// (rows, columns), of records (rows,), in C order on the host.
array read_rows(text_input& in, const text_request& request);

/// NumPy's rule: axes of extent 1 go where there are more than ndmin, and columns stay columns.
array with_ndmin(array x, int ndmin, caller where);

/// f(), with out_of_memory naming the function where the standard library has none.
template <class F> decltype(auto) with_memory(const char* name, caller where, F&& f) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    throw out_of_memory(std::string(name) + ": no memory is left for the text's rows", where);
  }
}

/// Text as messages quote it: what is not printed escaped, cut off where it is long.
std::string quoted_field(std::string_view text);

}  // namespace tessera::detail
