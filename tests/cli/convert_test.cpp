// tessera convert: every kind of file from every other; what a kind cannot hold; nothing written where something is
// wrong.
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <tessera/tessera.hpp>

#include <complex>
#include <csignal>

#include "command.hpp"

namespace {

using command_test::content;
using command_test::folder;
using command_test::result;
using command_test::run;
using tessera::array;
using testing::HasSubstr;

const std::string data = TESSERA_TEST_DATA "/";

void converts(const std::string& arguments) {
  const result said = run("convert " + arguments);
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(said.out + said.err, "");
}

/// A call that is refused; what it says.
std::string refused(int code, const std::string& arguments) {
  const result said = run("convert " + arguments);
  EXPECT_EQ(said.code, code) << arguments;
  EXPECT_EQ(said.out, "");
  return said.err;
}

bool same(const array& a, const array& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() && tessera::tobytes(a) == tessera::tobytes(b);
}

TEST(convert, npz_to_safetensors_and_back) {
  const folder here;
  converts(data + "npz/stored.npz " + (here / "a.safetensors"));
  converts((here / "a.safetensors") + " " + (here / "b.npz") + " --compress");
  const tessera::npz_file before = tessera::load_npz(data + "npz/stored.npz"),
                          after = tessera::load_npz(here / "b.npz");
  ASSERT_EQ(after.size(), before.size());
  for (const std::string& name : before.names()) EXPECT_TRUE(same(before[name], after[name])) << name;
}

TEST(convert, keeps_metadata_between_safetensors_files) {
  const folder here;
  const std::string from = data + "safetensors/every_dtype.safetensors";
  converts(from + " " + (here / "x.safetensors"));
  EXPECT_EQ(tessera::load_safetensors(here / "x.safetensors").metadata(), tessera::load_safetensors(from).metadata());
}

TEST(convert, npy_of_every_dtype_to_npz_and_back) {
  const folder here;
  for (const auto& each : std::filesystem::directory_iterator(data + "npy")) {
    SCOPED_TRACE(each.path());
    if (run("inspect '" + each.path().string() + "'").code != 0) continue;
    converts("'" + each.path().string() + "' " + (here / "x.npz"));
    converts((here / "x.npz") + " " + (here / "x.npy"));
    EXPECT_TRUE(same(tessera::load(each.path().string()), tessera::load(here / "x.npy")));
  }
}

TEST(convert, changes_dtype_and_order) {
  const folder here;
  converts(data + "npy/float64.npy " + (here / "x.npy") + " --dtype int16 --order F");
  const array x = tessera::load(here / "x.npy");
  EXPECT_TRUE(same(x, tessera::load(data + "npy/float64.npy").astype(tessera::int16)));
  EXPECT_TRUE(x.flags().f_contiguous);
  converts((here / "x.npy") + " " + (here / "y.npy") + " --order C");
  EXPECT_TRUE(tessera::load(here / "y.npy").flags().c_contiguous);
  EXPECT_TRUE(same(x, tessera::load(here / "y.npy")));
}

TEST(convert, chooses_arrays_by_name) {
  const folder here;
  converts(data + "npz/stored.npz " + (here / "x.npy") + " --name x");
  EXPECT_TRUE(same(tessera::load(here / "x.npy"), tessera::load_npz(data + "npz/stored.npz")["x"]));
  converts(data + "npz/stored.npz " + (here / "two.npz") + " --name scalar --name x");
  EXPECT_EQ(tessera::load_npz(here / "two.npz").names(), (std::vector<std::string>{"scalar", "x"}));
}

TEST(convert, writes_the_other_byte_order) {
  const folder here;
  // numpy.save of the same arrays in that order gave these files; that of float64 is in F order.
  for (const std::string name : {"float64", "complex64", "int16", "uint32"}) {
    const std::string order = name == "float64" ? " --order F" : "";
    converts(data + "npy/" + name + ".npy " + (here / "x.npy") + " --byte-order big" + order);
    EXPECT_EQ(content(here / "x.npy"), content(data + "npy/big_endian_" + name + ".npy")) << name;
  }
  converts(data + "npy/big_endian_int16.npy " + (here / "little.npy"));
  EXPECT_EQ(content(here / "little.npy"), content(data + "npy/int16.npy"));
}

TEST(convert, raw_elements_there_and_back) {
  const folder here;
  converts(data + "npy/fortran.npy " + (here / "x.raw"));
  EXPECT_EQ(content(here / "x.raw"), content(data + "npy/float64.npy").substr(128))
      << "in C order unless asked otherwise";
  converts("--from raw --raw-dtype f8 --shape 2,3 " + (here / "x.raw") + " " + (here / "x.npy"));
  EXPECT_EQ(content(here / "x.npy"), content(data + "npy/float64.npy"));
  converts(data + "npy/float64.npy " + (here / "f.bin") + " --order F");
  EXPECT_EQ(content(here / "f.bin"), content(data + "npy/fortran.npy").substr(128));
  converts(data + "npy/int16.npy " + (here / "big.raw") + " --byte-order big");
  EXPECT_EQ(content(here / "big.raw"), content(data + "npy/big_endian_int16.npy").substr(128));
}

TEST(convert, tables_have_the_fewest_digits_that_read_back) {
  const folder here;
  tessera::save(here / "x.npy", array({{0.1, -1e300}, {1.0 / 3, 5e-324}}));
  converts((here / "x.npy") + " " + (here / "x.csv"));
  EXPECT_EQ(content(here / "x.csv"), "0.1,-1e+300\n0.3333333333333333,5e-324\n");
  converts((here / "x.csv") + " " + (here / "y.npy"));
  EXPECT_TRUE(same(tessera::load(here / "x.npy"), tessera::load(here / "y.npy")));
  converts((here / "x.npy") + " " + (here / "x.txt"));
  EXPECT_EQ(content(here / "x.txt"), "0.1 -1e+300\n0.3333333333333333 5e-324\n");
}

TEST(convert, records_are_tables_with_names) {
  const folder here;
  const tessera::dtype type("[('name', 'U4'), ('price', 'f8'), ('count', 'i8')]");
  array x = tessera::zeros({2}, type);
  x["name"]() = array{"ab", "né"};
  x["price"]() = array{1.5, -0.25};
  x["count"]() = array{7, 8};
  tessera::save(here / "x.npy", x);
  converts((here / "x.npy") + " " + (here / "x.csv"));
  EXPECT_EQ(content(here / "x.csv"), "name,price,count\nab,1.5,7\nné,-0.25,8\n");
  converts((here / "x.csv") + " " + (here / "y.npy"));
  const array y = tessera::load(here / "y.npy");
  EXPECT_EQ(y.dtype().name(), "[('name', '<U2'), ('price', '<f8'), ('count', '<i8')]");
  EXPECT_EQ(tessera::str(y), tessera::str(x));
}

TEST(convert, tables_keep_two_axes_and_records_one) {
  const folder here;
  const auto shape_of = [&](const std::string& name, const std::string& text) {
    std::ofstream(here / name) << text;
    converts((here / name) + " " + (here / "y.npy"));
    return tessera::load(here / "y.npy").shape();
  };
  EXPECT_EQ(shape_of("row.csv", "1,2,3\n"), (tessera::shape{1, 3}));
  EXPECT_EQ(shape_of("column.txt", "1\n2\n"), (tessera::shape{2, 1}));
  EXPECT_EQ(shape_of("one.csv", "7\n"), (tessera::shape{1, 1}));
  EXPECT_EQ(shape_of("record.csv", "a,b\n1,2\n"), (tessera::shape{1}));
  converts((here / "row.csv") + " " + (here / "row.txt"));
  EXPECT_EQ(content(here / "row.txt"), "1 2 3\n");
  converts((here / "record.csv") + " " + (here / "record.txt"));
  EXPECT_EQ(content(here / "record.txt"), "a b\n1 2\n");
}

TEST(convert, goes_by_the_ending_csv_where_a_first_line_has_no_commas) {
  const folder here;
  std::ofstream(here / "x.csv") << "New York\nRome\n";
  converts((here / "x.csv") + " " + (here / "y.npy"));
  EXPECT_TRUE(same(tessera::load(here / "y.npy"), array({{"New York"}, {"Rome"}})));
  std::ofstream(here / "numbers.csv") << "1 2\n3 4\n";  // as numpy.savetxt writes whatever the ending
  converts((here / "numbers.csv") + " " + (here / "y.npy"));
  EXPECT_TRUE(same(tessera::load(here / "y.npy"), array({{1, 2}, {3, 4}})));
}

TEST(convert, texts_and_times_of_tables_are_read_back) {
  const folder here;
  tessera::save(here / "x.npy", array({{"a b", "né"}, {"x", "日本語"}}));
  converts((here / "x.npy") + " " + (here / "x.csv"));
  EXPECT_EQ(content(here / "x.csv"), "a b,né\nx,日本語\n");
  converts((here / "x.csv") + " " + (here / "y.npy"));
  EXPECT_TRUE(same(tessera::load(here / "x.npy"), tessera::load(here / "y.npy")));
  converts(data + "npy/times.npy " + (here / "t.csv"));
  converts((here / "t.csv") + " " + (here / "t.npy") + " --dtype 'M8[ns]'");
  EXPECT_TRUE(same(tessera::load(here / "t.npy"), tessera::reshape(tessera::load(data + "npy/times.npy"), {-1, 1})));
}

// ---- What is refused, before anything is written

/// What is said of a table that a text does not give back, without what all such messages have.
std::string lost(const array& x, const std::string& ending = "csv") {
  const folder here;
  tessera::save(here / "x.npy", x);
  const std::string said = refused(1, (here / "x.npy") + " " + (here / "y.") + ending);
  EXPECT_EQ(here.names(), "x.npy\n");
  const std::string begin = "tessera: convert: ", end = "; npy and npz hold it\n";
  EXPECT_TRUE(said.starts_with(begin) && said.ends_with(end)) << said;
  return said.substr(begin.size(), said.size() - begin.size() - end.size());
}

array record_of(const char* type, const char* text, std::int64_t number) {
  array x = tessera::zeros({1}, tessera::dtype(type));
  const std::vector<tessera::field> fields = x.dtype().fields();
  x[fields[0].name]() = array{text};
  x[fields[1].name]() = array{number}.astype(fields[1].type);
  return x;
}

TEST(convert, refuses_tables_that_a_text_would_not_give_back) {
  EXPECT_EQ(lost(array{"a", "", "b"}), "(3, 1) of <U1 would be read back from a text as (2, 1) of <U1");
  EXPECT_EQ(lost(array{"ab", "c "}),
            "array('c ', dtype='<U2') would be read back from a text as array('c', dtype='<U2')");
  EXPECT_EQ(lost(array{"1", "2"}), "the array is <U1 and would be read back from a text as int64");
  EXPECT_EQ(lost(array{"True", "False"}, "txt"), "the array is <U5 and would be read back from a text as bool");
  EXPECT_EQ(lost(array({{"1", "x"}})),
            "(1, 2) of <U1 would be read back from a text as (1,) of [('f0', '<i8'), ('f1', '<U1')]");
  EXPECT_EQ(lost(array{"a\x1b"}), "the text could not be read back");
  EXPECT_EQ(lost(array{"a,b"}, "txt"), "(1, 1) of <U3 would be read back from a text as (1, 2) of <U1");
  EXPECT_EQ(lost(array{"a\u2028b"}, "txt"), "(1, 1) of <U3 would be read back from a text as (1, 2) of <U1");
  EXPECT_EQ(lost(array(tessera::uint64, {18446744073709551615u, 1})),
            "the array is uint64 and would be read back from a text as float64");
  EXPECT_EQ(lost(array{"2024", "2025"}.astype(tessera::dtype("M8[Y]"))),
            "the array is datetime64[Y] and would be read back from a text as int64");
  EXPECT_EQ(lost(record_of("[('n', 'U3'), ('p', 'U3')]", "a", 1)),
            "field 'p' is <U3 and would be read back from a text as int64");
  EXPECT_EQ(lost(record_of("[('a b', 'U3'), ('p', 'i8')]", "a", 1)),
            "the name 'a b' would be read back from a text as 'a_b'");
  EXPECT_EQ(lost(record_of("[('1', 'U3'), ('2', 'i8')]", "a", 1)),
            "(1,) of [('1', '<U3'), ('2', '<i8')] would be read back from a text as (2,) of [('f0', '<U1'), ('f1', "
            "'<i8')]");
}

TEST(convert, refuses_tables_without_cells_and_elements_without_a_text) {
  const folder here;
  const auto said_of = [&](const array& x) {
    tessera::save(here / "x.npy", x);
    return refused(1, (here / "x.npy") + " " + (here / "y.csv"));
  };
  EXPECT_EQ(said_of(tessera::zeros({0, 3})),
            "tessera: convert: a table with shape (0, 3) has no cells; npy, npz and safetensors hold it\n");
  EXPECT_EQ(said_of(array{1, 2}.astype(tessera::dtype("m8[h]"))),
            "tessera: convert: timedelta64[h] is no text; --dtype int64 makes its counts of units\n");
  EXPECT_EQ(said_of(array{"ab"}.astype(tessera::dtype("S2"))),
            "tessera: convert: elements of bytes are no text; npy and npz hold them\n");
  std::string header = "{'descr': '|S0', 'fortran_order': False, 'shape': (9223372036854775807,), }";
  header.append(117 - header.size(), ' ');
  std::ofstream(here / "x.npy") << std::string("\x93NUMPY\1\0\x76\0", 10) + header + "\n";
  EXPECT_EQ(refused(1, (here / "x.npy") + " " + (here / "y.csv")),
            "tessera: convert: elements without bytes are no text; npy and npz hold them\n");
  EXPECT_EQ(here.names(), "x.npy\n");
}

TEST(convert, of_a_pipe_is_refused_at_once) {
  const folder here;
  ASSERT_EQ(::mkfifo((here / "x.npy").c_str(), 0600), 0);
  for (const char* from : {"", " --from txt", " --from npy", " --from raw --raw-dtype f4"})
    EXPECT_EQ(refused(1, (here / "x.npy") + " " + (here / "y.npy") + from),
              "tessera: " + (here / "x.npy") + ": is not a regular file\n");
  EXPECT_EQ(run("inspect " + (here / "x.npy")).err, "tessera: " + (here / "x.npy") + ": is not a regular file\n");
  EXPECT_EQ(refused(1, data + "npy/int16.npy " + (here / "x.npy")),
            "tessera: save: " + (here / "x.npy") + ": is not a regular file\n");
}

TEST(convert, names_the_output_where_a_table_cannot_be_written) {
  EXPECT_EQ(refused(1, data + "npy/float64.npy /nowhere/x.csv"),
            "tessera: savetxt: /nowhere/x.csv: cannot be written: No such file or directory\n");
}

TEST(convert, says_what_a_target_cannot_hold) {
  const folder here;
  const std::string npy = data + "npy/", out = " " + (here / "x");
  EXPECT_EQ(refused(1, data + "npz/stored.npz" + out + ".npy"),
            "tessera: " + data +
                "npz/stored.npz: has 4 arrays (x, fortran, scalar, empty), and a npy file holds one; " +
                "choose it with --name\n");
  EXPECT_EQ(refused(1, npy + "fortran_5d.npy" + out + ".csv"),
            "tessera: convert: an array of int16 with shape (1, 2, 3, 1, 2) is no table; npy, npz and safetensors hold "
            "it\n");
  EXPECT_EQ(refused(1, npy + "nested.npy" + out + ".csv"),
            "tessera: convert: field 'n' is not one value; npy and npz hold it\n");
  EXPECT_EQ(
      refused(1, npy + "records.npy" + out + ".csv"),
      "tessera: convert: the text 'b'\"c' has a delimiter, a quote, a # or a line end in it; npy and npz hold it\n");
  EXPECT_EQ(refused(1, npy + "texts.npy" + out + ".txt"),
            "tessera: convert: an empty text would be no column between spaces; csv holds it\n");
  EXPECT_THAT(refused(1, npy + "records.npy" + out + ".safetensors"),
              HasSubstr("tessera: save_safetensors: arr_0: the format has no [('name', '<U5'), "));
  EXPECT_EQ(refused(1, npy + "records.npy" + out + ".npy --byte-order big"),
            "tessera: convert: records are written in this machine's byte order alone\n");
  EXPECT_EQ(refused(1, npy + "texts.npy" + out + ".npy --dtype f8").substr(0, 9), "tessera: ");
  EXPECT_EQ(here.names(), "");
}

TEST(convert, never_writes_over_its_input) {
  const folder here;
  std::filesystem::copy_file(data + "npy/int16.npy", here / "x.npy");
  std::filesystem::create_hard_link(here / "x.npy", here / "link.npy");
  for (const char* name : {"x.npy", "link.npy"})
    EXPECT_EQ(refused(2, (here / "x.npy") + " " + (here / name) + " --dtype f8"),
              "tessera: convert: " + (here / name) + " is the input itself; give the output another name\n");
  EXPECT_EQ(content(here / "x.npy"), content(data + "npy/int16.npy"));
}

TEST(convert, leaves_an_output_alone_when_the_input_is_bad) {
  const folder here;
  std::ofstream(here / "out.npz") << "as it was";
  std::ofstream(here / "cut.npy") << content(data + "npy/float64.npy").substr(0, 150);
  EXPECT_THAT(refused(1, (here / "cut.npy") + " " + (here / "out.npz")), HasSubstr("tessera: load: "));
  EXPECT_EQ(content(here / "out.npz"), "as it was");
  EXPECT_EQ(here.names().size(), std::string("cut.npy\nout.npz\n").size());
}

TEST(convert, follows_links_whether_their_target_is_there_or_not) {
  const folder here;
  std::filesystem::create_directory(here / "elsewhere");
  for (const char* target : {"elsewhere/there.npy", "elsewhere/not_there.npy"}) {
    const std::string link = here / "link.npy";
    if (std::string(target) == "elsewhere/there.npy") std::ofstream(here / target) << "old";
    std::filesystem::create_symlink(target, link);
    std::filesystem::create_symlink("link.npy", here / "second.npy");
    converts(data + "npy/int16.npy " + (here / "second.npy"));
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_TRUE(std::filesystem::is_symlink(here / "second.npy"));
    EXPECT_EQ(content(here / target), content(data + "npy/int16.npy")) << target;
    std::filesystem::remove(link);
    std::filesystem::remove(here / "second.npy");
  }
}

TEST(convert, leaves_nothing_behind_when_it_is_ended) {
  const folder here;
  std::vector<std::uint64_t> x(std::size_t{1} << 22);  // bits that take seconds to compress
  std::uint64_t bits = 1;
  for (std::uint64_t& each : x) each = bits = bits * 6364136223846793005u + 1442695040888963407u;
  tessera::save(here / "x.npy", tessera::from_range(x));
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    const pid_t process = ::fork();
    ASSERT_GE(process, 0);
    if (process == 0) {
      const rlimit no_core = {0, 0};
      ::setrlimit(RLIMIT_CORE, &no_core);
      ::signal(signal, SIG_DFL);
      ::execl(TESSERA_TEST_COMMAND, "tessera", "convert", (here / "x.npy").c_str(), (here / "x.npz").c_str(),
              "--compress", nullptr);
      ::_exit(127);
    }
    int status = 0;
    pid_t ended = 0;
    while (ended == 0 && here.names().find(".tessera-") == std::string::npos) {
      ::usleep(1000);
      ended = ::waitpid(process, &status, WNOHANG);
    }
    ASSERT_EQ(ended, 0) << "it ended before the signal: " << status;
    ::kill(process, signal);
    ASSERT_EQ(::waitpid(process, &status, 0), process);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << status;
    EXPECT_EQ(here.names(), "x.npy\n");
  }
}

