// Arrays on a GPU, and the same program where there is none.
#include <tessera/tessera.hpp>
using namespace tessera;

int main() {
  if (const backend_info gpu = backends()[1]; !gpu.available) {
    print("no GPU:", gpu.detail);
    return 0;
  }
  // [devices]
  array x = arange(12.0).to(cuda());  // a copy; to(cpu()) and back
  array y = zeros({3, 4}, {.dtype = float32, .device = cuda()});
  const device_scope here(cuda());  // this thread's new arrays, until the scope ends
  array z = reshape(x, {3, 4}) + y + ones({4});
  // [/devices]
  print(z.device().name(), z);
}
