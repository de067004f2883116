// DLPack on the host: what the structs say, who owns what, which strides cross, and what is refused in which words.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "array_values.hpp"
#include "ops/dlpack_tensors.hpp"

using namespace tessera;
using tessera_test::legacy;
using tessera_test::message_of;
using tessera_test::owned;
using tessera_test::values;
using tessera_test::versioned;
namespace dlpack = tessera::detail::dlpack;

namespace {

using ints = std::vector<std::int64_t>;
using floats = std::vector<float>;

// ---- to_dlpack

TEST(to_dlpack, shares_the_elements_and_says_what_they_are) {
  const array a = zeros({2, 3}, int32);
  const owned t(to_dlpack(a));
  EXPECT_EQ(t->version.major, 1u);
  EXPECT_EQ(t->version.minor, 3u);
  EXPECT_EQ(t->flags, 0u);
  EXPECT_EQ(t.t().data, a.data());
  EXPECT_EQ(t.t().device.type, 1);
  EXPECT_EQ(t.t().device.index, 0);
  EXPECT_EQ(t.t().byte_offset, 0u);
  EXPECT_EQ(t.shape(), (ints{2, 3}));
  EXPECT_EQ(t.strides(), (ints{3, 1}));
  const owned old(to_dlpack_legacy(a));
  EXPECT_EQ(old.t().data, a.data());
  EXPECT_EQ(old.strides(), (ints{3, 1}));
}

TEST(to_dlpack, has_a_code_for_every_dtype) {
  struct row {
    dtype type;
    int code, bits;
  };
  const row rows[] = {{bool_, 6, 8},    {int8, 0, 8},     {int16, 0, 16},    {int32, 0, 32},     {int64, 0, 64},
                      {uint8, 1, 8},    {uint16, 1, 16},  {uint32, 1, 32},   {uint64, 1, 64},    {float16, 2, 16},
                      {float32, 2, 32}, {float64, 2, 64}, {bfloat16, 4, 16}, {complex64, 5, 64}, {complex128, 5, 128}};
  ASSERT_EQ(std::size(rows), static_cast<std::size_t>(dtype_count - 1));
  for (const row& r : rows) {
    const array a = zeros({2}, r.type);
    DLManagedTensorVersioned* const t = to_dlpack(a);
    EXPECT_EQ(t->dl_tensor.dtype.code, r.code) << r.type.name();
    EXPECT_EQ(t->dl_tensor.dtype.bits, r.bits) << r.type.name();
    EXPECT_EQ(t->dl_tensor.dtype.lanes, 1) << r.type.name();
    const array back = from_dlpack(t);
    EXPECT_EQ(back.dtype(), r.type);
    EXPECT_EQ(back.data(), a.data());
  }
}

TEST(to_dlpack, keeps_the_elements_alive_and_lets_go_of_them) {
  int freed = 0;
  float memory[2] = {1, 2};
  const auto count = [](void* n) { ++*static_cast<int*>(n); };
  DLManagedTensorVersioned* t = to_dlpack(from_pointer(memory, {2}, float32, {.free = count, .context = &freed}));
  EXPECT_EQ(freed, 0);
  std::thread([t] { t->deleter(t); }).join();
  EXPECT_EQ(freed, 1);
}

/// Lets go of a struct and of an array over one when static objects are destroyed.
struct until_the_end {
  ~until_the_end() {
    if (!tensor) return;
    tensor->deleter(tensor);
    kept = {};
    std::fputs("let go", stderr);
  }
  DLManagedTensorVersioned* tensor = nullptr;
  array kept;
};

TEST(to_dlpack, may_be_deleted_while_the_program_ends) {
  EXPECT_EXIT(
      {
        static until_the_end last;
        last.tensor = to_dlpack(zeros({1000, 1000}));
        last.kept = from_dlpack(to_dlpack(zeros({3})));
        std::exit(0);
      },
      testing::ExitedWithCode(0), "let go");
}

TEST(to_dlpack, of_a_view_points_at_its_first_element) {
  const array a = arange(24).astype(float32);
  const array view = reshape(a, {4, 6})(slice(1, none, 2), slice(2, none));
  const owned t(to_dlpack(view));
  EXPECT_EQ(t.t().data, view.data());
  EXPECT_EQ(t.shape(), (ints{2, 4}));
  EXPECT_EQ(t.strides(), (ints{12, 1}));
  EXPECT_EQ(owned(to_dlpack(reshape(a, {4, 6}).T())).strides(), (ints{1, 6}));
}

TEST(to_dlpack, of_no_elements_has_no_data) {
  const owned none_at_all(to_dlpack(array()));
  EXPECT_EQ(none_at_all.t().data, nullptr);
  EXPECT_EQ(none_at_all.shape(), (ints{0}));
  EXPECT_EQ(none_at_all.strides(), (ints{1}));
  const owned t(to_dlpack(zeros({2, 0, 3})(slice(none, none, -1))));
  EXPECT_EQ(t.t().data, nullptr);
  EXPECT_EQ(t.strides(), (ints{3, 3, 1}));
  array a = zeros({3}), moved = std::move(a);
  EXPECT_EQ(owned(to_dlpack(a)).shape(), (ints{0}));
}

TEST(to_dlpack, of_one_number_has_no_axes) {
  const array a = 5;
  const owned t(to_dlpack(a));
  EXPECT_EQ(t.t().ndim, 0);
  EXPECT_EQ(*static_cast<const std::int32_t*>(t.t().data), 5);
}

TEST(to_dlpack, takes_as_many_axes_as_there_can_be) {
  const array a = zeros(shape::filled(max_ndim, 1), int8);
  DLManagedTensorVersioned* const t = to_dlpack(a);
  EXPECT_EQ(t->dl_tensor.ndim, max_ndim);
  EXPECT_EQ(from_dlpack(t).shape(), a.shape());
}

TEST(to_dlpack, of_an_expression_runs_it) {
  const owned t(to_dlpack(array({1, 2}) + 1));
  EXPECT_EQ(static_cast<const std::int64_t*>(t.t().data)[1], 3);
}

TEST(to_dlpack, says_what_is_read_only) {
  const array a = zeros({3});
  EXPECT_EQ(owned(to_dlpack(a.readonly()))->flags, dlpack::read_only);
  EXPECT_EQ(owned(to_dlpack(a.readonly(), {.copy = copying::always}))->flags, dlpack::is_copied);
  EXPECT_EQ(
      message_of<dlpack_error>([&] { to_dlpack_legacy(a.readonly()); }),
      "to_dlpack_legacy: the array is read-only, which a struct of DLPack before 1.0 cannot say; use to_dlpack or "
      "copying::always");
  const owned copy(to_dlpack_legacy(a.readonly(), {.copy = copying::always}));
  EXPECT_NE(copy.t().data, a.data());
}

TEST(to_dlpack, hands_out_repeated_elements_as_they_are) {
  const array a = broadcast_to(array({1.0, 2.0}), {3, 2});
  const owned t(to_dlpack(a));
  EXPECT_EQ(t.t().data, a.data());
  EXPECT_EQ(t.strides(), (ints{0, 1}));
  EXPECT_EQ(t->flags, a.flags().writeable ? 0u : dlpack::read_only);
}

TEST(to_dlpack, copies_when_asked_and_says_so) {
  const array a = arange(6), f = reshape(a, {2, 3}).T();
  const owned t(to_dlpack(f, {.copy = copying::always}));
  EXPECT_NE(t.t().data, a.data());
  EXPECT_EQ(t->flags, dlpack::is_copied);
  EXPECT_EQ(t.strides(), (ints{1, 3})) << "memory order is kept";
  EXPECT_EQ(std::memcmp(t.t().data, a.data(), 48), 0);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(t.t().data) % 64, 0u);
}

