// A user's program, small but through the whole library: it computes, prints and catches an error.
#include <tessera/tessera.hpp>

using namespace tessera;

int main() {
  array x = reshape(arange(6), {2, 3});
  array total = sum(x * x + 1);
  print(x, total);
  try {
    print(x + array{1, 2});
  } catch (const shape_error&) {
    return int(total) == 61 ? 0 : 1;
  }
  return 2;
}
