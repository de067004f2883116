// Many threads at one device, and two devices: each thread has its own streams, and arrays pass between them.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "array_values.hpp"
#include "cuda/device.hpp"
#include "tessera/stream.hpp"

namespace {

using namespace tessera;
using tessera_test::values;

class threads_on_gpu : public on_gpu {};

constexpr int thread_count = 6;

/// Runs work(i) on threads of its own at once; the first exception's text, or nothing.
template <class F> std::string at_once(F work) {
  std::atomic<int> waiting{thread_count};
  std::vector<std::string> problems(thread_count);
  std::vector<std::thread> threads;
  for (int i = 0; i < thread_count; ++i) {
    threads.emplace_back([&, i] {
      --waiting;
      while (waiting > 0) std::this_thread::yield();
      try {
        work(i);
      } catch (const std::exception& e) {
        problems[static_cast<std::size_t>(i)] = e.what();
      }
    });
  }
  for (std::thread& t : threads) t.join();
  for (const std::string& problem : problems) {
    if (!problem.empty()) return problem;
  }
  return "";
}

array filled(double value, std::int64_t count = 1000) {
  return full({count}, value, {.dtype = float32, .device = cuda()});
}
std::vector<float> on_host(const array& x) { return values<float>(x.to(cpu())); }

TEST_F(threads_on_gpu, compute_on_streams_of_their_own_with_arrays_they_share) {
  const array shared = filled(3);
  std::vector<std::vector<float>> results(thread_count);
  EXPECT_EQ(at_once([&](int i) {
              array x = shared + i;
              for (int step = 0; step < 4; ++step) x += shared;
              results[static_cast<std::size_t>(i)] = on_host(x);
            }),
            "");
  for (int i = 0; i < thread_count; ++i) {
    EXPECT_EQ(results[static_cast<std::size_t>(i)], std::vector<float>(1000, static_cast<float>(15 + i)));
  }
  EXPECT_EQ(on_host(shared), std::vector<float>(1000, 3));
}

// Nobody waits between the links: each thread's work follows what the one before has only asked for.
TEST_F(threads_on_gpu, hand_arrays_on_from_one_to_the_next) {
  array x = filled(0);
  for (int i = 0; i < 20; ++i) {
    std::thread([&] {
      const array before = std::move(x);  // freed by this thread, made by another
      x = before + 1;
    }).join();
  }
  EXPECT_EQ(on_host(x), std::vector<float>(1000, 20));
}

TEST_F(threads_on_gpu, free_what_others_have_made_and_still_read) {
  std::vector<std::vector<float>> results(thread_count);
  for (int round = 0; round < 4; ++round) {
    std::vector<array> given(thread_count);
    for (int i = 0; i < thread_count; ++i) given[static_cast<std::size_t>(i)] = filled(i);
    EXPECT_EQ(at_once([&](int i) {
                const auto mine = static_cast<std::size_t>(i);
                array x = std::move(given[mine]);
                const array y = x * 2;
                x = array();  // its memory may be the next one's at once
                const array other = filled(-1);
                results[mine] = on_host(y + other);
              }),
              "");
    for (int i = 0; i < thread_count; ++i) {
      EXPECT_EQ(results[static_cast<std::size_t>(i)], std::vector<float>(1000, static_cast<float>(2 * i - 1)));
    }
  }
}

// An expression that no other test has: all threads need its kernel for the first time.
TEST_F(threads_on_gpu, compile_one_kernel_at_once) {
  const array x = filled(2);
  EXPECT_EQ(at_once([&](int) {
              const std::vector<float> y = on_host(((x * 3 - 1) * x + x * x * x - 4) * (x - 7));
              if (y != std::vector<float>(1000, -70)) throw std::runtime_error(std::to_string(y[0]));
            }),
            "");
}

TEST_F(threads_on_gpu, share_one_limit_of_memory) {
  release_cached_memory(cuda());
  const std::int64_t before = memory_stats(cuda()).bytes_in_use, megabyte = 1 << 20;
  const std::int64_t no_limit = set_memory_limit(before + 4 * megabyte, cuda());
  reset_peak_memory(cuda());
  std::atomic<int> refused{0}, given{0};
  EXPECT_EQ(at_once([&](int) {
              std::vector<array> kept;
              for (int i = 0; i < 4; ++i) {
                try {
                  kept.push_back(zeros({megabyte}, {.dtype = int8, .device = cuda()}));
                  ++given;
                } catch (const out_of_memory&) {
                  ++refused;
                }
              }
            }),
            "");
  EXPECT_EQ(given + refused, 4 * thread_count);
  EXPECT_GE(given, 4);
  EXPECT_LE(memory_stats(cuda()).peak_bytes_in_use, before + 4 * megabyte);
  EXPECT_EQ(memory_stats(cuda()).bytes_in_use, before);
  set_memory_limit(no_limit, cuda());
}

TEST_F(threads_on_gpu, give_memory_back_while_others_allocate) {
  std::atomic<bool> over{false};
  std::thread trimmer([&] {
    while (!over) release_cached_memory(cuda());
  });
  EXPECT_EQ(at_once([&](int i) {
              for (int round = 0; round < 10; ++round) {
                const std::vector<float> y = on_host(filled(i) + round);
                if (y != std::vector<float>(1000, static_cast<float>(i + round))) throw std::runtime_error("wrong");
              }
            }),
            "");
  over = true;
  trimmer.join();
}

TEST_F(threads_on_gpu, use_streams_that_are_dropped_with_work_on_them) {
  std::vector<std::vector<float>> results(thread_count);
  EXPECT_EQ(at_once([&](int i) {
              array x = filled(i);
              for (int round = 0; round < 5; ++round) {
                const stream passing(cuda());
                const stream_scope on(passing);
                x = x + 1;
              }  // gone, and perhaps another thread's next
              results[static_cast<std::size_t>(i)] = on_host(x);
            }),
            "");
  for (int i = 0; i < thread_count; ++i) {
    EXPECT_EQ(results[static_cast<std::size_t>(i)], std::vector<float>(1000, static_cast<float>(i + 5)));
  }
}

TEST_F(threads_on_gpu, wait_for_events_of_others) {
  const stream producer(cuda());
  array x;
  {
    const stream_scope on(producer);
    x = filled(1) + 1;
  }
  const event made = producer.record();
  EXPECT_EQ(at_once([&](int) {
              const stream mine(cuda());
              mine.wait_for(made);
              const stream_scope on(mine);
              if (on_host(x) != std::vector<float>(1000, 2)) throw std::runtime_error("wrong");
              made.wait();
              if (!made.done()) throw std::runtime_error("not done after waiting");
            }),
            "");
}

TEST_F(threads_on_gpu, copy_between_two_devices_both_ways) {
  if (backends()[1].devices < 2) GTEST_SKIP() << "one GPU only";
  std::vector<std::vector<float>> results(thread_count);
  EXPECT_EQ(at_once([&](int i) {
              array x = full({50, 40}, i, {.dtype = float32, .device = cuda(i % 2)});
              for (int round = 0; round < 4; ++round) {
                x = x.T().to(cuda((i + round + 1) % 2)) + 1;  // strided here, made anew there
              }
              results[static_cast<std::size_t>(i)] = on_host(x);
            }),
            "");
  for (int i = 0; i < thread_count; ++i) {
    EXPECT_EQ(results[static_cast<std::size_t>(i)], std::vector<float>(2000, static_cast<float>(i + 4)));
  }
  EXPECT_EQ(memory_stats(cuda(1)).bytes_in_use, 0);
}

}  // namespace
