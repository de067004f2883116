// Which version of the library runs, what it was built with, and which of its instruction sets it uses.
#pragma once
#include <string>
#include <vector>

#include "api.hpp"

namespace tessera {

/// "0.1.0"                                                                                        (as numpy.__version__)
TESSERA_API std::string version();

/// A library that this one was built with.
struct build_dependency {
  std::string name;     ///< "Highway", "LAPACK"
  std::string version;  ///< "1.0.3"; empty where it does not tell
  std::string file;     ///< of LAPACK and BLAS, which may be exchanged without building anew: the one that is loaded
};

struct build_info {
  std::string compiler;    ///< "GNU 12.2.0"
  std::string build_type;  ///< "Release"
  std::string processor;   ///< "x86_64"
  std::string sanitizers;  ///< "address,undefined"; else empty
  std::string cuda;        ///< the toolkit of the CUDA module built along, "13.0"; empty without one
  bool shared = false;     ///< a shared library; a static one cannot open the CUDA module
  bool assertions = false;
  std::vector<build_dependency> dependencies;
};
/// What the library was built with.                                                             (as numpy.show_config)
TESSERA_API build_info built_with();

/// Instruction sets as Highway names them ("AVX3" is AVX-512), best first.
struct simd_info {
  std::vector<std::string> compiled;  ///< those that the library has kernels for
  std::vector<std::string> usable;    ///< those of them that this processor runs
  std::string in_use;                 ///< the one that kernels run as
};
/// (as "SIMD Extensions" in numpy.show_config)
TESSERA_API simd_info simd();

}  // namespace tessera
