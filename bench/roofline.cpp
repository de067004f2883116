// One statement on a GPU, real or emulated, so that what its kernels execute and move can be counted (tools/roofline.py).
//
//   tessera-roofline --list     the workloads, a line each: name, formula, results or elements, bytes moved at least
//   tessera-roofline NAME       runs it once; no kernels but its own are started
#include <tessera/tessera.hpp>

#include <cstdio>
#include <functional>
#include <string>

namespace {

using namespace tessera;

constexpr std::int64_t side = 2048, count = side * side, sorted = 1 << 19;

/// Numbers between 0 and 1, made on the host.
array numbers(const shape& extents, const dtype& type = float32) {
  const device_scope host(cpu());
  const dtype drawn = type == float64 ? float64 : float32;
  return random::generator(7).uniform(extents, {.dtype = drawn}).astype(type).to(cuda());
}
array square_of_numbers() { return numbers({side, side}); }

array chain(const array& a, const array& b) {
  expr x = a;
  for (int k = 0; k < 9; ++k) x = x * b + 0.5f - a;
  return sqrt(x * x + 1.0f);
}
array softmax(const array& x) {
  const expr powers = exp(x - max(x, 1, {.keepdims = true}));
  return powers / sum(powers, 1, {.keepdims = true});
}
array zscore(const array& x) { return (x - mean(x, 0)) / stddev(x, 0); }
array sum_of_two(const dtype& type) { return numbers({count}, type) + numbers({count}, type); }
array pairs(std::int64_t n, std::int64_t d) {
  const array x = numbers({n, d}), y = numbers({n, d});
  return sqrt(sum(square(x(all, newaxis, all) - y(newaxis, all, all)), 2));
}
array gathered() {
  const array x = numbers({count});
  const device_scope host(cpu());
  const array places = random::generator(8).integers(0, count, {count}).to(cuda());
  return x(places);
}

struct workload {
  const char *name, *formula;
  std::int64_t units, bytes;
  std::function<array()> run;
};

const workload workloads[] = {
    {"add_float32", "a + b, float32", count, 12 * count, [] { return sum_of_two(float32); }},
    {"add_float64", "a + b, float64", count, 24 * count, [] { return sum_of_two(float64); }},
    {"add_float16", "a + b, float16", count, 6 * count, [] { return sum_of_two(float16); }},
    {"add_strided", "a(::2) + b(::2)", count / 2, 10 * count,
     []() -> array {
       const array a = numbers({count}), b = numbers({count});
       return a(slice(none, none, 2)) + b(slice(none, none, 2));
     }},
    {"add_transposed", "a + b.T", count, 12 * count,
     []() -> array { return square_of_numbers() + square_of_numbers().T(); }},
    {"add_row", "a + row", count, 8 * count + 4 * side,
     []() -> array { return square_of_numbers() + numbers({side}); }},
    {"add_column", "a + column", count, 8 * count + 4 * side,
     []() -> array {
       return square_of_numbers() + numbers({side, 1});
     }},
    {"chain", "30 operations on a, b", count, 12 * count, [] { return chain(numbers({count}), numbers({count})); }},
    {"sin_exp", "sin(a) * exp(b)", count, 12 * count,
     []() -> array { return sin(numbers({count})) * exp(numbers({count})); }},
    {"softmax", "softmax of rows", count, 8 * count, [] { return softmax(square_of_numbers()); }},
    {"zscore", "z-score of columns", count, 8 * count, [] { return zscore(square_of_numbers()); }},
    {"sum_rows", "sum(a, 1)", count, 4 * count, []() -> array { return sum(square_of_numbers(), 1); }},
    {"sum_columns", "sum(a, 0)", count, 4 * count, []() -> array { return sum(square_of_numbers(), 0); }},
    {"sum_all", "sum(a)", count, 4 * count, []() -> array { return sum(square_of_numbers()); }},
    {"var_rows", "var(a, 1)", count, 4 * count, []() -> array { return var(square_of_numbers(), 1); }},
    {"argmax_rows", "argmax(a, 1)", count, 4 * count, []() -> array { return argmax(square_of_numbers(), 1); }},
    {"cumsum", "cumsum(a)", count, 8 * count, []() -> array { return cumsum(numbers({count})); }},
    {"cumsum_rows", "cumsum(a, 1)", count, 8 * count, []() -> array { return cumsum(square_of_numbers(), 1); }},
    {"uniform", "uniform, float32", count, 4 * count,
     [] { return random::generator(7).uniform({count}, {.dtype = float32}); }},
    {"normal", "normal, float32", count, 4 * count,
     [] { return random::generator(7).normal({count}, {.dtype = float32}); }},
    {"pairs_3", "distances, d = 3", 1 << 20, 4 << 20, [] { return pairs(1024, 3); }},
    {"pairs_16", "distances, d = 16", 1 << 20, 4 << 20, [] { return pairs(1024, 16); }},
    {"pairs_128", "distances, d = 128", 1 << 18, 1 << 20, [] { return pairs(512, 128); }},
    {"gather", "x(i), i at random", count, 16 * count, [] { return gathered(); }},
    {"compress", "a[a > 0.5]", count, 6 * count,
     []() -> array {
       const array a = numbers({count});
       return a[a > 0.5f];
     }},
    {"sort", "sort(a), float32", sorted, 8 * sorted, []() -> array { return sort(numbers({sorted})); }},
    {"sort_rows", "sort(a, 1), rows of 1024", sorted, 8 * sorted,
     []() -> array {
       return sort(numbers({sorted / 1024, 1024}), 1);
     }},
    {"topk", "topk(a, 100)", count, 4 * count, []() -> array { return topk(numbers({count}), 100).values; }},
    {"partition", "partition(a, n / 2)", count, 8 * count,
     []() -> array { return partition(numbers({count}), count / 2); }},
};

int list() {
  for (const workload& w : workloads)
    std::printf("%s\t%s\t%lld\t%lld\n", w.name, w.formula, static_cast<long long>(w.units),
                static_cast<long long>(w.bytes));
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string name = argc == 2 ? argv[1] : "";
  if (name == "--list") return list();
  set_default_device(cuda());
  for (const workload& w : workloads) {
    if (name != w.name) continue;
    const array result = w.run();
    synchronize(cuda());
    return 0;
  }
  std::fprintf(stderr, "usage: tessera-roofline --list | NAME\n");
  return 2;
} catch (const tessera::error& error) {
  std::fprintf(stderr, "tessera-roofline: %s\n", error.what());
  return 1;
}
