// Linear algebra on a device: what there is gives the host's results, what there is not says so.
#include <cmath>
#include <functional>
#include <utility>

#include "cuda/device_operands.hpp"

namespace {

using namespace tessera;
using tessera_test::message_of;

class linalg_on_gpu : public on_gpu {};

TEST_F(linalg_on_gpu, factorisations_name_themselves_and_the_host) {
  const array x = eye(3).to(cuda());
  const std::pair<const char*, std::function<void()>> calls[] = {
      {"solve", [&] { linalg::solve(x, x); }},
      {"inv", [&] { linalg::inv(x); }},
      {"matrix_power", [&] { linalg::matrix_power(x, -1); }},
      {"det", [&] { linalg::det(x); }},
      {"slogdet", [&] { linalg::slogdet(x); }},
      {"lstsq", [&] { linalg::lstsq(x, x); }},
      {"cholesky", [&] { linalg::cholesky(x); }},
      {"qr", [&] { linalg::qr(x); }},
      {"svd", [&] { linalg::svd(x); }},
      {"svdvals", [&] { linalg::svdvals(x(slice(0, 0))); }},
      {"eigh", [&] { linalg::eigh(x); }},
      {"eigvalsh", [&] { linalg::eigvalsh(x); }},
      {"eig", [&] { linalg::eig(x); }},
      {"eigvals", [&] { linalg::eigvals(x); }},
      {"pinv", [&] { linalg::pinv(x); }},
      {"matrix_rank", [&] { linalg::matrix_rank(x); }},
      {"cond", [&] { linalg::cond(x, 1); }},
      {"norm", [&] { linalg::norm(x, "nuc"); }},
  };
  for (const auto& [name, call] : calls) {
    EXPECT_EQ(message_of<device_error>(call),
              std::string(name) + ": cuda:0 has no factorisations; x.to(cpu()) computes on the host");
  }
  EXPECT_EQ(message_of<device_error>([&] { linalg::solve(eye(3, {.device = cpu()}), x); }),
            "solve: operands on cpu and cuda:0; to() copies from one device to another");
}

TEST_F(linalg_on_gpu, norms_of_sums_and_vector_products_are_the_hosts) {
  const array x = random::generator(3).integers(-9, 10, {4, 3}, {.device = cpu()}).astype(float64), on = x.to(cuda());
  for (const linalg::norm_order& ord :
       {linalg::norm_order("fro"), linalg::norm_order(1), linalg::norm_order(-HUGE_VAL)}) {
    const array found = linalg::norm(on, ord);
    EXPECT_EQ(found.device(), cuda());
    EXPECT_EQ(double(found), double(linalg::norm(x, ord)));
  }
  EXPECT_TRUE(
      bool(all(linalg::cross(on, on(slice(none, none, -1))).to(cpu()) == linalg::cross(x, x(slice(none, none, -1))))));
}

}  // namespace
