// load_npz and save_npz against archives that NumPy and Python's zipfile wrote (tests/data/npz), and against broken ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tessera/tessera.hpp"

namespace {

using namespace tessera;
namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string numpy_file(const std::string& name) { return TESSERA_TEST_DATA "/npz/" + name + ".npz"; }

class npz : public testing::Test {
 protected:
  npz() : folder_(fs::path(testing::TempDir()) / ("tessera-npz-test-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~npz() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return folder_ / name; }
  std::string write(const std::string& bytes) const {
    std::ofstream(path("file.npz"), std::ios::binary) << bytes;
    return path("file.npz");
  }
  std::vector<std::string> files() const {
    std::vector<std::string> result;
    for (const auto& entry : fs::directory_iterator(folder_)) result.push_back(entry.path().filename());
    return result;
  }

 private:
  fs::path folder_;
};

template <class Error, class F> std::string message(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no exception";
}

/// What is wrong with an archive of these bytes, all of whose members are read; without the file's name.
std::string why_not_loaded(const std::string& path) {
  const std::string text = message<file_error>([&] { load_npz(path).load_all(); });
  const std::size_t found = text.find(path);
  EXPECT_NE(found, text.npos) << text;
  return found == text.npos ? text : text.substr(found + path.size() + 2);
}

void put(std::string& bytes, std::size_t at, std::uint64_t value, int count) {
  for (int i = 0; i < count; ++i) bytes[at + static_cast<std::size_t>(i)] = static_cast<char>(value >> 8 * i & 0xff);
}

void expect_same(const array& x, const array& y) {
  EXPECT_EQ(x.dtype(), y.dtype());
  ASSERT_EQ(x.shape(), y.shape());
  EXPECT_TRUE(all(x == y).item<bool>());
}

array counting() { return reshape(arange(30, {.dtype = float32}), {5, 6}); }

std::vector<named_array> numpys_arrays() {
  return {{"x", counting()},
          {"fortran", asfortranarray(counting().astype(float64))},
          {"scalar", full({}, 7, {.dtype = int64})},
          {"empty", zeros({0, 3})}};
}

// ---- Archives as NumPy and zipfile write them

TEST_F(npz, reads_what_numpy_wrote) {
  for (const char* name : {"stored", "deflated"}) {
    const npz_file file = load_npz(numpy_file(name));
    EXPECT_THAT(file.names(), ElementsAre("x", "fortran", "scalar", "empty"));
    EXPECT_EQ(file.size(), 4u);
    for (const named_array& expected : numpys_arrays()) expect_same(file[expected.name], expected.value);
    EXPECT_TRUE(file["fortran"].flags().f_contiguous);
    expect_same(file["x.npy"], counting());
  }
}

TEST_F(npz, writes_byte_for_byte_as_numpy) {
  save_npz(path("stored.npz"), numpys_arrays());
  EXPECT_EQ(contents(path("stored.npz")), contents(numpy_file("stored")));
  save_npz(path("deflated.npz"), numpys_arrays(), {.compressed = true});
  EXPECT_EQ(contents(path("deflated.npz")), contents(numpy_file("deflated")));
  save_npz(path("none.npz"), {});
  EXPECT_EQ(contents(path("none.npz")), contents(numpy_file("none")));
}

TEST_F(npz, arrays_without_names_are_numbered) {
  const array a = arange(3), b = eye(2);
  save_npz(path("a.npz"), {a, b});
  EXPECT_EQ(contents(path("a.npz")), contents(numpy_file("positional")));
  save_npz(path("b.npz"), {a + 1, {"b", b * 2.0}});
  EXPECT_THAT(load_npz(path("b.npz")).names(), ElementsAre("arr_0", "b"));
  expect_same(load_npz(path("b.npz"))["b"], b * 2.0);
}

TEST_F(npz, reads_sizes_that_stand_behind_the_data) {
  const npz_file file = load_npz(numpy_file("streamed"));
  EXPECT_THAT(file.names(), ElementsAre("x", "scalar"));
  expect_same(file["x"], counting());
  EXPECT_EQ(file["scalar"].item<int>(), 7);
}

TEST_F(npz, reads_what_else_stands_in_an_archive) {
  const npz_file file = load_npz(numpy_file("mixed"));
  EXPECT_THAT(file.names(), ElementsAre("readme.txt", "größe", "folder/y"));
  const array text = file["readme.txt"];
  EXPECT_EQ(text.dtype(), uint8);
  EXPECT_EQ(std::string(static_cast<const char*>(text.data()), static_cast<std::size_t>(text.size())), "plain text");
  expect_same(file["größe"], arange(3));
  expect_same(file["folder/y"], arange(4, {.dtype = int16}));  // big-endian, without a suffix
  // The bytes that end an archive may stand in its comment.
  const std::string comment = "PK\x05\x06 and more of it, longer than such a record";
  std::string bytes = contents(numpy_file("stored"));
  put(bytes, bytes.size() - 2, comment.size(), 2);
  EXPECT_EQ(load_npz(write(bytes + comment)).size(), 4u);
}

// ---- The archive that was opened

TEST_F(npz, names_are_looked_up) {
  const npz_file file = load_npz(numpy_file("stored"));
  EXPECT_TRUE(file.contains("x"));
  EXPECT_TRUE(file.contains("x.npy"));
  EXPECT_FALSE(file.contains("y"));
  EXPECT_EQ(message<index_error>([&] { file["y"]; }),
            "npz_file: " + numpy_file("stored") + ": has no member \"y\"; it has x, fortran, scalar, empty");
  EXPECT_EQ(message<index_error>([&] { load_npz(numpy_file("none"))["y"]; }),
            "npz_file: " + numpy_file("none") + ": has no member \"y\"; it has none");
}

TEST_F(npz, members_are_read_when_asked_for_even_if_the_file_is_replaced) {
  save_npz(path("a.npz"), {{"x", arange(3)}});
  const npz_file file = load_npz(path("a.npz")), copy = file;
  save_npz(path("a.npz"), {{"x", arange(5)}});
  expect_same(copy["x"], arange(3));
  const std::vector<named_array> all = load_npz(path("a.npz")).load_all();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].name, "x");
  expect_same(all[0].value, arange(5));
}

TEST_F(npz, every_dtype_and_layout_comes_back) {
  const array x = reshape(arange(24), {2, 3, 4});
  for (const bool compressed : {false, true}) {
    std::vector<named_array> arrays;
    for (const dtype& type : {bool_, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, bfloat16,
                              float32, float64, complex64, complex128})
      arrays.emplace_back(std::string(type.name()), x.astype(type));
    arrays.emplace_back("strided", x[slice(none, none, -1)]);
    arrays.emplace_back("broadcast", broadcast_to(arange(3), {4, 3}));
    save_npz(path("a.npz"), arrays, {.compressed = compressed, .level = 1});
    const npz_file file = load_npz(path("a.npz"));
    for (const named_array& expected : arrays) expect_same(file[expected.name], expected.value);
  }
}

TEST_F(npz, large_members_go_through_in_pieces) {
  const array x = arange(500000) * arange(500000), y = arange(300001, {.dtype = uint8});
  for (const bool compressed : {false, true}) {
    save_npz(path("a.npz"), {{"x", x}, {"y", y}}, {.compressed = compressed});
    const npz_file file = load_npz(path("a.npz"));
    reset_peak_memory();
    const std::int64_t before = memory_stats().peak_bytes_in_use;
    const array read = file["x"];
    EXPECT_LE(memory_stats().peak_bytes_in_use - before, x.nbytes() * 3 / 2);  // no second copy
    expect_same(read, x);
    expect_same(file["y"], y);
  }
}

// ---- Writing

TEST_F(npz, refuses_names_and_levels) {
  const array x = arange(3);
  EXPECT_EQ(message<value_error>([&] {
              save_npz(path("a.npz"), {{"x", x}, {"x", x}});
            }),
            "save_npz: two arrays are called \"x\"");
  EXPECT_EQ(message<value_error>([&] {
              save_npz(path("a.npz"), {{"arr_1", x}, x});
            }),
            "save_npz: two arrays are called \"arr_1\"");
  EXPECT_EQ(message<value_error>([&] {
              save_npz(path("a.npz"), {{std::string("a\0b", 3), x}});
            }),
            "save_npz: an archive has no member \"a\\x00b\": names have at most 65531 bytes, none of them zero");
  EXPECT_EQ(message<value_error>([&] {
              save_npz(path("a.npz"), {{"a\xff", x}});
            }),
            "save_npz: byte 1 of the text is not UTF-8");
  for (const int level : {0, 10}) {
    EXPECT_EQ(message<value_error>([&] { save_npz(path("a.npz"), {x}, {.compressed = true, .level = level}); }),
              "save_npz: the level of compression is 1 to 9, not " + std::to_string(level));
  }
  EXPECT_THAT(files(), ElementsAre());
}

TEST_F(npz, a_failed_write_leaves_the_old_file) {
  save_npz(path("a.npz"), {{"x", arange(3)}});
  const std::string before = contents(path("a.npz"));
  rlimit limit;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small = {4096, limit.rlim_max};
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string text = message<file_error>([&] { save_npz(path("a.npz"), {{"x", zeros({100, 100})}}); });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, previous);
  EXPECT_EQ(text, "save_npz: " + path("a.npz") + ": cannot be written: File too large");
  EXPECT_EQ(contents(path("a.npz")), before);
  EXPECT_THAT(files(), ElementsAre("a.npz"));
}

