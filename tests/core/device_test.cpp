// Devices by name.
#include "tessera/device.hpp"

#include <gtest/gtest.h>

#include "tessera/error.hpp"

using tessera::device;

TEST(device, from_its_name_is_the_device) {
  EXPECT_EQ(device("cpu"), tessera::cpu());
  EXPECT_EQ(device("cuda"), tessera::cuda(0));
  EXPECT_EQ(device(std::string("cuda:12")), tessera::cuda(12));
  for (const device& d : {tessera::cpu(), tessera::cuda(3)}) EXPECT_EQ(device(d.name()), d);
}

TEST(device, from_other_text_says_what_is_expected) {
  for (const std::string text :
       {"", "gpu", "CPU", "cpu:0", "cuda:", "cuda:-1", "cuda: 1", "cuda:1x", "cuda:99999999999"}) {
    try {
      device d(text);
      ADD_FAILURE() << text << " became " << d.name();
    } catch (const tessera::value_error& error) {
      EXPECT_EQ(error.what(), "device: \"" + text + "\" is no device; expected cpu, cuda or cuda:1");
      EXPECT_STREQ(error.where().function_name(), "TestBody");
    }
  }
}
