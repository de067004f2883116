// Datetimes and timedeltas: NumPy's results for random ones in all units (tests/data/times.json), lists made by NumPy, texts,
// errors. Compiled twice: with the arrays on the host, and on a device (TESSERA_TEST_ON_DEVICE).
#include <functional>
#include <map>

#include "ops/default_device.hpp"
#include "ops/numpy_cases.hpp"

namespace tessera {
namespace {

using tessera_test::json;

class times : public on_default_device {};

constexpr std::int64_t nat = std::numeric_limits<std::int64_t>::min();

/// The steps, wherever x lies.
list steps(const array& x) { return tessera_test::values<std::int64_t>(x.to(cpu()).view(int64)); }
array times_of(const list& values, const char* type) { return from_range(values).view(type).copy(); }
/// str(), which is made on the host.
std::string text(const operand& x) { return str(x); }

// ---- NumPy's results

array array_of(const json& j) {
  const dtype type = j[0].get<std::string>();
  const json& values = j[1];
  if (type.kind() == 'f') {
    std::vector<double> list;
    for (const json& v : values) list.push_back(tessera_test::number_of(v));
    return from_range(list).astype(type);
  }
  list elements;
  for (const json& v : values) {
    elements.push_back(v.is_boolean()           ? v.get<bool>()
                       : v.is_number_unsigned() ? static_cast<std::int64_t>(v.get<std::uint64_t>())
                                                : v.get<std::int64_t>());
  }
  const bool time = type.kind() == 'M' || type.kind() == 'm';
  return time ? from_range(elements).view(type).copy() : from_range(elements).astype(type);
}

/// Dtype and elements as one line.
std::string line_of(const array& x) {
  const array here = x.to(cpu());
  const bool time = x.dtype().kind() == 'M' || x.dtype().kind() == 'm';
  std::string line = time ? x.dtype().str() : x.dtype().name();
  if (x.dtype().kind() == 'f') {
    for (double v : tessera_test::doubles(here)) line += " " + str(array(v));
    return line;
  }
  for (std::int64_t v : tessera_test::values<std::int64_t>(time ? here.view(int64).copy() : here.astype(int64))) {
    line += " " + std::to_string(v);
  }
  return line;
}

using binary_t = expr (*)(const operand&, const operand&);
const std::map<std::string, binary_t> binary = {{"add", add},
                                                {"subtract", subtract},
                                                {"multiply", multiply},
                                                {"divide", divide},
                                                {"remainder", remainder},
                                                {"floor_divide", floor_divide},
                                                {"maximum", maximum},
                                                {"minimum", minimum},
                                                {"fmax", fmax},
                                                {"fmin", fmin},
                                                {"equal", equal},
                                                {"not_equal", not_equal},
                                                {"less", less},
                                                {"less_equal", less_equal},
                                                {"greater", greater},
                                                {"greater_equal", greater_equal}};

const std::map<std::string, std::function<array(const array&)>> folds = {
    {"min", [](const array& x) { return array(min(x)); }},
    {"max", [](const array& x) { return array(max(x)); }},
    {"argmin", [](const array& x) { return array(argmin(x)); }},
    {"argmax", [](const array& x) { return array(argmax(x)); }},
    {"any", [](const array& x) { return array(any(x)); }},
    {"all", [](const array& x) { return array(tessera::all(x)); }},
    {"sum", [](const array& x) { return array(sum(x)); }},
    {"mean", [](const array& x) { return array(mean(x)); }},
    {"cumsum", [](const array& x) { return cumsum(x); }},
    {"ptp", [](const array& x) { return array(ptp(x)); }},
    {"nanmax", [](const array& x) { return array(nanmax(x)); }},
    {"nanmin", [](const array& x) { return array(nanmin(x)); }}};

/// The operation of a case that computes with arrays on any device.
array computed(const json& c) {
  const std::string op = c["op"];
  const array x = array_of(c["x"]);
  if (op == "cast") return x.astype(dtype(c["to"].get<std::string>()));
  if (const auto fold = folds.find(op); fold != folds.end()) return fold->second(x);
  return array(binary.at(op)(x, array_of(c["y"])));
}

json cases() {
  std::ifstream file(TESSERA_TEST_DATA "/times.json");
  return json::parse(file);
}

TEST_F(times, agree_with_numpy_in_all_units) {
  int checked = 0;
  const json all_cases = cases();
  for (const json& c : all_cases) {
    const std::string op = c["op"];
    if (op != "cast" && !folds.contains(op) && !binary.contains(op)) continue;
    if (on_device && checked % 4 != 0 && ++checked) continue;  // an emulated device is slow
    ++checked;
    std::string got;
    try {
      got = line_of(computed(c));
    } catch (const error& e) {
      if (c["result"].is_null()) continue;
      got = e.what();
    }
    const std::string expected = c["result"].is_null() ? "an error" : line_of(array_of(c["result"]));
    EXPECT_EQ(got, expected) << c.dump();
  }
  EXPECT_GT(checked, 1100);
}

#ifndef TESSERA_TEST_ON_DEVICE
TEST_F(times, promote_and_cast_as_numpy_says) {
  const json all_cases = cases();
  for (const json& c : all_cases) {
    const std::string op = c["op"];
    if (op != "promote" && op != "can_cast") continue;
    const dtype from = c["x"].get<std::string>();
    for (std::size_t i = 0; i < c["with"].size(); ++i) {
      const dtype to = c["with"][i].get<std::string>();
      SCOPED_TRACE(op + " " + from.str() + " " + to.str());
      if (op == "promote") {
        std::string common;
        try {
          common = result_type(from, to).str();
        } catch (const error&) {}
        EXPECT_EQ(common, c["result"][i].get<std::string>());
      } else if (const char expected = c["result"].get<std::string>()[i]; expected != '-') {
        const casting rule = c["rule"] == "safe" ? casting::safe : casting::same_kind;
        EXPECT_EQ(can_cast(from, to, rule), expected == '1');
      }
    }
  }
}

TEST_F(times, are_read_from_text_as_numpy_reads_them) {
  const json all_cases = cases();
  int checked = 0;
  for (const json& c : all_cases) {
    if (c["op"] != "parse") continue;
    ++checked;
    std::size_t longest = 1;
    for (const json& s : c["x"]) longest = std::max(longest, s.get<std::string>().size());
    array texts = zeros({static_cast<std::int64_t>(c["x"].size())}, str_(static_cast<std::int64_t>(longest)));
    for (std::size_t i = 0; i < c["x"].size(); ++i) texts(i) = c["x"][i].get<std::string>();
    std::string got;
    try {
      got = line_of(texts.astype(dtype(c["to"].get<std::string>())));
    } catch (const error& e) {
      if (c["result"].is_null()) continue;
      got = e.what();
    }
    EXPECT_EQ(got, c["result"].is_null() ? "an error" : line_of(array_of(c["result"]))) << c.dump();
  }
  EXPECT_GT(checked, 350);
}

TEST_F(times, are_written_as_numpy_writes_them) {
  const json all_cases = cases();
  for (const json& c : all_cases) {
    if (c["op"] != "text") continue;
    const array x = array_of(c["x"]);
    EXPECT_EQ(str(x), c["array"].get<std::string>());
    EXPECT_EQ(repr(x), c["repr"].get<std::string>());
    for (std::int64_t i = 0; i < x.size(); ++i) {
      EXPECT_EQ(x(i).item<std::string>(), c["str"][static_cast<std::size_t>(i)].get<std::string>());
      EXPECT_EQ(repr_scalar(x(i)), c["scalars"][static_cast<std::size_t>(i)].get<std::string>());
    }
  }
}
#endif

// ---- making them

TEST_F(times, are_made_of_texts) {
  const array d({"2024-01-01", "2024-02-03"}, "M8[D]");
  EXPECT_EQ(repr(d), "array(['2024-01-01', '2024-02-03'], dtype='datetime64[D]')");
  EXPECT_EQ(repr(array({"2024", "NaT", "2024-02-03T12"}, "M8")),
            "array(['2024-01-01T00',           'NaT', '2024-02-03T12'],\n      dtype='datetime64[h]')");
  EXPECT_EQ(repr(array({1, -5}, "m8[25us]")), "array([ 1, -5], dtype='timedelta64[25us]')");
  EXPECT_EQ(repr(array({"7", "NaT"}, "m8[D]")), "array([    7, 'NaT'], dtype='timedelta64[D]')");
  EXPECT_EQ(repr(array({"2024-01-01", "2024-02-03"}, "M8[M]")), "array(['2024-01', '2024-02'], dtype='datetime64[M]')");
  EXPECT_EQ(repr(array({}, "M8[D]")), "array([], dtype='datetime64[D]')");
  EXPECT_EQ(repr(array({}, "M8")), "array([], dtype=datetime64)");
}

TEST_F(times, come_alone_without_axes) {
  EXPECT_EQ(repr_scalar(datetime("2024-02-29")), "np.datetime64('2024-02-29')");
  EXPECT_EQ(repr_scalar(datetime("2024-02-29T12:34:56.5", time_unit::h)), "np.datetime64('2024-02-29T12','h')");
  EXPECT_EQ(repr_scalar(datetime("2024", time_unit::us, 25)), "np.datetime64('2024-01-01T00:00:00.000000','25us')");
  EXPECT_EQ(repr_scalar(datetime("NaT")), "np.datetime64('NaT','generic')");
  EXPECT_EQ(repr_scalar(timedelta(36, time_unit::h)), "np.timedelta64(36,'h')");
  EXPECT_EQ(repr_scalar(timedelta(5)), "np.timedelta64(5)");
  EXPECT_EQ(datetime("1970-01-03").item<std::int64_t>(), 2);
  EXPECT_EQ(datetime("2024-01-01").device(), here);
}

TEST_F(times, make_ranges) {
  EXPECT_EQ(text(arange("2024-02-27", "2024-03-02", "M8[D]")), "['2024-02-27' '2024-02-28' '2024-02-29' '2024-03-01']");
  EXPECT_EQ(repr(arange("2024-01", "2024-04")), "array(['2024-01', '2024-02', '2024-03'], dtype='datetime64[M]')");
  EXPECT_EQ(text(arange("2024-01-01", "2024-02", {}, 7)),
            "['2024-01-01' '2024-01-08' '2024-01-15' '2024-01-22' '2024-01-29']");
  EXPECT_EQ(text(arange("2024-01-01", "2024-01-03", {}, timedelta(36, time_unit::h))),
            "['2024-01-01T00' '2024-01-02T12']");
  EXPECT_EQ(text(arange("2024-01-01", 3, "M8[D]")), "['2024-01-01' '2024-01-02' '2024-01-03']");
  EXPECT_EQ(text(arange("2024-03", "2024-02-27", "M8[D]", -1)), "['2024-03-01' '2024-02-29' '2024-02-28']");
  EXPECT_EQ(repr(arange("2024-03", "2024-01", "M8[D]")), "array([], dtype='datetime64[D]')");
  EXPECT_EQ(repr(arange(timedelta(1, time_unit::D), timedelta(27, time_unit::h))),
            "array([24, 25, 26], dtype='timedelta64[h]')");
  EXPECT_EQ(text(arange(0, 3, 1, "M8[D]")), "['1970-01-01' '1970-01-02' '1970-01-03']");
  EXPECT_EQ(arange("2024-01", "2024-04").device(), here);
  EXPECT_EQ(error_of([] { arange("2024-03", "2024-04", "M8[D]", 0); }), "value_error arange: the step is 0");
  EXPECT_EQ(error_of([] { arange("2024-03", "NaT", "M8[D]"); }), "value_error arange: NaT bounds no range");
  EXPECT_EQ(
      error_of([] { arange("2024-03-01", "2024-04", {}, timedelta(1, time_unit::M)); }),
      "dtype_error arange: timedelta64[M] and timedelta64[D] have no common unit: months have no fixed number of days");
}

// ---- assignment

TEST_F(times, are_assigned_from_texts_numbers_and_times) {
  array d({"2024-01-01", "2024-02-03", "NaT"}, "M8[D]");
  d(0) = "2024-05-06T23:59";
  EXPECT_EQ(text(d), "['2024-05-06' '2024-02-03'        'NaT']");
  d(1) = 5;
  d(2) = datetime("2023-12", time_unit::M);
  EXPECT_EQ(text(d), "['2024-05-06' '1970-01-06' '2023-12-01']");
  d(slice(1, none)) = "NaT";
  EXPECT_EQ(steps(d), (list{19849, nat, nat}));
  d[isnat(d)] = "2000-01-01";
  EXPECT_EQ(text(d), "['2024-05-06' '2000-01-01' '2000-01-01']");
  d() = arange(3);
  EXPECT_EQ(steps(d), (list{0, 1, 2}));
  EXPECT_EQ(error_of([&] { d(0) = "soon"; }), "value_error assign: 'soon' is no date: not understood at position 0");
  EXPECT_EQ(steps(d), (list{0, 1, 2}));
}

TEST_F(times, are_changed_in_place) {
  array d({"2024-01-31", "NaT"}, "M8[D]");
  d += timedelta(25, time_unit::h);
  EXPECT_EQ(text(d), "['2024-02-01'        'NaT']");
  d -= 1;
  d += array({1, 1}, "m8[W]");
  EXPECT_EQ(text(d), "['2024-02-07'        'NaT']");
  array m({10, 20}, "m8[s]");
  m *= 2.5;
  EXPECT_EQ(steps(m), (list{25, 50}));
  m /= 2;
  EXPECT_EQ(steps(m), (list{12, 25}));
  m %= timedelta(7, time_unit::s);
  EXPECT_EQ(steps(m), (list{5, 4}));
  EXPECT_EQ(error_of([&] { d -= d; }),
            "dtype_error subtract: timedelta64[D] does not cast to the destination's datetime64[D] (same_kind)");
  EXPECT_EQ(error_of([&] { d += d; }), "dtype_error add: not supported for dtypes datetime64[D] and datetime64[D]");
}

// ---- beside C++ texts and numbers

TEST_F(times, are_compared_with_texts) {
  const array d({"2024-01-01", "2024-02-03", "NaT"}, "M8[D]");
  EXPECT_EQ(text(d == "2024-02-03"), "[False  True False]");
  EXPECT_EQ(text(d != "2024-02-03"), "[ True False  True]");
  EXPECT_EQ(text(d < "2024-02"), "[ True False False]");
  EXPECT_EQ(text("2024-01-01T12" < d), "[False  True False]");
  EXPECT_EQ(text(d >= "2024-01-01T00:00:00"), "[ True  True False]");
  EXPECT_EQ(text("2024-02-03" >= d), "[ True  True False]");
  EXPECT_EQ(text(d == "NaT"), "[False False False]");
  EXPECT_EQ(text(d != "NaT"), "[ True  True  True]");
  EXPECT_EQ(text(d > "NaT"), "[False False False]");
  EXPECT_EQ(text(d < std::string("2200-01-01T00:00:00.000000001")), "[ True  True False]");
  const array m({1, 48}, "m8[h]");
  EXPECT_EQ(text(m > timedelta(1, time_unit::D)), "[False  True]");
  EXPECT_EQ(text(m > 24), "[False  True]");
  EXPECT_EQ(text(m == "48"), "[False  True]");
  EXPECT_EQ(error_of([&] { (d == "tomorrow").eval(); }),
            "value_error equal: 'tomorrow' is no date: not understood at position 0");
}

TEST_F(times, compare_in_the_pass_of_the_recipe) {
  const array d({"2024-01-01", "2024-02-03", "NaT"}, "M8[D]");
  const expr mask = (d > "2024-01-15") & (d < "2025");
  EXPECT_NE(explain(mask).find("stage 1 of 1"), std::string::npos) << explain(mask);
  EXPECT_EQ(text(mask), "[False  True False]");
  EXPECT_EQ(text(d[mask]), "['2024-02-03']");
}

TEST_F(times, compute_with_texts) {
  const array d({"2024-01-01", "2024-02-03", "NaT"}, "M8[D]");
  EXPECT_EQ(repr(d - "2024-01-01"), "array([    0,    33, 'NaT'], dtype='timedelta64[D]')");
  EXPECT_EQ(repr("2024-01-02T12" - d), "array([   36,  -756, 'NaT'], dtype='timedelta64[h]')");
  EXPECT_EQ(text(maximum(d, "2024-01-15")), "['2024-01-15' '2024-02-03'        'NaT']");
  EXPECT_EQ(text(clip(d, "2024-01-02", "2024-02")), "['2024-01-02' '2024-02-01'        'NaT']");
  EXPECT_EQ(text(where(isnat(d), "2000-01-01", d)), "['2024-01-01' '2024-02-03' '2000-01-01']");
  EXPECT_EQ(text(where(d > "2024-01-15", d, "NaT")), "[       'NaT' '2024-02-03'        'NaT']");
  EXPECT_EQ(text(d(slice(0, 2)) + timedelta(1, time_unit::W)), "['2024-01-08' '2024-02-10']");
  EXPECT_EQ(error_of([&] { (d + "2024-01-01").eval(); }),
            "dtype_error add: not supported for dtypes datetime64[D] and <U10");
}

TEST_F(times, equal_no_numbers_and_no_arrays_of_texts) {
  const array d({"1970-01-06", "NaT"}, "M8[D]");
  EXPECT_EQ(text(d == 5), "[False False]");
  EXPECT_EQ(text(d != 5), "[ True  True]");
  EXPECT_EQ(text(d == array({1, 2}, "m8[D]")), "[False False]");
  EXPECT_EQ((d == array({{1.5}, {2.5}, {3.5}})).shape(), shape({3, 2}));
  EXPECT_EQ(text(array({1, 2}, "m8[D]") == 1), "[ True False]");
  EXPECT_EQ(error_of([&] { (d < 5).eval(); }), "dtype_error less: not supported for dtypes datetime64[D] and int64");
}

// ---- NaT, extremes, shapes

TEST_F(times, tell_nat) {
  const array d({"2024-01-01", "NaT"}, "M8[D]");
  EXPECT_EQ(text(isnat(d)), "[False  True]");
  EXPECT_EQ(text(isnan(d)), "[False  True]");
  EXPECT_EQ(text(isfinite(d)), "[ True False]");
  EXPECT_EQ(text(isinf(d)), "[False False]");
  EXPECT_EQ(error_of([] {
              isnat(array{1, 2});
            }),
            "dtype_error isnat: not supported for dtype int64; expected datetime64 or timedelta64");
}

TEST_F(times, negate_and_size_timedeltas) {
  const array m = times_of({-10, 0, 3, nat}, "m8[D]");
  EXPECT_EQ(steps(-m), (list{10, 0, -3, nat}));
  EXPECT_EQ(steps(array(+m)), (list{-10, 0, 3, nat}));
  EXPECT_EQ(steps(abs(m)), (list{10, 0, 3, nat}));
  EXPECT_EQ(repr(sign(m)), "array([-1,  0,  1, -1], dtype='timedelta64[D]')");
  EXPECT_EQ(error_of([] { negative(datetime("2024")); }),
            "dtype_error negative: not supported for dtype datetime64[Y]");
}

TEST_F(times, convert_by_the_calendar_as_far_as_64_bits_reach) {
  // Python's integers: days of the first day of a year, and the year of a day, beyond what datetime.date holds
  EXPECT_EQ(steps(times_of({25252734927764551, -25252734927764551, 0, -1970, nat}, "M8[Y]").astype("M8[D]")),
            (list{9223372036854044019, -9223372036854044019, 0, -719528, nat}));
  EXPECT_EQ(steps(times_of({9223372036854775807, -9223372036854775807, -1, 59, nat}, "M8[D]").astype("M8[Y]")),
            (list{25252734927766554, -25252734927766555, -1, 0, nat}));
  EXPECT_EQ(steps(times_of({-1, 58, 59, 789, 790}, "M8[D]").astype("M8[M]")), (list{-1, 1, 2, 25, 26}));
  EXPECT_EQ(str(times_of({9223372036854775807}, "M8[D]")), "['25252734927768524-07-27']");
  EXPECT_EQ(str(times_of({-9223372036854775807}, "M8[D]")), "['-25252734927764585-06-08']");
  EXPECT_EQ(str(times_of({9223372036854775807}, "M8[as]")), "['1970-01-01T00:00:09.223372036854775807']");
  EXPECT_EQ(str(times_of({9223372036854775807}, "M8[Y]")), "['9223372036854777777']");
}

TEST_F(times, refuse_units_that_do_not_reach) {
  EXPECT_EQ(
      error_of([] { array({1}, "m8[W]").astype("m8[as]"); }),
      "overflow_error astype: timedelta64[W] in timedelta64[as]: the factor between the units does not fit 64 bits");
  EXPECT_EQ(error_of([] { (array({1}, "m8[W]") + array({1}, "m8[as]")).eval(); }),
            "overflow_error add: timedelta64[W] and timedelta64[as]: no unit counts both in 64 bits");
  EXPECT_EQ(
      error_of([] { (array({1}, "m8[Y]") + array({1}, "m8[D]")).eval(); }),
      "dtype_error add: timedelta64[Y] and timedelta64[D] have no common unit: months have no fixed number of days");
  EXPECT_EQ(error_of([] { datetime("2300-01-01", time_unit::ns); }),
            "overflow_error datetime: '2300-01-01' is out of bounds for datetime64[ns]");
  EXPECT_EQ(error_of([] { array({1, 2}).astype("M8"); }), "value_error astype: int64 to datetime64 without a unit");
  EXPECT_EQ(error_of([] { datetime("2023-02-29"); }),
            "value_error datetime: '2023-02-29' is no date: the day is out of range");
}

TEST_F(times, of_no_elements_and_several_axes) {
  const array none = zeros({0, 3}, "M8[s]");
  EXPECT_EQ((none + 1).shape(), shape({0, 3}));
  EXPECT_EQ((none - none).dtype(), dtype("m8[s]"));
  EXPECT_EQ((none < "2024").shape(), shape({0, 3}));
  EXPECT_EQ(none.astype("M8[D]").shape(), shape({0, 3}));
  EXPECT_EQ(repr(sum(zeros({0}, "m8[s]"))), "array(0, dtype='timedelta64[s]')");
  EXPECT_EQ(error_of([&] { max(none).eval(); }),
            "value_error max: reduction over 0 elements has no value: shape (0, 3), axis 0 has extent 0");
  const array grid = arange(6).view("M8[D]").copy();
  const array rows = reshape(grid, {2, 3}), columns = rows.T();
  EXPECT_EQ(steps(columns + (rows(1, 0) - rows(0, 0))), (list{3, 6, 4, 7, 5, 8}));
  EXPECT_EQ(error_of([&] { (rows - columns).eval(); }),
            "shape_error subtract: shapes (2, 3) and (3, 2) do not broadcast: axis 0 has extents 2 and 3");
}

// ---- folds

TEST_F(times, fold_along_axes) {
  const array m = reshape(times_of({5, 1, nat, 4, 2, 3}, "m8[D]"), {2, 3});
  EXPECT_EQ(steps(max(m, 1)), (list{nat, 4}));
  EXPECT_EQ(steps(min(m, 1)), (list{nat, 2}));
  EXPECT_EQ(steps(nanmax(m, 1)), (list{5, 4}));
  EXPECT_EQ(steps(nanmin(m, 1)), (list{1, 2}));
  EXPECT_EQ(ints(argmax(m, 1)), (list{2, 0}));
  EXPECT_EQ(ints(argmin(m, 1)), (list{2, 1}));
  EXPECT_EQ(steps(sum(m, 0)), (list{9, 3, nat}));
  EXPECT_EQ(steps(mean(m, 0)), (list{4, 1, nat}));
  EXPECT_EQ(steps(cumsum(m, 1)), (list{5, 6, nat, 4, 6, 9}));
  EXPECT_EQ(steps(diff(m)), (list{-4, nat, -2, 1}));
  EXPECT_EQ(sum(m, 0, {.keepdims = true}).shape(), shape({1, 3}));
  EXPECT_EQ(ints(count_nonzero(m)), (list{6}));
  EXPECT_EQ(steps(sum(m, 1, {.initial = {3}, .where = {isfinite(m)}})), (list{9, 12}));
  EXPECT_EQ(steps(max(m, 1, {.initial = {7}})), (list{nat, 7}));
  const array d({"2024-01-01", "2024-02-03"}, "M8[D]");
  EXPECT_EQ(text(max(d, {}, {.initial = {"2024-03"}})), "2024-03-01");
  EXPECT_EQ(repr(ptp(d)), "array(33, dtype='timedelta64[D]')");
  EXPECT_EQ(repr(diff(d)), "array([33], dtype='timedelta64[D]')");
  EXPECT_EQ(error_of([&] { sum(d).eval(); }), "dtype_error sum: not supported for dtype datetime64[D]");
  EXPECT_EQ(error_of([&] { mean(d).eval(); }), "dtype_error mean: not supported for dtype datetime64[D]");
  EXPECT_EQ(error_of([&] { prod(m).eval(); }), "dtype_error prod: not supported for dtype timedelta64[D]");
  EXPECT_EQ(error_of([&] { cumsum(d); }), "dtype_error cumsum: not supported for dtype datetime64[D]");
  EXPECT_EQ(error_of([&] { var(m).eval(); }), "dtype_error var: not supported for dtype timedelta64[D]");
}

// ---- text

TEST_F(times, become_texts_on_the_host) {
  const array d({"2024-01-01", "NaT"}, "M8[D]");
  if (on_device) {
    EXPECT_NE(error_of([&] { d.astype("U"); }).find("to <U0 is done on the host only"), std::string::npos);
    EXPECT_NE(
        error_of([&] { datetime_as_string(d); }).find("datetime_as_string: writing dates is done on the host only"),
        std::string::npos);
    return;
  }
  EXPECT_EQ(d.astype("U").dtype(), dtype("U28"));
  EXPECT_EQ(text(d.astype("U") == array{"2024-01-01", "NaT"}), "[ True  True]");
  EXPECT_EQ(text(d.astype("S10") == array{"2024-01-01", "NaT"}.astype("S")), "[ True  True]");
  EXPECT_EQ(text(array({75}, "m8[us]").astype("U") == "75 microseconds"), "[ True]");
  EXPECT_EQ(error_of([&] { d.astype("U5"); }), "value_error astype: '2024-01-01' does not fit into <U5");
  EXPECT_EQ(text(datetime_as_string(d, {.unit = time_unit::m, .utc = true}) == array{"2024-01-01T00:00Z", "NaT"}),
            "[ True  True]");
  EXPECT_EQ(datetime_as_string(d, {.unit = time_unit::Y}).dtype(), dtype("U22"));
  EXPECT_EQ(error_of([] { datetime_as_string(timedelta(1)); }),
            "dtype_error datetime_as_string: not supported for dtype timedelta64; expected datetime64");
}

TEST_F(times, name_their_unit) {
  EXPECT_EQ(datetime_data("M8[25us]").unit, time_unit::us);
  EXPECT_EQ(datetime_data("M8[25us]").count, 25);
  EXPECT_EQ(datetime_data("m8").unit, time_unit::generic);
  EXPECT_EQ(error_of([] { datetime_data(float64); }),
            "dtype_error datetime_data: not supported for dtype float64; expected datetime64 or timedelta64");
}

}  // namespace
}  // namespace tessera