// ---- Malformed archives. Of stored.npz: member x at 0 (30 + 5 name + 20 extra + 248), the directory behind the fourth.

constexpr std::size_t data_of_x = 55, bytes_of_x = 248;

std::size_t directory_of(const std::string& bytes) {
  std::size_t at = bytes.size() - 6, value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return value;
}

TEST_F(npz, what_is_no_archive_is_refused) {
  EXPECT_EQ(why_not_loaded(write("")), "the file is empty");
  EXPECT_EQ(why_not_loaded(write("not an archive at all")),
            "not a ZIP archive, or truncated: no end record in its last 21 bytes");
  EXPECT_THAT(message<file_error>([&] { load_npz(path("none.npz")); }), HasSubstr("cannot be opened: No such file"));
  EXPECT_THAT(message<file_error>([&] { load_npz(path("")); }), HasSubstr("is a directory"));
}

TEST_F(npz, damaged_bytes_are_noticed) {
  std::string bytes = contents(numpy_file("stored"));
  bytes[data_of_x + bytes_of_x - 1] ^= 1;
  EXPECT_THAT(why_not_loaded(write(bytes)),
              testing::MatchesRegex(
                  "x.npy: its checksum is [0-9]+, the archive's directory says [0-9]+: the bytes are damaged"));
  expect_same(load_npz(path("file.npz"))["fortran"], counting().astype(float64));  // the others can be read
}

