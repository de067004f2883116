// Records: dtypes and texts against NumPy's (tests/data/records.json), fields, rows, structs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "array_values.hpp"
#include "tessera/tessera.hpp"

namespace {

struct tick {
  char32_t name[4];
  double price;
  std::int16_t flags;
  bool active;
  std::array<float, 2> pair;
};
#pragma pack(push, 1)
struct packed_tick {
  char code[3];
  double price;
  std::int32_t grid[2][2];
};
#pragma pack(pop)
struct segment {
  tick from, to;
};

}  // namespace

TESSERA_RECORD(tick, name, price, flags, active, pair);
TESSERA_RECORD(packed_tick, code, price, grid);
TESSERA_RECORD(segment, from, to);

namespace {

using namespace tessera;
using nlohmann::json;
using tessera_test::message_of;

json numpy_cases(const char* key) {
  std::ifstream file(TESSERA_TEST_DATA "/records.json");
  return json::parse(file).at(key);
}

dtype trade() { return record({{"name", "U8"}, {"price", "f8"}, {"volume", "i8"}, {"active", "?"}}); }
array trades() {
  return array(trade(), {{"BTC", 50000.0, 1000, true}, {"ETH", 3000.0, 5000, true}, {"SOL", 100.0, 20000, false}});
}

// ---- The text of dtypes

TEST(record_dtype, is_read_and_printed_as_numpys) {
  for (const json& c : numpy_cases("dtypes")) {
    const dtype type(c["text"].get<std::string>());
    EXPECT_EQ(type.name(), c["name"]) << c;
    EXPECT_EQ(type.itemsize(), c["itemsize"]) << c;
    EXPECT_EQ(type.alignment(), c["alignment"]) << c;
    ASSERT_EQ(type.fields().size(), c["names"].size()) << c;
    for (std::size_t i = 0; i < type.fields().size(); ++i) {
      EXPECT_EQ(type.fields()[i].name, c["names"][i]) << c;
      EXPECT_EQ(type.fields()[i].offset, c["offsets"][i]) << c;
    }
    EXPECT_EQ(dtype(type.name()), type) << c;
  }
}

TEST(record_dtype, of_a_list_has_padding_without_names_and_titles_are_read_over) {
  EXPECT_EQ(dtype("[('a', 'i1'), ('', '|V7'), ('b', '<f8'), ('', '|V8')]"),
            record({{"a", "i1"}, {"b", "f8", {}, 8}}, {.itemsize = 24}));
  EXPECT_EQ(dtype("[(('a title', 'n'), '<i4')]"), record({{"n", "i4"}}));
  EXPECT_EQ(dtype("{'names': ['n'], 'formats': ['<i4'], 'titles': [None]}"), record({{"n", "i4"}}));
}

TEST(record_dtype, is_aligned_as_structs_are) {
  const dtype packed = trade(), aligned = record(trade().fields(), {.aligned = true});
  EXPECT_EQ(packed.itemsize(), 49);
  EXPECT_EQ(packed.alignment(), 1);
  EXPECT_EQ(record({{"a", "i1"}, {"b", "f8"}}, {.aligned = true}).fields()[1].offset, 8);
  EXPECT_TRUE(record({{"a", "i1"}, {"b", "f8"}}, {.aligned = true}).is_aligned());
  EXPECT_EQ(aligned.fields()[1].offset, 32);
}

TEST(record_dtype, says_why_a_text_is_none) {
  const auto why = [](std::string_view text) { return message_of<dtype_error>([&] { (void)dtype(text); }); };
  EXPECT_EQ(why("[('a', '<f8')"), "dtype: expected ',' at byte 13 of '[('a', '<f8')'");
  EXPECT_EQ(why("[('a', '<f8')] x"), "dtype: expected the end at byte 15 of '[('a', '<f8')] x'");
  EXPECT_EQ(why("[('a', 'f9')]"), "dtype: 'f9' is not a dtype");
  EXPECT_EQ(why("[('a', 'O')]"), "dtype: dtype 'O' (Python objects) is not supported");
  EXPECT_EQ(why("[('a', 'f8'), ('a', 'f8')]"), "dtype: record: field 'a' stands there twice");
  EXPECT_EQ(why("{'names': ['a'], 'formats': []}"), "dtype: 'names', 'formats' and 'offsets' have 1, 0 and 0 entries");
  EXPECT_EQ(why("{'names': ['a']}"), "dtype: key 'formats' is missing");
  EXPECT_EQ(why("{'names': ['a'], 'x': 1}"), "dtype: unknown key 'x'");
  EXPECT_EQ(why("{'names': ['a'], 'formats': ['f8'], 'itemsize': 4}"),
            "dtype: record: itemsize 4 does not hold fields of 8 bytes");
  EXPECT_EQ(why("{'names': ['a'], 'formats': ['f8'], 'offsets': [4], 'aligned': True}"),
            "dtype: record: field 'a': offset 4 is no multiple of its alignment, 8");
  EXPECT_EQ(why("f8, i4 x"), "dtype: expected ',' at byte 7 of 'f8, i4 x'");
  EXPECT_EQ(why("f8, , i4"), "dtype: expected a dtype at byte 4 of 'f8, , i4'");
  EXPECT_EQ(why("[('a', 'f8', (99999999999999999999,))]"),
            "dtype: the shape's '99999999999999999999' does not fit in 64 bits");
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "[('a',";
  EXPECT_THAT(why(deep), testing::StartsWith("dtype: expected at most 64 levels at byte 384 of "));
}

TEST(record_dtype, is_nested_as_deep_as_files_have_it) {
  dtype type = float64;
  for (int i = 0; i < 63; ++i) type = record({{"a", type}});
  EXPECT_EQ(type.itemsize(), 8);
  EXPECT_EQ(message_of<value_error>([&] {
              record({{"a", type}});
            }),
            "record: field 'a': records are nested 63 deep at most");
}

TEST(record_dtype, has_room_for_its_padding) {
  const auto ends_with = [](std::int64_t n) { return record({{"a", "f8"}, {"b", bytes_(n)}}, {.aligned = true}); };
  EXPECT_EQ(ends_with(0x7ffffff0 - 8).itemsize(), 0x7ffffff0);
  EXPECT_EQ(message_of<value_error>([&] { ends_with(0x7fffffff - 8); }),
            "record: 2147483648 bytes with the padding at the end are more than 2147483647");
}

TEST(record_dtype, without_bytes_has_no_arrays) {
  const dtype empty("V0"), fields = record({{"a", "f8", {0}}});
  EXPECT_EQ(message_of<dtype_error>([&] { zeros(3, {.dtype = empty}); }), "array: |V0 has no bytes");
  EXPECT_EQ(message_of<dtype_error>([&] { zeros(3, {.dtype = fields}); }), "array: [('a', '<f8', (0,))] has no bytes");
  double number = 0;
  EXPECT_EQ(message_of<dtype_error>([&] { from_pointer(&number, 3, fields); }),
            "from_pointer: [('a', '<f8', (0,))] has no bytes");
  EXPECT_EQ(message_of<dtype_error>([&] { from_pointer(&number, 3, str_(0)); }), "from_pointer: <U0 has no bytes");
}

TEST(record_dtype, refuses_fields_that_cannot_be) {
  EXPECT_EQ(message_of<value_error>([] {
              record({{"a", "f8"}, {"a", "i4"}});
            }),
            "record: field 'a' stands there twice");
  EXPECT_EQ(message_of<dtype_error>([] { record({{"a", dtype()}}); }), "record: field 'a' has no dtype");
  EXPECT_EQ(message_of<dtype_error>([] { record({{"a", "U"}}); }), "record: field 'a' of <U0 has no bytes");
  EXPECT_EQ(message_of<value_error>([] {
              record({{"a", "f8", {1 << 20, 1 << 20}}});
            }),
            "record: field 'a': ends beyond 2147483647 bytes");
}

// ---- str and repr

print_options options_of(const json& fields) {
  print_options o;
  o.precision = fields.value("precision", o.precision);
  o.threshold = fields.value("threshold", o.threshold);
  o.edgeitems = fields.value("edgeitems", o.edgeitems);
  o.linewidth = fields.value("linewidth", o.linewidth);
  o.suppress = fields.value("suppress", o.suppress);
  o.sign = fields.value("sign", std::string(1, o.sign)).front();
  const std::string mode = fields.value("floatmode", "maxprec");
  o.floatmode = mode == "fixed"     ? float_mode::fixed
                : mode == "unique"  ? float_mode::unique
                : mode == "maxprec" ? float_mode::maxprec
                                    : float_mode::maxprec_equal;
  return o;
}

TEST(record_printing, agrees_with_numpy) {
  for (const json& c : numpy_cases("arrays")) {
    const std::string hexadecimal = c["data"];
    std::vector<unsigned char> bytes(hexadecimal.size() / 2 + 1);
    for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2) {
      bytes[i / 2] = static_cast<unsigned char>(std::stoi(hexadecimal.substr(i, 2), nullptr, 16));
    }
    const array x = from_pointer(bytes.data(), shape(c["shape"].get<std::vector<std::int64_t>>()),
                                 dtype(c["dtype"].get<std::string>()));
    const print_options options = options_of(c["options"]);
    EXPECT_EQ(str(x, options), c["str"]) << c;
    EXPECT_EQ(repr(x, options), c["repr"]) << c;
    if (!c.contains("scalar")) continue;
    const print_options before = get_printoptions();
    set_printoptions(options);
    EXPECT_EQ(repr_scalar(x), c["scalar"]) << c;
    set_printoptions(before);
  }
}

