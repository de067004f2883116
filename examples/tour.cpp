// A tour of the library in five minutes: each section prints what its comments say. Run it with ./dev demo.
#include <tessera/tessera.hpp>

using namespace tessera;

int main() {
  print("-- Arrays have a shape, a dtype, and strides in bytes.");
  array grid = reshape(arange(12), {3, 4});
  print(grid);
  print(grid.shape(), grid.dtype(), grid.strides());

  print("\n-- Indexing makes views; writing to a view writes to the array.");
  array last_column = grid(all, -1);
  last_column(0) = 100;
  grid(slice(none, none, -1), slice(0, 2)) = {7, 8};
  print(grid);

  print("\n-- Masks and index arrays select copies, and assign in place.");
  print(grid[grid > 9], grid(array{0, 2}, array{3, 0}));
  grid[grid > 9] = 0;
  print(grid);

  print("\n-- Shapes broadcast; dtypes promote as in NumPy 2.");
  array column = array{1, 2, 3}(all, newaxis);
  print(column * array{10, 20, 30, 40});
  print((array({1, 2}).astype(int8) + 1).dtype(), (array({1, 2}).astype(int8) + array{0.5, 1.5}).dtype());

  print("\n-- `auto` keeps a recipe, `array` runs it: one pass, no intermediate arrays.");
  array x = linspace(-2, 2, 5);
  auto logistic = 1 / (1 + exp(-x));
  array y = logistic;
  print(y);

  print("\n-- Reductions are part of the recipe: this standardises every row.");
  array data = array{{1.0, 2.0, 3.0}, {10.0, 20.0, 60.0}};
  array standard = (data - mean(data, 1, {.keepdims = true})) / stddev(data, 1, {.keepdims = true});
  print(standard);

  print("\n-- Sorting, searching, joining.");
  array scores = {3, 1, 2};
  print(sort(scores), argsort(scores), searchsorted(array{10, 20, 30}, array{5, 20, 35}));
  print(concatenate({scores, scores * 10}));

  print("\n-- Sums of products by name of axis.");
  print(einsum("ij,kj->ik", data, data));

  print("\n-- A mistake names the operation and both shapes.");
  try {
    array bad = grid + array{1, 2, 3};
  } catch (const shape_error& error) {
    print(error.what());
  }
}
