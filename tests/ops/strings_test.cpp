// Texts: comparison, casts and numpy.strings on random texts as NumPy has them, layouts, what is refused.
// Compiled twice: with the arrays on the host, and on a device (TESSERA_TEST_ON_DEVICE), where functions made for the host say so.
#include <algorithm>
#include <limits>
#include <map>
#include <random>

#include "ops/default_device.hpp"
#include "ops/strings_cases.hpp"

namespace tessera {
namespace {

using tessera_test::json;
using tessera_test::texts_array;
using tessera_test::texts_of;
using texts_t = std::vector<std::string>;

class texts : public on_default_device {};
class text_casts : public on_default_device {};
class strings_functions : public on_default_device {};

array labels(const texts_t& all, const dtype& type = str_(5)) {
  return texts_array(type, {static_cast<std::int64_t>(all.size())}, all, here);
}

// ---- NumPy's results

using arguments_t = std::vector<array>;
using function_t = std::vector<array> (*)(const array& x, const arguments_t& a);

#define UNARY(name)                                                                                \
  {                                                                                                \
    #name, [](const array& x, const arguments_t&) { return std::vector{array(strings::name(x))}; } \
  }
#define BINARY(name)                                                                                          \
  {                                                                                                           \
    #name, [](const array& x, const arguments_t& a) { return std::vector{array(strings::name(x, a.at(0)))}; } \
  }
#define SEARCH(name)                                                          \
  {                                                                           \
    #name, [](const array& x, const arguments_t& a) {                         \
      if (a.size() == 1) return std::vector{array(strings::name(x, a[0]))};   \
      return std::vector{array(strings::name(x, a.at(0), a.at(1), a.at(2)))}; \
    }                                                                         \
  }
#define ENDS(name)                                         \
  {                                                        \
    #name, [](const array& x, const arguments_t& a) {      \
      if (a.empty()) return std::vector{strings::name(x)}; \
      return std::vector{strings::name(x, a[0])};          \
    }                                                      \
  }
#define PADS(name)                                                   \
  {                                                                  \
    #name, [](const array& x, const arguments_t& a) {                \
      if (a.size() == 1) return std::vector{strings::name(x, a[0])}; \
      return std::vector{strings::name(x, a.at(0), a.at(1))};        \
    }                                                                \
  }
#define PARTS(name)                                                  \
  {                                                                  \
    #name, [](const array& x, const arguments_t& a) {                \
      const strings::partition_result r = strings::name(x, a.at(0)); \
      return std::vector{r.before, r.separator, r.after};            \
    }                                                                \
  }

const std::map<std::string, function_t> functions = {
    UNARY(upper),
    UNARY(lower),
    UNARY(swapcase),
    UNARY(capitalize),
    UNARY(title),
    UNARY(isalpha),
    UNARY(isdigit),
    UNARY(isalnum),
    UNARY(isspace),
    UNARY(islower),
    UNARY(isupper),
    UNARY(istitle),
    UNARY(isdecimal),
    UNARY(isnumeric),
    UNARY(str_len),
    UNARY(encode),
    UNARY(decode),
    BINARY(equal),
    BINARY(not_equal),
    BINARY(less),
    BINARY(less_equal),
    BINARY(greater),
    BINARY(greater_equal),
    BINARY(add),
    BINARY(multiply),
    BINARY(zfill),
    BINARY(expandtabs),
    SEARCH(find),
    SEARCH(rfind),
    SEARCH(count),
    SEARCH(startswith),
    SEARCH(endswith),
    ENDS(strip),
    ENDS(lstrip),
    ENDS(rstrip),
    PADS(center),
    PADS(ljust),
    PADS(rjust),
    PARTS(partition),
    PARTS(rpartition),
    {"replace",
     [](const array& x, const arguments_t& a) { return std::vector{strings::replace(x, a.at(0), a.at(1), a.at(2))}; }},
    {"slice", [](const array& x, const arguments_t& a) {
       if (a.size() == 2) return std::vector{strings::slice(x, a[0], a[1])};
       return std::vector{strings::slice(x, a.at(0), a.at(1), a.at(2))};
     }}};