TEST(record_printing, gives_texts_themselves) {
  EXPECT_EQ(str(trades()(1)), "('ETH', 3000.0, 5000, True)");
  EXPECT_EQ(trades()["name"](2).item<std::string>(), "SOL");
  EXPECT_EQ(array("né\n").item<std::string>(), "né\n");
  EXPECT_EQ(array({"ab"}, "S4")(0).item<std::string>(), "ab");
  EXPECT_EQ(trades()(0).item<std::string>(), "('BTC', 50000.0, 1000, True)");
}

// ---- Fields, rows

TEST(fields, are_views) {
  array x = trades();
  EXPECT_TRUE(shares_memory(x, x["price"]));
  EXPECT_EQ(x["price"].strides(), shape(49));
  EXPECT_EQ(static_cast<const char*>(x["volume"].data()) - static_cast<const char*>(x.data()), 40);
  x["price"] *= 2;
  x["volume"](0) = 7;
  EXPECT_EQ(str(x), "[('BTC', 100000.,     7,  True) ('ETH',   6000.,  5000,  True)\n ('SOL',    200., 20000, False)]");
  EXPECT_EQ(message_of<index_error>([&] { (void)x["cost"]; }),
            "index: no field 'cost'; there are 'name', 'price', 'volume', 'active'");
}

