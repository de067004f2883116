// Text files: tables of numbers, texts and records, read and written.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "array.hpp"
#include "progress.hpp"

namespace tessera {

struct loadtxt_options {
  tessera::dtype dtype = float64;              // of a record each field is a column, its sub-arrays are several
  std::vector<std::string> comments = {"#"};   // what begins a comment, which ends with the line
  std::string delimiter = {};                  // one character; empty: any white space
  std::int64_t skiprows = 0;                   // lines before the first that is looked at
  std::vector<std::int64_t> usecols = {};      // from 0, below 0 from the last; empty: all columns
  bool unpack = false;                         // columns first
  int ndmin = 0;                               // fewest axes of the result, up to 2; others of extent 1 go
  std::optional<std::int64_t> max_rows = {};   // rows, not lines
  std::string quotechar = {};                  // one character around fields that hold delimiters or line ends
  std::optional<tessera::device> device = {};  // the default device unless given
  progress_function progress = {};             // is told of blocks of the text
};
/// The rows of a UTF-8 text file (as numpy.loadtxt): numbers of all dtypes, rounded correctly, texts ("U" and "S" without a width get
/// that of the longest), records. (rows, columns), of records (rows,), without the axes of extent 1 that ndmin allows to go;
/// a text without rows is an empty array. A byte order mark is passed over. Lines end with '\n', '\r' or both; lines without a
/// field are no rows. Read on all threads, then copied to the device. Throws file_error naming the file, the line, the row and
/// the column for what is no such table; value_error for bad options, dtype_error for what is not read from text.
TESSERA_API array loadtxt(const std::string& path, const loadtxt_options& options = {},
                          caller where = caller::current());
/// The same from a text in memory; value_error for what is no such table.
TESSERA_API array loadtxt_text(std::string_view text, const loadtxt_options& options = {},
                               caller where = caller::current());

/// Formats of Python's % operator: one for all columns, one with a % for each column of a row, or a list with one for each.
class TESSERA_API text_formats {
 public:
  template <string_like S> text_formats(const S& one) : list_{std::string(std::string_view(one))} {}
  text_formats(std::initializer_list<std::string_view> list);
  text_formats(std::vector<std::string> list) : list_(std::move(list)), each_(true) {}
  const std::vector<std::string>& list() const noexcept { return list_; }
  /// A list, of which each belongs to one column.
  bool each() const noexcept { return each_; }

 private:
  std::vector<std::string> list_;
  bool each_ = false;
};

struct savetxt_options {
  text_formats fmt = "%.18e";
  std::string delimiter = " ";  // between columns; not where fmt is one format for whole rows
  std::string newline = "\n";
  std::string header = {}, footer = {};  // each line behind `comments`
  std::string comments = "# ";
};
/// Writes a vector as a column, the rows of a matrix, or records with a column for each field, byte for byte as numpy.savetxt (in
/// UTF-8). The file is complete or not there, as with save(). Of Python's conversions %r, %a and * are missing. Throws
/// file_error; value_error for other shapes and formats that do not suit the columns, dtype_error for a format that does not take
/// their elements.
TESSERA_API void savetxt(const std::string& path, const operand& x, const savetxt_options& options = {});

}  // namespace tessera
