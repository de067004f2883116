// The program shown in README.md.
// [program]
#include <tessera/tessera.hpp>
using namespace tessera;

int main() {
  array points = reshape(arange(12.0), {4, 3});
  auto differences = points(all, newaxis, all) - points(newaxis, all, all);  // a recipe: nothing is computed yet
  array distances = sqrt(sum(square(differences), 2));                       // one pass, no 4 x 4 x 3 intermediate
  print(distances);

  points(slice(0, 2)) = 0;                     // a view writes through
  array far = points[norm(points, 1) > 10.0];  // a mask copies
  print(mean(far, 0), far.shape());
}
// [/program]