/// Those that a device has, too.
bool runs_here(const json& c) {
  const std::string call = c.at("call").get<std::string>();
  if (!on_device) return true;
  if (call == "astype")
    return tessera_test::is_text(c.at("x")) && (c.at("to") == "bool" || c.at("to").get<std::string>()[0] < 'a');
  return call == "str_len" || call.find("equal") != call.npos || call == "less" || call == "greater";
}

TEST_F(strings_functions, equal_numpys) {
  const int replayed = tessera_test::replay("strings.json", 1, [](const json& c, std::size_t) {
    if (!runs_here(c)) return;
    const array x = tessera_test::texts_or_numbers(c.at("x"), here);
    if (c.at("call") == "astype") {
      return tessera_test::expect_texts_or_numbers(x.astype(dtype(c.at("to").get<std::string>())), c.at("result"));
    }
    arguments_t arguments;
    for (const json& a : c.at("arguments")) arguments.push_back(tessera_test::texts_or_numbers(a, here));
    const std::vector<array> result = functions.at(c.at("call").get<std::string>())(x, arguments);
    if (result.size() == 1) return tessera_test::expect_texts_or_numbers(result[0], c.at("result"));
    for (std::size_t k = 0; k < result.size(); ++k)
      tessera_test::expect_texts_or_numbers(result[k], c.at("result").at(k));
  });
  EXPECT_GT(replayed, 800);
}

// ---- comparison

/// Plain loops over code points, both continued in zeros.
int order_of(std::u32string a, std::u32string b) {
  a.resize(std::max(a.size(), b.size()));
  b.resize(a.size());
  return a < b ? -1 : a > b ? 1 : 0;
}

void expect_comparisons(const array& x, const array& y) {
  const texts_t a = texts_of(broadcast_to(x, broadcast_shapes({x.shape(), y.shape()})));
  const texts_t b = texts_of(broadcast_to(y, broadcast_shapes({x.shape(), y.shape()})));
  const array got[] = {x == y, x != y, x<y, x <= y, x> y, x >= y};
  std::vector<bool> found[6], wanted[6];
  for (std::size_t i = 0; i < a.size(); ++i) {
    const int order = order_of(tessera_test::code_points_of(a[i]), tessera_test::code_points_of(b[i]));
    const bool holds[] = {order == 0, order != 0, order<0, order <= 0, order> 0, order >= 0};
    for (int k = 0; k < 6; ++k) wanted[k].push_back(holds[k]);
  }
  for (int k = 0; k < 6; ++k) {
    for (const bool b : tessera_test::values<bool>(got[k].to(cpu()))) found[k].push_back(b);
    EXPECT_EQ(found[k], wanted[k]) << k << " " << x.dtype().name() << " " << y.dtype().name();
  }
}

array random_texts(std::mt19937& rng, const dtype& type, const shape& extents) {
  std::int64_t n = 1;
  for (const std::int64_t e : extents) n *= e;
  texts_t all;
  for (std::int64_t i = 0; i < n; ++i) {
    std::string text;
    for (unsigned k = rng() % 12; k > 0; --k)
      text += type.kind() == 'U' && rng() % 6 == 0 ? "\U0001f600" : rng() % 3 ? "a" : "b";
    all.push_back(text);
  }
  return texts_array(type, extents, all, here);
}

TEST_F(texts, compare_whatever_their_widths_and_strides) {
  std::mt19937 rng(5);
  for (const char* kind : {"U", "S"}) {
    for (const int a : {1, 2, 5, 8, 11}) {
      for (const int b : {1, 3, 8, 13}) {
        const array x = random_texts(rng, kind + std::to_string(a), {6, 7}),
                    y = random_texts(rng, kind + std::to_string(b), {6, 7});
        expect_comparisons(x, y);
        expect_comparisons(x.T(), y.T());
        expect_comparisons(flip(x), y);
        expect_comparisons(x(all, slice(none, none, -2)), y(all, slice(0, 4)));
        expect_comparisons(x, y(slice(2, 3)));
        expect_comparisons(x(all, slice(0, 1)), y(0));
        expect_comparisons(x, y(3, 3));
        expect_comparisons(broadcast_to(y(all, slice(1, 2)), {6, 7}), x);
      }
    }
  }
}

