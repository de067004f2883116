// savetxt against the bytes that numpy.savetxt 2.4 writes.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <complex>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>

#include "ops/elements.hpp"
#include "tessera/tessera.hpp"

namespace {

using namespace tessera;
namespace fs = std::filesystem;

constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

class savetxt_files : public testing::Test {
 protected:
  savetxt_files() : folder_(fs::path(testing::TempDir()) / ("tessera-savetxt-test-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~savetxt_files() override { fs::remove_all(folder_); }
  std::string path() const { return folder_ / "out.txt"; }
  std::string contents() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string saved(const array& x, const savetxt_options& options = {}) const {
    savetxt(path(), x, options);
    return contents();
  }
  std::string failure(const array& x, const savetxt_options& options = {}) const {
    return error_of([&] { savetxt(path(), x, options); });
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

 private:
  fs::path folder_;
};

TEST_F(savetxt_files, have_a_line_for_each_row) {
  EXPECT_EQ(saved(array({1, 2.5})), "1.000000000000000000e+00\n2.500000000000000000e+00\n");
  EXPECT_EQ(saved(array({{1, 2}, {3, 4}}), {.fmt = "%d", .delimiter = ","}), "1,2\n3,4\n");
  EXPECT_EQ(saved(array({{1, 2}, {3, 4}}).T(), {.fmt = "%d"}), "1 3\n2 4\n");
  EXPECT_EQ(saved(array({1, 2, 3, 4})[slice(none, none, -2)], {.fmt = "%d"}), "4\n2\n");
  EXPECT_EQ(saved(array({true, false})), "1.000000000000000000e+00\n0.000000000000000000e+00\n");
  EXPECT_EQ(saved(zeros({0})), "");
  EXPECT_EQ(saved(zeros({2, 0})), "\n\n");
  EXPECT_EQ(saved(zeros({0, 3})), "");
}

TEST_F(savetxt_files, have_comments_before_and_behind) {
  EXPECT_EQ(saved(array({1, 2}), {.fmt = "%d", .header = "a\nb", .footer = "c\nd"}), "# a\n# b\n1\n2\n# c\n# d\n");
  EXPECT_EQ(saved(array({1, 2}), {.fmt = "%d", .newline = "\r\n", .header = "a", .comments = ""}), "a\r\n1\r\n2\r\n");
}

TEST_F(savetxt_files, format_integers_as_python) {
  const auto one = [&](const char* fmt, const array& x) { return saved(x, {.fmt = fmt, .newline = "|"}); };
  EXPECT_EQ(one("%#x", array({255, -255})), "0xff|-0xff|");
  EXPECT_EQ(one("%#010X", array({255, -255})), "0X000000FF|-0X00000FF|");
  EXPECT_EQ(one("%o", array({255})), "377|");
  EXPECT_EQ(one("%#o", array({8})), "0o10|");
  EXPECT_EQ(one("%08.5d", array({42, -42})), "00000042|-0000042|");
  EXPECT_EQ(one("% -8.5d", array({42, -42})), " 00042  |-00042  |");
  EXPECT_EQ(one("%-05d", array({1})), "1    |");
  EXPECT_EQ(one("%+ ld", array({1})), "+1|");
  EXPECT_EQ(one("%i", array({18446744073709551615u}, uint64)), "18446744073709551615|");
  EXPECT_EQ(one("%d", array({std::numeric_limits<std::int64_t>::min()})), "-9223372036854775808|");
  EXPECT_EQ(one("%u", array({true, false})), "1|0|");
  EXPECT_EQ(one("%d", array({1.7, -1.7, -0.5, 1e30})), "1|-1|0|1000000000000000019884624838656|");
  EXPECT_EQ(one("%c", array({65, 0x20ac})), "A|€|");
  EXPECT_EQ(one("%.1f", array({9007199254740993})), "9007199254740992.0|");
}

TEST_F(savetxt_files, format_numbers_as_python) {
  const auto one = [&](const char* fmt, const array& x) { return saved(x, {.fmt = fmt, .newline = "|"}); };
  EXPECT_EQ(one("%010.3f", array({inf, nan, -inf})), "0000000inf|0000000nan|-000000inf|");
  EXPECT_EQ(one("%+10G", array({inf, nan, -nan})), "      +INF|      +NAN|      +NAN|");
  EXPECT_EQ(one("%#.0f", array({1.5})), "2.|");
  EXPECT_EQ(one("%#.0e", array({1.5})), "2.e+00|");
  EXPECT_EQ(one("%#g", array({1.5, 1e-5, 1e7})), "1.50000|1.00000e-05|1.00000e+07|");
  EXPECT_EQ(one("%#.3g", array({0.0, 100.0})), "0.00|100.|");
  EXPECT_EQ(one("%f", array({1e50})), "100000000000000007629769841091887003294964970946560.000000|");
  EXPECT_EQ(one("%g", array({1e-7, 123456789, 0.0001, -0.0})), "1e-07|1.23457e+08|0.0001|-0|");
  EXPECT_EQ(one("%.0f", array({0.5, 1.5, 1e22})), "0|2|10000000000000000000000|");
  EXPECT_EQ(one("%0-8.2f", array({1.0})), "1.00    |");
  EXPECT_EQ(one("%s", array({0.1, 1e22})), "0.1|1e+22|");
  EXPECT_EQ(one("%s", array({0.1f})), "0.1|");
  EXPECT_EQ(one("%s", array({true})), "True|");
  EXPECT_EQ(one("%.3s", array({1.25})), "1.2|");
  EXPECT_EQ(one("%.18e", array({0.1}, float16)), "9.997558593750000000e-02|");
  EXPECT_EQ(one("%.400f", array({12.5})), "12.5" + std::string(399, '0') + "|");
  EXPECT_EQ(one("%E", array({1234.5})), "1.234500E+03|");
}

TEST_F(savetxt_files, format_each_column_or_whole_rows) {
  const array x({{1, 2}, {3, 4}});
  EXPECT_EQ(saved(x, {.fmt = {"%d", "%.1f"}, .delimiter = ";"}), "1;2.0\n3;4.0\n");
  EXPECT_EQ(saved(x, {.fmt = "a %d b %f"}), "a 1 b 2.000000\na 3 b 4.000000\n");
  EXPECT_EQ(saved(array({1, 2}), {.fmt = {"%d%%"}}), "1%\n2%\n");
}

TEST_F(savetxt_files, format_complex_numbers_by_their_parts) {
  using complex = std::complex<double>;
  const array x({complex(1, 2), complex(3, -4)});
  EXPECT_EQ(
      saved(x),
      " (1.000000000000000000e+00+2.000000000000000000e+00j)\n (3.000000000000000000e+00-4.000000000000000000e+00j)\n");
  EXPECT_EQ(saved(x.astype(complex64), {.fmt = "%.2e"}), " (1.00e+00+2.00e+00j)\n (3.00e+00-4.00e+00j)\n");
  const array row = reshape(x, {1, 2});
  EXPECT_EQ(saved(row, {.fmt = "%.1f %+.1fj %.1f %+.1fj"}), "1.0 +2.0j 3.0 -4.0j\n");
  EXPECT_EQ(saved(row, {.fmt = {"%.3f + %.3fj", "(%.2f%+.2fj)"}}), "1.000 + 2.000j (3.00-4.00j)\n");
  EXPECT_EQ(saved(row, {.fmt = "%s", .delimiter = ","}), " (1.0+2.0j), (3.0-4.0j)\n");
}

TEST_F(savetxt_files, format_texts_and_records) {
  const array x = loadtxt_text("a béc", {.dtype = "U"});
  EXPECT_EQ(saved(x, {.fmt = "%s"}), "a\nbéc\n");
  EXPECT_EQ(saved(x, {.fmt = "%-5.2s|"}), "a    |\nbé   |\n");
  EXPECT_EQ(saved(x, {.fmt = "%05s"}), "    a\n  béc\n");
  EXPECT_EQ(saved(loadtxt_text("a\\\x01'", {.dtype = "S"}).view_at({newaxis}), {.fmt = "%s"}), "b\"a\\\\\\x01'\"\n");
  const array r = loadtxt_text("1 2.5 x\n2 3 yz", {.dtype = record({{"a", int32}, {"b", float64}, {"c", "U3"}})});
  EXPECT_EQ(saved(r, {.fmt = "%d %g %s"}), "1 2.5 x\n2 3 yz\n");
  EXPECT_EQ(saved(r, {.fmt = "%s", .delimiter = ","}), "1,2.5,x\n2,3.0,yz\n");
}

TEST_F(savetxt_files, format_times) {
  EXPECT_EQ(saved(loadtxt_text("2020-01-01 NaT", {.dtype = "M8[D]"}), {.fmt = "%s"}), "2020-01-01\nNaT\n");
  EXPECT_EQ(saved(loadtxt_text("1 2", {.dtype = "m8[s]"}), {.fmt = "%s"}), "1 seconds\n2 seconds\n");
  EXPECT_EQ(failure(loadtxt_text("1 2", {.dtype = "m8[s]"}), {.fmt = "%d"}),
            "dtype_error savetxt: column 0: %d does not take timedelta64[s]");
}

TEST_F(savetxt_files, are_read_back_bit_for_bit) {
  std::mt19937_64 words(5);
  std::vector<double> values;
  while (values.size() < 60'000) {
    const double x = std::bit_cast<double>(words());
    if (std::isfinite(x)) values.push_back(x);
  }
  const array x = reshape(from_span(std::span<const double>(values)), {-1, 3});
  for (const char* fmt : {"%.18e", "%.17g"}) {
    savetxt(path(), x, {.fmt = fmt});
    const array back = loadtxt(path());
    ASSERT_EQ(back.shape(), x.shape());
    EXPECT_TRUE(std::equal(values.begin(), values.end(), back.span<double>().begin()));
  }
}

TEST_F(savetxt_files, are_the_same_on_any_number_of_threads) {
  const array x = reshape(arange(90'000), {-1, 3});
  std::string expected;
  for (int i = 0; i < 90'000; ++i) expected += std::to_string(i) + (i % 3 == 2 ? "\n" : ",");
  const int before = num_threads();
  for (const int threads : {1, 3}) {
    set_num_threads(threads);
    EXPECT_EQ(saved(x, {.fmt = "%d", .delimiter = ","}), expected);
  }
  set_num_threads(before);
}

TEST_F(savetxt_files, stay_as_they_were_where_writing_fails) {
  saved(array({1}), {.fmt = "%d"});
  EXPECT_EQ(failure(array({{1, 2}, {3, nan}}), {.fmt = "%d"}),
            "value_error savetxt: row 1, column 1: cannot convert NaN to an integer");
  EXPECT_EQ(failure(array({inf}), {.fmt = "%d"}),
            "value_error savetxt: row 0, column 0: cannot convert infinity to an integer");
  EXPECT_EQ(failure(array({-1}), {.fmt = "%c"}), "value_error savetxt: row 0, column 0: %c takes a code point");
  EXPECT_EQ(contents(), "1\n");
  EXPECT_EQ(files(), 1u);
}

TEST_F(savetxt_files, are_refused_for_formats_that_do_not_suit) {
  const array x({{1, 2}});
  EXPECT_EQ(failure(x, {.fmt = "%d %d %d"}),
            "value_error savetxt: fmt '%d %d %d' has 3 % formats, the rows need 1 or 2");
  EXPECT_EQ(failure(x, {.fmt = "x"}), "value_error savetxt: fmt 'x' has 0 % formats, the rows need 1 or 2");
  EXPECT_EQ(failure(x, {.fmt = {"%d"}}), "value_error savetxt: fmt has 1 formats, the rows have 2 columns");
  EXPECT_EQ(failure(x, {.fmt = {"%d", "x"}}), "value_error savetxt: fmt '%d x' formats 1 values, the rows have 2");
  EXPECT_EQ(failure(x, {.fmt = "%d%%"}), "value_error savetxt: fmt '%d%%' has 3 % formats, the rows need 1 or 2");
  EXPECT_EQ(failure(x, {.fmt = "%z"}), "value_error savetxt: fmt '%z %z' has the unsupported format character 'z'");
  EXPECT_EQ(failure(array({1}), {.fmt = "%"}), "value_error savetxt: fmt '%' ends within a format");
  EXPECT_EQ(failure(array({1}), {.fmt = "%*d"}),
            "value_error savetxt: fmt '%*d' has the unsupported format character '*'");
  EXPECT_EQ(failure(array({1}), {.fmt = "%99999999999d"}),
            "value_error savetxt: fmt '%99999999999d' asks for more than 1000000 characters");
  EXPECT_EQ(failure(array({1.0}), {.fmt = "%x"}), "dtype_error savetxt: column 0: %x does not take float64");
  EXPECT_EQ(failure(loadtxt_text("a b", {.dtype = "U"})), "dtype_error savetxt: column 0: %e does not take <U1");
  EXPECT_EQ(failure(array(5)), "value_error savetxt: shape (); expected one axis or two");
  EXPECT_EQ(failure(zeros({2, 2, 2})), "value_error savetxt: shape (2, 2, 2); expected one axis or two");
}

}  // namespace
