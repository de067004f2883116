// Elements in files without a header, mapped files and strings of bytes, against bytes written by hand.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "ops/elements.hpp"

using namespace tessera;

namespace {

namespace fs = std::filesystem;

class raw_files : public testing::Test {
 protected:
  raw_files() : folder_(fs::path(testing::TempDir()) / ("tessera-raw-file-test-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~raw_files() override { fs::remove_all(folder_); }
  std::string path(const std::string& name = "file") const { return folder_ / name; }
  std::string write(const std::string& bytes) const {
    std::ofstream(path(), std::ios::binary) << bytes;
    return path();
  }
  std::string contents() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// The message without the path, which differs from run to run.
  std::string why(const std::function<void()>& call) const {
    std::string text = error_of(call);
    if (const auto at = text.find(path()); at != text.npos) text.replace(at, path().size(), "FILE");
    return text;
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

 private:
  fs::path folder_;
};

/// 0, 1, 2 … as int32 of this machine.
std::string numbers(std::int32_t n) {
  std::string bytes;
  for (std::int32_t i = 0; i < n; ++i) bytes.append(reinterpret_cast<const char*>(&i), 4);
  return bytes;
}
std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
using int32s = std::vector<std::int32_t>;

TEST_F(raw_files, are_read_from_an_offset_as_far_as_there_are_whole_elements) {
  const std::string file = write(numbers(10) + "abc");
  EXPECT_EQ(elements<std::int32_t>(fromfile(file, {.dtype = int32})), (int32s{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(elements<std::int32_t>(fromfile(file, {.dtype = int32, .count = 100})).size(), 10u);
  EXPECT_EQ(elements<std::int32_t>(fromfile(file, {.dtype = int32, .count = 3, .offset = 8})), (int32s{2, 3, 4}));
  EXPECT_EQ(elements<std::int32_t>(fromfile(file, {.dtype = int32, .count = 1, .offset = 5})), (int32s{33554432}));
  EXPECT_EQ(fromfile(file, {.dtype = int32, .count = 0}).shape(), shape({0}));
  EXPECT_EQ(fromfile(file, {.dtype = int32, .offset = 43}).shape(), shape({0}));
  EXPECT_EQ(fromfile(file).dtype(), float64);
  EXPECT_EQ(fromfile(file).shape(), shape({5}));
}

TEST_F(raw_files, that_cannot_be_read_say_why) {
  const std::string file = write(numbers(10) + "abc");
  EXPECT_EQ(why([&] { fromfile(file, {.offset = 44}); }),
            "error fromfile: FILE: offset 44 is beyond its end, it has 43 bytes");
  EXPECT_EQ(why([&] { fromfile(file, {.offset = -1}); }),
            "value_error fromfile: offset must not be negative, it is -1");
  EXPECT_EQ(why([&] { fromfile(file, {.dtype = dtype()}); }), "dtype_error fromfile: needs a dtype");
  EXPECT_NE(why([&] { fromfile(path("none")); }).find("none: cannot be opened: No such file"), std::string::npos);
  EXPECT_NE(why([&] { fromfile(fs::path(file).parent_path()); }).find("is a directory"), std::string::npos);
}

TEST_F(raw_files, get_the_elements_in_c_order) {
  const array x = astype(reshape(arange(6), {2, 3}), int32);
  tofile(x, path());
  EXPECT_EQ(contents(), numbers(6));
  tofile(x.T(), path());
  EXPECT_EQ(elements<std::int32_t>(fromfile(path(), {.dtype = int32})), (int32s{0, 3, 1, 4, 2, 5}));
  tofile(x(all, slice(none, none, -2)) + 1, path());
  EXPECT_EQ(elements<std::int32_t>(fromfile(path(), {.dtype = int32})), (int32s{3, 1, 6, 4}));
  tofile(x(slice(0, 0)), path());
  EXPECT_EQ(contents(), "");
  EXPECT_EQ(files(), 1u);
  EXPECT_NE(why([&] { tofile(x, path("none/file")); }).find("cannot be written: No such file"), std::string::npos);
}

TEST_F(raw_files, become_strings_of_bytes) {
  const array x = astype(reshape(arange(6), {2, 3}), int32);
  EXPECT_EQ(text_of(tobytes(x)), numbers(6));
  EXPECT_EQ(text_of(tobytes(x.T())), text_of(tobytes(x, order::F)));
  EXPECT_EQ(text_of(tobytes(x.T(), order::A)), numbers(6));
  EXPECT_EQ(text_of(tobytes(x, order::A)), numbers(6));
  EXPECT_EQ(text_of(tobytes(x(all, slice(none, none, 2)), order::F)),
            text_of(tobytes(array{0, 3, 2, 5}.astype(int32))));
  EXPECT_TRUE(tobytes(x(slice(0, 0))).empty());
  EXPECT_EQ(why([&] { tobytes(x, order::K); }), "value_error tobytes: the layout is C, F or A, not K");
}

TEST_F(raw_files, mapped_to_read_hold_what_the_file_holds) {
  write("head:" + numbers(6));
  const array x = memmap(path(), {.dtype = int32, .mode = mmap_mode::readonly, .offset = 5});
  EXPECT_EQ(elements<std::int32_t>(x), (int32s{0, 1, 2, 3, 4, 5}));  // misaligned
  EXPECT_FALSE(x.flags().writeable);
  const array f = memmap(
      path(), {.dtype = int32, .mode = mmap_mode::readonly, .offset = 5, .shape = shape{2, 3}, .layout = order::F});
  EXPECT_EQ(elements<std::int32_t>(f), (int32s{0, 2, 4, 1, 3, 5}));
  EXPECT_EQ(ints(sum(x)), (list{15}));
  fs::remove(path());
  EXPECT_EQ(elements<std::int32_t>(f + 1), (int32s{1, 3, 5, 2, 4, 6}));  // the pages stay
}

TEST_F(raw_files, mapped_beyond_a_page_begin_where_they_should) {
  write(numbers(5000));
  const array x = memmap(path(), {.dtype = int32, .mode = mmap_mode::readonly, .offset = 4 * 4099});
  ASSERT_EQ(x.shape(), shape({5000 - 4099}));
  EXPECT_EQ(elements<std::int32_t>(x).front(), 4099);
  EXPECT_EQ(elements<std::int32_t>(x).back(), 4999);
}

TEST_F(raw_files, mapped_copy_on_write_stay_as_they_are) {
  write(numbers(4));
  array x = memmap(path(), {.dtype = int32, .mode = mmap_mode::copy_on_write});
  x += 10;
  EXPECT_EQ(elements<std::int32_t>(x), (int32s{10, 11, 12, 13}));
  EXPECT_EQ(contents(), numbers(4));
}

TEST_F(raw_files, mapped_to_write_take_what_is_written) {
  write(numbers(4));
  {
    array x = memmap(path(), {.dtype = int32, .offset = 4});
    x(slice(1, none)) = -1;
    const array again = memmap(path(), {.dtype = int32, .mode = mmap_mode::readonly});
    EXPECT_EQ(elements<std::int32_t>(again), (int32s{0, 1, -1, -1}));
  }
  EXPECT_EQ(elements<std::int32_t>(fromfile(path(), {.dtype = int32})), (int32s{0, 1, -1, -1}));
}

TEST_F(raw_files, mapped_to_write_grow_to_the_shape) {
  write(numbers(2));
  {
    array x = memmap(path(), {.dtype = int32, .shape = shape{2, 2}});
    EXPECT_EQ(elements<std::int32_t>(x), (int32s{0, 1, 0, 0}));
    x(1, 1) = 7;
  }
  EXPECT_EQ(elements<std::int32_t>(fromfile(path(), {.dtype = int32})), (int32s{0, 1, 0, 7}));
}

TEST_F(raw_files, mapped_anew_are_zeros) {
  write(numbers(9));
  {
    array x = memmap(path(), {.dtype = int32, .mode = mmap_mode::write, .offset = 4, .shape = shape{3}});
    EXPECT_EQ(elements<std::int32_t>(x), (int32s{0, 0, 0}));
    x(0) = 1;
  }
  EXPECT_EQ(elements<std::int32_t>(fromfile(path(), {.dtype = int32})), (int32s{0, 1, 0, 0}));
  const array made = memmap(path("new"), {.mode = mmap_mode::write, .shape = shape{0, 3}});
  EXPECT_EQ(made.shape(), shape({0, 3}));
  EXPECT_TRUE(fs::exists(path("new")));
}

TEST_F(raw_files, that_cannot_be_mapped_say_why_and_stay_as_they_are) {
  write(numbers(3));
  const auto reading = mmap_mode::readonly;
  EXPECT_EQ(why([&] { memmap(path(), {.dtype = int32, .mode = reading, .shape = shape{4}}); }),
            "error memmap: FILE: truncated: shape (4,) of int32 at offset 0 ends at byte 16, the file has 12");
  EXPECT_EQ(why([&] { memmap(path(), {.dtype = int64, .mode = reading}); }),
            "error memmap: FILE: the 12 bytes from offset 0 on are no whole number of elements of int64");
  EXPECT_EQ(why([&] { memmap(path(), {.dtype = int32, .mode = reading, .offset = 13}); }),
            "error memmap: FILE: offset 13 is beyond its end, it has 12 bytes");
  EXPECT_EQ(why([&] { memmap(path(), {.offset = -4}); }), "value_error memmap: offset must not be negative, it is -4");
  EXPECT_EQ(why([&] { memmap(path(), {.mode = mmap_mode::write}); }), "value_error memmap: mode write needs a shape");
  EXPECT_EQ(why([&] { memmap(path(), {.mode = mmap_mode::none}); }),
            "value_error memmap: needs a mode to map with, not none");
  EXPECT_EQ(why([&] { memmap(path(), {.layout = order::A}); }), "value_error memmap: the layout is C or F order");
  EXPECT_EQ(why([&] { memmap(path(), {.dtype = dtype()}); }), "dtype_error memmap: needs a dtype");
  EXPECT_EQ(why([&] { memmap(path(), {.mode = mmap_mode::write, .shape = shape{-1}}); }),
            "value_error memmap: shape (-1,) has a negative extent");
  const std::int64_t huge = std::int64_t{1} << 62;
  EXPECT_EQ(why([&] { memmap(path(), {.dtype = int32, .mode = mmap_mode::write, .shape = shape{huge}}); }),
            "value_error memmap: shape (4611686018427387904,) has more bytes than fit in 64 bits");
  EXPECT_NE(why([&] {
              memmap(path(), {.mode = mmap_mode::write, .shape = shape{std::numeric_limits<std::int64_t>::max()}});
            }).find("cannot be resized to 9223372036854775807 bytes"),
            std::string::npos);
  EXPECT_EQ(contents(), numbers(3));
}

TEST_F(raw_files, with_a_header_are_mapped_to_write) {
  save(path(), astype(arange(4), int32));
  {
    array x = load(path(), {.mmap = mmap_mode::read_write});
    x *= 2;
  }
  EXPECT_EQ(elements<std::int32_t>(load(path())), (int32s{0, 2, 4, 6}));
  EXPECT_EQ(why([&] { load(path(), {.mmap = mmap_mode::write}); }),
            "value_error load: mode write would empty the file; use memmap");
}

}  // namespace
