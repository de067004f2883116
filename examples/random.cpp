// Random numbers that are the same on every machine: pi by throwing darts, and the error of a mean by drawing again.
#include <tessera/tessera.hpp>

#include <cstdio>

using namespace tessera;

int main() {
  // [drawing]
  random::generator g(42);                // generator(42, {.stream = 3}) is another one, generator() a new one each run
  array darts = g.uniform({1000000, 2});  // float64 in [0, 1)
  array noise = g.normal(0, 0.1, {2, 3}, {.dtype = float32});
  array dice = g.integers(1, 6, {10}, {.endpoint = true});
  array order = g.permutation(10);
  // [/drawing]
  print("pi is about", 4.0 * mean(norm(darts, 1) < 1.0));
  print(noise);
  print("dice", dice, "order", order);

  array heights = g.normal(170, 8, {50});
  array means = mean(heights[g.integers(0, 50, {10000, 50})], 1);  // of ten thousand samples with repetition
  std::printf("mean height %.2f, give or take %.2f\n", double(mean(heights)), double(stddev(means)));
  std::printf("next: %s\n", random::to_string(g).c_str());
}
