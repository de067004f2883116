// Streams and events: order across streams, lifetime of memory, and the same interface on the host.
#include "tessera/stream.hpp"

#include <thread>

#include "array_values.hpp"
#include "cuda/device.hpp"

namespace {

using namespace tessera;
using tessera_test::values;

class streams_on_gpu : public on_gpu {};

TEST(streams, of_the_host_are_the_calling_thread) {
  const stream s(cpu());
  const stream_scope on(s);
  const array x = ones({3});
  const event e = s.record();
  EXPECT_TRUE(e.done());
  e.wait();
  s.wait_for(e);
  s.synchronize();
  synchronize(cpu());
  EXPECT_EQ(s.native(), nullptr);
  EXPECT_EQ(current_stream(cpu()), nullptr);
  EXPECT_EQ(values<double>(x), (std::vector<double>{1, 1, 1}));
}

TEST_F(streams_on_gpu, see_what_others_have_written) {
  const stream first(cuda()), second(cuda());
  array x;
  {
    const stream_scope on(first);
    x = zeros({1000}, {.dtype = float32, .device = cuda()});
    for (int i = 0; i < 5; ++i) x += 1;
  }
  array y;
  {
    const stream_scope on(second);
    y = x * 2;
  }
  {
    const stream_scope on(first);
    x += 100;  // after what `second` reads
  }
  EXPECT_EQ(values<float>(y.to(cpu())), std::vector<float>(1000, 10));
  EXPECT_EQ(values<float>(x.to(cpu())), std::vector<float>(1000, 105));
}

TEST_F(streams_on_gpu, keep_memory_until_the_last_use_is_over) {
  const stream other(cuda());
  array y;
  {
    array x = full({4096}, 3.f, {.dtype = float32, .device = cuda()});
    const stream_scope on(other);
    y = x + 1;
  }  // x goes while `other` may still read it
  array again = full({4096}, 7.f, {.dtype = float32, .device = cuda()});
  EXPECT_EQ(values<float>(y.to(cpu())), std::vector<float>(4096, 4));
  EXPECT_EQ(values<float>(again.to(cpu())), std::vector<float>(4096, 7));
}

TEST_F(streams_on_gpu, of_threads_are_their_own_and_hand_arrays_over) {
  array x;
  std::thread([&] { x = full({100}, 2.f, {.dtype = float32, .device = cuda()}); }).join();
  EXPECT_EQ(values<float>((x * 3).eval().to(cpu())), std::vector<float>(100, 6));
}

TEST_F(streams_on_gpu, say_which_one_is_current) {
  void* const own = current_stream(cuda());
  EXPECT_NE(own, nullptr);
  void* elsewhere = own;
  std::thread([&] { elsewhere = current_stream(cuda()); }).join();
  EXPECT_NE(elsewhere, own);
  const stream s(cuda());
  {
    const stream_scope on(s);
    EXPECT_EQ(current_stream(cuda()), s.native());
  }
  EXPECT_EQ(current_stream(cuda()), own);
}

TEST_F(streams_on_gpu, record_events_that_are_waited_for) {
  const stream s(cuda());
  EXPECT_NE(s.native(), nullptr);
  EXPECT_EQ(s.device(), cuda());
  array x;
  {
    const stream_scope on(s);
    x = ones({10}, {.device = cuda()});
  }
  const event e = s.record();
  e.wait();
  EXPECT_TRUE(e.done());
  const stream later(cuda());
  later.wait_for(e);
  later.synchronize();
  synchronize(cuda());
  EXPECT_EQ(values<double>(x.to(cpu())), std::vector<double>(10, 1));
}

}  // namespace
