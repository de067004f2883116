// The library in a module that a running program loads: its thread-local memory has a place, and threads may outlive it.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace {

using function = double (*)(int);

struct module {
  void* handle = ::dlopen(TESSERA_TEST_MODULE, RTLD_NOW | RTLD_LOCAL);
  function sum_of_squares = handle ? reinterpret_cast<function>(::dlsym(handle, "sum_of_squares")) : nullptr;
};

TEST(loading, works_while_the_program_runs_and_on_threads_that_were_there_before) {
  ASSERT_EQ(::dlsym(RTLD_DEFAULT, "_ZN7tessera11num_threadsEv"), nullptr) << "the library is there already";
  std::atomic<function> loaded{nullptr};
  std::atomic<bool> done{false};
  std::thread older([&] {
    while (!loaded) std::this_thread::yield();
    EXPECT_EQ(loaded.load()(4), 14.0);
    done = true;
  });
  const module m;
  ASSERT_NE(m.handle, nullptr) << ::dlerror();
  EXPECT_EQ(m.sum_of_squares(3), 5.0);
  loaded = m.sum_of_squares;
  older.join();
  EXPECT_TRUE(done);
}

TEST(loading, lets_threads_end_after_the_module_was_closed) {
  module m;
  ASSERT_NE(m.handle, nullptr);
  std::atomic<int> computed{0};
  std::atomic<bool> closed{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      EXPECT_EQ(m.sum_of_squares(5), 30.0);
      ++computed;
      while (!closed) std::this_thread::yield();
    });
  }
  while (computed < 3) std::this_thread::yield();
  EXPECT_EQ(::dlclose(m.handle), 0);
  closed = true;
  for (std::thread& t : threads) t.join();
}

}  // namespace
