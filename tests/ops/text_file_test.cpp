// loadtxt against what numpy.loadtxt 2.4 makes of the same text (repr of its result), and against broken tables.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>

#include "ops/elements.hpp"
#include "ops/default_device.hpp"
#include "tessera/tessera.hpp"

namespace {

using namespace tessera;
namespace fs = std::filesystem;

class text_files : public testing::Test {
 protected:
  text_files() : folder_(fs::path(testing::TempDir()) / ("tessera-text-file-test-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~text_files() override { fs::remove_all(folder_); }
  std::string path(const std::string& name = "data.txt") const { return folder_ / name; }
  std::string write(const std::string& bytes) const {
    std::ofstream(path(), std::ios::binary) << bytes;
    return path();
  }
  /// The message without the folder, which differs from run to run.
  std::string why(const std::function<void()>& call) const {
    std::string text = error_of(call);
    const std::string folder = folder_.string() + "/";
    if (const auto at = text.find(folder); at != text.npos) text.erase(at, folder.size());
    return text;
  }

 private:
  fs::path folder_;
};

std::string loaded(std::string_view text, const loadtxt_options& options = {}) {
  return repr(loadtxt_text(text, options));
}
std::string failure(std::string_view text, const loadtxt_options& options = {}) {
  return error_of([&] { loadtxt_text(text, options); });
}
/// The texts of an array in C order as UTF-8, each followed by '|'.
std::string texts(const array& x) {
  const array flat = x.to(cpu()).copy();
  const int width = x.dtype().code() == dtype_code::str_ ? 4 : 1;
  const char* p = static_cast<const char*>(flat.data());
  std::string all;
  for (std::int64_t i = 0; i < x.size(); ++i, all += '|') {
    for (int at = 0; at < x.itemsize(); at += width, p += width) {
      char32_t point = 0;
      std::memcpy(&point, p, static_cast<std::size_t>(width));
      if (point == 0) continue;
      if (point < 0x80) all += static_cast<char>(point);
      else if (point < 0x800)
        all.append({static_cast<char>(0xc0 | point >> 6), static_cast<char>(0x80 | (point & 63))});
      else if (point < 0x10000) {
        all.append({static_cast<char>(0xe0 | point >> 12), static_cast<char>(0x80 | (point >> 6 & 63)),
                    static_cast<char>(0x80 | (point & 63))});
      } else {
        all.append({static_cast<char>(0xf0 | point >> 18), static_cast<char>(0x80 | (point >> 12 & 63)),
                    static_cast<char>(0x80 | (point >> 6 & 63)), static_cast<char>(0x80 | (point & 63))});
      }
    }
  }
  return all;
}
const dtype i4_f8 = record({{"f0", int32}, {"f1", float64}});

TEST(loadtxt, reads_rows_of_numbers) {
  EXPECT_EQ(loaded("1 2\n3 4\n"), "array([[1., 2.],\n       [3., 4.]])");
  EXPECT_EQ(loaded("1.5,-2e3\n.5,5.\n", {.delimiter = ","}),
            "array([[ 1.5e+00, -2.0e+03],\n       [ 5.0e-01,  5.0e+00]])");
  EXPECT_EQ(loaded("inf -Infinity NaN +nan 1e400 -1e400 1e-400 -0"),
            "array([ inf, -inf,  nan,  nan,  inf, -inf,   0.,  -0.])");
  EXPECT_EQ(loaded("1§2\n3§4", {.delimiter = "§"}), "array([[1., 2.],\n       [3., 4.]])");
}

TEST(loadtxt, separates_at_white_space_of_any_kind) {
  EXPECT_EQ(loaded("  1\t2  \n\v3 \f4 "), "array([[1., 2.],\n       [3., 4.]])");
  EXPECT_EQ(loaded("1\x1f"
                   "2"),
            "array([1., 2.])");
  EXPECT_EQ(loaded("1\u00a02\u20033\u30004"), "array([1., 2., 3., 4.])");
  EXPECT_EQ(loaded(" 1 , 2 \n3,4", {.delimiter = ","}), "array([[1., 2.],\n       [3., 4.]])");
  EXPECT_EQ(loaded("1 2\n3 4", {.delimiter = " "}), "array([[1., 2.],\n       [3., 4.]])");
}

TEST(loadtxt, ends_lines_as_all_systems_do) {
  for (const char* text : {"1 2\n3 4\n", "1 2\r\n3 4\r\n", "1 2\r3 4\r", "1 2\r\n\r\n3 4", "\n1 2\n \n3 4"})
    EXPECT_EQ(loaded(text), "array([[1., 2.],\n       [3., 4.]])") << text;
}

TEST(loadtxt, passes_over_comments_blank_lines_and_a_byte_order_mark) {
  EXPECT_EQ(loaded("# a b\n1 2# c\n\n   # d\n3 4 #"), "array([[1., 2.],\n       [3., 4.]])");
  EXPECT_EQ(loaded("1 2 // x\n% y\n3 4", {.comments = {"//", "%"}}), "array([[1., 2.],\n       [3., 4.]])");
  EXPECT_EQ(loaded("\xef\xbb\xbf"
                   "1 2"),
            "array([1., 2.])");
  EXPECT_EQ(loaded("head\n1 2\n3 4", {.skiprows = 1}), "array([[1., 2.],\n       [3., 4.]])");
  EXPECT_EQ(failure("1 2 #3", {.comments = {}}),
            "value_error loadtxt_text: line 1 (row 1), column 3: could not convert '#3' to float64");
}

TEST(loadtxt, has_no_rows_in_a_text_without_data) {
  for (const char* text : {"", "\n\n", "# a\n#b", "   "}) EXPECT_EQ(loaded(text), "array([], dtype=float64)") << text;
  EXPECT_EQ(loadtxt_text("", {.ndmin = 2}).shape(), shape({0, 1}));
  EXPECT_EQ(loadtxt_text("", {.usecols = {0, 1}, .ndmin = 2}).shape(), shape({0, 2}));
  EXPECT_EQ(loaded("1 2\n3 4", {.skiprows = 9}), "array([], dtype=float64)");
  EXPECT_EQ(loaded("1 2\n3 4", {.max_rows = 0}), "array([], dtype=float64)");
}

TEST(loadtxt, takes_the_axes_that_ndmin_says) {
  EXPECT_EQ(loadtxt_text("1").shape(), shape());
  EXPECT_EQ(loadtxt_text("1", {.ndmin = 1}).shape(), shape({1}));
  EXPECT_EQ(loadtxt_text("1", {.ndmin = 2}).shape(), shape({1, 1}));
  EXPECT_EQ(loadtxt_text("1 2 3").shape(), shape({3}));
  EXPECT_EQ(loadtxt_text("1\n2\n3", {.ndmin = 1}).shape(), shape({3}));
  EXPECT_EQ(loadtxt_text("1 2 3", {.ndmin = 2}).shape(), shape({1, 3}));
  EXPECT_EQ(loadtxt_text("1\n2\n3", {.ndmin = 2}).shape(), shape({3, 1}));
  EXPECT_EQ(loaded("1 2\n3 4", {.unpack = true}), "array([[1., 3.],\n       [2., 4.]])");
}

TEST(loadtxt, picks_columns_and_rows) {
  EXPECT_EQ(loaded("1 2 3\n4 5 6", {.usecols = {2, 0}}), "array([[3., 1.],\n       [6., 4.]])");
  EXPECT_EQ(loaded("1 2\n3", {.usecols = {-1, 0}}), "array([[2., 1.],\n       [3., 3.]])");
  EXPECT_EQ(loaded("1 x\n3 y", {.usecols = {0}}), "array([1., 3.])");
  EXPECT_EQ(loaded("1 2\n\n3 4\nx", {.max_rows = 2}), "array([[1., 2.],\n       [3., 4.]])");
}

TEST(loadtxt, reads_every_dtype_of_numbers) {
  EXPECT_EQ(loaded("-128 +127 0", {.dtype = int8}), "array([-128,  127,    0], dtype=int8)");
  EXPECT_EQ(loaded("-9223372036854775808 9223372036854775807", {.dtype = int64}),
            "array([-9223372036854775808,  9223372036854775807])");
  EXPECT_EQ(loaded("18446744073709551615 0", {.dtype = uint64}),
            "array([18446744073709551615,                    0], dtype=uint64)");
  EXPECT_EQ(loaded("2 0 -1", {.dtype = bool_}), "array([ True, False,  True])");
  EXPECT_EQ(loaded("1.1 2 65520", {.dtype = float16}), "array([1.1, 2. , inf], dtype=float16)");
  EXPECT_EQ(loaded("1e39 0.1", {.dtype = float32}), "array([inf, 0.1], dtype=float32)");
  EXPECT_EQ(loaded("1+2j (3-4j) 5j (6) 1+-2j -7 (nan+infj)", {.dtype = complex128}),
            "array([ 1. +2.j,  3. -4.j,  0. +5.j,  6. +0.j,  1. -2.j, -7. +0.j,\n       nan+infj])");
  EXPECT_EQ(loaded("( 7j ),1", {.dtype = complex64, .delimiter = ","}), "array([0.+7.j, 1.+0.j], dtype=complex64)");
  EXPECT_EQ(loaded("1 2", {.dtype = dtype(">i4")}), "array([1, 2], dtype=int32)");
}

TEST(loadtxt, rounds_every_number_correctly) {
  std::mt19937_64 words(7);
  std::string text;
  std::vector<double> expected;
  const auto add = [&](const std::string& number) {
    text += number + "\n";
    expected.push_back(std::strtod(number.c_str(), nullptr));
  };
  for (const char* hard :
       {"9007199254740993", "9007199254740992.5", "1e22", "1e23", "123456789012345678901234567890",
        "2.2250738585072011e-308", "4.9406564584124654e-324", "2.4703282292062327e-324", "1.7976931348623157e308",
        "1.7976931348623159e308", "0.1e-22", "8.5e23", "00000000000000000001.5", "0.000000000000000000000000000001",
        "1e-23", "12345678.12345678", "1e999999999999", "1e-99999999"})
    add(hard);
  char number[64];
  for (int i = 0; i < 20000; ++i) {
    double x = 0;
    const std::uint64_t word = words();
    std::memcpy(&x, &word, 8);
    if (!std::isfinite(x)) continue;
    std::snprintf(number, sizeof number, "%.*e", static_cast<int>(words() % 20), x);
    add(number);
    std::snprintf(number, sizeof number, "%.*f", static_cast<int>(words() % 12), std::ldexp(x, -std::ilogb(x) + 20));
    add(number);
  }
  const array x = loadtxt_text(text);
  ASSERT_EQ(x.shape(), shape({expected.size()}));
  for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(x.span<double>()[i], expected[i]) << i;
}

TEST(loadtxt, reads_texts) {
  const array u = loadtxt_text("a bb\nccc d", {.dtype = "U"});
  EXPECT_EQ(u.dtype(), dtype("U3"));
  EXPECT_EQ(texts(u), "a|bb|ccc|d|");
  EXPECT_EQ(loadtxt_text("a bb\nccc d", {.dtype = "S"}).dtype(), dtype("S3"));
  EXPECT_EQ(texts(loadtxt_text("a bb\nccc d", {.dtype = "U2"})), "a|bb|cc|d|");
  EXPECT_EQ(texts(loadtxt_text("a,,é€😀", {.dtype = "U3", .delimiter = ","})), "a||é€😀|");
  EXPECT_EQ(texts(loadtxt_text(" 1 , 2 \n", {.dtype = "U3", .delimiter = ","})), " 1 | 2 |");
  EXPECT_EQ(texts(loadtxt_text("a,", {.dtype = "U9", .delimiter = ","})), "a||");
  EXPECT_EQ(failure("a€", {.dtype = "S4"}),
            "value_error loadtxt_text: line 1 (row 1), column 1: could not convert 'a€' to |S4");
}

TEST(loadtxt, reads_what_stands_in_quotes) {
  const auto quoted = [](std::string_view text) {
    return texts(loadtxt_text(text, {.dtype = "U9", .quotechar = "\""}));
  };
  EXPECT_EQ(quoted("\"a b\" c\n\"x\"\"y\" \"z\"w"), "a b|c|x\"y|zw|");
  EXPECT_EQ(quoted("\"a\nb\" c"), "a\nb|c|");
  EXPECT_EQ(quoted("\"a\r\nb\" \"#\" # \"d"), "a\nb|#|");
  EXPECT_EQ(quoted("\"a b"), "a b|");
  EXPECT_EQ(quoted("\"\""), "|");
  EXPECT_EQ(quoted("a\"b c"), "a\"b|c|");
  EXPECT_EQ(loaded("\"1\" 2 \n", {.quotechar = "\""}), "array([1., 2.])");
}

TEST(loadtxt, reads_records) {
  const array x =
      loadtxt_text("1 2 3 ab\n4 5 6 c", {.dtype = record({{"a", int32}, {"b", float64, {2}}, {"c", "U2"}})});
  EXPECT_EQ(x.shape(), shape({2}));
  EXPECT_EQ(x.dtype(), record({{"a", int32}, {"b", float64, {2}}, {"c", "U2"}}));
  EXPECT_EQ(elements<std::int32_t>(x["a"]), (std::vector<std::int32_t>{1, 4}));
  EXPECT_EQ(elements<double>(x["b"]), (std::vector<double>{2, 3, 5, 6}));
  EXPECT_EQ(texts(x["c"]), "ab|c|");
  EXPECT_EQ(loadtxt_text("1 2", {.dtype = i4_f8}).shape(), shape());
  EXPECT_EQ(loadtxt_text("1 2", {.dtype = i4_f8, .ndmin = 2}).shape(), shape({1, 1}));
  EXPECT_EQ(loadtxt_text("", {.dtype = i4_f8}).shape(), shape({0}));
  EXPECT_EQ(elements<double>(loadtxt_text("1 2 3", {.dtype = i4_f8, .usecols = {2, 0}, .ndmin = 1})["f1"]),
            (std::vector<double>{1}));
}

TEST(loadtxt, reads_times) {
  const auto steps = [](const array& x) { return elements<std::int64_t>(x.copy().view(int64)); };
  const array x = loadtxt_text("2020-01-01 2021-02-03T05\nNaT 1969-12-31", {.dtype = "M8[h]"});
  EXPECT_EQ(x.dtype(), dtype("M8[h]"));
  EXPECT_EQ(steps(x), (list{438288, 447869, std::numeric_limits<std::int64_t>::min(), -24}));
  EXPECT_EQ(loadtxt_text("2020-01-01 2021-02", {.dtype = "M8"}).dtype(), dtype("M8[D]"));
  EXPECT_EQ(steps(loadtxt_text("5 7", {.dtype = "m8[s]"})), (list{5, 7}));
  const array r = loadtxt_text("2020-01-01, 1.5\n 1970-01-02,2",
                               {.dtype = record({{"t", "M8[D]"}, {"x", float64}}), .delimiter = ","});
  EXPECT_EQ(steps(r["t"]), (list{18262, 1}));
  EXPECT_EQ(elements<double>(r["x"]), (std::vector<double>{1.5, 2}));
  EXPECT_EQ(failure("x", {.dtype = "M8[s]"}),
            "value_error loadtxt_text: line 1 (row 1), column 1: could not convert 'x' to datetime64[s]");
}

TEST(loadtxt_errors, name_the_row_the_column_and_the_counts) {
  EXPECT_EQ(failure("# a\n1 2\n\n3"),
            "value_error loadtxt_text: line 4 (row 2) has 1 column, the rows before it 2; usecols picks some of them");
  EXPECT_EQ(failure("1 2 3", {.dtype = i4_f8}),
            "value_error loadtxt_text: line 1 (row 1) has 3 columns, the dtype needs 2; usecols picks some of them");
  EXPECT_EQ(failure("1 2\n3 4", {.usecols = {5}}),
            "value_error loadtxt_text: line 1 (row 1) has 2 columns, usecols asks for column 5");
  EXPECT_EQ(failure("1 2\n3 4", {.dtype = i4_f8, .usecols = {1}}),
            "value_error loadtxt_text: usecols names 1 column, the dtype has 2");
}

TEST(loadtxt_errors, name_what_is_no_number) {
  const auto column = [](std::string_view text, const dtype& type, const std::string& delimiter = {}) {
    const std::string message = failure(text, {.dtype = type, .delimiter = delimiter});
    return message.substr(std::min(message.size(), message.find("column")));
  };
  EXPECT_EQ(column("1 x", float64), "column 2: could not convert 'x' to float64");
  EXPECT_EQ(column("1,,2", float64, ","), "column 2: could not convert '' to float64");
  EXPECT_EQ(column("1,", float64, ","), "column 2: could not convert '' to float64");
  EXPECT_EQ(column("  # c\n1,2", float64, ","), "column 1: could not convert '  ' to float64");
  EXPECT_EQ(column("1  2", float64, " "), "column 2: could not convert '' to float64");
  for (const char* text :
       {"1_0", "0x10", "1e", "1e+", ".", "+", "-", "--1", "1.2.3", "infinit", "nano", "1j", "1-", "٣", "1d3"})
    EXPECT_EQ(column(text, float64), std::string("column 1: could not convert '") + text + "' to float64");
  EXPECT_EQ(column(std::string_view("1\0002", 3), float64), "column 1: could not convert '1\\x002' to float64");
  EXPECT_EQ(column("1.5", int64), "column 1: could not convert '1.5' to int64");
  EXPECT_EQ(column("300", int8), "column 1: could not convert '300' to int8");
  EXPECT_EQ(column("-129", int8), "column 1: could not convert '-129' to int8");
  EXPECT_EQ(column("-0", uint8), "column 1: could not convert '-0' to uint8");
  for (const char* text :
       {"9223372036854775808", "-9223372036854775809", "99999999999999999999", "-", "+-1", "-+1", "1-"})
    EXPECT_EQ(column(text, int64), std::string("column 1: could not convert '") + text + "' to int64");
  EXPECT_EQ(column("18446744073709551616", uint64), "column 1: could not convert '18446744073709551616' to uint64");
  EXPECT_EQ(column("True", bool_), "column 1: could not convert 'True' to bool");
  for (const char* text : {"(1", "1)", "()", "1+2", "1+j", "1+2jj", "j", "(1))"})
    EXPECT_EQ(column(text, complex128), std::string("column 1: could not convert '") + text + "' to complex128");
  EXPECT_EQ(column(std::string(300, 'x'), float64),
            "column 1: could not convert '" + std::string(100, 'x') + "…' to float64");
}

TEST(loadtxt_errors, refuse_options_that_make_no_sense) {
  EXPECT_EQ(failure("1", {.delimiter = "ab"}), "value_error loadtxt_text: delimiter is one character, not 'ab'");
  EXPECT_EQ(failure("1", {.delimiter = "\xff"}), "value_error loadtxt_text: delimiter is one character, not '\xff'");
  EXPECT_EQ(failure("1", {.delimiter = "\n"}), "value_error loadtxt_text: delimiter must not be a line end");
  EXPECT_EQ(failure("1", {.delimiter = "#"}), "value_error loadtxt_text: '#' is both comments and delimiter");
  EXPECT_EQ(failure("1", {.delimiter = ",", .quotechar = ","}),
            "value_error loadtxt_text: ',' is both quotechar and delimiter");
  EXPECT_EQ(failure("1", {.quotechar = "#"}), "value_error loadtxt_text: '#' is both comments and quotechar");
  EXPECT_EQ(failure("1", {.comments = {""}}), "value_error loadtxt_text: a comment needs a character to begin with");
  EXPECT_EQ(failure("1", {.comments = {"#", "%"}, .quotechar = "'"}),
            "value_error loadtxt_text: quotes go together with one comment of one character only");
  EXPECT_EQ(failure("1", {.ndmin = 3}), "value_error loadtxt_text: ndmin is 0, 1 or 2, not 3");
  EXPECT_EQ(failure("1", {.skiprows = -1}), "value_error loadtxt_text: skiprows must not be negative, it is -1");
  EXPECT_EQ(failure("1", {.max_rows = -5}), "value_error loadtxt_text: max_rows must not be negative, it is -5");
  EXPECT_EQ(failure("1 2", {.dtype = i4_f8, .unpack = true}),
            "value_error loadtxt_text: records have fields, not columns to unpack");
  EXPECT_EQ(failure("1", {.dtype = "V3"}), "dtype_error loadtxt_text: |V3 is not read from text");
  EXPECT_EQ(failure("1", {.dtype = dtype()}), "dtype_error loadtxt_text: needs a dtype");
}

TEST_F(text_files, are_read_as_texts_are) {
  EXPECT_EQ(repr(loadtxt(write("1 2\r\n3 4"))), "array([[1., 2.],\n       [3., 4.]])");
  EXPECT_EQ(repr(loadtxt(write(""))), "array([], dtype=float64)");
  EXPECT_EQ(why([&] { loadtxt(write("1 2\n3 x\n")); }),
            "error loadtxt: data.txt: line 2 (row 2), column 2: could not convert 'x' to float64");
  EXPECT_EQ(why([&] { loadtxt(write("1\n2\xff\n")); }),
            "error loadtxt: data.txt: line 2 (row 2): byte 1 of the row is not UTF-8");
  EXPECT_EQ(why([&] { loadtxt(write("1 2\n\xe2\x20\x0a 3\n")); }),
            "error loadtxt: data.txt: line 2 (row 2): byte 0 of the row is not UTF-8");
  EXPECT_EQ(why([&] { loadtxt(path("none")); }), "error loadtxt: none: cannot be opened: No such file or directory");
  EXPECT_EQ(why([&] { loadtxt(path("")); }), "error loadtxt: : is a directory");
}

/// So many rows that several blocks of the file are read.
std::string many_rows(std::int64_t rows, const char* ending) {
  std::string text;
  for (std::int64_t i = 0; i < rows; ++i) text += std::to_string(i) + "," + std::to_string(i % 97) + ".25" + ending;
  return text;
}

TEST_F(text_files, of_many_blocks_are_the_same_on_any_number_of_threads) {
  constexpr std::int64_t rows = 200'000;
  const int before = num_threads();
  for (const char* ending : {"\n", "\r\n", "\r", "\n# a\n\n"}) {
    const std::string file = write(many_rows(rows, ending));
    for (const int threads : {1, 3}) {
      set_num_threads(threads);
      for (const char* quote : {"", "\""}) {
        const array x = loadtxt(file, {.delimiter = ",", .quotechar = quote});
        ASSERT_EQ(x.shape(), shape({rows, 2}));
        std::int64_t wrong = 0;
        const double* row = x.span<double>().data();
        for (std::int64_t i = 0; i < rows; ++i, row += 2) {
          wrong += row[0] != static_cast<double>(i) || row[1] != static_cast<double>(i % 97) + 0.25;
        }
        EXPECT_EQ(wrong, 0);
      }
    }
  }
  set_num_threads(before);
}

TEST_F(text_files, say_where_a_row_is_wrong_beyond_the_first_block) {
  const std::string good = many_rows(300'000, "\r\n");
  EXPECT_EQ(why([&] { loadtxt(write(good + "\r\n1\r\n" + good + "y"), {.delimiter = ","}); }),
            "error loadtxt: data.txt: line 300002 (row 300001) has 1 column, the rows before it 2; usecols picks some "
            "of them");
  EXPECT_EQ(loadtxt(write(good + "x"), {.delimiter = ",", .max_rows = 300'000}).shape(), shape({300'000, 2}));
}

TEST_F(text_files, may_have_fields_longer_than_a_block) {
  const std::string text(5'000'000, 'a');
  const array x = loadtxt(write("\"" + text + "\n\" b\nc d"), {.dtype = "S3", .quotechar = "\""});
  EXPECT_EQ(texts(x), "aaa|b|c|d|");
  EXPECT_EQ(loadtxt(write("\"" + text), {.dtype = "S", .quotechar = "\""}).itemsize(), 5'000'000);
  EXPECT_EQ(loadtxt(write("0." + std::string(3'000'000, '0') + "1e3000001")).item<double>(), 1.0);
}

TEST_F(text_files, tell_of_their_progress_and_end_when_asked_to) {
  const std::string file = write(many_rows(400'000, "\n"));
  std::vector<std::int64_t> done;
  std::int64_t of = 0;
  loadtxt(file, {.delimiter = ",", .progress = [&](std::int64_t d, std::int64_t n) { done.push_back(d), of = n; }});
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  EXPECT_EQ(done.front(), 0);
  EXPECT_EQ(done.back(), of);
  EXPECT_EQ(why([&] {
              loadtxt(file, {.delimiter = ",", .progress = [](std::int64_t, std::int64_t) { return false; }});
            }).substr(0, 32),
            "error loadtxt: cancelled after 0");
}

}  // namespace