TEST_F(texts, compare_where_they_lie_misaligned_in_records) {
  const dtype type = record({{"flag", bool_}, {"name", str_(3)}, {"key", bytes_(3)}, {"other", str_(2)}});
  array table = empty({5}, {.dtype = type, .device = here});
  table["name"] = labels({"abc", "ab", "", "\U0001f600z", "b"}, str_(3));
  table["other"] = labels({"ab", "ab", "a", "\U0001f600", "a"}, str_(2));
  table["key"] = labels({"x", "", "xyz", "y", "b"}, bytes_(3));
  expect_comparisons(table["name"], table["other"]);
  expect_comparisons(flip(table["other"]), table["name"]);
  expect_comparisons(table["key"], flip(table["key"]));
}

TEST_F(texts, compare_many) {
  std::mt19937 rng(6);
  const shape extents = on_device ? shape{50, 20} : shape{500, 400};
  expect_comparisons(random_texts(rng, str_(9), extents), random_texts(rng, str_(10), {extents[1]}));
}

TEST_F(texts, comparisons_are_bools_for_recipes) {
  const array names = labels({"AAPL", "MSFT", "AAPL"}), price = array{1.0, 2.0, 3.0};
  EXPECT_EQ(str(sum(where(names == "AAPL", price, 0.0))), "4.0");
  EXPECT_EQ(str(array((names == "AAPL") & (price > 2))), "[False False  True]");
  EXPECT_EQ(str(array("MSFT" <= names)), "[False  True False]");
  EXPECT_EQ(ints(count_nonzero(names != "")), (list{3}));
  EXPECT_EQ(str(array(labels({"b", "é"}) == "é")), "[False  True]");
}

TEST_F(texts, of_nothing) {
  const array none = texts_array(str_(3), {0, 2}, {}, here);
  EXPECT_EQ(array(none == none).shape(), shape({0, 2}));
  EXPECT_EQ(array(none < "a").dtype(), bool_);
  EXPECT_EQ(none.astype("U7").shape(), shape({0, 2}));
  EXPECT_EQ(none.astype("S").dtype(), bytes_(3));
  EXPECT_EQ(none.astype(bool_).shape(), shape({0, 2}));
  EXPECT_EQ(strings::str_len(none).shape(), shape({0, 2}));
}

TEST_F(texts, a_text_of_cpp_beside_bytes_is_bytes) {
  const array keys = labels({"ab", "b"}, bytes_(2));
  EXPECT_EQ(str(array(keys == "b")), "[False  True]");
  EXPECT_EQ(error_of([&] { array(keys == "é"); }),
            "value_error equal: element 0 of <U1 is not ASCII at position 0, which the cast to |S1 takes only");
}

TEST_F(texts, refuse_other_operands_by_name) {
  const array names = labels({"a"}), keys = labels({"a"}, bytes_(2));
  EXPECT_EQ(error_of([&] { array(names == keys); }), "dtype_error equal: not supported for dtypes <U5 and |S2");
  EXPECT_EQ(error_of([&] { array(names < 1); }), "dtype_error less: not supported for dtypes <U5 and int64");
  EXPECT_EQ(error_of([&] { array(names - names); }), "dtype_error subtract: not supported for dtypes <U5 and <U5");
  EXPECT_EQ(error_of([&] { array(maximum(names, names)); }),
            "dtype_error maximum: not supported for dtypes <U5 and <U5");
  EXPECT_EQ(error_of([&] { array(logical_not(names)); }), "dtype_error logical_not: not supported for dtype <U5");
  EXPECT_EQ(error_of([&] {
              array(labels({"a", "b"}) == labels({"a", "b", "c"}));
            }),
            "shape_error equal: shapes (2,) and (3,) do not broadcast: axis 0 has extents 2 and 3");
}

TEST_F(texts, logic_of_texts_asks_whether_they_are_empty) {
  EXPECT_EQ(str(array(logical_and(labels({"a", "", "b"}), array{true, true, false}))), "[ True False False]");
  EXPECT_EQ(str(array(logical_xor(labels({"a", ""}), labels({"", ""})))), "[ True False]");
}

// ---- where and select

