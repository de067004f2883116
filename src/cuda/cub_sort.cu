// CUB's radix sort, once for each width of keys: what they mean is settled before (device/sort.cuh).
#include <cub/device/device_radix_sort.cuh>

#include <atomic>
#include <cstdio>
#include <string>

#include "cuda/cub.hpp"
#include "cuda/launch.hpp"
#include "cuda/scratch.hpp"

namespace tessera::detail::cuda {
namespace {

const std::string keys_name = "cub_radix_sort_keys", pairs_name = "cub_radix_sort_pairs";

/// What `call` returns, or throws: CUB asks for a device's version once, by a function that does. It would wait for that answer
/// forever when it is asked again, so that there is no second time.
template <class Call> cudaError_t status_of(int device, const Call& call) {
  static std::atomic<int> lost[64];  // the status, for each device
  std::atomic<int>& status = lost[device % 64];
  if (status != cudaSuccess) return static_cast<cudaError_t>(status.load());
  try {
    return call();
  } catch (const ::cuda::cuda_error& e) {
    int thrown = cudaErrorUnknown;  // only the text has it: "cudaError 999: …"
    std::sscanf(e.what(), "cudaError %d", &thrown);
    return static_cast<cudaError_t>(status = thrown);
  }
}

/// `algorithm(memory, nbytes, stream)` is asked for the size of its temporary memory, then run with it.
template <class Algorithm> void call_cub(context& on, const std::string& name, const Algorithm& algorithm) {
  std::size_t nbytes = 0;
  const cudaStream_t stream = on.stream();
  check(status_of(on.index(), [&] { return algorithm(nullptr, nbytes, stream); }), name.c_str());
  const scratch memory(on, static_cast<std::int64_t>(nbytes), name.c_str());
  note_launch(name);
  check(status_of(on.index(), [&] { return algorithm(memory.data(), nbytes, stream); }), name.c_str());
  after_launch(on, name);
}

template <class T> cub::DoubleBuffer<T> typed(const sort_buffers& x) {
  return {static_cast<T*>(x.current), static_cast<T*>(x.spare)};
}
template <class T> void take_back(sort_buffers& x, cub::DoubleBuffer<T>& sorted) {
  x = {sorted.Current(), sorted.Alternate()};
}

template <class Key> void keys_of(context& on, sort_buffers& keys, std::int64_t count, int bits) {
  cub::DoubleBuffer<Key> k = typed<Key>(keys);
  call_cub(on, keys_name, [&](void* memory, std::size_t& nbytes, cudaStream_t stream) {
    return cub::DeviceRadixSort::SortKeys(memory, nbytes, k, static_cast<std::uint64_t>(count), 0, bits, stream);
  });
  take_back(keys, k);
}

template <class Key, class Payload>
void pairs_of(context& on, sort_buffers& keys, sort_buffers& payload, std::int64_t count, int bits) {
  cub::DoubleBuffer<Key> k = typed<Key>(keys);
  cub::DoubleBuffer<Payload> p = typed<Payload>(payload);
  call_cub(on, pairs_name, [&](void* memory, std::size_t& nbytes, cudaStream_t stream) {
    return cub::DeviceRadixSort::SortPairs(memory, nbytes, k, p, static_cast<std::uint64_t>(count), 0, bits, stream);
  });
  take_back(keys, k);
  take_back(payload, p);
}

}  // namespace

void sort_keys(context& on, int key_bytes, sort_buffers& keys, std::int64_t count, int bits) {
  switch (key_bytes) {
    case 1: return keys_of<std::uint8_t>(on, keys, count, bits);
    case 2: return keys_of<std::uint16_t>(on, keys, count, bits);
    case 4: return keys_of<std::uint32_t>(on, keys, count, bits);
    default: return keys_of<std::uint64_t>(on, keys, count, bits);
  }
}

void sort_pairs(context& on, int key_bytes, sort_buffers& keys, int payload_bytes, sort_buffers& payload,
                std::int64_t count, int bits) {
  if (payload_bytes == 8) return pairs_of<std::uint64_t, std::uint64_t>(on, keys, payload, count, bits);
  switch (key_bytes) {
    case 1: return pairs_of<std::uint8_t, std::uint32_t>(on, keys, payload, count, bits);
    case 2: return pairs_of<std::uint16_t, std::uint32_t>(on, keys, payload, count, bits);
    case 4: return pairs_of<std::uint32_t, std::uint32_t>(on, keys, payload, count, bits);
    default: return pairs_of<std::uint64_t, std::uint32_t>(on, keys, payload, count, bits);
  }
}

}  // namespace tessera::detail::cuda
