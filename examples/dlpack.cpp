// Arrays to another framework and back through DLPack: the same elements, never a copy that was not asked for.
#include <tessera/tessera.hpp>

using namespace tessera;

int main() {
  // [crossing]
  array a = reshape(arange(6.0), {2, 3});
  DLManagedTensorVersioned* tensor =
      to_dlpack(a);               // for a consumer: a's elements, kept alive until it calls the deleter
  array b = from_dlpack(tensor);  // from a producer: b owns the struct and calls its deleter at the end
  b(0, 0) = 99;                   // seen through a, too
  // [/crossing]
  print(a);
  print("same elements:", a.data() == b.data());

  // [choices]
  array backwards = a(0, slice(none, none, -1));
  array copy = from_dlpack(to_dlpack(backwards));               // negative strides: nobody else takes them, so a copy
  array fixed = from_dlpack(to_dlpack(a), {.readonly = true});  // refuses to be written, as does what says READ_ONLY
  try {
    to_dlpack(backwards, {.copy = copying::never});
  } catch (const dlpack_error& e) {
    print(e.what());
  }
  // [/choices]
  print("copied:", copy.data() != backwards.data(), "writeable:", fixed.flags().writeable);
}