TEST(fields, of_nested_records_and_sub_arrays_have_their_own_axes) {
  array x = zeros({3}, {.dtype = "[('pos', [('x', 'f4'), ('y', 'f4')]), ('m', 'i2', (2, 2))]"});
  x["pos"]["x"] = {1, 2, 3};
  x["m"](1) = {{1, 2}, {3, 4}};
  x["m"](slice(0, 1), 0) = 9;
  EXPECT_EQ(x["m"].shape(), shape({3, 2, 2}));
  EXPECT_EQ(str(x), "[((1., 0.), [[9, 9], [0, 0]]) ((2., 0.), [[1, 2], [3, 4]])\n ((3., 0.), [[0, 0], [0, 0]])]");
}

TEST(fields, several_are_a_view_of_records_that_have_these_alone) {
  array x = trades();
  const array two = x[names({"volume", "name"})];
  EXPECT_TRUE(shares_memory(x, two));
  EXPECT_EQ(two.dtype().name(),
            "{'names': ['volume', 'name'], 'formats': ['<i8', '<U8'], 'offsets': [40, 0], 'itemsize': 49}");
  EXPECT_EQ(str(two), "[( 1000, 'BTC') ( 5000, 'ETH') (20000, 'SOL')]");
}

TEST(row, is_one_record_by_value) {
  array x = trades();
  const row one(x(1));
  x["price"] = 0;
  EXPECT_EQ(one.get<double>("price"), 3000.0);
  EXPECT_EQ(one.get<std::string>("name"), "ETH");
  EXPECT_EQ(one.get<int>("volume"), 5000);
  EXPECT_TRUE(one.get<bool>("active"));
  EXPECT_EQ(one.at(-1).dtype(), bool_);
  EXPECT_EQ(one.at(1).item<double>(), 3000.0);
  EXPECT_EQ(one.dtype(), trade());
  EXPECT_EQ(row(x(slice(2, 3))).get<std::string>("name"), "SOL");
  EXPECT_EQ(message_of<index_error>([&] { (void)one.get<int>("cost"); }),
            "row: no field 'cost'; there are 'name', 'price', 'volume', 'active'");
  EXPECT_EQ(message_of<index_error>([&] { (void)one.at(4); }), "row: 4 is out of bounds for axis 0 with extent 4");
  EXPECT_EQ(message_of<value_error>([&] { (void)row(x); }), "row: shape (3,) has 3 elements, not one");
  EXPECT_EQ(message_of<dtype_error>([&] { (void)row(1.0); }), "row: dtype float64 has no fields");
}