TEST_F(npz, members_that_lie_are_refused) {
  const std::string good = contents(numpy_file("stored"));
  const std::size_t directory = directory_of(good);
  const auto changed = [&](std::size_t offset, std::uint64_t value, int count) {
    std::string bytes = good;
    put(bytes, offset, value, count);
    return why_not_loaded(write(bytes));
  };
  EXPECT_EQ(changed(directory + 8, 1, 2), "x.npy: encrypted members are not supported");
  EXPECT_EQ(changed(directory + 10, 12, 2),
            "x.npy: compression method 12 is not supported (0, stored, and 8, deflated, are)");
  EXPECT_EQ(changed(directory + 10, 8, 2), "x.npy: the member at offset 0 has another method");
  EXPECT_EQ(changed(directory + 46, 'z', 1), "z.npy: the member at offset 0 has another name");
  EXPECT_EQ(changed(0, 0, 1), "x.npy: no member begins at offset 0");
  EXPECT_EQ(changed(directory + 24, 1 << 20, 4),
            "x.npy: is stored, but should have 248 bytes in the archive and 1048576 outside");
  EXPECT_EQ(changed(directory + 42, 100, 4),
            "x.npy: should have 283 bytes at offset 100, what comes next begins at offset 303");
  EXPECT_EQ(changed(directory + 34, 1, 2), "archives on several disks are not supported");
  EXPECT_EQ(changed(directory, 0, 1), "no member in the directory at offset " + std::to_string(directory));
  EXPECT_EQ(changed(good.size() - 12, 200, 2),
            "archives on several disks are not supported");  // members in all are not those on this disk
}

