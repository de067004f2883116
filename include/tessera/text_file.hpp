// Text files: tables of numbers, texts and records, read and written.
#pragma once
#include <optional>
#include <string>
#include <string_view>
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

}  // namespace tessera