TEST(to_dlpack, copies_what_consumers_cannot_walk) {
  const array a = arange(6);
  const array backwards = a(slice(none, none, -1));
  const owned t(to_dlpack(backwards));
  EXPECT_EQ(t->flags, dlpack::is_copied);
  EXPECT_EQ(t.strides(), (ints{1}));
  EXPECT_EQ(static_cast<const std::int64_t*>(t.t().data)[0], 5);
  EXPECT_EQ(
      message_of<dlpack_error>([&] { to_dlpack(backwards, {.copy = copying::never}); }),
      "to_dlpack: axis 0 has a stride of -8 bytes, which is negative: that takes a copy, which copying::never rules "
      "out");

  alignas(8) std::byte memory[64] = {};
  const array uneven = from_pointer(memory, {2, 2}, float64, {.strides = {20, 8}});
  EXPECT_EQ(owned(to_dlpack(uneven)).strides(), (ints{2, 1}));
  EXPECT_EQ(
      message_of<dlpack_error>([&] { to_dlpack(uneven, {.copy = copying::never}); }),
      "to_dlpack: axis 0 has a stride of 20 bytes, which is no multiple of the itemsize 8: that takes a copy, which "
      "copying::never rules out");
  const array misaligned = from_pointer(memory + 1, {2}, float32);
  EXPECT_EQ(owned(to_dlpack(misaligned))->flags, dlpack::is_copied);
  EXPECT_EQ(message_of<dlpack_error>([&] { to_dlpack_legacy(misaligned, {.copy = copying::never}); }),
            "to_dlpack_legacy: the elements are misaligned: that takes a copy, which copying::never rules out");
}

