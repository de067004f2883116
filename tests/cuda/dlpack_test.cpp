// DLPack on a GPU: order with the streams of others both ways, whose memory is whose, and what is refused.
//
// The other library is CUDA code of this test (others_kernels.cu). With CUDAEMU_ASYNC=1 nothing that was put on a stream runs
// before something waits for it, and the youngest stream first: who does not wait sees memory as it was before.
#include <algorithm>
#include <cstdio>
#include <optional>
#include <thread>

#include "array_values.hpp"
#include "cuda/device.hpp"
#include "cuda/others_memory.hpp"

namespace {

using namespace tessera;
using tessera_test::message_of;
using tessera_test::values;
using floats = std::vector<float>;

constexpr std::int64_t count = 1000;
const creation_options on_device = {.dtype = float32, .device = cuda()};

floats all_of(float value) { return floats(count, value); }
floats on_host(const array& x) { return values<float>(x.to(cpu())); }
array filled(float value) { return full({count}, value, on_device); }
float* data_of(const DLManagedTensorVersioned* t) { return static_cast<float*>(t->dl_tensor.data); }

class dlpack_on_gpu : public on_gpu {};

// ---- with one stream of ours; first, because a device that has seen two keeps order in any case

TEST_F(dlpack_on_gpu, an_owner_waits_for_our_only_stream) {
  const others::memory m(count);
  const others::stream theirs;
  others::fill(m.data(), count, 3, theirs);
  others::expect_success(cudaStreamSynchronize(theirs));
  others::offer t(m.data(), count);
  t.at_the_end = [&] {
    others::fill(m.data(), count, -1, theirs);
    others::expect_success(cudaStreamSynchronize(theirs));
  };
  const array y = from_dlpack(&t.tensor) * 2;
  EXPECT_EQ(t.deleted, 1);
  EXPECT_EQ(on_host(y), all_of(6));
}

TEST_F(dlpack_on_gpu, our_only_stream_waits_for_a_consumer_that_has_let_go) {
  if (backends()[1].devices < 2) GTEST_SKIP() << "one device, where there is a second stream already";
  others::expect_success(cudaSetDevice(1));
  const array x = full({count}, 1.f, {.dtype = float32, .device = cuda(1)});
  DLManagedTensorVersioned* const t = to_dlpack(x);
  others::scale(data_of(t), data_of(t), count, 10, 0, cudaStreamLegacy);
  t->deleter(t);
  others::expect_success(cudaSetDevice(0));
  EXPECT_EQ(on_host(x + 1), all_of(11));
}

// ---- order, for each kind of stream

enum class kind { legacy, per_thread, blocking, non_blocking };

class dlpack_order : public on_gpu, public testing::WithParamInterface<kind> {
 protected:
  void SetUp() override {
    on_gpu::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (GetParam() == kind::blocking) made_.emplace(cudaStreamDefault);
    if (GetParam() == kind::non_blocking) made_.emplace(cudaStreamNonBlocking);
    theirs = made_                        ? static_cast<cudaStream_t>(*made_)
             : GetParam() == kind::legacy ? cudaStreamLegacy
                                          : cudaStreamPerThread;
    number = made_ ? made_->number() : GetParam() == kind::legacy ? 1 : 2;
  }
  /// They may do so while their tensors live on.
  void destroy_stream() { made_.reset(); }

  cudaStream_t theirs = nullptr;
  std::intptr_t number = 0;  // as DLPack has it

