// CUB's selection by flags and running sums of counts.
#include <cub/device/device_scan.cuh>
#include <cub/device/device_select.cuh>
#include <thrust/iterator/counting_iterator.h>

#include "cuda/cub.hpp"
#include "cuda/cub_call.cuh"

namespace tessera::detail::cuda {
namespace {

const std::string select_name = "cub_select_flagged", sum_name = "cub_exclusive_sum";

template <class In, class Out>
void select(context& on, In in, const std::uint8_t* flags, Out out, std::int64_t count, std::int64_t* chosen) {
  call_cub(on, select_name, [&](void* memory, std::size_t& nbytes, cudaStream_t stream) {
    return cub::DeviceSelect::Flagged(memory, nbytes, in, flags, out, chosen, count, stream);
  });
}

template <class T>
void select_of(context& on, const void* in, const std::uint8_t* flags, void* out, std::int64_t count,
               std::int64_t* chosen) {
  select(on, static_cast<const T*>(in), flags, static_cast<T*>(out), count, chosen);
}

}  // namespace

void select_flagged(context& on, int itemsize, const void* in, const std::uint8_t* flags, void* out, std::int64_t count,
                    std::int64_t* chosen) {
  switch (itemsize) {
    case 1: return select_of<std::uint8_t>(on, in, flags, out, count, chosen);
    case 2: return select_of<std::uint16_t>(on, in, flags, out, count, chosen);
    case 4: return select_of<std::uint32_t>(on, in, flags, out, count, chosen);
    case 8: return select_of<std::uint64_t>(on, in, flags, out, count, chosen);
    default: return select_of<uint4>(on, in, flags, out, count, chosen);
  }
}

void select_positions(context& on, const std::uint8_t* flags, std::int64_t* out, std::int64_t count,
                      std::int64_t* chosen) {
  select(on, thrust::counting_iterator<std::int64_t>(0), flags, out, count, chosen);
}

void exclusive_sum(context& on, const std::int64_t* in, std::int64_t* out, std::int64_t count) {
  call_cub(on, sum_name, [&](void* memory, std::size_t& nbytes, cudaStream_t stream) {
    return cub::DeviceScan::ExclusiveSum(memory, nbytes, in, out, count, stream);
  });
}

}  // namespace tessera::detail::cuda
