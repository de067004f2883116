// Devices, copies to and from them, where new arrays are made, and mixed operands.
#include "cuda/device.hpp"

#include <dlfcn.h>

#include <cstdio>
#include <numeric>
#include <thread>

#include "array_values.hpp"

namespace {

using namespace tessera;
using tessera_test::message_of;
using tessera_test::values;
using testing::Test;

class device_on_gpu : public on_gpu {};
class creation_on_gpu : public on_gpu {};
class copies_on_gpu : public on_gpu {};
class mixing_on_gpu : public on_gpu {};
class memory_on_gpu : public on_gpu {};

array counting(const shape& extents, const dtype& type = float32) {
  std::int64_t n = 1;
  for (const std::int64_t extent : extents) n *= extent;
  return reshape(arange(0, n, 1, {.dtype = type, .device = cpu()}), extents);
}

template <class T> void expect_same(const array& x, const array& y) {
  ASSERT_EQ(x.shape(), y.shape());
  EXPECT_EQ(values<T>(x.to(cpu())), values<T>(y.to(cpu())));
}

// ---- without a device

TEST(devices, are_the_host_first) {
  ASSERT_FALSE(devices().empty());
  EXPECT_EQ(devices()[0], cpu());
  EXPECT_EQ(static_cast<int>(devices().size()), 1 + backends()[1].devices);
}

TEST(devices, have_names_and_properties) {
  EXPECT_EQ(cuda(3).name(), "cuda:3");
  EXPECT_EQ(cuda().index(), 0);
  EXPECT_GT(properties(cpu()).total_memory, 0);
  EXPECT_GT(properties(cpu()).processors, 0);
}

TEST(devices, that_are_not_there_say_so_with_the_reason) {
  const int missing = backends()[1].devices;
  const std::string text = message_of<device_error>([&] { zeros({3}, {.device = cuda(missing)}); });
  const std::string start = "device: cuda:" + std::to_string(missing) + " is not there: ";
  EXPECT_EQ(text.substr(0, start.size()), start);
  if (missing == 0) {
    EXPECT_NE(text.find(backends()[1].detail), std::string::npos);
    EXPECT_EQ(values<double>(zeros({2})), (std::vector<double>{0, 0}));  // the host works on
  }
}

TEST(backends, are_listed_with_where_they_come_from) {
  const std::vector<backend_info> all = backends();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "cpu");
  EXPECT_TRUE(all[0].available);
  EXPECT_EQ(all[1].name, "cuda");
  EXPECT_FALSE(all[1].detail.empty());
}

TEST(default_devices, are_of_the_process_and_in_a_scope_of_the_thread) {
  const device before = default_device();
  {
    const device_scope on(cpu());
    EXPECT_EQ(default_device(), cpu());
  }
  EXPECT_EQ(default_device(), before);
}

// ---- with one

TEST_F(device_on_gpu, has_properties) {
  const device_properties p = properties(cuda());
  EXPECT_FALSE(p.name.empty());
  EXPECT_GT(p.total_memory, 0);
  EXPECT_GE(p.total_memory, p.free_memory);
  EXPECT_GE(p.compute_capability, 75);
  EXPECT_GT(p.processors, 0);
}