TEST_F(texts, where_and_select_give_texts_as_wide_as_the_widest) {
  const array prices = array{100.0, 200.0, 150.0, 300.0};
  const array two = where(prices > 150, "buy", "hold");
  EXPECT_EQ(two.dtype().name(), "<U4");
  EXPECT_EQ(texts_of(two), (texts_t{"hold", "buy", "hold", "buy"}));
  const array signal = select({prices > 250, prices > 180, prices > 120}, {"strong_buy", "buy", "hold"}, "sell");
  EXPECT_EQ(signal.dtype().name(), "<U10");
  EXPECT_EQ(texts_of(signal), (texts_t{"sell", "buy", "hold", "strong_buy"}));
}

// ---- casts

TEST_F(text_casts, keep_the_memory_order_and_read_any_strides) {
  const array x = texts_array(str_(3), {2, 2}, {"a", "bcd", "", "\U0001f600é"}, here);
  EXPECT_EQ(texts_of(x.T().astype("U2")), (texts_t{"a", "", "bc", "\U0001f600é"}));
  EXPECT_EQ(x.T().astype("U2").strides(), shape({8, 16}));
  EXPECT_EQ(texts_of(flip(x).astype("U5")), (texts_t{"\U0001f600é", "", "bcd", "a"}));
  EXPECT_EQ(texts_of(broadcast_to(x(0), {3, 2}).astype("U1")), (texts_t{"a", "b", "a", "b", "a", "b"}));
}

TEST_F(text_casts, refuse_what_is_not_ascii) {
  const array x = texts_array(str_(3), {2, 2}, {"a", "bcd", "", "xé"}, here);
  EXPECT_EQ(error_of([&] { x.astype("S"); }),
            "value_error astype: element 3 of <U3 is not ASCII at position 1, which the cast to |S3 takes only");
  EXPECT_EQ(error_of([&] {
              labels({"a", "\u00e9"}, bytes_(1)).astype("U");
            }),
            "value_error astype: element 1 of |S1 is not ASCII at position 0, which the cast to <U1 takes only");
}

#ifndef TESSERA_TEST_ON_DEVICE

TEST_F(text_casts, to_numbers_of_any_length) {
  const std::string zeros(400, '0');
  const double infinity = std::numeric_limits<double>::infinity();
  const std::pair<std::string, double> numbers[] = {{"1" + zeros + "e-10", infinity},
                                                    {"-1" + zeros, -infinity},
                                                    {"0." + zeros + "1e10", 0},
                                                    {"1" + zeros + "e-100", 1e300},
                                                    {"0." + zeros + "1e401", 1},
                                                    {"1e400", infinity},
                                                    {"1e-400", 0},
                                                    {"1_0.5", 10.5}};
  for (const auto& [text, number] : numbers) EXPECT_EQ(array(text).astype(float64).item<double>(), number) << text;
}

TEST_F(text_casts, to_numbers_name_the_text) {
  EXPECT_EQ(error_of([] { labels({"1", "x'y"}).astype(int64); }), "value_error astype: \"x'y\" is no integer");
  EXPECT_EQ(error_of([] { labels({"1.5"}).astype(int64); }), "value_error astype: '1.5' is no integer");
  EXPECT_EQ(error_of([] { labels({"0x10"}).astype(int64); }), "value_error astype: '0x10' is no integer");
  EXPECT_EQ(error_of([] { labels({""}).astype(int8); }), "value_error astype: '' is no integer");
  EXPECT_EQ(error_of([] { labels({"1__0"}).astype(int8); }), "value_error astype: '1__0' is no integer");
  EXPECT_EQ(error_of([] { labels({"a\n"}, bytes_(3)).astype(float64); }), "value_error astype: b'a\\n' is no number");
  EXPECT_EQ(error_of([] { labels({"1e"}).astype(float32); }), "value_error astype: '1e' is no number");
  EXPECT_EQ(error_of([] { labels({"1+2"}).astype(complex128); }), "value_error astype: '1+2' is no complex number");
  EXPECT_EQ(error_of([] { labels({"300"}).astype(uint8); }), "overflow_error astype: '300' is out of bounds for uint8");
  EXPECT_EQ(error_of([] { labels({"-1"}).astype(uint64); }), "overflow_error astype: '-1' is out of bounds for uint64");
  EXPECT_EQ(error_of([] { labels({"99999999999999999999"}, str_(20)).astype(int64); }),
            "overflow_error astype: '99999999999999999999' is out of bounds for int64");
  EXPECT_EQ(elements<std::uint64_t>(labels({"18446744073709551615"}, str_(20)).astype(uint64)),
            (std::vector<std::uint64_t>{~std::uint64_t{0}}));
}