TEST(to_dlpack, does_not_mind_strides_that_are_never_walked) {
  const array a = arange(6);
  const array last = reshape(a, {2, 3})(slice(none, none, -2));  // shape (1, 3), strides (-48, 8)
  ASSERT_EQ(last.strides()[0], -48);
  const owned t(to_dlpack(last, {.copy = copying::never}));
  EXPECT_EQ(t.t().data, last.data());
  EXPECT_EQ(t.strides(), (ints{3, 1}));
}

TEST(to_dlpack, is_at_most_of_the_version_asked_for) {
  const array a = zeros({3});
  const auto version = [&](std::uint32_t major, std::uint32_t minor) {
    const owned t(to_dlpack(a, {.max_version = {major, minor}}));
    return dlpack_version{t->version.major, t->version.minor};
  };
  EXPECT_EQ(version(1, 0), (dlpack_version{1, 0}));
  EXPECT_EQ(version(1, 2), (dlpack_version{1, 2}));
  EXPECT_EQ(version(1, 9), (dlpack_version{1, 3}));
  EXPECT_EQ(version(2, 0), (dlpack_version{1, 3}));
  EXPECT_EQ(message_of<dlpack_error>([&] { version(0, 8); }),
            "to_dlpack: DLPack 0.8 has no versioned struct; use to_dlpack_legacy");
}

TEST(to_dlpack, takes_no_stream_for_the_host) {
  const array a = zeros({3});
  EXPECT_EQ(owned(to_dlpack(a, {.stream = -1})).t().data, a.data());
  EXPECT_EQ(message_of<dlpack_error>([&] { to_dlpack(a, {.stream = 1}); }),
            "to_dlpack: stream 1 for elements on the host; expected none or -1");
}

TEST(to_dlpack, to_the_device_it_is_on_shares_the_elements) {
  const array a = zeros({3});
  EXPECT_EQ(owned(to_dlpack(a, {.device = cpu(), .copy = copying::never})).t().data, a.data());
  EXPECT_EQ(message_of<dlpack_error>([&] { to_dlpack(a, {.device = cuda(), .copy = copying::never}); }),
            "to_dlpack: the array is on cpu, not on cuda:0: that takes a copy, which copying::never rules out");
  EXPECT_EQ(
      message_of<dlpack_error>([&] { to_dlpack(a, {.device = cuda(), .stream = 0}); }),
      "to_dlpack: stream 0 is not defined; expected 1 (the legacy default stream), 2 (the calling thread's), -1 (no "
      "synchronisation) or a cudaStream_t");
}

// ---- from_dlpack

TEST(from_dlpack, refers_to_the_elements_and_deletes_once) {
  float memory[6] = {0, 1, 2, 3, 4, 5};
  versioned t(memory, {2, 3});
  {
    array a = from_dlpack(&t.tensor);
    EXPECT_EQ(a.data(), memory);
    EXPECT_EQ(a.dtype(), float32);
    EXPECT_EQ(a.strides(), shape({12, 4}));
    EXPECT_EQ(a.device(), cpu());
    EXPECT_FALSE(a.flags().owndata);
    EXPECT_TRUE(a.flags().writeable);
    EXPECT_EQ(a.base().size(), 0);
    const array row = a(1);
    EXPECT_TRUE(row.base().is(a));
    a(1, 2) = 50;
    EXPECT_EQ(memory[5], 50);
    a = {};
    EXPECT_EQ(t.deleted, 0) << "a view is left";
    EXPECT_EQ(values<float>(row), (floats{3, 4, 50}));
  }
  EXPECT_EQ(t.deleted, 1);
}