TEST_F(creation_on_gpu, of_filled_arrays) {
  EXPECT_EQ(zeros({2, 3}, {.device = cuda()}).device(), cuda());
  EXPECT_EQ(values<double>(zeros({3}, {.device = cuda()}).to(cpu())), (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(values<int>(ones({3}, {.dtype = int32, .device = cuda()}).to(cpu())), (std::vector<int>{1, 1, 1}));
  EXPECT_EQ(values<float>(full({2}, 2.5f, {.dtype = float32, .device = cuda()}).to(cpu())),
            (std::vector<float>{2.5f, 2.5f}));
  const array like = zeros_like(counting({2, 2}), {.device = cuda()});
  EXPECT_EQ(like.device(), cuda());
  EXPECT_EQ(ones_like(like).device(), cuda());
}

TEST_F(creation_on_gpu, of_ranges_and_lists_in_a_scope) {
  const device_scope on(cuda());
  EXPECT_EQ(default_device(), cuda());
  const array list{{1, 2, 3}, {4, 5, 6}};
  EXPECT_EQ(list.device(), cuda());
  EXPECT_EQ(values<std::int64_t>(list.to(cpu())), (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(arange(3).device(), cuda());
  EXPECT_EQ(linspace(0, 1, 3).device(), cuda());
  EXPECT_EQ(values<double>(linspace(0, 1, 3).to(cpu())), (std::vector<double>{0, 0.5, 1}));
  EXPECT_EQ(values<double>(eye(2).to(cpu())), (std::vector<double>{1, 0, 0, 1}));
  EXPECT_EQ(values<double>(geomspace(1, 4, 3).to(cpu())), (std::vector<double>{1, 2, 4}));
  const array number = 5;
  EXPECT_EQ(number.device(), cuda());
  EXPECT_EQ(number.item<int>(), 5);
  const std::vector<int> three{7, 8, 9};
  EXPECT_EQ(values<int>(from_range(three).to(cpu())), three);
  std::thread([] { EXPECT_EQ(default_device(), cpu()); }).join();
}

TEST_F(creation_on_gpu, of_diagonals_and_host_memory_where_it_is_said) {
  const array matrix = eye(2, {.columns = 3, .k = 1, .dtype = int32, .layout = order::F, .device = cuda()});
  EXPECT_EQ(matrix.device(), cuda());
  EXPECT_TRUE(matrix.flags().f_contiguous);
  EXPECT_EQ(values<int>(matrix.to(cpu())), (std::vector<int>{0, 1, 0, 0, 0, 1}));
  EXPECT_EQ(values<double>(identity(2, {.device = cuda()}).to(cpu())), (std::vector<double>{1, 0, 0, 1}));

  const std::vector<int> six{1, 2, 3, 4, 5, 6};
  for (const order layout : {order::C, order::F}) {
    const array copied = copy_of(six.data(), {2, 3}, {.dtype = int32, .layout = layout, .device = cuda()});
    EXPECT_EQ(copied.device(), cuda());
    EXPECT_EQ(copied.flags().f_contiguous, layout == order::F);
    EXPECT_EQ(values<int>(copied.to(cpu())), six);
  }
  const array range = from_range(six, {.dtype = float32, .device = cuda()});
  EXPECT_EQ(range.device(), cuda());
  EXPECT_EQ(values<float>(range.to(cpu())), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  const std::vector<bool> bits{true, false, true};
  EXPECT_EQ(values<bool>(from_range(bits, {.device = cuda()}).to(cpu())), bits);
  const device_scope on(cuda());
  EXPECT_EQ(values<bool>(from_range(bits).to(cpu())), bits);
  EXPECT_EQ(from_range(bits, {.device = cpu()}).device(), cpu());
}

TEST_F(creation_on_gpu, by_asarray_where_it_is_said) {
  const array x = counting({2, 3}), there = x.to(cuda());
  EXPECT_TRUE(asarray(x, {.device = cpu()}).is(x));
  EXPECT_TRUE(asarray(there, {.device = cuda()}).is(there));
  EXPECT_TRUE(asarray(there).is(there));
  expect_same<float>(asarray(x, {.device = cuda()}), x);
  EXPECT_EQ(asarray(x, {.device = cuda()}).device(), cuda());
  const array changed = asarray(x + 1, {.dtype = int64, .layout = order::F, .device = cuda()});
  EXPECT_TRUE(changed.flags().f_contiguous);
  expect_same<std::int64_t>(changed, array{{1, 2, 3}, {4, 5, 6}});
  EXPECT_EQ(asarray(there, {.device = cpu()}).device(), cpu());
  EXPECT_EQ(ascontiguousarray(there.T()).device(), cuda());
  EXPECT_TRUE(asfortranarray(there).flags().f_contiguous);
  EXPECT_TRUE(require(there.T(), {.c_contiguous = true}).flags().c_contiguous);
}

TEST_F(creation_on_gpu, beside_their_operands) {
  const array x = counting({3, 3}), there = x.to(cuda()), line = counting({3}), line_there = line.to(cuda());
  expect_same<float>(tril(there), tril(x));
  expect_same<float>(triu(there, 1), triu(x, 1));
  expect_same<float>(tril(line_there, -1), tril(line, -1));
  expect_same<float>(diag(line_there, 1), diag(line, 1));
  expect_same<float>(diag(there), diag(x));
  const std::vector<array> grid = meshgrid({line_there, there(0)}), expected = meshgrid({line, x(0)});
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(grid[i].device(), cuda());
    expect_same<float>(grid[i], expected[i]);
  }
  for (const array& like : {ones_like(there), full_like(x, 4, {.device = cuda()}), empty_like(there)}) {
    EXPECT_EQ(like.device(), cuda());
    EXPECT_EQ(like.dtype(), float32);
  }
}

TEST_F(creation_on_gpu, from_files) {
  const std::string path = testing::TempDir() + "tessera_device_test.npy";
  const array x = counting({3, 4}), there = x.T().to(cuda());
  save(path, there);
  expect_same<float>(load(path), x.T());
  const array loaded = load(path, {.device = cuda()});
  EXPECT_EQ(loaded.device(), cuda());
  EXPECT_TRUE(loaded.flags().f_contiguous);
  expect_same<float>(loaded, x.T());
  const device_scope on(cuda());
  EXPECT_EQ(load(path).device(), cuda());
  EXPECT_EQ(load(path, {.mmap = mmap_mode::readonly}).device(), cpu());
  EXPECT_EQ(message_of<file_error>([&] { load(path, {.mmap = mmap_mode::readonly, .device = cuda()}); }),
            "load: " + path + ": is mapped into the host's memory only, not cuda:0's");
  std::remove(path.c_str());
}

TEST_F(creation_on_gpu, that_fails_leaves_nothing_behind) {
  const std::int64_t before = memory_stats(cuda()).bytes_in_use;
  EXPECT_EQ(message_of<value_error>([] { eye(-1, {.device = cuda()}); }), "eye: shape (-1, -1) has a negative extent");
  EXPECT_EQ(message_of<value_error>([] { copy_of(nullptr, {2}, {.dtype = int32, .device = cuda()}); }),
            "copy_of: a null pointer for shape (2,)");
  EXPECT_EQ(message_of<dtype_error>([] { copy_of("", {0}, {.device = cuda()}); }),
            "copy_of: the elements' dtype is not given");
  EXPECT_EQ(message_of<shape_error>([] { full({2}, ones({3}), {.device = cuda()}); }).substr(0, 5), "full:");
  EXPECT_EQ(memory_stats(cuda()).bytes_in_use, before);
}

TEST_F(copies_on_gpu, there_and_back_keep_every_element) {
  for (const shape& extents : {shape{7}, shape{3, 5}, shape{4, 1, 6}, shape{}, shape{0, 3}}) {
    const array x = counting(extents);
    const array there = x.to(cuda());
    EXPECT_EQ(there.device(), cuda());
    EXPECT_TRUE(there.to(cuda()).is(there));
    expect_same<float>(there, x);
  }
}

TEST_F(copies_on_gpu, of_host_arrays_with_any_strides) {
  const array x = counting({6, 8, 10});
  for (const array& view :
       {x.T(), array(x(slice(none, none, -1))), array(x(all, slice(1, 7, 2), slice(none, none, -3))),
        broadcast_to(array(x(0)), {3, 8, 10})}) {
    expect_same<float>(view.to(cuda()), view);
  }
}

TEST_F(copies_on_gpu, of_device_arrays_with_any_strides) {
  const array x = counting({6, 8, 10}), there = x.to(cuda());
  expect_same<float>(there.T(), x.T());
  expect_same<float>(there(slice(none, none, -1), slice(1, 7, 2)), x(slice(none, none, -1), slice(1, 7, 2)));
  expect_same<float>(there(all, all, slice(none, none, -3)).copy(), x(all, all, slice(none, none, -3)));
  expect_same<float>(there.T().copy(order::C), x.T());
}

TEST_F(copies_on_gpu, larger_than_the_pinned_buffers) {
  const std::int64_t n = 3'000'000;  // 12 MB, three turns
  const array x = counting({n}, int32), there = x.to(cuda());
  EXPECT_EQ(values<int>(there.to(cpu())), values<int>(x));
  const array strided = reshape(x, {3000, 1000})(all, slice(none, none, -2));
  EXPECT_EQ(values<int>(strided.to(cuda()).to(cpu())), values<int>(strided));
  EXPECT_EQ(values<int>(reshape(there, {3000, 1000}).T().to(cpu())), values<int>(reshape(x, {3000, 1000}).T()));
}

TEST_F(copies_on_gpu, of_every_dtype) {
  for (const dtype type : {bool_, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, bfloat16, float32,
                           float64, complex64, complex128}) {
    const array x = (counting({5}, float64) - 2).eval().astype(type);
    const array back = x.to(cuda())(slice(none, none, 2)).to(cpu());
    EXPECT_EQ(back.dtype(), type);
    EXPECT_TRUE(bool(array_equal(back, x(slice(none, none, 2))))) << type.name();
  }
}

TEST_F(copies_on_gpu, between_two_devices) {
  if (backends()[1].devices < 2) GTEST_SKIP() << "one GPU only";
  const array x = counting({4, 6}), first = x.to(cuda(0));
  expect_same<float>(first.to(cuda(1)), x);
  expect_same<float>(first.T()(slice(1, 4)).to(cuda(1)), x.T()(slice(1, 4)));
  EXPECT_EQ(message_of<device_error>([&] { (first + first.to(cuda(1))).eval(); }),
            "eval: operands on cuda:0 and cuda:1; to() copies from one device to another");
}

TEST_F(mixing_on_gpu, of_devices_names_both) {
  const array x = counting({3}), there = x.to(cuda());
  EXPECT_EQ(message_of<device_error>([&] { (x + there).eval(); }),
            "eval: operands on cpu and cuda:0; to() copies from one device to another");
  array target = zeros({3}, float32);
  EXPECT_EQ(message_of<device_error>([&] { target += there; }),
            "add: operands on cpu and cuda:0; to() copies from one device to another");
  EXPECT_EQ(message_of<device_error>([&] {
              concatenate({there, x});
            }),
            "concatenate: operands on cuda:0 and cpu; to() copies from one device to another");
  EXPECT_EQ(values<float>(target), (std::vector<float>{0, 0, 0}));
}

TEST_F(mixing_on_gpu, of_numbers_from_the_host_is_fine) {
  const array there = counting({3}).to(cuda());
  expect_same<float>(there + 1, array{1.f, 2.f, 3.f});
  const array half = full({}, 0.5f, float32);
  EXPECT_EQ(half.device(), cpu());
  expect_same<float>(there * half, array{0.f, 0.5f, 1.f});
  expect_same<float>(where(there > half, there, half), array{0.5f, 1.f, 2.f});
  array changed = there.copy();
  changed += half;
  expect_same<float>(changed, array{0.5f, 1.5f, 2.5f});
}

TEST_F(mixing_on_gpu, elements_are_read_one_by_one_and_written_through_views) {
  array there = counting({3, 4}).to(cuda());
  EXPECT_EQ(there(1, 2).item<float>(), 6.f);
  there(1, 2) = 60;
  there(slice(0, 1)) = -1;
  EXPECT_EQ(values<float>(there.to(cpu())), (std::vector<float>{-1, -1, -1, -1, 4, 5, 60, 7, 8, 9, 10, 11}));
  EXPECT_EQ(str(there(1)), "[ 4.  5. 60.  7.]");
  EXPECT_EQ(message_of<device_error>([&] { there.span<float>(); }),
            "span: the elements are on cuda:0, not on the host");
}

TEST_F(copies_on_gpu, of_what_is_printed_only) {
  const array x = counting({3000, 2, 50}, int32);
  for (const array& view : {x, x.T(), array(x(all, 0)), array(x(slice(0, 4)))}) {
    EXPECT_EQ(str(view.to(cuda())), str(view));
    EXPECT_EQ(repr(view.to(cuda())), repr(view));
  }
  EXPECT_EQ(str(x.to(cuda()).T(), {.threshold = 10, .edgeitems = 1}), str(x.T(), {.threshold = 10, .edgeitems = 1}));
  EXPECT_EQ(str(x.to(cuda()), {.threshold = 10, .edgeitems = 0}), str(x, {.threshold = 10, .edgeitems = 0}));
  EXPECT_EQ(str(full({}, 2, {.device = cuda()})), "2");
}

TEST_F(memory_on_gpu, is_counted_and_kept) {
  release_cached_memory(cuda());
  const std::int64_t before = memory_stats(cuda()).bytes_in_use;
  {
    const array x = zeros({1000}, {.dtype = float32, .device = cuda()});
    EXPECT_EQ(memory_stats(cuda()).bytes_in_use, before + 4096);
    EXPECT_GE(memory_stats(cuda()).peak_bytes_in_use, before + 4096);
  }
  EXPECT_EQ(memory_stats(cuda()).bytes_in_use, before);
  EXPECT_GT(memory_stats(cuda()).allocations, 0);
}

TEST_F(memory_on_gpu, beyond_the_limit_throws_with_all_sizes) {
  const std::int64_t before = set_memory_limit(1 << 20, cuda());
  const std::string text = message_of<out_of_memory>([] { zeros({1 << 20}, {.dtype = float32, .device = cuda()}); });
  set_memory_limit(before, cuda());
  EXPECT_EQ(text.substr(0, 76), "array: 4.00 MiB for shape (1048576,) of float32 are not available on cuda:0:");
  EXPECT_NE(text.find(" reserved, "), std::string::npos) << text;
  EXPECT_NE(text.find(" free, the limit is 1.00 MiB"), std::string::npos) << text;
  EXPECT_EQ(zeros({1 << 20}, {.dtype = float32, .device = cuda()}).size(), 1 << 20);
}

}  // namespace