TEST_F(texts, are_joined_and_repeated) {
  const array joined = labels({"a", "bc"}, str_(2)) + labels({"dd", "e"}, str_(3));
  EXPECT_EQ(joined.dtype(), str_(5));
  EXPECT_EQ(texts_of(joined), (texts_t{"add", "bce"}));
  EXPECT_EQ(texts_of(labels({"a", "b"}, bytes_(1)) + "!"), (texts_t{"a!", "b!"}));
  EXPECT_EQ(texts_of("é" + labels({"x"})), (texts_t{"éx"}));
  EXPECT_EQ(texts_of(labels({"ab", "c"}) * array{2, 3}), (texts_t{"abab", "ccc"}));
  EXPECT_EQ(texts_of(2 * labels({"ab"})), (texts_t{"abab"}));
  EXPECT_EQ(error_of([] { array(labels({"a"}) * 2.0); }),
            "dtype_error multiply: expected integers beside the texts, not float64");
}

/// sum((k + 1) * number k) modulo 2^64 of code points or bools.
std::uint64_t weighted(const array& x) {
  std::uint64_t total = 0, k = 0;
  if (x.dtype() == bool_) {
    for (const bool b : x.span<const bool>()) total += ++k * b;
  } else {
    for (const std::uint32_t c : x.view(uint32).span<const std::uint32_t>()) total += ++k * c;
  }
  return total;
}

/// Each code point in an array of texts of `width` characters, behind `before`, before `behind`.
array every_code_point(int width, const std::u32string& before, const std::u32string& behind) {
  std::u32string all;
  for (char32_t c = 1; c < 0x110000; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    const std::size_t end = all.size() + static_cast<std::size_t>(width);
    ((all += before) += c) += behind;
    all.resize(end);
  }
  const array codes = from_range(std::vector<std::uint32_t>(all.begin(), all.end()));
  return codes.view(str_(width));
}

TEST_F(strings_functions, know_every_code_point_as_python_does) {
  // weighted() of numpy.strings over numpy.array([chr(c) for c in range(1, 0x110000)], "U3") without surrogates.
  const std::map<std::string, std::uint64_t> numpys = {{"upper", 1379060401683062685u},
                                                       {"lower", 1379060949474511087u},
                                                       {"title", 1379060399937748157u},
                                                       {"swapcase", 1379060384981232803u},
                                                       {"capitalize", 1379060399937748157u},
                                                       {"isalpha", 13731170976u},
                                                       {"isdigit", 33869920u},
                                                       {"isalnum", 13828164873u},
                                                       {"isspace", 141704u},
                                                       {"isdecimal", 30192170u},
                                                       {"isnumeric", 101039218u},
                                                       {"islower", 105980342u},
                                                       {"isupper", 93886224u},
                                                       {"istitle", 94106738u}};
  const array x = every_code_point(3, U"", U"");
  for (const auto& [name, sum] : numpys) EXPECT_EQ(weighted(functions.at(name)(x, {})[0]), sum) << name;
  // Before a sigma, which is final or not.
  EXPECT_EQ(weighted(strings::lower(every_code_point(4, U"A", U"\u03a3"))), 1841370115230523300u);
  EXPECT_EQ(weighted(strings::lower(every_code_point(3, U"", U"\u03a3"))), 1380847339629962753u);
}

TEST_F(texts, of_the_documentation) {
  // [texts]
  const array names{"AAPL", "MSFT", "GOOG", "AAPL"}, prices{187.5, 402.25, 151.0, 190.0};
  const array apple = sum(where(names == "AAPL", prices, 0.0));  // 377.5
  const array advice = where(prices > 189, "buy", "hold");       // <U4
  const array notes = strings::lower(names) + ": " + advice;     // <U10: "aapl: hold", "msft: buy", …
  // [/texts]
  EXPECT_EQ(apple.item<double>(), 377.5);
  EXPECT_EQ(advice.dtype(), str_(4));
  EXPECT_EQ(notes.dtype(), str_(10));
  EXPECT_EQ(texts_of(notes), (texts_t{"aapl: hold", "msft: buy", "goog: hold", "aapl: buy"}));
}