TEST(from_dlpack, of_a_legacy_struct_is_the_same) {
  float memory[2] = {1, 2};
  legacy t(memory, {2});
  EXPECT_EQ(values<float>(from_dlpack(&t.tensor)), (floats{1, 2}));
  EXPECT_EQ(t.deleted, 1);
  EXPECT_FALSE(from_dlpack(&t.tensor, {.readonly = true}).flags().writeable);
}

TEST(from_dlpack, needs_no_deleter) {
  float memory[2] = {1, 2};
  versioned t(memory, {2});
  t.tensor.deleter = nullptr;
  EXPECT_EQ(values<float>(from_dlpack(&t.tensor)), (floats{1, 2}));
  legacy old(memory, {2});
  old.tensor.deleter = nullptr;
  EXPECT_EQ(values<float>(from_dlpack(&old.tensor)), (floats{1, 2}));
}

TEST(from_dlpack, honours_the_flags_it_knows_and_no_others) {
  float memory[2] = {1, 2};
  versioned t(memory, {2});
  t.tensor.flags = ~std::uint64_t{dlpack::read_only};
  EXPECT_TRUE(from_dlpack(&t.tensor).flags().writeable);
  t.tensor.flags = dlpack::read_only;
  const array a = from_dlpack(&t.tensor);
  EXPECT_FALSE(a.flags().writeable);
  EXPECT_FALSE(a(slice(1, none)).base().flags().writeable);
  array b = a;
  EXPECT_EQ(message_of<value_error>([&] { b(0) = 5; }), "assign: the destination is read-only");
}

TEST(from_dlpack, takes_any_minor_version) {
  float memory[2] = {1, 2};
  versioned t(memory, {2});
  for (const std::uint32_t minor : {0u, 1u, 99u}) {
    t.tensor.version.minor = minor;
    EXPECT_EQ(from_dlpack(&t.tensor).size(), 2);
  }
}

