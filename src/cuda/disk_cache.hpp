// Compiled kernels on disk, so that a program compiles each only the first time it is ever run.
//
//   folder   $TESSERA_CACHE_DIR, else $XDG_CACHE_HOME/tessera/cuda, else $HOME/.cache/tessera/cuda; ours alone (0700)
//   file     the hash of all that the code depends on; header (magic, version, length, checksum, key), then the code
//
// Whatever is wrong with a file or the folder is a miss. TESSERA_CUDA_CACHE=0 turns it off.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace tessera::detail::cuda {

/// 128 bits of a text as 32 hexadecimal digits. Not against an adversary: the folder is the user's own.
std::string digest(std::string_view text);

std::optional<std::string> read_cached(const std::string& key_digest);
void write_cached(const std::string& key_digest, std::string_view code) noexcept;

}  // namespace tessera::detail::cuda
