// Products as NumPy has them: every dtype, strides of every kind.
#include "ops/products_cases.hpp"

namespace {

TEST(products, equal_numpys) { EXPECT_EQ(tessera_test::replay_products(tessera::cpu()), 450); }

}  // namespace
