// Products on a device: NumPy's results, what is refused, numbers from the host.
#include "cuda/device.hpp"
#include "ops/products_cases.hpp"

namespace {

using namespace tessera;

class products_on_gpu : public on_gpu {};

TEST_F(products_on_gpu, equal_numpys) {
  EXPECT_GT(tessera_test::replay_products(cuda(), {"float32", "complex64", "int32"}), 60);
}

TEST_F(products_on_gpu, take_numbers_from_the_host_but_no_arrays) {
  const array x = ones({2, 3}).to(cuda());
  EXPECT_TRUE(array_equal(dot(x, 3.0).to(cpu()), full({2, 3}, 3.0)));
  EXPECT_TRUE(array_equal(kron(array(2.0).to(cpu()), x).to(cpu()), full({2, 3}, 2.0)));
  EXPECT_TRUE(array_equal(outer(2.0, x).to(cpu()), full({1, 6}, 2.0)));
  EXPECT_TRUE(array_equal(convolve(2.0, x[0]).to(cpu()), full({3}, 2.0)));
  EXPECT_EQ(double(vdot(2.0, x(slice(0, 1), slice(0, 1)))), 2.0);
  EXPECT_EQ(kron(array(2.0).to(cpu()), x(all, slice(0, 0))).device(), cuda());
  EXPECT_EQ(error_of([&] {
              matmul(x, ones({3, 2}));
            }),
            "error matmul: operands on cuda:0 and cpu; to() copies from one device to another");
  EXPECT_EQ(error_of([&] { convolve(x[0], ones({2})); }),
            "error convolve: operands on cuda:0 and cpu; to() copies from one device to another");
}

}  // namespace