TEST_F(strings_functions, take_cpp_texts_and_broadcast) {
  EXPECT_EQ(ints(strings::find(labels({"abc", "cab"}), "c")), (list{2, 0}));
  EXPECT_EQ(ints(strings::find("abcabc", labels({"c", "b"}), array{{0}, {3}})), (list{2, 1, 5, 4}));
  EXPECT_EQ(ints(strings::count(labels({"a-b-", "-"}, bytes_(4)), "-")), (list{2, 1}));
  EXPECT_EQ(texts_of(strings::upper("straße")), (texts_t{"STRASS"}));
  EXPECT_EQ(texts_of(strings::slice(labels({"hello", "wor"}), {1, 4})), (texts_t{"ell", "or"}));
  EXPECT_EQ(texts_of(strings::slice(labels({"hello", "wor"}), {none, none, -1})), (texts_t{"olleh", "row"}));
  EXPECT_EQ(texts_of(strings::slice(labels({"hello", "wor"}), {-2, none})), (texts_t{"lo", "or"}));
  EXPECT_EQ(texts_of(strings::replace(labels({"a.b"}), ".", "")), (texts_t{"ab"}));
  EXPECT_EQ(texts_of(strings::multiply("ab", array{0, 2})), (texts_t{"", "abab"}));
  EXPECT_EQ(strings::multiply("ab", -1).dtype(), str_(1));
  EXPECT_EQ(texts_of(strings::encode(labels({"é"}), "latin-1")), (texts_t{"é"}));
  EXPECT_EQ(strings::encode(labels({"é"})).dtype(), bytes_(2));
  EXPECT_EQ(texts_of(strings::decode(labels({"\u00c3\u00a9"}, bytes_(2)))), (texts_t{"é"}));
}

TEST_F(strings_functions, take_the_largest_and_smallest_integers) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max(),
                         least = std::numeric_limits<std::int64_t>::min();
  const array x = labels({"abc", "cab"});
  EXPECT_EQ(ints(strings::find(x, "c", least, most)), (list{2, 0}));
  EXPECT_EQ(ints(strings::count(x, "", most, least)), (list{0, 0}));
  EXPECT_EQ(ints(strings::rfind(x, "", most)), (list{-1, -1}));
  EXPECT_EQ(texts_of(strings::slice(x, {most, least, least})), (texts_t{"c", "b"}));
  EXPECT_EQ(texts_of(strings::slice(x, {least, most, most})), (texts_t{"a", "c"}));
  EXPECT_EQ(texts_of(strings::center(x, least)), (texts_t{"abc", "cab"}));
  EXPECT_EQ(texts_of(strings::zfill(x, least)), (texts_t{"abc", "cab"}));
  EXPECT_EQ(texts_of(strings::expandtabs(x, least)), (texts_t{"abc", "cab"}));
  EXPECT_EQ(texts_of(strings::replace(x, "a", "b", least)), (texts_t{"bbc", "cbb"}));
  EXPECT_EQ(error_of([&] { strings::ljust(x, most); }),
            "value_error ljust: texts of 9223372036854775807 characters do not exist");
  EXPECT_EQ(error_of([&] { strings::multiply(x, most / 3); }),
            "value_error multiply: texts of 9223372036854775806 characters do not exist");
  EXPECT_EQ(error_of([&] { strings::multiply(x, most); }),
            "value_error multiply: texts of 9223372036854775807 characters do not exist");
}

TEST_F(strings_functions, of_nothing) {
  const array none = texts_array(str_(3), {0}, {}, cpu());
  EXPECT_EQ(strings::replace(none, "a", "bb").dtype(), str_(1));
  EXPECT_EQ(strings::find(none, "a").shape(), shape({0}));
  EXPECT_EQ(strings::partition(none, "a").after.shape(), shape({0}));
  EXPECT_EQ(strings::upper(none).dtype(), str_(3));
}

