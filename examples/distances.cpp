// Distances between rows: matrices of them, nearest rows, neighbours within a radius, sums without a matrix, blocks.
#include <tessera/tessera.hpp>

#include <atomic>

using namespace tessera;

int main() {
  // [matrices]
  array x = reshape(array{0.0, 0.0, 3.0, 4.0, 6.0, 8.0}, {3, 2}), y = reshape(array{0.0, 1.0, 3.0, 0.0}, {2, 2});
  array distances = cdist(x, y);                                                // (3, 2), euclidean
  array cubic = cdist(x, y, metric("minkowski", {.p = 3}));                     // parameters beside the name
  array weighted = cdist(x, y, metric("cityblock", {.w = {array{1.0, 0.5}}}));  // a weight for each coordinate
  array pairs = pdist(x);                                                       // (0, 1), (0, 2), (1, 2)
  array matrix = squareform(pairs);                                             // (3, 3), zeros on its diagonal
  // [/matrices]
  print(distances);
  print(weighted);
  print(pairs);
  print(matrix);
  print(allclose(pow(cubic, 3), sum(pow(abs(x(all, newaxis, all) - y), 3), 2)));

  // [methods]
  array exact = cdist(x, y, "sqeuclidean");                            // differences first
  array product = cdist(x, y, "sqeuclidean", {.method = "expanded"});  // |x|^2 + |y|^2 - 2 x y
  array single = cdist(x, y, "sqeuclidean", {.dtype = float32});       // computed in float32, a float32 array
  // [/methods]
  print(allclose(exact, product), single.dtype());

  // [nearest]
  auto [near, which] = nearest(y, x, 2);                          // (2, 2) each: the 2 rows of x nearest to each of y
  auto [others, who] = nearest(x, x, 1, {.exclude_self = true});  // no row is its own neighbour
  auto [offsets, within, places] = radius_neighbors(y, x, 4.0);   // those of row i: [offsets(i), offsets(i + 1))
  // [/nearest]
  print(which, near.shape(), ravel(who), ravel(others));
  print(offsets, places, within);

  // [reduce]
  array farthest = pairwise_reduce(x, y, "euclidean", "max");
  array density = pairwise_reduce(x, y, "euclidean", {"gaussian", 2.0});  // the sum of exp(-d^2 / (2 * 2.0^2))
  array close = pairwise_reduce(x, y, "euclidean", {"count_below", 5.0});
  // [/reduce]
  print(farthest, density, close);

  // [blocks]
  array medians = empty({3});
  for_each_row_block(x, y, "euclidean", [&](std::int64_t first, const array& block) {
    medians(slice(first, first + block.shape()[0])) = median(block, 1);  // block: rows [first, ...) of cdist(x, y)
  });
  // [/blocks]
  print(medians);

  // [progress]
  std::atomic<bool> wanted = false;  // another thread may clear it while the call runs
  try {
    cdist(x, y, "euclidean", {.progress = [&](std::int64_t done, std::int64_t of) {
            print(done, "of", of);
            return wanted.load();
          }});
  } catch (const cancelled& end) {
    print(end.what());
  }
  // [/progress]
}