TEST_F(npz, members_must_not_share_bytes) {
  // Both members at the bytes of the first: how small archives are made to unpack to very much.
  std::string bytes = contents(numpy_file("positional"));
  const std::size_t second = directory_of(bytes) + 46 + 9;
  put(bytes, second + 42, 0, 4);
  EXPECT_THAT(why_not_loaded(write(bytes)), HasSubstr("what comes next begins at offset 0"));
}

TEST_F(npz, claims_of_more_than_can_be_inflated_allocate_nothing) {
  std::string bytes = contents(numpy_file("streamed"));
  const std::size_t directory = directory_of(bytes);
  put(bytes, directory + 24, 0xfffffff0, 4);
  reset_peak_memory();
  const std::int64_t before = memory_stats().peak_bytes_in_use;
  EXPECT_THAT(why_not_loaded(write(bytes)),
              testing::MatchesRegex("x.npy: should have 4294967280 bytes, [0-9]+ deflated ones hold at most [0-9]+"));
  put(bytes, directory + 24, 100000, 4);  // possible, but they end earlier
  EXPECT_THAT(why_not_loaded(write(bytes)),
              testing::MatchesRegex("x.npy: its deflated bytes give 248 bytes in place of "
                                    "100000, at offset [0-9]+"));
  put(bytes, directory + 24, 240, 4);
  EXPECT_THAT(why_not_loaded(write(bytes)), HasSubstr("truncated: shape (5, 6) of float32 has 120 bytes"));
  EXPECT_LT(memory_stats().peak_bytes_in_use - before, 1 << 20);
}

TEST_F(npz, names_that_are_no_text_or_stand_twice_are_refused) {
  const std::string good = contents(numpy_file("positional"));
  const std::size_t directory = directory_of(good);
  std::string bytes = good;
  bytes[directory + 46] = '\xff';
  EXPECT_EQ(why_not_loaded(write(bytes)), "the name of member 0 is not UTF-8");
  bytes = good;
  bytes[directory + 46 + 4] = '1';
  EXPECT_EQ(why_not_loaded(write(bytes)), "two members are called arr_1.npy");
}

/// A file in memory alone, written anew thousands of times.
class memory_file {
 public:
  explicit memory_file(const std::string& bytes) : fd_(::memfd_create("npz", 0)) {
    EXPECT_EQ(::write(fd_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  ~memory_file() { ::close(fd_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

/// Loads all members: a valid result, or a typed error that names the file.
void load_whatever(const std::string& path) {
  try {
    load_npz(path).load_all();
  } catch (const file_error& e) {
    EXPECT_THAT(e.what(), HasSubstr(path));
  }
}

TEST_F(npz, cut_short_anywhere_it_is_refused) {
  for (const char* name : {"stored", "deflated", "streamed", "mixed", "none"}) {
    const std::string good = contents(numpy_file(name));
    for (std::size_t length = 0; length < good.size(); ++length)
      EXPECT_NE(why_not_loaded(memory_file(good.substr(0, length)).path()), "no exception") << name << " " << length;
  }
}

TEST_F(npz, with_any_byte_changed_it_is_refused_or_valid) {
  reset_peak_memory();
  const std::int64_t before = memory_stats().peak_bytes_in_use;
  for (const char* name : {"stored", "deflated", "streamed", "mixed", "none"}) {
    const std::string good = contents(numpy_file(name));
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (const int change : {1, 0xff}) {
        std::string bytes = good;
        bytes[at] = static_cast<char>(bytes[at] ^ change);
        load_whatever(memory_file(bytes).path());
      }
    }
  }
  EXPECT_LT(memory_stats().peak_bytes_in_use - before, 1 << 20);
}

}  // namespace
