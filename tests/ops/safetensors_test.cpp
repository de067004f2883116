// load_safetensors and save_safetensors against files of the reference implementation (tests/data/safetensors), and against headers
// that it accepts or refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

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

std::string reference_file(const std::string& name) {
  return TESSERA_TEST_DATA "/safetensors/" + name + ".safetensors";
}

class safetensors : public testing::Test {
 protected:
  safetensors() : folder_(fs::path(testing::TempDir()) / ("tessera-safetensors-test-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~safetensors() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return folder_ / name; }
  std::vector<std::string> files() const {
    std::vector<std::string> result;
    for (const auto& entry : fs::directory_iterator(folder_)) result.push_back(entry.path().filename());
    return result;
  }

 private:
  fs::path folder_;
};

/// A file in memory alone, written anew thousands of times.
class memory_file {
 public:
  explicit memory_file(const std::string& bytes) : fd_(::memfd_create("safetensors", 0)) {
    EXPECT_EQ(::write(fd_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  ~memory_file() { ::close(fd_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

template <class Error, class F> std::string message(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no exception";
}

/// A file of this header and as many zeros.
std::string file_with(const std::string& header, std::size_t count) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> 8 * i & 0xff);
  return bytes + header + std::string(count, '\0');
}

/// What is wrong with a file of these bytes; without its name.
std::string why_not_loaded(const std::string& bytes) {
  const memory_file file(bytes);
  const std::string text = message<file_error>([&] { load_safetensors(file.path()); });
  const std::string prefix = "load_safetensors: " + file.path() + ": ";
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}
std::string why_not_loaded(const std::string& header, std::size_t count) {
  return why_not_loaded(file_with(header, count));
}

void expect_same(const array& x, const array& y) {
  EXPECT_EQ(x.dtype(), y.dtype());
  ASSERT_EQ(x.shape(), y.shape());
  EXPECT_TRUE(all(x == y).item<bool>());
}

std::vector<named_array> references_arrays() {
  std::vector<named_array> arrays;
  for (const dtype& type :
       {bool_, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, float32, float64, complex64})
    arrays.emplace_back(std::string(type.name()), reshape(arange(6), {2, 3}).astype(type));
  arrays.emplace_back("no axes", full({}, 7.0));
  arrays.emplace_back("empty", zeros({0, 3}, {.dtype = float32}));
  arrays.emplace_back("Größe \"\\\n", arange(3));
  return arrays;
}

const text_pairs texts = {{"format", "a \"text\" with\ttabs and ü"}};

// ---- Files of the reference implementation

TEST_F(safetensors, reads_what_the_reference_wrote) {
  for (const mmap_mode mode : {mmap_mode::none, mmap_mode::readonly, mmap_mode::copy_on_write}) {
    const safetensors_file file = load_safetensors(reference_file("every_dtype"), {.mmap = mode});
    EXPECT_EQ(file.size(), 16u);
    EXPECT_EQ(file.metadata(), texts);
    for (const named_array& expected : references_arrays()) {
      EXPECT_TRUE(file.contains(expected.name));
      expect_same(file[expected.name], expected.value);
    }
  }
  EXPECT_EQ(load_safetensors(reference_file("none")).size(), 0u);
}

TEST_F(safetensors, writes_byte_for_byte_as_the_reference) {
  save_safetensors(path("a"), references_arrays(), texts);
  EXPECT_EQ(contents(path("a")), contents(reference_file("every_dtype")));
  save_safetensors(path("b"), {});
  EXPECT_EQ(contents(path("b")), contents(reference_file("none")));
}

TEST_F(safetensors, dtypes_that_are_not_ours_are_refused_when_asked_for) {
  const safetensors_file file = load_safetensors(reference_file("bfloat16"));
  EXPECT_THAT(file.names(), ElementsAre("b", "f8"));
  expect_same(file["b"], reshape(arange(6), {2, 3}).astype(bfloat16));
  EXPECT_EQ(message<file_error>([&] { file["f8"]; }),
            "safetensors_file: " + reference_file("bfloat16") + ": f8: dtype F8_E4M3 is not supported");
}

TEST_F(safetensors, names_are_looked_up) {
  const safetensors_file file = load_safetensors(reference_file("bfloat16"));
  EXPECT_FALSE(file.contains("c"));
  EXPECT_EQ(message<index_error>([&] { file["c"]; }),
            "safetensors_file: " + reference_file("bfloat16") + ": has no array \"c\"; it has b, f8");
}

TEST_F(safetensors, arrays_lie_in_the_files_pages) {
  save_safetensors(path("a"), {{"x", arange(1000)}, {"odd", arange(3, {.dtype = int8})}});
  const safetensors_file shared = load_safetensors(path("a"), {.mmap = mmap_mode::read_write});
  array x = shared["x"];
  x[5] = 77;
  EXPECT_EQ(load_safetensors(path("a"))["x"][5].item<int>(), 77);
  array copied = load_safetensors(path("a"), {.mmap = mmap_mode::copy_on_write})["x"];
  copied[5] = 78;
  EXPECT_EQ(x[5].item<int>(), 77);
  array readonly = load_safetensors(path("a"), {.mmap = mmap_mode::readonly})["x"];
  EXPECT_THROW(readonly[5] = 1, value_error);
  expect_same(shared["odd"], arange(3, {.dtype = int8}));
  EXPECT_EQ(message<value_error>([&] { load_safetensors(path("a"), {.mmap = mmap_mode::write}); }),
            "load_safetensors: mode write would empty the file");
  EXPECT_EQ(message<value_error>([&] { load_safetensors(path("a"), {.mmap = mmap_mode::readonly, .device = cuda()}); }),
            "load_safetensors: a file is mapped into the host's memory only, not cuda:0's");
}

// ---- Writing

TEST_F(safetensors, views_and_recipes_are_written_in_c_order) {
  const array x = reshape(arange(6), {2, 3});
  save_safetensors(path("a"), {{"t", x.T()}, {"r", x[slice(none, none, -1)]}, {"s", x + 1}});
  const safetensors_file file = load_safetensors(path("a"));
  expect_same(file["t"], x.T());
  expect_same(file["r"], x[slice(none, none, -1)]);
  expect_same(file["s"], x + 1);
  EXPECT_THAT(file.names(), ElementsAre("r", "s", "t"));
  EXPECT_EQ(file.load_all().size(), 3u);
}

TEST_F(safetensors, refuses_what_the_format_lacks) {
  const array x = arange(3);
  const auto why = [&](const std::vector<named_array>& arrays, const text_pairs& metadata = {}) {
    return message<value_error>([&] { save_safetensors(path("a"), arrays, metadata); });
  };
  EXPECT_EQ(message<dtype_error>([&] {
              save_safetensors(path("a"), {{"z", x.astype(complex128)}});
            }),
            "save_safetensors: z: the format has no complex128");
  EXPECT_EQ(why({x}), "save_safetensors: each array needs a name");
  EXPECT_EQ(why({{"x", x}, {"x", x}}), "save_safetensors: two arrays are called \"x\"");
  EXPECT_EQ(why({{"__metadata__", x}}), "save_safetensors: no array can be called \"__metadata__\"");
  EXPECT_EQ(why({{"a\xff", x}}), "save_safetensors: byte 1 of the text is not UTF-8");
  EXPECT_EQ(why({}, {{"k", "\x80"}}), "save_safetensors: byte 0 of the text is not UTF-8");
  EXPECT_EQ(why({}, {{"k", "1"}, {"k", "2"}}), "save_safetensors: two texts are called \"k\"");
  EXPECT_THAT(files(), ElementsAre());
}

// ---- Headers. The reference implementation 0.8 accepts and refuses the same ones, but for names that stand twice.

TEST_F(safetensors, headers_that_the_reference_accepts) {
  const std::pair<const char*, std::size_t> headers[] = {
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 2},
      {"  {\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}  \n", 2},
      {R"({"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
       2},
      {R"({"a":{"dtype":"F4","shape":[4],"data_offsets":[0,2]}})", 2},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"more":{"x":[1,{"y":[]}],"shape":-1.5}}})", 2},
      {R"({"a":{"data_offsets":[0,1],"shape":[],"dtype":"U8"}})", 1},
      {R"({"__metadata__":null})", 0},
      {R"({"__metadata__":{"x":"y"}})", 0},
      {"{}", 0}};
  for (const auto& [header, count] : headers) EXPECT_EQ(why_not_loaded(header, count), "no exception") << header;
}

TEST_F(safetensors, headers_that_it_refuses) {
  struct one {
    const char* header;
    std::size_t count;
    const char* why;
  };
  const std::string good = R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})";
  EXPECT_EQ(why_not_loaded(good, 3), "the arrays have 2 bytes, the file holds 3 behind its header");
  EXPECT_EQ(why_not_loaded(good, 1), "truncated: the arrays have 2 bytes, the file holds 1 behind its header");
  const one headers[] = {
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", 3,
       "header: \"a\": data_offsets [1, 3] should begin at 0, where the array before it ends, and not end before"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
       3, "header: \"b\": data_offsets [1, 3] should begin at 2, where the array before it ends, and not end before"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
       2, "header: \"b\": data_offsets [0, 2] should begin at 2, where the array before it ends, and not end before"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}})", 2,
       "header: \"a\": data_offsets [2, 0] should begin at 0, where the array before it ends, and not end before"},
      {R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,2]}})", 2,
       "header: \"a\": shape (3,) of U8 has 3 bytes, data_offsets [0, 2] hold 2"},
      {R"({"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0,
       "header: \"a\": shape (4294967296, 4294967296) of U8 has more elements than fit in 64 bits"},
      {R"({"a":{"dtype":"U64","shape":[1152921504606846976],"data_offsets":[0,0]}})", 0,
       "header: \"a\": shape (1152921504606846976,) of U64 has more bits than fit in 64 bits"},
      {R"({"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}})", 2,
       "header: \"a\": shape (3,) of F4 is no whole number of bytes"},
      {R"({"a":{"dtype":"U7","shape":[2],"data_offsets":[0,2]}})", 2, "header: \"a\": there is no dtype \"U7\""},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"dtype":"I8"}})", 2,
       "header: \"a\": dtype stands there twice"},
      {R"({"a":{"dtype":"U8","shape":[2]}})", 2, "header: \"a\": data_offsets is missing"},
      {R"({"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}})", 2,
       "header: \"a\": shape: expected a number of 0 or more, not a number below 0"},
      {R"({"a":{"dtype":"U8","shape":[2.0],"data_offsets":[0,2]}})", 2,
       "header: \"a\": shape: expected a number of 0 or more, not a number that is no 64-bit integer"},
      {R"({"a":{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,2]}})", 2,
       "header: \"a\": shape: 18446744073709551615 does not fit in 64 bits"},
      {R"({"a":{"dtype":"U8","shape":[[2]],"data_offsets":[0,2]}})", 2,
       "header: \"a\": shape: expected a number of 0 or more, not an array"},
      {R"({"a":{"dtype":"U8","shape":2,"data_offsets":[0,2]}})", 2,
       "header: \"a\": shape: expected an array, not a number"},
      {R"({"a":{"dtype":8,"shape":[2],"data_offsets":[0,2]}})", 2,
       "header: \"a\": dtype: expected a string, not a number"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2,4]}})", 2,
       "header: \"a\": data_offsets has more than two numbers"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0]}})", 2, "header: \"a\": data_offsets has not two numbers"},
      {R"({"__metadata__":{"x":1}})", 0, "header: metadata \"x\": expected a string, not a number"},
      {R"({"a":5})", 0, "header: \"a\": expected an object, not a number"},
      {"[]", 0, "header: expected an object, not an array"},
      {"5", 0, "header: expected an object, not a number"},
      {"", 0, "header: no valid JSON at byte 1"},
      {"{}x", 0, "header: no valid JSON at byte 3"},
      {"\xef\xbb\xbf{}", 0, "header: no valid JSON at byte 0"},
      {"{\"a\xff\":{}}", 0, "header: no valid JSON at byte 4"},
      {R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
       0, "header: \"a\" stands there twice"},
      {R"({"__metadata__":{"x":"1","x":"2"}})", 0, "header: metadata \"x\" stands there twice"},
      {R"({"__metadata__":{},"__metadata__":{}})", 0, "header: __metadata__ stands there twice"}};
  for (const one& bad : headers) EXPECT_EQ(why_not_loaded(bad.header, bad.count), bad.why);
}

