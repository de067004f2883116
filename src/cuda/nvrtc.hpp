// NVRTC: source text to machine code.
#pragma once
#include <string>

namespace tessera::detail::cuda {

/// What a kernel is compiled for.
struct code_target {
  int capability;  // of a device: 75, 80, 90 …
  bool ptx;        // text for the driver (or emulator) to translate, instead of machine code
};

/// For a device of this capability: machine code if this NVRTC knows the device, else PTX for the closest it knows.
/// TESSERA_CUDA_JIT=ptx asks for PTX always. Throws device_error when there is no NVRTC.
code_target target_for(int capability);

/// All that a compilation depends on besides its source: version, options, target.
std::string compiler_key(const code_target& target);

/// Throws device_error with the compiler's messages. `report`, if there is one, gets what the assembler says about registers
/// and memory.
std::string compile(const std::string& source, const std::string& name, const code_target& target,
                    std::string* report = nullptr);

/// Empty, or why NVRTC cannot be used.
std::string nvrtc_problem();

}  // namespace tessera::detail::cuda