// ---- Structs

TEST(structs, are_elements_without_a_copy) {
  std::vector<tick> ticks(3);
  ticks[1] = {U"ETH", 3000.0, 5, true, {1, 2}};
  const array x = from_span(std::span(ticks));
  EXPECT_EQ(x.dtype(), dtype_of<tick>());
  EXPECT_EQ(x.itemsize(), static_cast<int>(sizeof(tick)));
  EXPECT_EQ(str(x(1)), "('ETH', 3000.0, 5, True, [1.0, 2.0])");
  ticks[2].price = 8;
  EXPECT_EQ(x["price"](2).item<double>(), 8.0);
  EXPECT_EQ(x.span<tick>().data(), ticks.data());
  EXPECT_EQ((x.accessor<const tick, 1>()(2).price), 8.0);
}

TEST(structs, may_be_packed_or_nested) {
  EXPECT_EQ(dtype_of<packed_tick>(), dtype("[('code', 'S3'), ('price', '<f8'), ('grid', '<i4', (2, 2))]"));
  array x = zeros({2}, {.dtype = dtype_of<packed_tick>()});
  x.span<packed_tick>()[1].grid[1][0] = 7;
  EXPECT_EQ(x["grid"](1, 1, 0).item<int>(), 7);
  EXPECT_EQ(dtype_of<segment>().fields()[1].offset, static_cast<std::int64_t>(sizeof(tick)));
  EXPECT_EQ(zeros({2}, {.dtype = dtype_of<segment>()})["to"]["pair"].shape(), shape({2, 2}));
}

TEST(structs, are_the_arrays_own) {
  const array x = zeros({2}, {.dtype = dtype_of<packed_tick>()});
  EXPECT_THAT(message_of<dtype_error>([&] { (void)x.span<const tick>(); }),
              testing::StartsWith(
                  "span: elements are [('code', 'S3'), ('price', '<f8'), ('grid', '<i4', (2, 2))], asked for as "
                  "{'names': ['name', 'price', 'flags', 'active', 'pair']"));
  EXPECT_THAT(message_of<dtype_error>([&] { (void)x.span<const double>(); }),
              testing::HasSubstr("asked for as float64"));
}

// ---- Casts and assignment

TEST(record_assignment, takes_rows_between_braces) {
  array x = trades();
  x(0) = {"X", 1.0, 5, true};
  x(slice(1, 3)) = {{"YY", 2.5, 6, false}, {"a long name", 3.0, 7, true}};
  EXPECT_EQ(str(x), "[('X', 1. , 5,  True) ('YY', 2.5, 6, False) ('a long n', 3. , 7,  True)]");
  array pairs = zeros({3}, {.dtype = "f8, i4"});
  pairs(0) = {1.5, 2};
  pairs(slice(1, 3)) = {{3, 4}, {5, 6}};
  EXPECT_EQ(str(pairs), "[(1.5, 2) (3. , 4) (5. , 6)]");
  EXPECT_EQ(message_of<dtype_error>([&] {
              x(0) = {"X", 1.0};
            }),
            "assign: [('f0', '<U1'), ('f1', '<f8')] does not cast to " + trade().name());
}

TEST(record_assignment, goes_by_position_as_in_numpy) {
  const array x(record({{"a", "i4"}, {"b", "U3"}}), {{1, "12"}, {2, "7"}});
  EXPECT_EQ(str(x.astype("[('x', '<f8'), ('y', 'S5')]")), "[(1., b'12') (2., b'7')]");
  EXPECT_EQ(str(array{1.5, 2.0}.astype("[('p', '<i4'), ('n', [('u', '<f4'), ('v', '<i2', (2,))])]")),
            "[(1, (1.5, [1, 1])) (2, (2. , [2, 2]))]");
  EXPECT_EQ(str(array(record({{"q", "f8"}}), {{1.5}, {2.0}}).astype(int64)), "[1 2]");
  EXPECT_EQ(message_of<dtype_error>([&] { (void)x.astype(float64); }),
            "astype: [('a', '<i4'), ('b', '<U3')] does not cast to float64");
  EXPECT_EQ(message_of<dtype_error>([&] { (void)x.astype("f8, f8, f8"); }),
            "astype: [('a', '<i4'), ('b', '<U3')] does not cast to [('f0', '<f8'), ('f1', '<f8'), ('f2', '<f8')]");
}