TEST(from_dlpack, walks_any_strides) {
  float memory[6] = {0, 1, 2, 3, 4, 5};
  versioned t(memory + 5, {3, 2});
  t.set_strides({-2, -1});
  const array backwards = from_dlpack(&t.tensor);
  EXPECT_EQ(values<float>(backwards), (floats{5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(values<float>(as_strided(backwards, {6}, {-4})), (floats{5, 4, 3, 2, 1, 0}));
  EXPECT_THROW(as_strided(backwards, {2}, {4}), value_error);  // the tensor's memory ends with this element
  versioned transposed(memory, {3, 2});
  transposed.set_strides({1, 3});
  EXPECT_EQ(values<float>(from_dlpack(&transposed.tensor)), (floats{0, 3, 1, 4, 2, 5}));
  versioned repeated(memory, {2, 2});
  repeated.set_strides({0, 1});
  EXPECT_EQ(values<float>(from_dlpack(&repeated.tensor)), (floats{0, 1, 0, 1}));
  versioned odd(memory, {1, 2});
  odd.set_strides({INT64_MAX, 1});
  EXPECT_EQ(values<float>(from_dlpack(&odd.tensor)), (floats{0, 1}));
  EXPECT_EQ(from_dlpack(&odd.tensor).strides(), shape({4, 4}));  // INT64_MAX elements are too many bytes
}

TEST(from_dlpack, takes_any_byte_offset) {
  alignas(4) std::byte memory[12] = {};
  const float numbers[2] = {1.5f, 2.5f};
  std::memcpy(memory + 3, numbers, 8);
  versioned t(memory, {2});
  t.tensor.dl_tensor.byte_offset = 3;
  const array a = from_dlpack(&t.tensor);
  EXPECT_EQ(a.data(), memory + 3);
  EXPECT_FALSE(a.flags().aligned);
  EXPECT_EQ(values<float>(a), (floats{1.5f, 2.5f}));
  EXPECT_EQ(values<float>(array(a + a)), (floats{3, 5}));
}

TEST(from_dlpack, takes_no_elements_wherever_they_are_not) {
  versioned t(nullptr, {0, 3});
  t.set_strides({INT64_MIN, INT64_MAX});
  t.tensor.dl_tensor.byte_offset = UINT64_MAX;
  const array a = from_dlpack(&t.tensor);
  EXPECT_EQ(a.shape(), shape({0, 3}));
  EXPECT_EQ(array(sum(a)).item<float>(), 0);
}

TEST(from_dlpack, takes_one_number_without_shape) {
  float memory = 7;
  versioned t(&memory);
  t.tensor.dl_tensor.shape = nullptr;
  EXPECT_EQ(from_dlpack(&t.tensor).item<float>(), 7);
}

TEST(from_dlpack, copies_when_asked_and_deletes_at_once) {
  float memory[2] = {1, 2};
  versioned t(memory, {2});
  t.tensor.flags = dlpack::read_only;
  const array a = from_dlpack(&t.tensor, {.copy = copying::always});
  EXPECT_EQ(t.deleted, 1);
  EXPECT_NE(a.data(), memory);
  EXPECT_TRUE(a.flags().owndata);
  EXPECT_TRUE(a.flags().writeable);
  EXPECT_EQ(values<float>(a), (floats{1, 2}));
  EXPECT_FALSE(from_dlpack(&t.tensor, {.readonly = true, .copy = copying::always}).flags().writeable);
}

TEST(from_dlpack, takes_pinned_memory_for_memory_of_the_host) {
  float memory[2] = {1, 2};
  versioned t(memory, {2});
  t.tensor.dl_tensor.device = {dlpack::cuda_host, 0};
  const array a = from_dlpack(&t.tensor);
  EXPECT_EQ(a.device(), cpu());
  EXPECT_EQ(dlpack_device_of(a), (dlpack_device{3, 0}));
  EXPECT_EQ(owned(to_dlpack(a, {.stream = 1})).t().device.type, 3) << "our work is done: any stream will do";
  const owned on_host(to_dlpack(a(slice(1, none)), {.device = cpu(), .copy = copying::never}));
  EXPECT_EQ(on_host.t().device.type, 1);
  EXPECT_EQ(on_host.t().data, memory + 1);
  EXPECT_EQ(owned(to_dlpack(a, {.copy = copying::always})).t().device.type, 1);
  EXPECT_EQ(dlpack_device_of(a.copy()), (dlpack_device{1, 0}));
}

TEST(from_dlpack, takes_managed_memory_on_the_host_where_that_is_asked_for) {
  float memory[2] = {1, 2};
  versioned t(memory, {2});
  t.tensor.dl_tensor.device = {dlpack::cuda_managed, 0};
  const array a = from_dlpack(&t.tensor, {.device = cpu(), .copy = copying::never});
  EXPECT_EQ(a.device(), cpu());
  EXPECT_EQ(a.data(), memory);
  EXPECT_EQ(owned(to_dlpack(a)).t().device.type, 13);
  EXPECT_EQ(owned(to_dlpack(a, {.device = cpu()})).t().device.type, 1);
}

TEST(from_dlpack, gives_back_what_to_dlpack_gave) {
  const array a = reshape(arange(24), {2, 3, 4});
  for (const array& x : {a, a.T(), a(all, 1), a(1, all, slice(none, none, 2)), array(a(0, 0, 0))}) {
    const array y = from_dlpack(to_dlpack(x)), z = from_dlpack(to_dlpack_legacy(x));
    EXPECT_EQ(y.data(), x.data());
    EXPECT_EQ(y.strides(), x.strides());
    EXPECT_EQ(z.data(), x.data());
    EXPECT_EQ(values<std::int64_t>(y), values<std::int64_t>(x));
  }
}

TEST(from_dlpack, sees_writes_to_the_array_it_came_from) {
  const array a = zeros({3});
  array b = from_dlpack(to_dlpack(a));
  b(0) = 99;
  EXPECT_EQ(values<double>(a), (std::vector<double>{99, 0, 0}));
  EXPECT_TRUE(may_share_memory(a, b));
}

TEST(from_dlpack, overlaps_the_array_it_came_from_without_harm) {
  const array a = arange(6);
  array b = from_dlpack(to_dlpack(a));
  b(slice(1, none)) = a(slice(none, -1)) + 10;
  EXPECT_EQ(values<std::int64_t>(a), (ints{0, 10, 11, 12, 13, 14}));
}

}  // namespace
