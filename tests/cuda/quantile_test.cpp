// Quantiles on a device: NumPy's, and none of their elements on the host.
#include "cuda/device.hpp"
#include "ops/quantile_cases.hpp"

namespace {

using namespace tessera;

class quantile_on_gpu : public on_gpu {};

TEST_F(quantile_on_gpu, equals_numpys) { EXPECT_GT(tessera_test::replay_quantiles(cuda(), 7), 100); }

TEST_F(quantile_on_gpu, takes_fractions_from_either_device) {
  const array x = array{4.0, 1.0, 3.0}.to(cuda());
  EXPECT_EQ(elements<double>(quantile(x, array{0.0, 0.75}).to(cpu())), (std::vector<double>{1, 3.5}));
  EXPECT_EQ(elements<double>(quantile(x, array{0.0, 0.75}.to(cuda())).to(cpu())), (std::vector<double>{1, 3.5}));
  EXPECT_EQ(nanmedian(x).eval().device(), cuda());
  EXPECT_EQ(double(nanmedian(x)), 3.0);
}

}  // namespace
