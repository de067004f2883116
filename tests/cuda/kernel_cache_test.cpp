// The cache of compiled kernels on disk: what is kept, what is a miss, what is left alone.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "cuda/disk_cache.hpp"
#include "cuda/kernel_cache.hpp"
#include "cuda/runtime.hpp"
#include "tessera/error.hpp"

namespace tessera::detail::cuda {
namespace {

namespace fs = std::filesystem;

/// A folder of its own as TESSERA_CACHE_DIR.
class kernel_cache : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/tessera_cache_XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    root_ = name;
    unsetenv("TESSERA_CUDA_CACHE");
    folder_ = root_ / "a" / "b";
    setenv("TESSERA_CACHE_DIR", folder_.c_str(), 1);
  }
  void TearDown() override {
    unsetenv("TESSERA_CACHE_DIR");
    fs::remove_all(root_);
  }
  fs::path file() const { return folder_ / key_; }
  void change(std::int64_t at, char to) {
    std::fstream all(file(), std::ios::in | std::ios::out | std::ios::binary);
    all.seekp(at, at < 0 ? std::ios::end : std::ios::beg);
    all.put(to);
  }

  fs::path root_, folder_;
  std::string key_ = digest("some source");
};

TEST_F(kernel_cache, gives_back_what_was_written) {
  EXPECT_FALSE(read_cached(key_).has_value());
  const std::string code("code\0with zeros", 15);
  write_cached(key_, code);
  EXPECT_EQ(read_cached(key_), code);
  EXPECT_FALSE(read_cached(digest("other source")).has_value());
}

TEST_F(kernel_cache, is_private_and_leaves_nothing_half_written) {
  write_cached(key_, "code");
  struct stat info {};
  for (const fs::path& each : {folder_, root_ / "a"}) {
    ASSERT_EQ(stat(each.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700u) << each;
  }
  ASSERT_EQ(stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(kernel_cache, misses_what_is_corrupt) {
  const std::string code = "code that is long enough";
  for (const std::int64_t place : {0, 7, 9, 16, 30, -1}) {  // magic, version, length, checksum, key, code
    write_cached(key_, code);
    ASSERT_EQ(read_cached(key_), code);
    change(place, '\x7f');
    EXPECT_FALSE(read_cached(key_).has_value()) << place;
  }
  write_cached(key_, code);
  EXPECT_EQ(read_cached(key_), code);
  fs::resize_file(file(), fs::file_size(file()) - 1);
  EXPECT_FALSE(read_cached(key_).has_value());
  fs::resize_file(file(), 10);
  EXPECT_FALSE(read_cached(key_).has_value());
  fs::resize_file(file(), 0);
  EXPECT_FALSE(read_cached(key_).has_value());
  write_cached(key_, code);
  std::ofstream(file(), std::ios::app) << "more";
  EXPECT_FALSE(read_cached(key_).has_value());
}

TEST_F(kernel_cache, does_without_a_folder_it_cannot_use) {
  const std::ofstream in_the_way(root_ / "file");
  setenv("TESSERA_CACHE_DIR", (root_ / "file").c_str(), 1);
  write_cached(key_, "code");
  EXPECT_FALSE(read_cached(key_).has_value());
  setenv("TESSERA_CACHE_DIR", "/proc/nowhere", 1);
  write_cached(key_, "code");
  EXPECT_FALSE(read_cached(key_).has_value());
}

TEST_F(kernel_cache, trusts_no_folder_that_others_write) {
  write_cached(key_, "code");
  ASSERT_EQ(chmod(folder_.c_str(), 0777), 0);
  EXPECT_FALSE(read_cached(key_).has_value());
}

TEST_F(kernel_cache, is_turned_off_by_a_variable) {
  setenv("TESSERA_CUDA_CACHE", "0", 1);
  write_cached(key_, "code");
  EXPECT_FALSE(fs::exists(folder_));
  unsetenv("TESSERA_CUDA_CACHE");
}

TEST_F(kernel_cache, lies_where_the_user_keeps_caches) {
  unsetenv("TESSERA_CACHE_DIR");
  const char* const before = std::getenv("XDG_CACHE_HOME");
  const std::string kept = before != nullptr ? before : "";
  setenv("XDG_CACHE_HOME", root_.c_str(), 1);
  write_cached(key_, "code");
  EXPECT_TRUE(fs::exists(root_ / "tessera" / "cuda" / key_));
  if (before != nullptr) setenv("XDG_CACHE_HOME", kept.c_str(), 1);
  else unsetenv("XDG_CACHE_HOME");
}

TEST_F(kernel_cache, makes_a_kernel_once_for_many_threads) {
  constexpr int threads = 8;
  const int capability = context_of(0).capability();
  const cache_statistics before = kernel_cache_statistics();
  std::atomic<int> written{0}, failed{0};
  const kernel* found[threads] = {};
  const auto ask = [&](int i) {
    for (;;) {
      try {
        found[i] = &find_kernel("for many threads", capability, [&]() -> kernel_text {
          if (written++ == 0) throw device_error("the first one fails");
          return {"many_threads", "extern \"C\" __global__ void many_threads(int* x) { *x = 1; }"};
        });
        return;
      } catch (const device_error&) {
        ++failed;
      }
    }
  };
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) all.emplace_back(ask, i);
  for (std::thread& each : all) each.join();
  for (const kernel* const each : found) EXPECT_EQ(each, found[0]);
  EXPECT_EQ(failed, 1);
  EXPECT_EQ(written, 2);
  EXPECT_EQ(kernel_cache_statistics().compiled, before.compiled + 1);
}

TEST(kernel_digest, tells_texts_apart) {
  EXPECT_EQ(digest("a"), digest("a"));
  EXPECT_EQ(digest("a").size(), 32u);
  EXPECT_NE(digest("a"), digest(std::string("a\0", 2)));
  EXPECT_NE(digest("12345678a"), digest("12345678b"));
}

}  // namespace
}  // namespace tessera::detail::cuda
