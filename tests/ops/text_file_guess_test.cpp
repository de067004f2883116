// genfromtxt against what numpy.genfromtxt 2.4 makes of the same text: dtype, shape and values.
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "ops/elements.hpp"
#include "tessera/tessera.hpp"

namespace {

using namespace tessera;

/// One element as Python shows it; texts in quotes.
std::string shown(const array& x) {
  const dtype type = x.dtype();
  if (type.kind() == 'U' || type.kind() == 'S') {
    std::string text;
    for (int i = 0; i < type.itemsize(); i += type.kind() == 'U' ? 4 : 1)
      if (const char c = static_cast<const char*>(x.data())[i]) text += c;
    return "'" + text + "'";
  }
  if (!type.has_fields()) return str(x.copy());
  std::string all;
  for (const field& f : type.fields()) {
    all += all.empty() ? "(" : ", ";
    all += f.extents.empty() ? shown(x[f.name]) : str(x[f.name].copy());
  }
  return all + ")";
}
/// As NumPy's description of a record, "[('a', '<i8'), ('b', '<f8', (2,))]", or the dtype's name.
std::string type_name(const dtype& type) {
  if (!type.has_fields()) return type.name();
  std::string all;
  for (const field& f : type.fields()) {
    const std::string code = f.type == bool_ ? "?" : f.type.str();
    all += all.empty() ? "[(" : ", (";
    all += "'" + f.name + "', '" + code + "'" + (f.extents.empty() ? "" : ", " + to_string(f.extents)) + ")";
  }
  return all + "]";
}
/// "dtype shape: elements in C order"
std::string described(const array& x) {
  std::string text = type_name(x.dtype()) + " " + to_string(x.shape()) + ":";
  const array flat = reshape(x, {-1});
  for (std::int64_t i = 0; i < flat.size(); ++i) text.append(" ").append(shown(flat.view_at({i})));
  return text;
}
std::string read(std::string_view text, const genfromtxt_options& options = {}) {
  return described(genfromtxt_text(text, options));
}
std::string failure(std::string_view text, const genfromtxt_options& options = {}) {
  return error_of([&] { genfromtxt_text(text, options); });
}
const dtype found{};
const dtype i4_f8 = record({{"f0", int32}, {"f1", float64}});

TEST(genfromtxt, reads_numbers_and_fills_what_is_missing) {
  EXPECT_EQ(read("1 2\n3 4"), "float64 (2, 2): 1.0 2.0 3.0 4.0");
  EXPECT_EQ(read("1,2\n3,x", {.delimiter = ","}), "float64 (2, 2): 1.0 2.0 3.0 nan");
  EXPECT_EQ(read("1,,3\n4,5,", {.delimiter = ","}), "float64 (2, 3): 1.0 nan 3.0 4.0 5.0 nan");
  EXPECT_EQ(read("1\t2\t", {.delimiter = "\t"}), "float64 (3,): 1.0 2.0 nan");
  EXPECT_EQ(read("1_000 2_0.5"), "float64 (2,): 1000.0 20.5");
  EXPECT_EQ(read("1,2\nx,4", {.dtype = int32, .delimiter = ","}), "int32 (2, 2): 1 2 -1 4");
  EXPECT_EQ(read("1.7,2\n-1.7,4", {.dtype = int32, .delimiter = ","}), "int32 (2, 2): 1 2 -1 4");
  EXPECT_EQ(read("1.7,2", {.dtype = int64, .delimiter = ","}), "int64 (2,): -1 2");
  EXPECT_EQ(read("true TRUE no 1", {.dtype = bool_}), "bool (4,): True True False False");
  EXPECT_EQ(read("1+2j j (3) 1+j 1J x", {.dtype = complex128}), "complex128 (6,): (1+2j) 1j (3+0j) (1+1j) 1j (nan+0j)");
  EXPECT_EQ(read("1e5 inf", {.dtype = float32}), "float32 (2,): 100000.0 inf");
  EXPECT_EQ(read("1,\n2,3", {.delimiter = ",", .filling_values = -9}), "float64 (2, 2): 1.0 -9.0 2.0 3.0");
  EXPECT_EQ(read("-999,2", {.delimiter = ",", .missing_values = {"-999"}}), "float64 (2,): -999.0 2.0");
}

TEST(genfromtxt, has_lines_and_comments_as_numpy) {
  EXPECT_EQ(read("# c\n\n1 2 # x\n"), "float64 (2,): 1.0 2.0");
  EXPECT_EQ(read("1//x\n2", {.comments = "//"}), "float64 (2,): 1.0 2.0");
  EXPECT_EQ(read("1#2", {.comments = ""}), "float64 (): nan");
  EXPECT_EQ(read("1 2 ", {.delimiter = " "}), "float64 (2,): 1.0 2.0");
  EXPECT_EQ(read("1 2\r3 4\r\n5 6"), "float64 (3, 2): 1.0 2.0 3.0 4.0 5.0 6.0");
  EXPECT_EQ(read("h\n1 2 3\n4 5 6\nf", {.skip_header = 1, .skip_footer = 1}),
            "float64 (2, 3): 1.0 2.0 3.0 4.0 5.0 6.0");
  EXPECT_EQ(read("1 2\n3 4\n5 6", {.max_rows = 2}), "float64 (2, 2): 1.0 2.0 3.0 4.0");
  EXPECT_EQ(read(""), "float64 (0,):");
  EXPECT_EQ(read("#a\n"), "float64 (0,):");
  EXPECT_EQ(read("1 2", {.ndmin = 2}), "float64 (1, 2): 1.0 2.0");
  EXPECT_EQ(read("1\n2", {.ndmin = 2}), "float64 (2, 1): 1.0 2.0");
  EXPECT_EQ(read("1 2\n3 4", {.unpack = true}), "float64 (2, 2): 1.0 3.0 2.0 4.0");
}

TEST(genfromtxt, finds_the_dtype_of_each_column) {
  EXPECT_EQ(read("1 2", {.dtype = found}), "int64 (2,): 1 2");
  EXPECT_EQ(read("True\nfalse", {.dtype = found}), "bool (2,): True False");
  EXPECT_EQ(read("1\n2.5", {.dtype = found}), "float64 (2,): 1.0 2.5");
  EXPECT_EQ(read("99999999999999999999\n1", {.dtype = found}), "float64 (2,): 1e+20 1.0");
  EXPECT_EQ(
      read("True,1,1.5,1j,abc\nfalse,-2,nan,2,d", {.dtype = found, .delimiter = ","}),
      "[('f0', '?'), ('f1', '<i8'), ('f2', '<f8'), ('f3', '<c16'), ('f4', '<U3')] (2,): (True, 1, 1.5, 1j, 'abc') "
      "(False, -2, nan, (2+0j), 'd')");
  EXPECT_EQ(read("a,bb\nccc,d", {.dtype = found, .delimiter = ","}), "<U3 (2, 2): 'a' 'bb' 'ccc' 'd'");
  EXPECT_EQ(read("1 x", {.dtype = found, .naming = {.defaultfmt = "c_%02i"}}),
            "[('c_00', '<i8'), ('c_01', '<U1')] (): (1, 'x')");
  EXPECT_EQ(read("1_000 2_0.5", {.dtype = found}), "[('f0', '<i8'), ('f1', '<f8')] (): (1000, 20.5)");
}

TEST(genfromtxt, finds_columns_alike_whatever_is_missing) {
  EXPECT_EQ(read("1,\n2,", {.dtype = found, .delimiter = ","}), "int64 (2, 2): 1 0 2 0");
  EXPECT_EQ(read(",1.5\n,2", {.dtype = found, .delimiter = ","}), "float64 (2, 2): 0.0 1.5 0.0 2.0");
  EXPECT_EQ(read("True,\n,False", {.dtype = found, .delimiter = ","}),
            "[('f0', '?'), ('f1', '?')] (2,): (True, False) (False, False)");
  EXPECT_EQ(read("1,N/A,3\n4,5,---", {.dtype = found, .delimiter = ",", .missing_values = {"N/A", "---"}}),
            "int64 (2, 3): 1 -1 3 4 5 -1");
  EXPECT_EQ(read("1,N/A,3\n4,5,---", {.dtype = found,
                                      .delimiter = ",",
                                      .missing_of = {{1, {"N/A"}}, {2, {"---"}}},
                                      .filling_of = {{0, 7}, {1, 8}, {2, 9}}}),
            "int64 (2, 3): 1 8 3 4 5 9");
  EXPECT_EQ(read("1,x\n,y", {.dtype = found, .delimiter = ",", .missing_of = {{0, {"1"}}}, .filling_values = 5}),
            "<U1 (2, 2): '5' 'x' '5' 'y'");
  EXPECT_EQ(read("a,b\n1,\n,2", {.dtype = found, .delimiter = ",", .filling_of = {{"a", -9}, {1, -8}}, .names = true}),
            "[('a', '<i8'), ('b', '<i8')] (2,): (1, -8) (-9, 2)");
}

TEST(genfromtxt, strips_texts_when_asked_to) {
  EXPECT_EQ(read(" a , b\n1 , 2", {.dtype = found, .delimiter = ","}), "<U2 (2, 2): 'a ' ' b' '1 ' ' 2'");
  EXPECT_EQ(read(" a , b\n1 , 2", {.dtype = found, .delimiter = ",", .autostrip = true}),
            "<U1 (2, 2): 'a' 'b' '1' '2'");
  EXPECT_EQ(read("ab,c", {.dtype = "S", .delimiter = ","}), "|S2 (2,): 'ab' 'c'");
  EXPECT_EQ(read("ab,c", {.dtype = "U1", .delimiter = ","}), "<U1 (2,): 'a' 'c'");
  EXPECT_EQ(read("1.5,\n2,3", {.dtype = record({{"f0", float64}, {"f1", "U3"}}), .delimiter = ","}),
            "[('f0', '<f8'), ('f1', '<U3')] (2,): (1.5, '') (2.0, '3')");
}

TEST(genfromtxt, reads_times) {
  const array x =
      genfromtxt_text("2020-01-01,1.5\n,2", {.dtype = record({{"t", "M8[D]"}, {"x", float64}}), .delimiter = ","});
  EXPECT_EQ(ints(x["t"].copy().view(int64)), (list{18262, std::numeric_limits<std::int64_t>::min()}));
  EXPECT_EQ(failure("x", {.dtype = "M8[D]"}),
            "value_error genfromtxt_text: line 1, column 1: could not convert 'x' to datetime64[D]");
  EXPECT_EQ(failure("2020", {.dtype = "M8"}), "dtype_error genfromtxt_text: datetime64 needs a unit");
}

TEST(genfromtxt, takes_names_from_the_first_line_or_a_list) {
  EXPECT_EQ(read("a b c\n1 2.5 x\n3 4 yy", {.dtype = found, .names = true}),
            "[('a', '<i8'), ('b', '<f8'), ('c', '<U2')] (2,): (1, 2.5, 'x') (3, 4.0, 'yy')");
  EXPECT_EQ(read("# a, b-1, ,a\n1,2,3,4", {.delimiter = ",", .names = true}),
            "[('a', '<f8'), ('b1', '<f8'), ('f0', '<f8'), ('a_1', '<f8')] (): (1.0, 2.0, 3.0, 4.0)");
  EXPECT_EQ(read("1,2\n3,4", {.dtype = i4_f8, .delimiter = ",", .names = {"x", "y"}}),
            "[('x', '<i4'), ('y', '<f8')] (2,): (1, 2.0) (3, 4.0)");
  EXPECT_EQ(read("1 2 3", {.names = {"a", "b"}}), "[('a', '<f8'), ('b', '<f8')] (): (1.0, 2.0)");
  EXPECT_EQ(read("a b\n", {.names = true}), "[('a', '<f8'), ('b', '<f8')] (0,):");
  EXPECT_EQ(read("a b\n", {.dtype = found, .names = true}), "[('a', '?'), ('b', '?')] (0,):");
  EXPECT_EQ(read("a;;b\n1;;2", {.delimiter = ";;", .names = true}), "[('a', '<f8'), ('b', '<f8')] (): (1.0, 2.0)");
}

TEST(genfromtxt, makes_names_valid) {
  const auto names_of = [](std::string_view text, const field_names& naming, const header_names& names = true) {
    std::string all;
    for (const field& f :
         genfromtxt_text(text, {.delimiter = names.first_line() ? "" : " ", .names = names, .naming = naming})
             .dtype()
             .fields())
      all += f.name + " ";
    return all;
  };
  EXPECT_EQ(names_of("a a file bé 1$ \"q\"\n1 2 3 4 5 6", {}), "a a_1 file_ bé 1 q ");
  EXPECT_EQ(names_of("Ab cD\n1 2", {.letters = name_case::upper}), "AB CD ");
  EXPECT_EQ(names_of("Ab cD\n1 2", {.letters = name_case::lower}), "ab cd ");
  EXPECT_EQ(names_of("1 2", {}, {"", "x"}), "f0 x ");
  EXPECT_EQ(names_of("1 2", {}, {"f0", ""}), "f0 f1 ");
  EXPECT_EQ(names_of("a b\n1 2", {.excludelist = {"b"}}), "a b_ ");
  EXPECT_EQ(names_of("1 2", {.replace_space = ""}, {"x y", "z"}), "xy z ");
  EXPECT_EQ(names_of("1 2", {}, {"x y", "z-"}), "x_y z ");
  EXPECT_EQ(read("1 2", {.dtype = i4_f8, .naming = {.defaultfmt = "c_%02i"}}),
            "[('c_00', '<i4'), ('c_01', '<f8')] (): (1, 2.0)");
}

TEST(genfromtxt, cuts_fields_of_fixed_widths) {
  EXPECT_EQ(read("123456\n 78  9", {.width = 3}), "float64 (2, 2): 123.0 456.0 78.0 9.0");
  EXPECT_EQ(read("123456\n 78  9", {.widths = {2, 4}}), "float64 (2, 2): 12.0 3456.0 7.0 nan");
  EXPECT_EQ(read("12ab\n\n3 cd", {.dtype = found, .widths = {2, 2}}),
            "[('f0', '<i8'), ('f1', '<U2')] (3,): (12, 'ab') (-1, '') (3, 'cd')");
  EXPECT_EQ(read("éé1\nab2", {.dtype = found, .widths = {2, 1}, .usecols = {1}}), "int64 (2,): 1 2");
}

TEST(genfromtxt, picks_columns_by_number_and_name) {
  EXPECT_EQ(read("1 2 3\n4 5 6", {.usecols = {0, -1}}), "float64 (2, 2): 1.0 3.0 4.0 6.0");
  EXPECT_EQ(read("a b c\n1 2 3\n4 5 6", {.usecols = {"c", "a"}, .names = true}),
            "[('c', '<f8'), ('a', '<f8')] (2,): (3.0, 1.0) (6.0, 4.0)");
  EXPECT_EQ(read("1 2 3", {.dtype = i4_f8}), "[('f0', '<i4'), ('f1', '<f8')] (): (1, 2.0)");
  EXPECT_EQ(read("1 2 3", {.dtype = record({{"a", int32}, {"b", float64, {2}}})}),
            "[('a', '<i4'), ('b', '<f8', (2,))] (): (1, [2. 3.])");
  EXPECT_EQ(failure("a b c\n1 2 3", {.usecols = {"z"}, .names = true}),
            "value_error genfromtxt_text: usecols: there is no column 'z'");
  EXPECT_EQ(failure("1 2 3", {.usecols = {-4}}), "value_error genfromtxt_text: usecols: there is no column -4");
}

TEST(genfromtxt, refuses_odd_lines_or_leaves_them_out) {
  EXPECT_EQ(failure("1,2\n3", {.delimiter = ","}), "value_error genfromtxt_text: line 2 has 1 column, the first has 2");
  EXPECT_EQ(failure("# c\n\n1,2\n3\n4,5,6", {.delimiter = ","}),
            "value_error genfromtxt_text: line 4 has 1 column, the first has 2; 1 more such lines");
  EXPECT_EQ(failure("1 2\n3 4", {.usecols = {0, 5}}),
            "value_error genfromtxt_text: line 1 has 2 columns, usecols asks for 6; 1 more such lines");
  EXPECT_EQ(read("1,2\n3\n4,5", {.delimiter = ",", .invalid_raise = false}), "float64 (2, 2): 1.0 2.0 4.0 5.0");
  EXPECT_EQ(read("1,2\n3,4\n5\n", {.delimiter = ",", .skip_footer = 1}), "float64 (2, 2): 1.0 2.0 3.0 4.0");
}

TEST(genfromtxt, refuses_what_does_not_fit) {
  EXPECT_EQ(failure("1,2\nx,4", {.delimiter = ",", .loose = false}),
            "value_error genfromtxt_text: line 2, column 1: could not convert 'x' to float64");
  EXPECT_EQ(failure("300", {.dtype = int8}), "value_error genfromtxt_text: line 1, column 1: '300' does not fit int8");
  EXPECT_EQ(failure("-5", {.dtype = uint8}), "value_error genfromtxt_text: line 1, column 1: '-5' does not fit uint8");
  EXPECT_EQ(failure("x", {.dtype = uint8}),
            "value_error genfromtxt_text: line 1, column 1: is missing, and -1 in its place does not fit uint8");
  EXPECT_EQ(failure("x", {.filling_values = "zz"}),
            "value_error genfromtxt_text: line 1, column 1: the filling value 'zz' is no float64");
  EXPECT_EQ(failure("1", {.dtype = i4_f8}), "value_error genfromtxt_text: the dtype has 2 columns, the lines 1");
  EXPECT_EQ(failure("1 2 3", {.dtype = found, .names = {"a", "b"}}),
            "value_error genfromtxt_text: 2 names do not suit 3 columns");
  EXPECT_EQ(failure("a b", {.dtype = "U", .names = {"x", "y"}}),
            "dtype_error genfromtxt_text: texts with names need a width");
  EXPECT_EQ(failure("1\xff"), "value_error genfromtxt_text: line 1: byte 1 of the text is not UTF-8");
}

TEST(genfromtxt, refuses_options_that_make_no_sense) {
  EXPECT_EQ(failure("1", {.max_rows = 0}), "value_error genfromtxt_text: max_rows must be at least 1, it is 0");
  EXPECT_EQ(failure("1", {.skip_footer = 1, .max_rows = 1}),
            "value_error genfromtxt_text: max_rows and skip_footer exclude each other");
  EXPECT_EQ(failure("1", {.ndmin = 3}), "value_error genfromtxt_text: ndmin is 0, 1 or 2, not 3");
  EXPECT_EQ(failure("1", {.skip_header = -1}),
            "value_error genfromtxt_text: skip_header and skip_footer must not be negative");
  EXPECT_EQ(failure("1", {.width = -1}), "value_error genfromtxt_text: widths must not be negative");
  EXPECT_EQ(failure("1 x", {.dtype = found, .naming = {.defaultfmt = "f"}}),
            "value_error genfromtxt_text: defaultfmt 'f' does not number the fields");
  EXPECT_EQ(error_of([] { genfromtxt("/nowhere/file"); }),
            "error genfromtxt: /nowhere/file: cannot be opened: No such file or directory");
}

}  // namespace
