// str, repr and print against texts that NumPy made (tests/data/printing.json), and digits against the C library's.
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "core/float_text.hpp"
#include "core/half.hpp"
#include "tessera/fmt.hpp"
#include "tessera/tessera.hpp"

namespace {

using namespace tessera;
using json = nlohmann::json;

// ---- Against NumPy

float_mode mode_named(const std::string& name) {
  return name == "fixed"     ? float_mode::fixed
         : name == "unique"  ? float_mode::unique
         : name == "maxprec" ? float_mode::maxprec
                             : float_mode::maxprec_equal;
}

print_options options_from(const json& fields) {
  print_options o;
  o.precision = fields.value("precision", o.precision);
  o.threshold = fields.value("threshold", o.threshold);
  o.edgeitems = fields.value("edgeitems", o.edgeitems);
  o.linewidth = fields.value("linewidth", o.linewidth);
  o.suppress = fields.value("suppress", o.suppress);
  o.sign = fields.value("sign", std::string(1, o.sign)).front();
  o.floatmode = mode_named(fields.value("floatmode", "maxprec"));
  o.nanstr = fields.value("nanstr", o.nanstr);
  o.infstr = fields.value("infstr", o.infstr);
  return o;
}

std::vector<unsigned char> bytes_from(const std::string& hexadecimal) {
  std::vector<unsigned char> bytes(hexadecimal.size() / 2 + 1);  // one more: never null
  for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2) {
    bytes[i / 2] = static_cast<unsigned char>(std::stoi(hexadecimal.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

TEST(printing, agrees_with_numpy_on_random_arrays_and_options) {
  std::ifstream file(TESSERA_TEST_DATA "/printing.json");
  for (const json& c : json::parse(file)) {
    std::vector<unsigned char> bytes = bytes_from(c["data"]);
    const array x = from_pointer(
        bytes.data() + c["offset"].get<int>(), shape(c["shape"].get<std::vector<std::int64_t>>()),
        dtype(c["dtype"].get<std::string>()), {.strides = shape(c["strides"].get<std::vector<std::int64_t>>())});
    const print_options options = options_from(c["options"]);
    EXPECT_EQ(str(x, options), c["str"]) << c;
    EXPECT_EQ(repr(x, options), c["repr"]) << c;
    if (c.contains("scalar")) {
      EXPECT_EQ(repr_scalar(x), c["scalar"]) << c;
    }
  }
}

TEST(printing, writes_what_the_manual_shows) {
  EXPECT_EQ(str(array{1.5, 2}), "[1.5 2. ]");
  EXPECT_EQ(repr(array{{1, -20}, {300, 4}}), "array([[  1, -20],\n       [300,   4]])");
  EXPECT_EQ(repr(array{true, false}), "array([ True, False])");
  EXPECT_EQ(repr(zeros({0, 3})), "array([], shape=(0, 3), dtype=float64)");
  EXPECT_EQ(repr(arange(2, int8)), "array([0, 1], dtype=int8)");
  EXPECT_EQ(str(arange(2000)), "[   0    1    2 ... 1997 1998 1999]");
  EXPECT_EQ(repr(arange(2000)), "array([   0,    1,    2, ..., 1997, 1998, 1999], shape=(2000,))");
}

TEST(printing, writes_arrays_without_axes_as_scalars) {
  EXPECT_EQ(str(array(0.1)), "0.1");
  EXPECT_EQ(str(array(1e16)), "1e+16");
  EXPECT_EQ(str(array(3)), "3");
  EXPECT_EQ(str(array(true)), "True");
  EXPECT_EQ(repr(array(3)), "array(3)");
  EXPECT_EQ(repr_scalar(array(true)), "np.True_");
  EXPECT_EQ(repr_scalar(array(0.5)), "np.float64(0.5)");
  EXPECT_EQ(str(array(1e6).astype(float32)), "1e+06");
  EXPECT_EQ(str(array(0.1).astype(bfloat16)), "0.100098");
}

TEST(printing, evaluates_recipes) {
  const array x{1, 2, 3};
  EXPECT_EQ(str(x * 2), "[2 4 6]");
  EXPECT_EQ(repr(sum(x)), "array(6)");
}

// ---- Options

TEST(printing, keeps_options_per_thread) {
  const print_options before = get_printoptions();
  set_printoptions({.precision = 2});
  std::string elsewhere;
  std::thread([&] { elsewhere = str(array{0.125, 1}); }).join();
  const std::string here = str(array{0.125, 1});
  set_printoptions(before);
  EXPECT_EQ(here, "[0.12 1.  ]");
  EXPECT_EQ(elsewhere, "[0.125 1.   ]");
}

std::string refusal(const print_options& options) {
  try {
    set_printoptions(options);
  } catch (const value_error& e) {
    return e.what();
  }
  return "";
}

TEST(printing, refuses_options_that_make_no_sense) {
  EXPECT_EQ(refusal({.precision = -1}), "set_printoptions: precision is -1, must be at least 0");
  EXPECT_EQ(refusal({.precision = 20000}), "set_printoptions: precision is 20000, must be at most 16000");
  EXPECT_EQ(refusal({.threshold = -1}), "set_printoptions: threshold is -1, must be at least 0");
  EXPECT_EQ(refusal({.edgeitems = -2}), "set_printoptions: edgeitems is -2, must be at least 0");
  EXPECT_EQ(refusal({.sign = 'x'}), "set_printoptions: sign is 'x', must be '-', '+' or ' '");
  EXPECT_THROW(str(array{1.0}, {.precision = -1}), value_error);
  EXPECT_EQ(get_printoptions().precision, 8);
}

TEST(printing, takes_extreme_options) {
  const print_options wide{
      .precision = 16000, .linewidth = std::numeric_limits<int>::min(), .floatmode = float_mode::fixed};
  EXPECT_EQ(str(array{0.5, -1}, wide).size(), 2u * 16003 + 4);
  EXPECT_EQ(str(arange(9), {.threshold = 0, .edgeitems = std::numeric_limits<std::int64_t>::max()}),
            "[0 1 2 3 4 5 6 7 8]");
}

TEST(printing, refuses_the_scalar_repr_of_an_array) {
  try {
    repr_scalar(array{1, 2});
    FAIL();
  } catch (const value_error& e) {
    EXPECT_STREQ(e.what(), "repr_scalar: shape (2,) has axes; a scalar has none");
  }
}

// ---- print, streams, {fmt}

TEST(printing, print_separates_by_blanks) {
  testing::internal::CaptureStdout();
  print("text", 1, 2.5, 1e16, true, array(true), array{1, 2}, shape{2, 3}, float32, std::uint64_t(-1));
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "text 1 2.5 1e+16 true True [1 2] (2, 3) float32 18446744073709551615\n");
}

TEST(printing, writes_to_streams_and_fmt) {
  const array x{1, 2};
  std::ostringstream out;
  out << x << ' ' << x + 1 << ' ' << x.shape() << ' ' << x.dtype() << '\n' << x.flags();
  EXPECT_EQ(out.str(), "[1 2] [2 3] (2,) int64\n" + to_string(x.flags()));
  EXPECT_EQ(fmt::format("{} {:>8} {} {}", x, x + 1, x.shape(), x.dtype()), "[1 2]    [2 3] (2,) int64");
}

// ---- Digits

TEST(float_text, finds_the_shortest_digits_of_every_float16) {
  for (std::uint32_t bits = 1; bits < 0x7c00; ++bits) {
    const auto value = static_cast<double>(detail::float16_t::from_bits(static_cast<std::uint16_t>(bits)));
    const auto reads_back = [&](const char* text) {
      return static_cast<double>(detail::float16_t(std::strtod(text, nullptr))) == value;
    };
    const std::string text = detail::scientific(value, float16, {.empty = detail::empty_fraction::nothing});
    ASSERT_TRUE(reads_back(text.c_str())) << text;
    const int digits = static_cast<int>(text.find('e') - (text.find('.') != text.npos ? 1 : 0));
    char shorter[32];
    std::snprintf(shorter, sizeof shorter, "%.*e", std::max(digits - 2, 0), value);
    ASSERT_TRUE(digits == 1 || !reads_back(shorter)) << text << " " << shorter;
  }
}

TEST(float_text, continues_with_exact_digits_unless_they_are_a_neighbours) {
  // 0x1p956 is 6.0908212571249994…e287; one digit after the shortest, …4999 would read back as the number below.
  EXPECT_EQ(detail::scientific(0x1p956, float64, {.max_digits = 15, .min_digits = 15}), "6.090821257125000e+287");
  EXPECT_EQ(detail::scientific(0.1, float64, {.max_digits = 20, .min_digits = 20}), "1.00000000000000005551e-01");
  EXPECT_EQ(detail::positional(0x1p-6, float16, {}), "0.01563");
}

TEST(float_text, rounds_half_to_even_of_the_exact_value) {
  const auto text = [](double x, int digits) { return detail::positional(x, float64, {.max_digits = digits}); };
  EXPECT_EQ(text(0.5, 0), "0.");
  EXPECT_EQ(text(1.5, 0), "2.");
  EXPECT_EQ(text(2.5, 0), "2.");
  EXPECT_EQ(text(0.005, 2), "0.01");  // 0.005000000000000000104
  EXPECT_EQ(text(0.015, 2), "0.01");  // 0.014999999999999999445
  EXPECT_EQ(text(99.5, 0), "100.");
}

}  // namespace
