// What loading_test loads while it runs, as Python would: a module that uses the library.
#include "tessera/tessera.hpp"

extern "C" __attribute__((visibility("default"))) double sum_of_squares(int n) {
  using namespace tessera;
  const array x = arange(static_cast<double>(n));
  return sum(square(x)).eval().item<double>();
}
