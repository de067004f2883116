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
/// that of the longest), times, records. (rows, columns), of records (rows,), without the axes of extent 1 that ndmin allows to go;
/// a text without rows is an empty array. A byte order mark is passed over. Lines end with '\n', '\r' or both; lines without a
/// field are no rows. Read on all threads, then copied to the device. Throws file_error naming the file, the line, the row and
/// the column for what is no such table; value_error for bad options, dtype_error for what is not read from text.
TESSERA_API array loadtxt(const std::string& path, const loadtxt_options& options = {},
                          caller where = caller::current());
/// The same from a text in memory; value_error for what is no such table.
TESSERA_API array loadtxt_text(std::string_view text, const loadtxt_options& options = {},
                               caller where = caller::current());

/// A column by its number, below 0 from the last, or by its name.
class column_key {
 public:
  template <integer T> column_key(T number) : number_(static_cast<std::int64_t>(number)) {}
  template <string_like S> column_key(const S& name) : name_(std::string_view(name)), named_(true) {}
  bool named() const noexcept { return named_; }
  std::int64_t number() const noexcept { return number_; }
  const std::string& name() const noexcept { return name_; }

 private:
  std::int64_t number_ = 0;
  std::string name_;
  bool named_ = false;
};

/// A number or a text in the place of what is missing.
class filling_value {
 public:
  template <scalar T> filling_value(T number) : number_(number) {}
  template <string_like S> filling_value(const S& text) : text_(std::string_view(text)), is_text_(true) {}
  bool is_text() const noexcept { return is_text_; }
  const detail::scalar_value& number() const noexcept { return number_; }
  const std::string& text() const noexcept { return text_; }

 private:
  detail::scalar_value number_;
  std::string text_;
  bool is_text_ = false;
};

/// Where fields have their names from: the first line (true, also behind a comment sign), or a list.
class header_names {
 public:
  header_names() = default;
  header_names(bool first_line) : first_line_(first_line) {}
  header_names(std::initializer_list<std::string_view> list) : list_(list.begin(), list.end()) {}
  header_names(std::vector<std::string> list) : list_(std::move(list)) {}
  bool first_line() const noexcept { return first_line_; }
  const std::vector<std::string>& list() const noexcept { return list_; }

 private:
  std::vector<std::string> list_;
  bool first_line_ = false;
};

enum class name_case { keep, upper, lower };
/// What becomes of names, by NumPy's rules (numpy.lib._iotools.NameValidator).
struct field_names {
  std::string deletechars = "~!@#$%^&*()-=+~\\|]}[{';: /?.>,<";  // and '"'
  std::string replace_space = "_";                               // first
  name_case letters = name_case::keep;
  std::vector<std::string> excludelist = {};  // besides return, file and print: get a '_' behind them
  std::string defaultfmt = "f%i";             // for those without a name
};

struct genfromtxt_options {
  tessera::dtype dtype = float64;                 // unset: found from each column's values, see below
  std::string comments = "#";                     // empty: none
  std::string delimiter = {};                     // a text; empty: any white space
  std::int64_t width = 0;                         // characters of every field, in place of a delimiter
  std::vector<std::int64_t> widths = {};          // the same of each
  std::int64_t skip_header = 0, skip_footer = 0;  // lines, rows
  std::vector<std::string> missing_values = {};   // besides "": what stands for no value in all columns
  std::vector<std::pair<column_key, std::vector<std::string>>> missing_of = {};  // in some
  std::optional<filling_value> filling_values = {};                              // for what is missing, in all columns
  std::vector<std::pair<column_key, filling_value>> filling_of = {};             // in some
  std::vector<column_key> usecols = {};
  header_names names = {};
  field_names naming = {};
  bool autostrip = false;     // white space around texts goes; around numbers it always does
  bool loose = true;          // what is no number counts as missing
  bool invalid_raise = true;  // rows with other numbers of columns are errors; false: they are left out
  bool unpack = false;
  int ndmin = 0;
  std::optional<std::int64_t> max_rows = {};
  std::optional<tessera::device> device = {};
};
/// The rows of a UTF-8 text file with missing values and names (as numpy.genfromtxt, with its rules): what does not convert and
/// is missing, or with `loose` anyway, becomes the filling value, or False, -1, NaN or "???". A dtype that is not set is found: of each
/// column bool, int64, float64, complex128 or text, the first that takes all its values; records unless all columns are alike
/// and no names are given. The whole text is held in memory. Throws as loadtxt.
TESSERA_API array genfromtxt(const std::string& path, const genfromtxt_options& options = {},
                             caller where = caller::current());
TESSERA_API array genfromtxt_text(std::string_view text, const genfromtxt_options& options = {},
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
