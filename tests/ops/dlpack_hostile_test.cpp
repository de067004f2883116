// from_dlpack and structs that are broken or hostile: an error with its words, and the tensor is still the caller's.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <random>

#include "array_values.hpp"
#include "ops/dlpack_tensors.hpp"

using namespace tessera;
using tessera_test::message_of;
using tessera_test::versioned;
namespace dlpack = tessera::detail::dlpack;

namespace {

constexpr std::int64_t huge = std::int64_t{1} << 62;

struct hostile {
  std::string text;
  std::function<void(dlpack::tensor&)> spoil;
};

// Shapes and strides that tensors may point at.
std::int64_t negative[] = {2, -1}, overflowing[] = {huge, 4}, bytes_overflow[] = {huge, 1}, far[] = {huge, 1},
             far_back[] = {-huge, 1}, both_ways[] = {INT64_MAX, INT64_MIN}, many[65] = {};

std::string element_text(const std::string& what) {
  return "elements of " + what +
         " are not supported; expected bool, int8 to int64, uint8 to uint64, float16, bfloat16, float32, float64, "
         "complex64 "
         "or complex128";
}

hostile of_device(std::int32_t type, const std::string& name) {
  return {"device " + name + " is not supported; expected kDLCPU, kDLCUDA, kDLCUDAHost or kDLCUDAManaged",
          [=](dlpack::tensor& t) { t.device.type = type; }};
}

hostile of_elements(int code, int bits, const std::string& name) {
  return {element_text(name), [=](dlpack::tensor& t) {
            t.dtype = {static_cast<std::uint8_t>(code), static_cast<std::uint8_t>(bits), 1};
          }};
}

hostile of_lanes(int lanes) {
  return {"elements of " + std::to_string(lanes) + " lanes of float32 are not supported; expected 1 lane",
          [=](dlpack::tensor& t) { t.dtype.lanes = static_cast<std::uint16_t>(lanes); }};
}

hostile of_ndim(int ndim) {
  return {std::to_string(ndim) + " axes are not supported; expected 0 to 64", [=](dlpack::tensor& t) {
            t.ndim = ndim;
            t.shape = many;
          }};
}

std::vector<hostile> all_hostile() {
  std::vector<hostile> all = {
      of_device(4, "kDLOpenCL"),
      of_device(7, "kDLVulkan"),
      of_device(8, "kDLMetal"),
      of_device(9, "kDLVPI"),
      of_device(10, "kDLROCM"),
      of_device(11, "kDLROCMHost"),
      of_device(12, "kDLExtDev"),
      of_device(14, "kDLOneAPI"),
      of_device(15, "kDLWebGPU"),
      of_device(16, "kDLHexagon"),
      of_device(17, "kDLMAIA"),
      of_device(18, "kDLTrn"),
      of_device(0, "of type 0"),
      of_device(-1, "of type -1"),
      of_device(INT32_MAX, "of type 2147483647"),
      of_elements(0, 4, "int4"),
      of_elements(0, 128, "int128"),
      of_elements(1, 4, "uint4"),
      of_elements(1, 0, "uint0"),
      of_elements(2, 8, "float8"),
      of_elements(2, 80, "float80"),
      of_elements(2, 128, "float128"),
      of_elements(3, 64, "opaque handle with 64 bits"),
      of_elements(4, 32, "bfloat32"),
      of_elements(5, 32, "complex32"),
      of_elements(6, 1, "bool with 1 bits"),
      of_elements(7, 8, "float8_e3m4"),
      of_elements(8, 8, "float8_e4m3"),
      of_elements(9, 8, "float8_e4m3b11fnuz"),
      of_elements(10, 8, "float8_e4m3fn"),
      of_elements(11, 8, "float8_e4m3fnuz"),
      of_elements(12, 8, "float8_e5m2"),
      of_elements(13, 8, "float8_e5m2fnuz"),
      of_elements(14, 8, "float8_e8m0fnu"),
      of_elements(15, 6, "float6_e2m3fn"),
      of_elements(16, 6, "float6_e3m2fn"),
      of_elements(17, 4, "float4_e2m1fn"),
      of_elements(17, 8, "float4_e2m1fn with 8 bits"),
      of_elements(18, 8, "code 18 with 8 bits"),
      of_elements(255, 255, "code 255 with 255 bits"),
      of_lanes(0),
      of_lanes(2),
      of_lanes(4),
      of_lanes(65535),
      of_ndim(-1),
      of_ndim(INT32_MIN),
      of_ndim(65),
      of_ndim(INT32_MAX),
      {"the shape is null, but there are 2 axes", [](dlpack::tensor& t) { t.shape = nullptr; }},
      {"shape (2, -1) has a negative extent", [](dlpack::tensor& t) { t.shape = negative; }},
      {"shape (4611686018427387904, 4) has more bytes than fit in 64 bits",
       [](dlpack::tensor& t) { t.shape = overflowing; }},
      {"shape (4611686018427387904, 1) has more bytes than fit in 64 bits",
       [](dlpack::tensor& t) { t.shape = bytes_overflow; }},
      {"the data is null for shape (2, 1)", [](dlpack::tensor& t) { t.data = nullptr; }},
      {"shape (2, 1) and byte_offset 18446744073709551615 reaches outside the address space",
       [](dlpack::tensor& t) { t.byte_offset = UINT64_MAX; }},
      {"shape (2, 1) with strides of (4611686018427387904, 1) elements and byte_offset 0 reaches outside the address "
       "space",
       [](dlpack::tensor& t) { t.strides = far; }},
      {"shape (2, 1) with strides of (-4611686018427387904, 1) elements and byte_offset 0 reaches outside the address "
       "space",
       [](dlpack::tensor& t) { t.strides = far_back; }},
      {"shape (2, 1) with strides of (9223372036854775807, -9223372036854775808) elements and byte_offset 0 reaches "
       "outside "
       "the address space",
       [](dlpack::tensor& t) { t.strides = both_ways; }},
      {"shape (2, 1) and byte_offset 0 reaches outside the address space",
       [](dlpack::tensor& t) { t.data = reinterpret_cast<void*>(UINTPTR_MAX - 6); }},
  };
  return all;
}

template <class Managed> class hostile_structs : public testing::Test {};
using both = testing::Types<DLManagedTensorVersioned, DLManagedTensor>;
TYPED_TEST_SUITE(hostile_structs, both);

TYPED_TEST(hostile_structs, are_refused_by_name_and_left_alone) {
  for (const hostile& h : all_hostile()) {
    float memory[2] = {1, 2};
    tessera_test::foreign<TypeParam> t(memory, {2, 1});
    const dlpack::tensor good = t.tensor.dl_tensor;
    h.spoil(t.tensor.dl_tensor);
    TypeParam before;
    std::memcpy(&before, &t.tensor, sizeof before);
    EXPECT_EQ(message_of<dlpack_error>([&] { from_dlpack(&t.tensor); }), "from_dlpack: " + h.text);
    EXPECT_EQ(std::memcmp(&before, &t.tensor, sizeof before), 0) << h.text;
    EXPECT_EQ(t.deleted, 0) << h.text;
    t.tensor.dl_tensor = good;
    EXPECT_EQ(from_dlpack(&t.tensor).data(), memory) << h.text;
    EXPECT_EQ(t.deleted, 1) << h.text;
  }
}

TYPED_TEST(hostile_structs, that_are_not_there_are_refused) {
  EXPECT_EQ(message_of<dlpack_error>([] { from_dlpack(static_cast<TypeParam*>(nullptr)); }),
            "from_dlpack: the tensor is null");
}

TYPED_TEST(hostile_structs, cross_to_no_device_that_takes_a_copy_when_that_is_ruled_out) {
  float memory[2] = {1, 2};
  tessera_test::foreign<TypeParam> t(memory, {2});
  EXPECT_EQ(message_of<dlpack_error>([&] { from_dlpack(&t.tensor, {.device = cuda(), .copy = copying::never}); }),
            "from_dlpack: the tensor is on cpu, not on cuda:0: that takes a copy, which copying::never rules out");
  EXPECT_EQ(message_of<dlpack_error>([&] { from_dlpack(&t.tensor, {.stream = 1}); }),
            "from_dlpack: stream 1 for elements on the host; expected none or -1");
  t.tensor.dl_tensor.device = {dlpack::cuda_host, 0};
  EXPECT_EQ(
      message_of<dlpack_error>([&] { from_dlpack(&t.tensor, {.stream = 0}); }),
      "from_dlpack: stream 0 is not defined; expected 1 (the legacy default stream), 2 (the calling thread's), -1 (no "
      "synchronisation) or a cudaStream_t");
  EXPECT_EQ(t.deleted, 0);
}

TEST(hostile_versions, are_refused_without_a_look_at_the_rest) {
  float memory[2] = {1, 2};
  versioned t(memory, {2});
  std::memset(&t.tensor.dl_tensor, 0xff, sizeof t.tensor.dl_tensor);
  for (const std::uint32_t major : {0u, 2u, UINT32_MAX}) {
    t.tensor.version = {major, 7};
    EXPECT_EQ(message_of<dlpack_error>([&] { from_dlpack(&t.tensor); }),
              "from_dlpack: the tensor is of DLPack " + std::to_string(major) + ".7; expected 1.x");
  }
  EXPECT_EQ(t.deleted, 0);
}

// Corners of the array are the elements farthest out.
bool is_in_address_space(const array& a) {
  for (unsigned corner = 0; corner < 1u << a.ndim(); ++corner) {
    __int128 address = reinterpret_cast<std::uintptr_t>(a.data());
    for (int axis = 0; axis < a.ndim(); ++axis) {
      if (corner >> axis & 1) address += __int128{a.shape()[axis] - 1} * a.strides()[axis];
    }
    if (address < 0 || address + a.itemsize() > INT64_MAX) return false;
  }
  return true;
}

TEST(random_structs, are_refused_or_stay_within_the_address_space) {
  const std::int64_t numbers[] = {0,    1,         1,        2, 2, 3, 3, 1000, -1, 1 << 30, std::int64_t{1} << 45,
                                  huge, INT64_MAX, INT64_MIN};
  const std::uint64_t offsets[] = {0, 0, 0, 1, 4096, std::uint64_t{1} << 46, std::uint64_t{1} << 63, UINT64_MAX};
  const std::uintptr_t addresses[] = {64, std::uintptr_t{1} << 46, (std::uintptr_t{1} << 47) - 8, INTPTR_MAX - 63};
  std::mt19937 random(7);
  const auto pick = [&](const auto& list) { return list[random() % std::size(list)]; };
  int taken = 0, refused = 0;
  for (int i = 0; i < 100000; ++i) {
    const std::int64_t strides[3] = {pick(numbers), pick(numbers), pick(numbers)};
    const dlpack::data_type type =
        random() % 2 ? dlpack::data_type{dlpack::float_, 32, 1} : dlpack::data_type{dlpack::complex, 128, 1};
    versioned t(reinterpret_cast<void*>(pick(addresses)), {pick(numbers), pick(numbers), pick(numbers)}, type);
    t.tensor.dl_tensor.ndim = static_cast<std::int32_t>(random() % 4);
    t.tensor.dl_tensor.byte_offset = pick(offsets);
    if (random() % 4 != 0) t.set_strides({strides[0], strides[1], strides[2]});
    try {
      const array a = from_dlpack(&t.tensor);
      ++taken;
      EXPECT_TRUE(a.size() == 0 || is_in_address_space(a)) << a.shape() << a.strides();
      EXPECT_EQ(t.deleted, 0);
    } catch (const dlpack_error&) {
      ++refused;
      EXPECT_EQ(t.deleted, 0);
      continue;
    }
    EXPECT_EQ(t.deleted, 1);
  }
  EXPECT_GT(taken, 10000);
  EXPECT_GT(refused, 10000);
}

TEST(failing_copies, leave_the_tensor_to_the_caller) {
  float memory = 1;
  versioned t(&memory, {std::int64_t{1} << 55});
  t.set_strides({0});
  EXPECT_EQ(message_of<out_of_memory>([&] { from_dlpack(&t.tensor, {.copy = copying::always}); }),
            "array: 128.00 PiB for shape (36028797018963968,) of float32 are not available");
  EXPECT_EQ(t.deleted, 0);
  const array a = from_dlpack(&t.tensor);
  EXPECT_EQ(message_of<out_of_memory>([&] { to_dlpack(a, {.copy = copying::always}); }),
            "array: 128.00 PiB for shape (36028797018963968,) of float32 are not available");
}

TEST(devices_that_are_not_there, are_named) {
  float memory[2] = {1, 2};
  versioned t(memory, {2});
  const device far_away = cuda(99);
  const auto starts = [](const std::string& text) { return text.rfind("device: cuda:99 is not there: ", 0) == 0; };
  EXPECT_TRUE(starts(message_of<device_error>([&] { from_dlpack(&t.tensor, {.device = far_away}); })));
  EXPECT_TRUE(starts(message_of<device_error>([&] { to_dlpack(zeros({2}), {.device = far_away}); })));
  t.tensor.dl_tensor.device = {dlpack::cuda, 99};
  EXPECT_TRUE(starts(message_of<device_error>([&] { from_dlpack(&t.tensor); })));
  t.tensor.dl_tensor.device = {dlpack::cuda_managed, 0};
  EXPECT_TRUE(starts(message_of<device_error>([&] { from_dlpack(&t.tensor, {.device = far_away}); })));
  EXPECT_EQ(t.deleted, 0);
}

TEST(deleters, that_throw_end_the_program_as_destructors_do) {
  float memory[2] = {1, 2};
  versioned t(memory, {2});
  t.tensor.deleter = [](DLManagedTensorVersioned*) { throw 1; };
  EXPECT_DEATH(from_dlpack(&t.tensor), "terminate");
}

}  // namespace