TEST_F(strings_functions, refuse_by_name) {
  const array x = labels({"abc"}), keys = labels({"abc"}, bytes_(3));
  EXPECT_EQ(error_of([&] { strings::upper(array{1, 2}); }), "dtype_error upper: dtype int64 is no text");
  EXPECT_EQ(error_of([&] { strings::find(x, keys); }), "dtype_error find: texts of both kinds, <U5 and |S3");
  EXPECT_EQ(error_of([&] { strings::find(x, "a", 0.5); }),
            "dtype_error find: expected integers beside the texts, not float64");
  EXPECT_EQ(error_of([&] { strings::index(x, "x"); }), "value_error index: 'x' is not in 'abc'");
  EXPECT_EQ(error_of([&] { strings::rindex(keys, "x"); }), "value_error rindex: b'x' is not in b'abc'");
  EXPECT_EQ(error_of([&] { strings::isdecimal(keys); }),
            "dtype_error isdecimal: not supported for dtype |S3; bytes have isdigit");
  EXPECT_EQ(error_of([&] { strings::center(x, 9, "ab"); }), "value_error center: the fill 'ab' is not one character");
  EXPECT_EQ(error_of([&] { strings::partition(x, ""); }), "value_error partition: empty separator");
  EXPECT_EQ(error_of([&] { strings::slice(x, {0, 3, 0}); }), "value_error slice: the step is 0");
  EXPECT_EQ(error_of([&] {
              strings::find(labels({"a", "b"}), labels({"a", "b", "c"}));
            }),
            "shape_error find: shapes (2,) and (3,) do not broadcast: axis 0 has extents 2 and 3");
  EXPECT_EQ(error_of([&] { strings::encode(labels({"aé"}), "ascii"); }),
            "value_error encode: 'aé' has no place in ascii at position 1");
  EXPECT_EQ(error_of([&] { strings::decode(labels({"a\u00ff"}, bytes_(2))); }),
            "value_error decode: b'a\\xff' has no place in utf-8 at position 1");
  EXPECT_EQ(error_of([&] { strings::encode(x, "utf-16"); }),
            "value_error encode: encoding 'utf-16' is not supported; expected utf-8, ascii or latin-1");
  EXPECT_EQ(error_of([&] { strings::encode(keys); }), "dtype_error encode: not supported for dtype |S3");
  EXPECT_EQ(error_of([&] { strings::decode(x); }), "dtype_error decode: not supported for dtype <U5");
}

#else

TEST_F(strings_functions, made_for_the_host_say_so) {
  const array x = labels({"abc", "b"});
  EXPECT_EQ(error_of([&] { strings::upper(x); }),
            "error upper: this function of texts is done on the host only, and the elements are on cuda:0; x.to(cpu()) "
            "brings "
            "them there");
  EXPECT_EQ(
      error_of([&] { array(x + x); }),
      "error add: this function of texts is done on the host only, and the elements are on cuda:0; x.to(cpu()) brings "
      "them there");
  EXPECT_EQ(
      error_of([&] { x.astype(int64); }),
      "error astype: reading numbers from text is done on the host only, and the elements are on cuda:0; x.to(cpu()) "
      "brings them there");
  EXPECT_EQ(
      error_of([&] {
        array{1, 2}.astype("U");
      }),
      "error astype: writing numbers as text is done on the host only, and the elements are on cuda:0; x.to(cpu()) "
      "brings them there");
  EXPECT_EQ(error_of([&] { array(x == labels({"b"}).to(cpu())); }),
            "error equal: operands on cuda:0 and cpu; to() copies from one device to another");
}

#endif

TEST_F(strings_functions, startswith_a_cpp_text_on_any_device) {
  const array x = labels({"abc", "ab", "b", "", "\U0001f600é"});
  EXPECT_EQ(str(strings::startswith(x, "ab")), "[ True  True False False False]");
  EXPECT_EQ(str(strings::startswith(x, "")), "[ True  True  True  True  True]");
  EXPECT_EQ(str(strings::startswith(x, "abcdef")), "[False False False False False]");
  EXPECT_EQ(str(strings::startswith(x, "\U0001f600")), "[False False False False  True]");
  EXPECT_EQ(str(strings::startswith(labels({"ab", "b"}, bytes_(2)), "a")), "[ True False]");
}

}  // namespace
}  // namespace tessera