TEST(convert, names_wrong_calls) {
  const folder here;
  const std::string in = data + "npy/float64.npy ", out = here / "x";
  EXPECT_EQ(refused(2, in + out + ".parquet"),
            "tessera: convert: the ending of " + out +
                ".parquet names no format; --to npy, npz, safetensors, csv, txt or raw does\n");
  EXPECT_EQ(refused(2, in + out + " --to parquet"),
            "tessera: there is no format 'parquet'; expected npy, npz, safetensors, csv, txt or raw\n");
  EXPECT_EQ(refused(2, in + out + ".safetensors --order F"),
            "tessera: convert: --order: safetensors files have no choice of it; npy, npz and raw ones do\n");
  EXPECT_EQ(refused(2, in + out + ".npy --compress"),
            "tessera: convert: --compress: npy files are not compressed; npz ones can be\n");
  EXPECT_EQ(refused(2, in + out + ".npz --byte-order big"),
            "tessera: convert: --byte-order: npz files have no choice of it; npy and raw ones do\n");
  EXPECT_EQ(refused(2, in + out + ".npy --from raw"),
            "tessera: convert: --from raw needs --raw-dtype: elements alone do not tell what they are\n");
  EXPECT_EQ(refused(2, in + out + ".npy --shape 3"), "tessera: convert: --raw-dtype and --shape are for --from raw\n");
  EXPECT_EQ(refused(2, in + out + ".npy --from raw --raw-dtype f8 --shape 3,x"),
            "tessera: convert: --shape expects extents such as 3,4, not '3,x'\n");
  EXPECT_THAT(refused(2, in + out + ".npy --dtype floaty"), HasSubstr("tessera: convert: --dtype: "));
  EXPECT_EQ(refused(1, in + out + ".npy --name y"), "tessera: " + data + "npy/float64.npy: has no array 'y'\n");
  EXPECT_EQ(refused(2, in + out + ".npy --order K").substr(0, 26), "tessera: --order: K not in");
  EXPECT_EQ(here.names(), "");
}

}  // namespace