TEST(record_assignment, repeats_sub_arrays_that_broadcast) {
  const array x(dtype("[('m', '<f4', (2,))]"), {{{1.0, 2.0}}});
  EXPECT_EQ(str(x.astype("[('m', '<i4', (3, 2))]")), "[([[1, 2], [1, 2], [1, 2]],)]");
  EXPECT_EQ(str(array(dtype("[('m', '<i4')]"), {{5}}).astype("[('m', '<i4', (2, 2))]")), "[([[5, 5], [5, 5]],)]");
  EXPECT_EQ(message_of<dtype_error>([&] { (void)x.astype("[('m', '<i4', (3,))]"); }),
            "astype: [('m', '<f4', (2,))] does not cast to [('m', '<i4', (3,))]");
}

TEST(record_assignment, leaves_no_byte_between_fields_undefined) {
  const array x(record({{"a", "i1"}, {"b", "i4"}}), {{1, 2}});
  const std::vector<std::byte> bytes = tobytes(x.astype(record(x.dtype().fields(), {.itemsize = 12})));
  const std::vector<std::byte> expected = {std::byte(1), std::byte(2), {}, {}, {}, {}, {}, {}, {}, {}, {}, {}};
  EXPECT_EQ(bytes, expected);
}

TEST(record_assignment, of_several_fields_writes_these_alone) {
  array x = trades();
  x[names({"volume", "active"})] = array(dtype("i4, ?"), {{1, false}, {2, false}, {3, true}});
  EXPECT_EQ(str(x), "[('BTC', 50000., 1, False) ('ETH',  3000., 2, False)\n ('SOL',   100., 3,  True)]");
}

TEST(record_assignment, of_several_fields_by_masks_and_index_arrays_writes_these_alone) {
  array x = trades();
  const array row(dtype("i4, ?"), {9, false});
  x[names{"volume", "active"}][x["volume"] > 1000] = row;
  x[names{"price"}](array{0, 2}) = array(dtype("f8"), {1.5, 2.5});
  EXPECT_EQ(str(x), "[('BTC', 1.5e+00, 1000,  True) ('ETH', 3.0e+03,    9, False)\n ('SOL', 2.5e+00,    9, False)]");
}

TEST(record_assignment, names_the_shapes_of_elements) {
  array x = trades();
  const char* text = "assign: shape (2,) does not broadcast to the destination's (3,)";
  EXPECT_EQ(message_of<shape_error>([&] { x() = x(slice(0, 2)).copy(); }), text);
  EXPECT_EQ(message_of<shape_error>([&] { x["name"]() = array{"a", "b"}; }), text);
  array several = x[names{"volume", "active"}];
  EXPECT_EQ(message_of<shape_error>([&] { several() = several(slice(0, 2)).copy(); }), text);
  several(0) = reshape(several(slice(1, 2)).copy(), {1, 1});  // leading axes of extent 1 do not count
  EXPECT_EQ(str(x["volume"]), "[ 5000  5000 20000]");
}

TEST(record_assignment, of_several_fields_reads_positions_before_it_writes_them) {
  array x(record({{"to", "i8"}, {"kept", "i8"}, {"value", "i8"}}), {{1, 10, 5}, {2, 20, 6}, {0, 30, 7}});
  const array rows(dtype("i8, i8"), {{0, 100}, {0, 200}, {0, 300}});
  x[names{"to", "value"}][x["to"]] = rows;
  EXPECT_EQ(str(x), "[(0, 10, 300) (0, 20, 100) (0, 30, 200)]");
}

TEST(record_assignment, of_several_fields_by_put_and_its_kin_writes_these_alone) {
  array x = trades();
  const array rows(dtype("i4, ?"), {{1, false}, {2, true}});
  const array view = x[names{"volume", "active"}];
  put(view, array{2, 0}, rows);
  EXPECT_EQ(str(x["name"]), "['BTC' 'ETH' 'SOL']");
  EXPECT_EQ(str(x["volume"]), "[   2 5000    1]");
  put_along_axis(view, array{1}, rows(slice(0, 1)), 0);
  EXPECT_EQ(str(x["volume"]), "[2 1 1]");
  place(view, array{false, true, false}, rows(slice(1, 2)));
  EXPECT_EQ(str(x["volume"]), "[2 2 1]");
  putmask(view, array{true, false, false}, rows);
  EXPECT_EQ(str(x), "[('BTC', 50000., 1, False) ('ETH',  3000., 2,  True)\n ('SOL',   100., 1, False)]");
}

