// What a backend module needs of the library beyond its public interface is exported by this mark, and by nothing else:
//   cpu_backend()              backend.hpp            the host's side of copies
//   bytes_text()               core/bytes_text.hpp    messages
//   simplify_axes()            expr/axes.hpp          copies as stages
#pragma once

#define TESSERA_MODULE_API __attribute__((visibility("default")))
