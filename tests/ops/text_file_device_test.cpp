// Text files and devices: read on the host, the result is where it was asked for.
#include "ops/default_device.hpp"
#include "ops/elements.hpp"

namespace {

using namespace tessera;

using text_files_on_device = on_default_device;

TEST_F(text_files_on_device, are_loaded_to_the_default_device_or_the_one_given) {
  const array x = loadtxt_text("1 2\n3 4");
  EXPECT_EQ(x.device(), here);
  EXPECT_EQ(elements<double>(x), (std::vector<double>{1, 2, 3, 4}));
  EXPECT_EQ(loadtxt_text("1 2", {.device = cpu()}).device(), cpu());
  set_default_device(cpu());
  const array y = loadtxt_text("1 2\n3 4", {.dtype = int8, .unpack = true, .device = here});
  EXPECT_EQ(y.device(), here);
  EXPECT_EQ(elements<std::int8_t>(y), (std::vector<std::int8_t>{1, 3, 2, 4}));
}

}  // namespace
