// DLPack: arrays to and from other frameworks without a copy, in C++ (docs/dlpack.md).
#pragma once
#include <cstdint>
#include <optional>

#include "array.hpp"

// As <dlpack/dlpack.h> defines them, of any version; only pointers to them are needed here.
struct DLManagedTensor;
struct DLManagedTensorVersioned;

namespace tessera {

/// Whether elements may be copied: only where it cannot be avoided, in any case, or not at all (an error then).
enum class copying { if_needed, always, never };

struct dlpack_version {
  std::uint32_t major, minor;
  friend bool operator==(const dlpack_version&, const dlpack_version&) = default;
};

/// DLPack's number of a kind of memory (1 CPU, 2 CUDA, 3 pinned host memory, 13 managed memory) and the device's index.
struct dlpack_device {
  int type, index;
  friend bool operator==(const dlpack_device&, const dlpack_device&) = default;
};

/// Where to_dlpack says that the array is.                       (as __dlpack_device__)
TESSERA_API dlpack_device dlpack_device_of(const array& a);

// Streams are numbered as DLPack does: 1 the legacy default stream, 2 the calling thread's, -1 no synchronisation,
// others a cudaStream_t as an integer. 0 could mean either default stream and is refused.

struct to_dlpack_options {
  dlpack_version max_version = {1, 3};         ///< the struct's version is at most this
  std::optional<tessera::device> device = {};  ///< where the consumer wants it; a copy when it is elsewhere
  tessera::copying copy = copying::if_needed;
  std::optional<std::intptr_t> stream = {};  ///< the consumer's; 1 unless given on a GPU, none for memory of the host
};

/// The array as a struct that shares its elements and keeps them alive; its deleter, to be called once from any
/// thread, lets go of them. Strides are filled in, byte_offset is 0, data is null when there are no elements; what a
/// consumer puts on `stream` comes after all our work on the elements. The flags say whether it is read-only and
/// whether it is a copy. Strides that are negative or no multiple of the itemsize, and misaligned elements, take a
/// copy, in the array's memory order. Throws dlpack_error when a copy is needed and copying::never given, for a
/// maximum version below 1.0 and for a stream that cannot be; device_error when `device` is not there, out_of_memory.
/// (as array.__dlpack__)
TESSERA_API DLManagedTensorVersioned* to_dlpack(const array& a, const to_dlpack_options& options = {},
                                                caller where = caller::current());

/// The same for consumers older than DLPack 1.0. The struct has neither version nor flags: max_version is not looked
/// at, and a read-only array throws dlpack_error unless it is copied.
TESSERA_API DLManagedTensor* to_dlpack_legacy(const array& a, const to_dlpack_options& options = {},
                                              caller where = caller::current());

struct from_dlpack_options {
  bool readonly = false;                       ///< also if the producer did not say so (a legacy struct cannot)
  std::optional<tessera::device> device = {};  ///< where the array shall be; a copy when the tensor is elsewhere
  tessera::copying copy = copying::if_needed;
  std::optional<std::intptr_t> stream = {};  ///< on which the producer put its work; none or -1: nothing to wait for
};

/// An array over the tensor's elements. On success it owns the tensor: the deleter (null: nothing) is called once,
/// when the last array over it goes, or at once after a copy. If it throws, the tensor is still the caller's,
/// untouched. Strides may be null (C order), data misaligned, extents 0, and byte_offset any. Unknown flags are let
/// pass, IS_COPIED has no consequence, and READ_ONLY gives an array that refuses to be written. Pinned host memory
/// becomes an array on cpu(), managed memory one on a GPU, or on cpu() where `device` says so; both are remembered for
/// to_dlpack. Throws dlpack_error for what cannot be an array here (another major version, kinds of memory and
/// elements that we do not have, malformed structs) and when a copy is needed and copying::never given; device_error
/// when the device is not there or cannot use the memory, out_of_memory.
/// (as numpy.from_dlpack)
TESSERA_API array from_dlpack(DLManagedTensorVersioned* tensor, const from_dlpack_options& options = {},
                              caller where = caller::current());
TESSERA_API array from_dlpack(DLManagedTensor* tensor, const from_dlpack_options& options = {},
                              caller where = caller::current());

}  // namespace tessera