TEST(raw_bytes, are_cut_off_and_filled_up) {
  EXPECT_EQ(str(array{1, 258}.astype("V8")),
            "[b'\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00' b'\\x02\\x01\\x00\\x00\\x00\\x00\\x00\\x00']");
  EXPECT_EQ(str(array{1, 258}.astype("V2")), "[b'\\x01\\x00' b'\\x02\\x01']");
  EXPECT_EQ(str(array({"ab"}, "S2").astype("V3")), "[b'\\x61\\x62\\x00']");
  EXPECT_EQ(message_of<dtype_error>([] { (void)zeros({2}, {.dtype = "V8"}).astype(int64); }),
            "astype: |V8 does not cast to int64");
  EXPECT_EQ(message_of<dtype_error>([] { (void)trades().astype("V49"); }),
            "astype: " + trade().name() + " does not cast to |V49");
}

// ---- Comparison

TEST(record_comparison, is_over_all_fields) {
  const array x = trades();
  array y = trades();
  y["volume"](1) = 5001;
  EXPECT_EQ(str(x == y), "[ True False  True]");
  EXPECT_EQ(str(x != y), "[False  True False]");
  EXPECT_EQ(str(x == y(1)), "[False False False]");
  EXPECT_EQ(str(x == x(slice(1, 2))), "[False  True False]");
}

TEST(record_comparison, looks_into_nested_records_and_sub_arrays) {
  array x = zeros({2, 1}, {.dtype = "[('n', [('p', '<f4', (2,)), ('q', 'U2')], (2,)), ('m', '<i2', (3, 2))]"});
  array y = x.copy();
  EXPECT_EQ(str(x == y), "[[ True]\n [ True]]");
  y["n"]["p"](1, 0, 1, 1) = 5;
  EXPECT_EQ(str(x == y), "[[ True]\n [False]]");
  y["m"](0, 0, 2, 0) = 1;
  EXPECT_EQ(str(x != y), "[[ True]\n [ True]]");
}

TEST(record_comparison, needs_the_same_names) {
  const array x = trades();
  EXPECT_EQ(message_of<dtype_error>([&] {
              (void)(x == x[names({"price", "name"})]);
            }),
            "equal: not supported for dtypes " + trade().name() + " and " + x[names({"price", "name"})].dtype().name());
  EXPECT_EQ(message_of<dtype_error>([&] { (void)(x < x); }),
            "less: not supported for dtypes " + trade().name() + " and " + trade().name());
  EXPECT_EQ(message_of<dtype_error>([&] { (void)(x == 1); }),
            "equal: not supported for dtypes " + trade().name() + " and int64");
}

TEST(record_comparison, of_raw_bytes_is_of_each_byte) {
  const array x = array{1, 258}.astype("V2"), y = array{1, 514}.astype("V2");
  EXPECT_EQ(str(x == y), "[ True False]");
  EXPECT_EQ(message_of<dtype_error>([&] {
              (void)(x == array{1, 2}.astype("V3"));
            }),
            "equal: not supported for dtypes |V2 and |V3");
}

// ---- The page of the documentation

TEST(records_page, shows_a_table) {
  // [records]
  const dtype trade = record({{"name", "U8"}, {"price", "f8"}, {"volume", "i8"}, {"active", "?"}});  // 49 bytes, packed
  array trades(trade, {{"BTC", 50000.0, 1000, true}, {"ETH", 3000.0, 5000, true}, {"SOL", 100.0, 20000, false}});
  trades["price"] *= 2;                                                            // a field is a view
  const array big = trades[(trades["price"] > 1000) & trades["active"]];           // whole records
  const array by_volume = sort(trades, {.order = {"volume", "name"}});             // of one volume by name
  const double turnover = sum(trades["price"] * trades["volume"]).item<double>();  // 1.34e8
  trades(2) = {"ADA", 0.5, 7, true};                                               // by position
  const row first(trades(0));                                                      // apart from the array
  // [/records]
  EXPECT_EQ(str(big["name"]), "['BTC' 'ETH']");
  EXPECT_EQ(str(by_volume["name"]), "['BTC' 'ETH' 'SOL']");
  EXPECT_EQ(turnover, 100000.0 * 1000 + 6000.0 * 5000 + 200.0 * 20000);
  EXPECT_EQ(trades["name"](2).item<std::string>(), "ADA");
  EXPECT_EQ(first.get<std::int64_t>("volume"), 1000);
}

}  // namespace