 private:
  std::optional<others::stream> made_;
};
std::string name_of(const testing::TestParamInfo<kind>& info) {
  const char* const names[] = {"legacy", "per_thread", "blocking", "non_blocking"};
  return names[static_cast<int>(info.param)];
}
INSTANTIATE_TEST_SUITE_P(streams, dlpack_order,
                         testing::Values(kind::legacy, kind::per_thread, kind::blocking, kind::non_blocking), name_of);

TEST_P(dlpack_order, our_first_use_waits_for_the_producer) {
  const others::memory m(count);
  others::fill(m.data(), count, 3, theirs);
  others::offer t(m.data(), count);
  {
    const array x = from_dlpack(&t.tensor, {.stream = number});
    destroy_stream();
    EXPECT_EQ(x.device(), cuda());
    EXPECT_EQ(x.data(), m.data());
    const stream another(cuda());
    const stream_scope on(another);
    EXPECT_EQ(on_host(x * 2), all_of(6));
  }
  EXPECT_EQ(t.deleted, 1);
}

TEST_P(dlpack_order, the_consumer_waits_for_all_our_work) {
  const others::memory copied(count);
  array x, y;
  {
    const stream writing(cuda());
    const stream_scope on(writing);
    x = zeros({count}, on_device);
    for (int i = 0; i < 5; ++i) x += 1;
  }
  {
    const stream reading(cuda());
    const stream_scope on(reading);
    y = x * 3;
  }
  DLManagedTensorVersioned* const t = to_dlpack(x, {.stream = number});
  EXPECT_EQ(t->dl_tensor.data, x.data());
  others::scale(data_of(t), copied.data(), count, 10, 1, theirs);
  others::fill(data_of(t), count, -1, theirs);  // after what `reading` reads
  EXPECT_EQ(others::values(copied.data(), count, theirs), all_of(51));
  EXPECT_EQ(on_host(y), all_of(15));
  t->deleter(t);
}

TEST_P(dlpack_order, our_next_use_waits_for_a_consumer_that_has_let_go) {
  array x = filled(1);
  DLManagedTensorVersioned* const t = to_dlpack(x, {.stream = number});
  others::scale(data_of(t), data_of(t), count, 10, 0, theirs);
  t->deleter(t);
  destroy_stream();
  EXPECT_EQ(on_host(x + 1), all_of(11));
}

TEST_P(dlpack_order, memory_is_used_again_after_the_consumers_work) {
  const others::memory copied(count);
  array x = filled(5);
  DLManagedTensorVersioned* const t = to_dlpack(x, {.stream = number});
  x = array();
  others::scale(data_of(t), copied.data(), count, 1, 0, theirs);
  t->deleter(t);
  const array again = filled(7);
  synchronize(cuda());
  EXPECT_EQ(others::values(copied.data(), count, theirs), all_of(5));
  EXPECT_EQ(on_host(again), all_of(7));
}

TEST_P(dlpack_order, a_copy_for_the_consumer_is_there_on_its_stream) {
  const array x = full({count}, 4.f, {.dtype = float32, .device = cpu()});
  const tessera_test::owned t(to_dlpack(x, {.device = cuda(), .stream = number}));
  EXPECT_EQ(t->flags, 2u);
  EXPECT_EQ(t.t().device.type, 2);
  others::scale(data_of(t.tensor), data_of(t.tensor), count, 2, 0, theirs);
  EXPECT_EQ(others::values(data_of(t.tensor), count, theirs), all_of(8));
}

TEST_P(dlpack_order, a_copy_to_the_host_waits_for_the_producer_and_lets_go_at_once) {
  const others::memory m(count);
  others::fill(m.data(), count, 3, theirs);
  others::offer t(m.data(), count);
  const array x = from_dlpack(&t.tensor, {.device = cpu(), .stream = number});
  EXPECT_EQ(t.deleted, 1);
  EXPECT_EQ(values<float>(x), all_of(3));
}

TEST_P(dlpack_order, the_host_waits_for_what_it_can_read_itself) {
  for (const auto& [of, type] :
       {std::pair(others::memory::kind::pinned, 3), std::pair(others::memory::kind::managed, 13)}) {
    const others::memory m(count, of);
    others::fill(m.data(), count, 3, theirs);
    others::offer t(m.data(), count, {type, 0});
    {
      const array x = from_dlpack(&t.tensor, {.device = cpu(), .stream = number});
      EXPECT_EQ(x.data(), m.data());
      EXPECT_EQ(values<float>(x), all_of(3));
    }
    EXPECT_EQ(t.deleted, 1);
  }
}

// ---- whose memory it is

TEST_F(dlpack_on_gpu, an_owner_gets_memory_back_when_our_last_use_is_over) {
  const others::memory m(count);
  const others::stream theirs;
  others::fill(m.data(), count, 3, theirs);
  others::offer t(m.data(), count);
  t.at_the_end = [&] {
    others::fill(m.data(), count, -1, theirs);
    others::expect_success(cudaStreamSynchronize(theirs));
  };
  array y, z;
  {
    const array x = from_dlpack(&t.tensor, {.stream = theirs.number()});
    y = x * 2;
    const stream another(cuda());
    const stream_scope on(another);
    z = x * 3;
  }
  EXPECT_EQ(t.deleted, 1);
  EXPECT_EQ(on_host(y), all_of(6));
  EXPECT_EQ(on_host(z), all_of(9));
}

TEST_F(dlpack_on_gpu, an_owner_gets_memory_back_after_those_we_gave_it_to) {
  const others::memory m(count), copied(count);
  const others::stream theirs;
  others::fill(m.data(), count, 3, theirs);
  others::offer t(m.data(), count);
  t.at_the_end = [&] {
    others::fill(m.data(), count, -1, theirs);
    others::expect_success(cudaStreamSynchronize(theirs));
  };
  DLManagedTensorVersioned* const on = to_dlpack(from_dlpack(&t.tensor, {.stream = theirs.number()}), {.stream = 1});
  others::scale(data_of(on), copied.data(), count, 2, 0, cudaStreamLegacy);
  EXPECT_EQ(t.deleted, 0);
  on->deleter(on);
  EXPECT_EQ(t.deleted, 1);
  EXPECT_EQ(others::values(copied.data(), count, cudaStreamLegacy), all_of(6));
}

TEST_F(dlpack_on_gpu, order_holds_where_imports_overlap) {
  const others::memory m(3 * count);
  others::fill(m.data(), 3 * count, 1, cudaStreamLegacy);
  others::offer left(m.data(), 2 * count), right(m.data() + count, 2 * count), inside(m.data() + count / 2, count);
  array a = from_dlpack(&left.tensor, {.stream = 1}), b = from_dlpack(&right.tensor, {.stream = 1});
  const stream first(cuda()), second(cuda());
  const auto write = [](const stream& to, array part) {
    const stream_scope on(to);
    part += 10;
  };
  const auto doubled = [](const stream& to, const array& part) {
    const stream_scope on(to);
    return on_host(part * 2);
  };
  write(first, a(slice(count, none)));
  EXPECT_EQ(doubled(second, b(slice(none, count))), all_of(22));
  write(second, b(slice(none, count)));
  EXPECT_EQ(doubled(first, a(slice(count, none))), all_of(42));
  write(first, b);
  array c = from_dlpack(&inside.tensor);
  EXPECT_EQ(on_host(c(slice(count / 2, none))), floats(count / 2, 31));
  a = array();
  EXPECT_EQ(left.deleted, 1);
  write(first, c(slice(count / 2, none)));
  EXPECT_EQ(doubled(second, b(slice(none, count / 2))), floats(count / 2, 82));
  b = array();
  c = array();
  EXPECT_EQ(right.deleted, 1);
  EXPECT_EQ(inside.deleted, 1);
}

TEST_F(dlpack_on_gpu, order_holds_where_our_own_memory_comes_back) {
  synchronize(cuda());
  const std::int64_t before = memory_stats(cuda()).bytes_in_use;
  const stream first(cuda()), second(cuda());
  array y;
  {
    const array x = zeros({2 * count}, on_device);
    y = from_dlpack(to_dlpack(x(slice(count, none)), {.stream = 1}), {.stream = 1});
    EXPECT_EQ(y.data(), static_cast<const float*>(x.data()) + count);
    {
      const stream_scope on(first);
      y += 1;
    }
    const stream_scope on(second);
    EXPECT_EQ(on_host(x(slice(count, none)) * 2), all_of(2));
  }
  EXPECT_EQ(on_host(y), all_of(1));
  y = array();
  EXPECT_EQ(memory_stats(cuda()).bytes_in_use, before);
}

TEST_F(dlpack_on_gpu, a_consumer_may_use_a_stream_of_ours) {
  const stream another(cuda());
  for (const bool own : {true, false}) {
    const stream made(cuda());
    const auto theirs = static_cast<cudaStream_t>(own ? current_stream(cuda()) : made.native());
    const array x = filled(1);
    {
      const stream_scope on(another);
      EXPECT_EQ(on_host(x), all_of(1));  // it need not wait for the first write again
    }
    DLManagedTensorVersioned* const t = to_dlpack(x, {.stream = reinterpret_cast<std::intptr_t>(theirs)});
    others::scale(data_of(t), data_of(t), count, 10, 0, theirs);
    t->deleter(t);
    const stream_scope on(another);
    EXPECT_EQ(on_host(x + 1), all_of(11));
  }
}

TEST_F(dlpack_on_gpu, without_a_stream_the_consumers_of_the_default_one_are_waited_for_at_the_end) {
  const others::memory copied(count);
  array x = filled(5);
  synchronize(cuda());
  DLManagedTensorVersioned* const t = to_dlpack(x, {.stream = -1});
  x = array();
  others::scale(data_of(t), copied.data(), count, 1, 0, cudaStreamLegacy);
  t->deleter(t);
  const array again = filled(7);
  synchronize(cuda());
  EXPECT_EQ(others::values(copied.data(), count, cudaStreamLegacy), all_of(5));
  EXPECT_EQ(on_host(again), all_of(7));
}

TEST_F(dlpack_on_gpu, every_kind_of_memory_comes_in_and_is_named_again) {
  using of = others::memory::kind;
  const struct {
    of kind;
    int type;
    device on;
  } cases[] = {
      {of::device, 2, cuda()}, {of::stream_ordered, 2, cuda()}, {of::managed, 13, cuda()}, {of::pinned, 3, cpu()}};
  for (const auto& c : cases) {
    const others::memory m(count, c.kind);
    others::fill(m.data(), count, 3, cudaStreamLegacy);
    others::offer t(m.data(), count, {c.type, 0});
    {
      array x = from_dlpack(&t.tensor, {.stream = 1});
      EXPECT_EQ(x.device(), c.on);
      EXPECT_EQ(dlpack_device_of(x), (dlpack_device{c.type, 0}));
      x += 1;
      const tessera_test::owned again(to_dlpack(x));
      EXPECT_EQ(again.t().device.type, c.type);
      EXPECT_EQ(again.t().data, m.data());
      EXPECT_EQ(on_host(x), all_of(4));
    }
    EXPECT_EQ(t.deleted, 1);
    EXPECT_EQ(others::values(m.data(), count, cudaStreamLegacy), all_of(4));
  }
}

TEST_F(dlpack_on_gpu, memory_of_a_gpu_may_be_called_plain_pinned_or_managed) {
  using of = others::memory::kind;
  for (const of kind : {of::managed, of::pinned}) {  // kernels reach both
    const others::memory m(count, kind);
    others::fill(m.data(), count, 3, cudaStreamLegacy);
    others::offer t(m.data(), count);
    EXPECT_EQ(on_host(from_dlpack(&t.tensor, {.stream = 1}) * 2), all_of(6));
    EXPECT_EQ(t.deleted, 1);
  }
}

TEST_F(dlpack_on_gpu, another_device_works_as_the_first) {
  if (backends()[1].devices < 2) GTEST_SKIP() << "one device";
  others::expect_success(cudaSetDevice(1));
  {
    const others::memory m(count);
    others::fill(m.data(), count, 3, cudaStreamLegacy);
    others::expect_success(cudaSetDevice(0));
    others::offer t(m.data(), count, {2, 1});
    const array x = from_dlpack(&t.tensor, {.stream = 1});
    EXPECT_EQ(x.device(), cuda(1));
    EXPECT_EQ(dlpack_device_of(x), (dlpack_device{2, 1}));
    EXPECT_EQ(on_host(x.to(cuda(0)) + 1), all_of(4));
    const tessera_test::owned moved(to_dlpack(x, {.device = cuda(0), .stream = 1}));
    EXPECT_EQ(moved.t().device.index, 0);
    EXPECT_EQ(others::values(data_of(moved.tensor), count, cudaStreamLegacy), all_of(3));
  }
  int current = 1;
  others::expect_success(cudaGetDevice(&current));
  EXPECT_EQ(current, 0);
}

TEST_F(dlpack_on_gpu, threads_hand_arrays_to_each_other) {
  const std::int64_t before = memory_stats(cuda()).bytes_in_use;
  std::vector<std::thread> threads;
  std::vector<int> right(4, 0);
  for (int& mine : right) {
    threads.emplace_back([&mine] {
      for (int i = 0; i < 20; ++i) {
        const array x = filled(static_cast<float>(i));
        array back = from_dlpack(to_dlpack(x, {.stream = 2}), {.stream = 2});
        std::thread([&] { back += 1; }).join();
        mine += on_host(x) == all_of(static_cast<float>(i + 1));
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(right, std::vector<int>(4, 20));
  EXPECT_EQ(memory_stats(cuda()).bytes_in_use, before);
}

// ---- what is refused; the tensor stays the caller's

std::string hex(const void* address) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx",
                static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(address)));
  return text;
}

std::string refusal(others::offer& t) {
  const std::string text = message_of<device_error>([&] { from_dlpack(&t.tensor, {.stream = 1}); });
  EXPECT_EQ(t.deleted, 0);
  return text;
}

TEST_F(dlpack_on_gpu, memory_that_cuda_does_not_know_is_refused) {
  floats host(count);
  others::offer on_host(host.data(), count);
  EXPECT_EQ(refusal(on_host), "from_dlpack: the tensor is said to be on cuda:0, but its memory at " + hex(host.data()) +
                                  " is not known to CUDA: host memory, or freed");
  float* freed = others::memory(count).data();
  others::offer late(freed, count);
  EXPECT_EQ(refusal(late), "from_dlpack: the tensor is said to be on cuda:0, but its memory at " + hex(freed) +
                               " is not known to CUDA: host memory, or freed");
  const others::memory m(count);
  const std::int64_t too_many = std::int64_t{1} << 40;
  others::offer long_one(m.data(), too_many);
  EXPECT_EQ(refusal(long_one), "from_dlpack: the tensor is said to be on cuda:0, but its memory at " +
                                   hex(reinterpret_cast<std::byte*>(m.data() + too_many) - 1) +
                                   " is not known to CUDA: host memory, or freed");
}

TEST_F(dlpack_on_gpu, memory_of_another_device_is_refused) {
  if (backends()[1].devices < 2) GTEST_SKIP() << "one device";
  const others::memory m(count);
  others::offer t(m.data(), count, {2, 1});
  EXPECT_EQ(refusal(t),
            "from_dlpack: the tensor is said to be on cuda:1, but its memory at " + hex(m.data()) + " is on cuda:0");
}

TEST_F(dlpack_on_gpu, a_tensor_beyond_an_array_of_ours_is_refused) {
  const array x = filled(1), y = filled(2);
  const auto [low, high] = std::minmax({static_cast<const float*>(x.data()), static_cast<const float*>(y.data())});
  others::offer t(const_cast<float*>(low), high - low + 1);
  EXPECT_EQ(refusal(t), "from_dlpack: the tensor's " + std::to_string((high - low + 1) * 4) + " bytes at " + hex(low) +
                            " reach beyond the 4096 at " + hex(low) + " of an array on cuda:0");
  EXPECT_EQ(on_host(x + y), all_of(3));
}

TEST_F(dlpack_on_gpu, what_takes_a_copy_is_refused_where_none_may_be_made) {
  const others::memory m(count);
  others::offer t(m.data(), count);
  EXPECT_EQ(message_of<dlpack_error>([&] { from_dlpack(&t.tensor, {.device = cpu(), .copy = copying::never}); }),
            "from_dlpack: the tensor is on cuda:0, not on cpu: that takes a copy, which copying::never rules out");
  EXPECT_EQ(t.deleted, 0);
  EXPECT_EQ(message_of<dlpack_error>([] { to_dlpack(filled(1), {.device = cpu(), .copy = copying::never}); }),
            "to_dlpack: the array is on cuda:0, not on cpu: that takes a copy, which copying::never rules out");
}

TEST_F(dlpack_on_gpu, stream_0_could_be_either_default_one) {
  const others::memory m(count);
  others::offer t(m.data(), count);
  const std::string why =
      ": stream 0 is not defined; expected 1 (the legacy default stream), 2 (the calling thread's), -1 (no "
      "synchronisation) or a cudaStream_t";
  EXPECT_EQ(message_of<dlpack_error>([&] { from_dlpack(&t.tensor, {.stream = 0}); }), "from_dlpack" + why);
  EXPECT_EQ(t.deleted, 0);
  EXPECT_EQ(message_of<dlpack_error>([] { to_dlpack(filled(1), {.stream = 0}); }), "to_dlpack" + why);
}

}  // namespace
