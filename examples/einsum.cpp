// Sums of products: labels, views, several operands and the order in which they are contracted.
#include <tessera/tessera.hpp>

using namespace tessera;

int main() {
  // [labels]
  array a = reshape(arange(6.0), {2, 3}), b = reshape(arange(12.0), {3, 4});
  array product = einsum("ij,jk->ik", a, b);                // a label that the output lacks is summed
  array same = einsum({{a, {0, 1}}, {b, {1, 2}}}, {0, 2});  // without letters
  array batch = einsum("...ij,...jk->...ik", ones({5, 2, 3}), ones({5, 3, 4}));
  array m = zeros({3, 3});
  einsum("ii->i", m) = array{1.0, 2.0, 3.0};         // of one array: a view, here of the diagonal
  array scatter = einsum("i->ii", array{1.0, 2.0});  // beyond NumPy: zeros off the diagonal
  // [/labels]
  print(product, array_equal(product, same), batch.shape());
  print(m);
  print(scatter);

  // [path]
  array x = ones({2000, 10}, float32), y = ones({10, 2000}, float32);
  contraction_path path = einsum_path("ij,jk,kl->il", x, y, x);
  // [/path]
  print(path.equation, "takes", path.flops, "operations, in one pass", path.naive_flops);
  for (const contraction_step& step : path.steps) print(step.operands[0], step.operands[1], step.equation);
  // [options]
  array chain = einsum_list("ij,jk,kl->il", {x, y, x}, {.path = path.path()});
  chain = einsum_list("ij,jk,kl->il", {x, y, x}, {.optimize = einsum_search::greedy, .memory_limit = 1000000});
  // [/options]
  print(chain(0, 0));
}
