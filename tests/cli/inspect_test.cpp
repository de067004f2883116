// tessera inspect: what it says of files that NumPy wrote, of bad ones and of hostile ones.
#include <gmock/gmock.h>
#include <tessera/tessera.hpp>

#include <nlohmann/json.hpp>
#include <numeric>

#include "command.hpp"

namespace {

using command_test::content;
using command_test::folder;
using command_test::result;
using command_test::run;
using nlohmann::json;
using tessera::array;
using testing::HasSubstr;

const std::string data = TESSERA_TEST_DATA "/";

std::string said_of(const std::string& file, const std::string& options = "") {
  const result said = run("inspect '" + file + "' " + options);
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(said.err, "");
  return said.out;
}
json json_of(const std::string& file) { return json::parse(said_of(file, "--json")); }
/// The summary of a file's one array without fields.
json summary_of(const std::string& file) { return json_of(file)["arrays"][0]["summary"][0]; }

void write(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

TEST(inspect, of_numbers) {
  const std::string file = data + "npy/fortran.npy";
  EXPECT_EQ(said_of(file), file + ": npy, 176 B\n" +
                               "  float64 (2, 3), F order, 48 B at 128\n"
                               "  min 0.0, max 5.0, mean 2.5, std 1.70783, 1 zero\n"
                               "  [0. 1. 2. 3. 4. 5.]\n");
}

TEST(inspect, of_records_has_a_line_for_each_field) {
  const std::string file = data + "npy/records.npy";
  EXPECT_EQ(said_of(file), file + ": npy, 258 B\n" +
                               "  records (2,), C order, 66 B at 192\n"
                               "  name    <U5       longest 4, 2 distinct\n"
                               "  price   float64   min -2.0, max 1.5, mean -0.25, std 1.75\n"
                               "  volume  int32     min 7, max 8, mean 7.5, std 0.5\n"
                               "  active  bool      1 True, 1 False\n"
                               "  [('né',  1.5, 7,  True) ('b\\'\"c', -2. , 8, False)]\n");
}

TEST(inspect, of_nested_records_in_the_other_byte_order) {
  const std::string text = said_of(data + "npy/big_endian_records.npy");
  EXPECT_THAT(text, HasSubstr("  records (2,), C order, big-endian, 46 B at 192\n"));
  EXPECT_THAT(text, HasSubstr("  n.i  int16     min 1, max 4, mean 2.5, std 1.11803\n"));
}

TEST(inspect, of_times_and_texts) {
  EXPECT_THAT(said_of(data + "npy/times.npy"),
              HasSubstr("  datetime64[ns] (2,), C order, 16 B at 128\n"
                        "  min 2024-02-29T12:00:00.000000000, max 2024-02-29T12:00:00.000000000, 1 NaT\n"));
  EXPECT_THAT(said_of(data + "npy/texts.npy"), HasSubstr("\n  longest 3, 4 distinct, 1 empty\n"
                                                         "  ['buy' 'né' '' '日本語']\n"));
}

TEST(inspect, of_an_archive_has_a_part_for_each_array) {
  const std::string file = data + "npz/mixed.npz";
  EXPECT_EQ(said_of(file, "--elements 3"), file + ": npz, 3 arrays, 539 B\n" +
                                               "\nreadme.txt\n"
                                               "  uint8 (10,), C order, 10 B\n"
                                               "  min 32, max 120, mean 101.7, std 24.187\n"
                                               "  [112 108  97 ...]\n"
                                               "\ngröße\n"
                                               "  int64 (3,), C order, 24 B\n"
                                               "  min 0, max 2, mean 1, std 0.816497, 1 zero\n"
                                               "  [0 1 2]\n"
                                               "\nfolder/y\n"
                                               "  int16 (4,), C order, 8 B\n"
                                               "  min 0, max 3, mean 1.5, std 1.11803, 1 zero\n"
                                               "  [0 1 2 ...]\n");
  const std::string one = said_of(file, "--name 'folder/y'");
  EXPECT_THAT(one, HasSubstr("\nfolder/y\n"));
  EXPECT_THAT(one, testing::Not(HasSubstr("readme")));
}

TEST(inspect, says_what_docs_show) {
  const std::string root = data + "../../";
  const int status = std::system(("cd '" + root + "' && " TESSERA_TEST_COMMAND " inspect tests/data/npz/mixed.npz | " +
                                  "cmp - tests/cli/inspect.txt")
                                     .c_str());
  EXPECT_EQ(status, 0);
}

TEST(inspect, shows_control_characters_of_names_as_codes) {
  const std::string text = said_of(data + "safetensors/every_dtype.safetensors");
  EXPECT_THAT(text, HasSubstr("  format: a \"text\" with\\x09tabs and ü\n"));
  EXPECT_THAT(text, HasSubstr("\nGröße \"\\\\x0a\n"));
}

TEST(inspect, lets_no_name_act_on_the_terminal) {
  const folder here;
  const std::string hostile = "a\x1b[2J\u009b31m\u202egnp\u2066\xff";
  tessera::save_safetensors(here / "x", {{"t", array{1}}}, {{"key\u009b", "value\u202e"}});
  EXPECT_THAT(said_of(here / "x"), HasSubstr("\n  key\\u009b: value\\u202e\n"));
  const std::string shown = "a\\x1b[2J\\u009b31m\\u202egnp\\u2066\\xff";
  std::filesystem::copy_file(data + "npy/int16.npy", here / hostile);
  EXPECT_THAT(said_of(here / hostile), HasSubstr(shown + ": npy, "));
  EXPECT_THAT(said_of(here / hostile, "--json"), HasSubstr("\\u001b[2J\\u009b31m\\u202e"));
  EXPECT_THAT(run("inspect '" + (here / hostile) + ".no'").err, HasSubstr(shown + ".no: cannot be opened"));
  EXPECT_THAT(run("inspect x --'" + hostile + "'").err, HasSubstr(shown));
  EXPECT_THAT(run("help '" + hostile + "'").err, HasSubstr(shown));
  ::setenv("TESSERA_EXPLAIN", hostile.c_str(), 1);
  const std::string info = run("info").out;
  ::unsetenv("TESSERA_EXPLAIN");
  EXPECT_THAT(info, HasSubstr("TESSERA_EXPLAIN         " + shown + "\n"));
}

TEST(inspect, of_an_array_whose_name_is_empty) {
  const folder here;
  tessera::save_npz(here / "x.npz", {{"abcd", array{1, 2}}, {"b", array{3}}});
  std::string bytes = content(here / "x.npz");
  const auto cut_name = [&](std::size_t at,
                            std::size_t lengths) {  // ".npy", and a field of no bytes in the name's rest
    bytes.replace(at, 8, std::string(".npy\xfe\xca\0\0", 8));
    bytes[lengths] = static_cast<char>(bytes[lengths] - 4);
    bytes[lengths + 2] = static_cast<char>(bytes[lengths + 2] + 4);
  };
  const std::size_t member = bytes.find("abcd.npy"), directory = bytes.rfind("abcd.npy");
  cut_name(member, member - 4);
  cut_name(directory, directory - 18);
  write(here / "x.npz", bytes);
  EXPECT_THAT(said_of(here / "x.npz"), HasSubstr("\n\n''\n  int64 (2,), "));
  EXPECT_EQ(json::parse(said_of(here / "x.npz", "--json --name ''"))["arrays"].size(), 1);
  EXPECT_EQ(run("convert " + (here / "x.npz") + " --name '' " + (here / "y.npy")).code, 0);
  EXPECT_EQ(tessera::str(tessera::load(here / "y.npy")), "[1 2]");
}

TEST(inspect, takes_the_byte_order_from_the_dtype_not_from_names) {
  const folder here;
  tessera::save(here / "x.npy", tessera::zeros({2}, tessera::dtype("[('>x', 'f8'), ('y', 'i4')]")));
  EXPECT_THAT(said_of(here / "x.npy"), testing::Not(HasSubstr("big-endian")));
  EXPECT_THAT(said_of(data + "npy/big_endian_int16.npy"), HasSubstr("big-endian"));
}

TEST(inspect, of_constants_has_no_deviation) {
  const folder here;
  for (const double value : {0.1, -1e300, 1e-310, 1.0 / 3}) {
    tessera::save(here / "x.npy", tessera::full({100000}, value));
    const json found = summary_of(here / "x.npy");
    EXPECT_EQ(found["mean"], value);
    EXPECT_EQ(found["std"], 0.0);
  }
}

TEST(inspect, goes_by_the_content_not_by_the_ending) {
  const folder here;
  std::filesystem::copy_file(data + "npz/stored.npz", here / "weights.csv");
  EXPECT_EQ(json_of(here / "weights.csv")["format"], "npz");
  write(here / "table.npy", "a,b\n1,2.5\n3,4\n");
  const json found = json_of(here / "table.npy");
  EXPECT_EQ(found["format"], "csv");
  EXPECT_EQ(found["arrays"][0]["dtype"], "[('a', '<i8'), ('b', '<f8')]");
  write(here / "plain", "1 2\n3 4\n");
  EXPECT_EQ(json_of(here / "plain")["arrays"][0]["dtype"], "int64");
}

TEST(inspect, counts_what_is_not_finite_apart) {
  const folder here;
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  tessera::save(here / "x.npy", array{1.0, nan, -inf, 0.0, 2.0, inf, nan});
  const json found = summary_of(here / "x.npy");
  EXPECT_EQ(found["min"], 0);
  EXPECT_EQ(found["max"], 2);
  EXPECT_EQ(found["mean"], 1);
  EXPECT_EQ(found["nan"], 2);
  EXPECT_EQ(found["infinite"], 2);
  EXPECT_EQ(found["zeros"], 1);
  tessera::save(here / "none.npy", array{nan, nan});
  EXPECT_THAT(said_of(here / "none.npy"), HasSubstr("\n  2 NaN\n"));
}

TEST(inspect, keeps_all_digits_of_large_integers) {
  const folder here;
  tessera::save(here / "u.npy", array(tessera::uint64, {18446744073709551615u, 1}));
  tessera::save(here / "i.npy", array{std::int64_t{-9223372036854775807} - 1, std::int64_t{9223372036854775807}});
  EXPECT_EQ(summary_of(here / "u.npy")["max"], 18446744073709551615u);
  EXPECT_EQ(summary_of(here / "i.npy")["min"], std::int64_t{-9223372036854775807} - 1);
  EXPECT_EQ(summary_of(here / "i.npy")["max"], std::int64_t{9223372036854775807});
}

TEST(inspect, folds_many_blocks_into_one_summary) {
  const folder here;
  constexpr std::int64_t n = 300000;  // more than one block, and no whole number of them
  std::vector<double> x(n);
  for (std::int64_t i = 0; i < n; ++i) x[static_cast<std::size_t>(i)] = 1e6 + static_cast<double>(i * 7919 % 10007);
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
  double squares = 0;
  for (const double v : x) squares += (v - mean) * (v - mean);
  const json expected = {{"min", 1e6}, {"max", 1e6 + 10006}};
  for (const tessera::order order : {tessera::order::C, tessera::order::F}) {
    tessera::save(here / "x.npy", tessera::reshape(tessera::from_range(x), {1000, 300}).copy(order));
    const json found = summary_of(here / "x.npy");
    EXPECT_EQ(found["count"], n);
    EXPECT_EQ(found["min"], expected["min"]);
    EXPECT_EQ(found["max"], expected["max"]);
    EXPECT_NEAR(found["mean"].get<double>(), mean, 1e-6);
    EXPECT_NEAR(found["std"].get<double>(), std::sqrt(squares / n), 1e-6);
  }
}

TEST(inspect, prints_the_first_elements_in_c_order) {
  const folder here;
  const array x = tessera::reshape(tessera::arange(60), {3, 4, 5});
  tessera::save(here / "x.npy", x.copy(tessera::order::F));
  EXPECT_THAT(said_of(here / "x.npy", "--elements 13"),
              HasSubstr("\n  [ 0  1  2  3  4  5  6  7  8  9 10 11 12 ...]\n"));
  EXPECT_THAT(said_of(here / "x.npy", "--elements 60"), HasSubstr("57 58 59]\n"));
  EXPECT_THAT(said_of(here / "x.npy", "--elements 0"), testing::EndsWith("std 17.3181, 1 zero\n"));
}

TEST(inspect, of_arrays_without_elements_or_bytes) {
  EXPECT_THAT(said_of(data + "npy/no_elements.npy"), testing::EndsWith("\n  int32 (0, 3), C order, 0 B at 128\n"));
  EXPECT_THAT(said_of(data + "npz/none.npz"), testing::EndsWith(": npz, 0 arrays, 22 B\n"));
  const folder here;
  std::string header = "{'descr': '|S0', 'fortran_order': False, 'shape': (4611686018427387904,), }";
  header.append(117 - header.size(), ' ');
  write(here / "x.npy", std::string("\x93NUMPY\1\0\x76\0", 10) + header + "\n");
  const result said = run("inspect " + (here / "x.npy"));  // at once, whether it is an array or an error
  EXPECT_TRUE(said.code == 0 || said.code == 1) << said.code;
}

// ---- Bad files: the library's own message

TEST(inspect, says_what_is_wrong_with_a_file) {
  const folder here;
  const auto wrong = [&](const std::string& file) {
    const result said = run("inspect " + file);
    EXPECT_EQ(said.code, 1);
    EXPECT_EQ(said.out, "");
    return said.err;
  };
  EXPECT_EQ(wrong("/nowhere/x.npy"), "tessera: load: /nowhere/x.npy: cannot be opened: No such file or directory\n");
  EXPECT_EQ(wrong("/"), "tessera: load: /: is a directory\n");
  write(here / "binary", std::string("\1\2\0\3", 4));
  EXPECT_EQ(wrong(here / "binary"), "tessera: " + (here / "binary") +
                                        ": is neither .npy, .npz, safetensors nor text; elements alone are read by "
                                        "`tessera convert --from raw --raw-dtype TYPE`\n");
  EXPECT_EQ(wrong(data + "npz/stored.npz --name z"), "tessera: " + data + "npz/stored.npz: has no array 'z'\n");
  write(here / "cut.npz", content(data + "npz/stored.npz").substr(0, 700));
  EXPECT_THAT(wrong(here / "cut.npz"), HasSubstr("tessera: load_npz: " + (here / "cut.npz") + ": "));
}

TEST(inspect, goes_on_behind_an_array_that_cannot_be_read) {
  const folder here;
  std::string bytes = content(data + "npz/stored.npz");
  bytes[bytes.find("NUMPY") + 130] ^= 1;  // an element of the first member: its checksum is wrong
  write(here / "x.npz", bytes);
  const result said = run("inspect " + (here / "x.npz"));
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.out, HasSubstr("\nx\n  cannot be read\n\nfortran\n  float64 "));
  EXPECT_THAT(said.err, HasSubstr("x.npz: x.npy: its checksum is "));
  const json found = json::parse(run("inspect --json " + (here / "x.npz")).out);
  EXPECT_EQ(found["arrays"][0]["name"], "x");
  EXPECT_THAT(found["arrays"][0]["error"].get<std::string>(), HasSubstr("its checksum is "));
}

TEST(inspect, of_hostile_files_ends_by_itself) {
  const folder here;
  std::vector<std::string> files;
  for (const char* part : {"npy/records.npy", "npy/texts.npy", "npy/times.npy", "npy/fortran_5d.npy", "npy/nested.npy",
                           "npz/deflated.npz", "npz/mixed.npz", "safetensors/every_dtype.safetensors"})
    files.push_back(data + part);
  std::uint32_t random = 12345;
  int refused = 0;
  for (const std::string& file : files) {
    const std::string whole = content(file);
    for (int turn = 0; turn < 16; ++turn) {
      std::string bytes = whole;
      random = random * 1664525 + 1013904223;
      const std::size_t at = (random >> 8) % bytes.size();
      if (turn < 4) bytes.resize(at);
      else bytes[at] = static_cast<char>(random >> 3);
      write(here / "x", bytes);
      const result said = run("inspect " + (here / "x"));
      ASSERT_TRUE(said.code == 0 || said.code == 1) << file << ", turn " << turn << ": " << said.code << said.err;
      refused += said.code;
    }
  }
  EXPECT_GT(refused, 20);
}

TEST(inspect, of_the_fuzzers_inputs_ends_by_itself) {
  for (const auto& each : std::filesystem::recursive_directory_iterator(data + "../../fuzz/corpus")) {
    if (!each.is_regular_file()) continue;
    const result said = run("inspect '" + each.path().string() + "'");
    EXPECT_TRUE(said.code == 0 || said.code == 1) << each.path();
  }
}

TEST(inspect, without_a_file_is_a_wrong_call) {
  EXPECT_EQ(run("inspect").err, "tessera: FILE is required\n`tessera help inspect` lists the options\n");
  EXPECT_EQ(run("inspect").code, 2);
  EXPECT_EQ(run("inspect x --elements -1").code, 2);
}

}  // namespace
