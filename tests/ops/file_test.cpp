// load and save against files that NumPy wrote (tests/data/npy, each holding 0, 1, 2 … in C order), and against broken ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tessera/tessera.hpp"

namespace {

using namespace tessera;
namespace fs = std::filesystem;
using testing::HasSubstr;

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string numpy_file(const std::string& name) { return TESSERA_TEST_DATA "/npy/" + name + ".npy"; }

/// A folder of its own for each test.
class npy : public testing::Test {
 protected:
  npy() : folder_(fs::path(testing::TempDir()) / ("tessera-file-test-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~npy() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return folder_ / name; }
  std::string write(const std::string& bytes) const {
    std::ofstream(path("file.npy"), std::ios::binary) << bytes;
    return path("file.npy");
  }
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : fs::directory_iterator(folder_)) result.push_back(entry.path().filename());
    return result;
  }

 private:
  fs::path folder_;
};

/// A version 1.0 file with this dictionary and these elements.
std::string file_with(const std::string& header, const std::string& elements = "") {
  const std::string length = {static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  return std::string("\x93NUMPY\x01\x00", 8) + length + header + elements;
}

/// Element number `position` of x in C order.
double at(const array& x, std::int64_t position) {
  const char* p = static_cast<const char*>(x.data());
  for (int axis = x.ndim() - 1; axis >= 0; --axis) {
    p += position % x.shape()[axis] * x.strides()[axis];
    position /= x.shape()[axis];
  }
  return from_pointer(p, {}, x.dtype()).item<double>();
}

void expect_counting(const array& x) {
  for (std::int64_t i = 0; i < x.size(); ++i) EXPECT_EQ(at(x, i), x.dtype() == bool_ ? i != 0 : i);
}

template <class Error, class F> std::string message(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no exception";
}

std::string why_not_loaded(const std::string& path, const load_options& options = {}) {
  const std::string text = message<file_error>([&] { load(path, options); });
  const std::string prefix = "load: " + path + ": ";
  EXPECT_EQ(text.substr(0, prefix.size()), prefix);
  return text.substr(std::min(text.size(), prefix.size()));
}

// ---- Files as NumPy writes them

class numpy_files : public npy, public testing::WithParamInterface<const char*> {};

TEST_P(numpy_files, are_read_and_written_byte_for_byte) {
  const array x = load(numpy_file(GetParam()));
  expect_counting(x);
  save(path("copy.npy"), x);
  EXPECT_EQ(contents(path("copy.npy")), contents(numpy_file(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(every_kind, numpy_files,
                         testing::Values("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
                                         "uint64", "float16", "float32", "float64", "complex64", "complex128",
                                         "bfloat16", "fortran", "fortran_5d", "no_axes", "one_axis", "row",
                                         "no_elements", "many_axes"),
                         [](const auto& info) { return std::string(info.param); });

TEST_F(npy, keeps_dtype_shape_and_memory_order) {
  const array c = load(numpy_file("int16")), f = load(numpy_file("fortran"));
  EXPECT_EQ(c.dtype(), int16);
  EXPECT_EQ(c.shape(), shape({2, 3}));
  EXPECT_EQ(c.strides(), shape({6, 2}));
  EXPECT_EQ(f.strides(), shape({8, 16}));
  EXPECT_EQ(load(numpy_file("no_axes")).shape(), shape());
  EXPECT_EQ(load(numpy_file("no_elements")).shape(), shape({0, 3}));
  EXPECT_EQ(load(numpy_file("bfloat16")).dtype(), bfloat16);
}

TEST_F(npy, version_3_is_utf_8) {
  const std::string header = "{'descr': [('\xff', '<f8')], 'fortran_order': False, 'shape': (), }";
  const std::string length = {static_cast<char>(header.size()), 0, 0, 0};
  EXPECT_EQ(why_not_loaded(write(std::string("\x93NUMPY\x03\x00", 8) + length + header + std::string(8, '\0'))),
            "header: byte 13 is not UTF-8");
}

TEST_F(npy, reads_versions_2_and_3) {
  expect_counting(load(numpy_file("version_2")));
  expect_counting(load(numpy_file("version_3")));
}

TEST_F(npy, swaps_big_endian_numbers) {
  for (const char* name : {"int16", "uint32", "float64", "complex64"}) {
    const array x = load(numpy_file(std::string("big_endian_") + name));
    EXPECT_EQ(x.dtype().name(), name);
    expect_counting(x);
  }
}

TEST_F(npy, reads_headers_other_writers_make) {
  const std::string two = {0, 0, 0, 0, 0, 0, '\xf0', '\x3f', 0, 0, 0, 0, 0, 0, 0, 0};
  for (const char* header : {"{ 'shape' : ( 2 , ) , 'fortran_order':False,'descr':\"<f8\" }",
                             "{'descr': '=f8', 'fortran_order': False, 'shape': (2L,), }   \n",
                             "{\n'descr': 'f8',\n'fortran_order': True,\n'shape': (2, 1)}"}) {
    const array x = load(write(file_with(header, two)));
    EXPECT_EQ(x.dtype(), float64) << header;
    EXPECT_EQ(at(x, 0), 1) << header;
    EXPECT_EQ(at(x, 1), 0) << header;
  }
}

TEST_F(npy, ignores_what_follows_the_elements) { expect_counting(load(write(contents(numpy_file("int32")) + "more"))); }

TEST_F(npy, saves_views_and_recipes) {
  const array x = reshape(arange(12), {3, 4});
  save(path("step.npy"), x(slice(none, none, -1), slice(none, none, 2)));
  save(path("recipe.npy"), x * 2 + 0.5);
  const array step = load(path("step.npy")), recipe = load(path("recipe.npy"));
  EXPECT_EQ(step.shape(), shape({3, 2}));
  for (int i = 0; i < 6; ++i) EXPECT_EQ(at(step, i), (2 - i / 2) * 4 + i % 2 * 2);
  for (int i = 0; i < 12; ++i) EXPECT_EQ(at(recipe, i), i * 2 + 0.5);
}

// ---- Mapping

TEST_F(npy, maps_read_only) {
  fs::copy_file(numpy_file("fortran"), path("a.npy"));
  array x = load(path("a.npy"), {.mmap = mmap_mode::readonly});
  fs::remove(path("a.npy"));
  expect_counting(x);
  EXPECT_FALSE(x.flags().writeable);
  EXPECT_FALSE(x.flags().owndata);
  EXPECT_EQ(x.strides(), shape({8, 16}));
  EXPECT_THROW(x(0, 0) = 5, value_error);
}

TEST_F(npy, maps_copy_on_write_without_touching_the_file) {
  const std::string before = contents(numpy_file("int64"));
  fs::copy_file(numpy_file("int64"), path("a.npy"));
  array x = load(path("a.npy"), {.mmap = mmap_mode::copy_on_write});
  EXPECT_TRUE(x.flags().writeable);
  x(1, 2) = 99;
  EXPECT_EQ(at(x, 5), 99);
  EXPECT_EQ(contents(path("a.npy")), before);
  EXPECT_EQ(at(load(path("a.npy")), 5), 5);
}

TEST_F(npy, keeps_the_mapping_while_a_view_lives) {
  array row;
  {
    const array x = load(numpy_file("int32"), {.mmap = mmap_mode::readonly});
    row = x(1);
  }
  EXPECT_EQ(at(row, 2), 5);
}

TEST_F(npy, maps_elements_that_are_not_aligned) {
  const std::string one = {0, 0, 0, 0, 0, 0, '\xf0', '\x3f'};
  const array x = load(write(file_with("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", one)),
                       {.mmap = mmap_mode::readonly});
  EXPECT_FALSE(x.flags().aligned);
  EXPECT_EQ(at(x, 0), 1);
  EXPECT_EQ(sum(x).item<double>(), 1);
}

TEST_F(npy, maps_arrays_without_elements) {
  EXPECT_EQ(load(numpy_file("no_elements"), {.mmap = mmap_mode::copy_on_write}).shape(), shape({0, 3}));
}

TEST_F(npy, does_not_map_the_other_byte_order) {
  EXPECT_EQ(why_not_loaded(numpy_file("big_endian_int16"), {.mmap = mmap_mode::readonly}),
            "its numbers are in the other byte order: mapped, they would be read wrong; load it without mmap");
}

// ---- Files that cannot be loaded

TEST_F(npy, names_what_is_wrong_with_a_file) {
  fs::create_directory(path("folder"));
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(why_not_loaded(path("missing")), "cannot be opened: No such file or directory");
  EXPECT_EQ(why_not_loaded(path("folder")), "is a directory");
  EXPECT_EQ(why_not_loaded(path("pipe")), "is not a regular file");
  EXPECT_EQ(why_not_loaded(write("")), "the file is empty");
  EXPECT_EQ(why_not_loaded(write("hello world")), "not a .npy file: it begins with 'hello '");
  EXPECT_EQ(why_not_loaded(write("\x93NUM")), "truncated: the file ends in the middle of the magic string");
  EXPECT_EQ(why_not_loaded(write(std::string("\x93NUMPY\x09\x00v\x00", 10))),
            "format version 9.0 is not supported (1.0, 2.0 and 3.0 are)");
  EXPECT_EQ(why_not_loaded(write(std::string("\x93NUMPY\x01\x00v", 9))),
            "truncated: the file ends before the header's length");
  EXPECT_EQ(why_not_loaded(write(std::string("\x93NUMPY\x01\x00v\x00{'descr'", 18))),
            "truncated: the header should have 118 bytes, the file holds 8 of them");
  EXPECT_EQ(why_not_loaded(write(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{}", 14))),
            "truncated: the header should have 4294967295 bytes, the file holds 2 of them");
  EXPECT_EQ(why_not_loaded(write(std::string("\x93NUMPY\x02\x00\x00\x00\x20\x00", 12) + std::string(0x200000, ' '))),
            "header: 2097152 bytes are too many, at most 1048576 are read");
}

TEST_F(npy, compares_the_header_with_the_file_before_it_allocates) {
  EXPECT_EQ(why_not_loaded(write(contents(numpy_file("float64")).substr(0, 175))),
            "truncated: shape (2, 3) of float64 has 48 bytes, the file holds 47 of them");
  EXPECT_EQ(why_not_loaded(write(file_with("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}"))),
            "truncated: shape (1000000000000,) of float64 has 8000000000000 bytes, the file holds 0 of them");
  EXPECT_EQ(
      why_not_loaded(write(file_with("{'descr': '|u1', 'fortran_order': False, 'shape': (4294967296, 4294967296)}"))),
      "header: shape (4294967296, 4294967296) of uint8 has more bytes than fit in 64 bits");
  EXPECT_EQ(why_not_loaded(
                write(file_with("{'descr': '|u1', 'fortran_order': False, 'shape': (0, 9223372036854775807, 2)}"))),
            "header: shape (0, 9223372036854775807, 2) of uint8 has more bytes than fit in 64 bits");
  EXPECT_EQ(load(numpy_file("long_shape")).shape(), shape({0, std::int64_t{1} << 40, 1000000}));
}

TEST_F(npy, takes_no_header_but_a_dictionary_of_the_three_keys) {
  const auto why = [&](const std::string& header) { return why_not_loaded(write(file_with(header, "12345678"))); };
  EXPECT_EQ(why("[1, 2]\n"), "header: expected '{' at byte 0 of '[1, 2]\\x0a'");
  EXPECT_EQ(why("{'descr': '<f8', 'shape': (1,)}"), "header: key 'fortran_order' is missing");
  EXPECT_EQ(why("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'x': 1}"), "header: unknown key 'x'");
  EXPECT_EQ(why("{'shape': (1,), 'shape': (1,)}"), "header: key 'shape' stands there twice");
  EXPECT_EQ(why("{'descr': __import__('os')}"),
            "header: expected a string at byte 10 of '{'descr': __import__('os')}'");
  EXPECT_EQ(why("{'descr': '<f8' 'shape'}"), "header: expected ',' at byte 16 of '{'descr': '<f8' 'shape'}'");
  EXPECT_EQ(why("{'descr': '<f8"), "header: expected the end of the string at byte 14 of '{'descr': '<f8'");
  EXPECT_EQ(why("{'fortran_order': 0}"), "header: expected True or False at byte 18 of '{'fortran_order': 0}'");
  EXPECT_EQ(why("{'shape': (1.0,)}"), "header: expected ',' at byte 12 of '{'shape': (1.0,)}'");
  EXPECT_EQ(why("{'shape': (3)}"), "header: expected ',' at byte 12 of '{'shape': (3)}'");
  EXPECT_EQ(why("{'shape': (-1,)}"), "header: shape (-1,) has a negative extent");
  EXPECT_EQ(why("{'shape': (99999999999999999999,)}"),
            "header: the shape's '99999999999999999999' does not fit in 64 bits");
  EXPECT_THAT(why("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} x"),
              HasSubstr("header: expected the end at byte 56"));
  EXPECT_THAT(why(std::string("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}\0", 56)),
              HasSubstr("header: expected the end at byte 55"));
  std::string ones;
  for (int i = 0; i < 65; ++i) ones += "1,";
  EXPECT_EQ(why("{'shape': (" + ones + ")}"), "header: the shape has more than 64 axes");
}

TEST_F(npy, names_dtypes_that_are_not_supported) {
  const auto why = [&](const std::string& descr) {
    return why_not_loaded(
        write(file_with("{'descr': " + descr + ", 'fortran_order': False, 'shape': (1,)}", "12345678")));
  };
  EXPECT_EQ(why("'|O'"), "header: dtype '|O' (Python objects) is not supported");
  EXPECT_EQ(why("[('a', '|O8')]"), "header: dtype '|O8' (Python objects) is not supported");
  EXPECT_EQ(why("'<f16'"), "header: dtype '<f16' (extended precision) is not supported");
  EXPECT_EQ(why("('<f8', (2,))"), "header: a sub-array of shape (2,) is no element type");
  EXPECT_EQ(why("'|V0'"), "header: |V0 has no bytes");
  EXPECT_EQ(why("[]"), "header: |V0 has no bytes");
  EXPECT_EQ(why("'<q9'"), "header: '<q9' is not a dtype");
  EXPECT_EQ(why("''"), "header: '' is not a dtype");
}

TEST_F(npy, refuses_records_that_cannot_be) {
  const auto why = [&](const std::string& descr) {
    return why_not_loaded(
        write(file_with("{'descr': " + descr + ", 'fortran_order': False, 'shape': (1,)}", "12345678")));
  };
  EXPECT_EQ(why("[('a', '<f4'), ('a', '<f4')]"), "header: record: field 'a' stands there twice");
  EXPECT_EQ(why("[('a', '<U0'), ('b', '<f8')]"), "header: record: field 'a' of <U0 has no bytes");
  EXPECT_EQ(why("[('a', '<f4', (-1,))]"), "header: record: field 'a': shape (-1,) has a negative extent");
  EXPECT_THAT(why("[('a', '<f8', (4294967296, 4294967296))]"), HasSubstr("header: record: "));
  EXPECT_EQ(why("[('a', '|V2147483647'), ('b', '|V2147483647')]"),
            "header: record: field 'b': ends beyond 2147483647 bytes");
  EXPECT_THAT(why("[('a', '<f8'"), HasSubstr("header: expected an integer at byte 24 of "));
  EXPECT_THAT(why("[('a',)]"), HasSubstr("header: expected a string at byte 16 of "));
  EXPECT_THAT(why("[(1, '<f8')]"), HasSubstr("header: expected a string at byte 12 of "));
  EXPECT_THAT(why("[('a\\xzz', '<f8')]"), HasSubstr("header: expected an escape at byte 15 of "));
  EXPECT_THAT(why(std::string(100000, '[')), HasSubstr("header: expected '(' at byte 11 of "));
  std::string deep;
  for (int i = 0; i < 10000; ++i) deep += "[('a', ";
  EXPECT_THAT(why(deep), HasSubstr("header: expected at most 64 levels at byte "));
  EXPECT_EQ(why_not_loaded(write(file_with(
                "{'descr': [('a', '|S1', (1000, 1000, 1000))], 'fortran_order': False, 'shape': (1000000,)}"))),
            "truncated: shape (1000000,) of [('a', 'S1', (1000, 1000, 1000))] has 1000000000000000 bytes, the file "
            "holds 0 of "
            "them");
}

TEST_F(npy, reads_and_writes_texts_records_and_times_as_numpy_does) {
  for (const char* name : {"texts", "bytes", "raw_bytes", "times", "records", "aligned", "nested", "sub_arrays",
                           "titles", "quotes", "unicode_names", "long_header", "fortran_records", "one_record"}) {
    const array x = load(numpy_file(name));
    save(path("copy.npy"), x);
    const std::string expected = std::string(name) == "titles" ? numpy_file("no_titles") : numpy_file(name);
    EXPECT_EQ(contents(path("copy.npy")), contents(expected)) << name;
  }
}

TEST_F(npy, makes_records_of_the_other_byte_order_native) {
  const array x = load(numpy_file("big_endian_records"));
  EXPECT_EQ(x.dtype(), dtype("[('x', '<f8'), ('n', [('i', '<i2', (2,)), ('u', '<U2')]), ('s', 'S3')]"));
  EXPECT_EQ(str(x), "[(1.5, ([1, 2], 'né'), b'abc') (2.5, ([3, 4], 'x'), b'')]");
}

TEST_F(npy, does_not_write_records_that_no_list_describes) {
  const array x =
      zeros({2}, {.dtype = "{'names': ['a', 'b'], 'formats': ['<i4', '<i2'], 'offsets': [0, 2], 'itemsize': 4}"});
  EXPECT_EQ(
      message<value_error>([&] { save(path("a.npy"), x); }),
      "save: field 'b' of {'names': ['a', 'b'], 'formats': ['<i4', '<i2'], 'offsets': [0, 2], 'itemsize': 4} overlaps "
      "with another or is not in order, which files do not have");
  EXPECT_TRUE(names().empty());
}

TEST_F(npy, knows_the_line_that_called_it) {
  try {
    load(path("missing"));
  } catch (const error& e) {
    EXPECT_EQ(e.where().line(), __LINE__ - 2);
  }
}

// ---- Saving

TEST_F(npy, saves_over_a_file_and_keeps_its_permissions) {
  save(path("a.npy"), arange(3));
  fs::permissions(path("a.npy"), fs::perms(0640));
  save(path("a.npy"), arange(5));
  EXPECT_EQ(load(path("a.npy")).shape(), shape(5));
  EXPECT_EQ(fs::status(path("a.npy")).permissions(), fs::perms(0640));
  EXPECT_THAT(names(), testing::ElementsAre("a.npy"));
}

TEST_F(npy, saves_through_a_symbolic_link) {
  save(path("a.npy"), arange(3));
  fs::create_symlink(path("a.npy"), path("link"));
  save(path("link"), arange(5));
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(load(path("a.npy")).shape(), shape(5));
}

TEST_F(npy, saves_a_mapped_array_over_its_own_file) {
  fs::copy_file(numpy_file("int32"), path("a.npy"));
  const array x = load(path("a.npy"), {.mmap = mmap_mode::readonly});
  save(path("a.npy"), x + 1);
  expect_counting(x);
  expect_counting(load(path("a.npy")) - 1);
}

TEST_F(npy, refuses_targets_that_are_no_files) {
  const auto why = [&](const std::string& target) { return message<file_error>([&] { save(target, arange(3)); }); };
  fs::create_directory(path("folder"));
  EXPECT_EQ(why(path("folder")), "save: " + path("folder") + ": is a directory");
  EXPECT_EQ(why("/dev/null"), "save: /dev/null: is not a regular file");
  EXPECT_EQ(why(path("none/a.npy")), "save: " + path("none/a.npy") + ": cannot be written: No such file or directory");
}

TEST_F(npy, leaves_the_old_file_when_the_disk_is_full) {
  save(path("a.npy"), arange(3));
  const std::string before = contents(path("a.npy"));
  rlimit limit;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small = {4096, limit.rlim_max};
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string text = message<file_error>([&] { save(path("a.npy"), zeros({100, 100})); });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, previous);
  EXPECT_EQ(text, "save: " + path("a.npy") + ": cannot be written: File too large");
  EXPECT_EQ(contents(path("a.npy")), before);
  EXPECT_THAT(names(), testing::ElementsAre("a.npy"));
}

}  // namespace
