// A kernel that reads where there is nothing: the error names it, and the device is out of use from then on. A program of its
// own, because of what it does to the device.
#include <gtest/gtest.h>

#include "array_values.hpp"
#include "cuda/module.hpp"

namespace tessera::detail {
namespace {

stage copy_of(std::byte* from, std::byte* to) {
  stage s;
  s.extents = shape(100);
  s.folded.push_back(false);
  s.inputs.push_back({from, float32, shape(4)});
  s.register_types.push_back(float32);
  s.results.push_back({0, fold::none, {to, float32, shape(4)}, no_reg});
  return s;
}

TEST(a_fault, names_the_kernel_and_ends_the_use_of_the_device) {
  backend& device = cuda::backend_for(0);
  auto* const data = static_cast<std::byte*>(device.allocate(400));
  ASSERT_NE(data, nullptr);
  const auto use = [&] {
    device.run(copy_of(data + (std::int64_t{1} << 36), data));
    device.synchronize(nullptr);
  };
  const std::string first = tessera_test::message_of<device_error>(use);
  EXPECT_EQ(first.substr(0, 56), "cuda:0: this process cannot use the device any more: cud") << first;
  EXPECT_NE(first.find("cudaErrorIllegalAddress"), std::string::npos) << first;
  EXPECT_NE(first.find("kernel"), std::string::npos) << first;
  const std::string later = tessera_test::message_of<device_error>([&] { device.fill_zero(data, 400); });
  EXPECT_EQ(later, first);
  EXPECT_EQ(tessera_test::message_of<device_error>([&] { device.allocate(400); }), first);
  device.free(data, 400);  // destructors swallow
  EXPECT_EQ(sum(ones({3})).eval().item<double>(), 3.0);
}

}  // namespace
}  // namespace tessera::detail