TEST_F(safetensors, lengths_that_lie_allocate_nothing) {
  EXPECT_EQ(why_not_loaded("1234567"),
            "truncated: it should begin with the header's length in 8 bytes, the file has 7");
  EXPECT_EQ(why_not_loaded(std::string("\0\xe1\xf5\x05\0\0\0\0", 8)),
            "truncated: the header should have 100000000 bytes, the file holds 0 of them");
  EXPECT_EQ(why_not_loaded(std::string("\1\xe1\xf5\x05\0\0\0\0", 8)),
            "header: 100000001 bytes are too many, at most 100000000 are read");
  EXPECT_EQ(why_not_loaded(std::string(8, '\xff')),
            "header: 18446744073709551615 bytes are too many, at most 100000000 are read");
}

TEST_F(safetensors, cut_short_or_changed_anywhere_it_is_refused_or_valid) {
  const std::string good = contents(reference_file("every_dtype"));
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_NE(why_not_loaded(good.substr(0, length)), "no exception") << length;
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int change : {1, 0x80}) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(bytes[at] ^ change);
      const memory_file file(bytes);
      try {
        load_safetensors(file.path()).load_all();
      } catch (const file_error& e) {
        EXPECT_THAT(e.what(), HasSubstr(file.path()));
      }
    }
  }
}

}  // namespace
