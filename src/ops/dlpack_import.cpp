// from_dlpack: arrays over the tensors of others, after a look at everything that a broken producer may have put there.
#include "backend.hpp"
#include "core/layout.hpp"
#include "ops/dlpack.hpp"
#include "ops/dlpack_names.hpp"

namespace tessera {

using detail::access;
namespace dlpack = detail::dlpack;

namespace {

[[noreturn]] void refuse(const std::string& why, const caller& where) {
  throw dlpack_error("from_dlpack: " + why, where);
}

dtype dtype_of(const dlpack::data_type& type, const caller& where) {
  if (type.lanes != 1) {
    refuse("elements of " + std::to_string(type.lanes) + " lanes of " + detail::dlpack_name(type) +
               " are not supported; expected 1 lane",
           where);
  }
  if (const dtype ours = detail::dtype_of(type); ours.is_set()) return ours;
  refuse("elements of " + detail::dlpack_name(type) +
             " are not supported; expected bool, int8 to int64, uint8 to uint64, float16, bfloat16, float32, float64, "
             "complex64 or complex128",
         where);
}

/// Where the memory is, as an array sees it.
void place(const dlpack::device& device, const from_dlpack_options& options, detail::foreign_memory& memory,
           const caller& where) {
  switch (device.type) {
    case dlpack::cpu: return;
    case dlpack::cuda: memory.on = cuda(device.index); break;
    case dlpack::cuda_host: memory.kind = detail::memory_kind::pinned; return;
    case dlpack::cuda_managed:
      memory.kind = detail::memory_kind::managed;
      memory.on = options.device ? *options.device : default_device(where) == cpu() ? cuda() : default_device(where);
      break;
    default:
      refuse("device " + detail::dlpack_name(device) +
                 " is not supported; expected kDLCPU, kDLCUDA, kDLCUDAHost or kDLCUDAManaged",
             where);
  }
  detail::backend_of(memory.on, where);
}

shape extents_of(const dlpack::tensor& t, std::int64_t itemsize, const caller& where) {
  if (t.ndim < 0 || t.ndim > max_ndim) {
    refuse(std::to_string(t.ndim) + " axes are not supported; expected 0 to " + std::to_string(max_ndim), where);
  }
  if (t.ndim > 0 && !t.shape) refuse("the shape is null, but there are " + std::to_string(t.ndim) + " axes", where);
  shape extents;
  for (int axis = 0; axis < t.ndim; ++axis) extents.push_back(t.shape[axis]);
  try {
    detail::element_count(extents, "from_dlpack", where, itemsize);
  } catch (const value_error& e) {
    throw dlpack_error(e.what(), where);
  }
  return extents;
}

/// What an array needs of a tensor.
struct description {
  dtype type;
  shape extents, strides;
  std::byte* first = nullptr;
  detail::foreign_memory memory = {};
};

/// Sets first, strides and the bytes between the lowest and the highest address.
void locate(const dlpack::tensor& t, description& d, const caller& where) {
  const std::int64_t itemsize = d.type.itemsize();
  const bool empty = detail::element_count(d.extents) == 0;
  if (!t.strides || empty) d.strides = detail::contiguous_strides(d.extents, itemsize, order::C);
  if (empty) {
    d.first = access::data(array());  // no elements, but arrays are never at null
    d.memory.data = d.first;
    return;
  }
  if (!t.data) refuse("the data is null for shape " + to_string(d.extents), where);
  // 128 bits: nothing of this can be trusted.
  const auto address = reinterpret_cast<std::uintptr_t>(t.data);
  const __int128 first = __int128{address} + t.byte_offset;
  __int128 begin = first, end = first + itemsize;
  bool reachable = true;
  for (int axis = 0; axis < t.ndim; ++axis) {
    const __int128 stride = t.strides ? __int128{t.strides[axis]} * itemsize : __int128{d.strides[axis]};
    // An extent times itemsize is below 2^63, a stride in elements too: 128 bits hold any one reach.
    const __int128 reach = (d.extents[axis] - 1) * stride;
    (reach < 0 ? begin : end) += reach;
    reachable = reachable && begin >= 0 && end <= INT64_MAX;
    if (!reachable) break;
    if (t.strides)
      d.strides.push_back(d.extents[axis] == 1 && stride != static_cast<std::int64_t>(stride)
                              ? itemsize
                              : static_cast<std::int64_t>(stride));
  }
  if (!reachable || end > INT64_MAX) {
    shape in_elements;
    for (int axis = 0; t.strides && axis < t.ndim; ++axis) in_elements.push_back(t.strides[axis]);
    refuse("shape " + to_string(d.extents) +
               (t.strides ? " with strides of " + to_string(in_elements) + " elements" : "") + " and byte_offset " +
               std::to_string(t.byte_offset) + " reaches outside the address space",
           where);
  }
  d.first = static_cast<std::byte*>(t.data) + t.byte_offset;
  d.memory.data = d.first - static_cast<std::int64_t>(first - begin);
  d.memory.nbytes = static_cast<std::int64_t>(end - begin);
}

detail::storage_ref adopt(const detail::foreign_memory& memory, const caller& where) {
  try {
    return detail::storage::adopt(memory);
  } catch (const device_error& e) {
    throw device_error(e.what(), where);
  }
}

template <class Managed> void call_deleter(void* context) {
  auto* const tensor = static_cast<Managed*>(context);
  if (tensor->deleter) tensor->deleter(tensor);
}

template <class Managed>
array import(Managed* tensor, bool readonly, const from_dlpack_options& options, const caller& where) {
  const dlpack::tensor& t = tensor->dl_tensor;
  description d;
  place(t.device, options, d.memory, where);
  d.type = dtype_of(t.dtype, where);
  d.extents = extents_of(t, d.type.itemsize(), where);
  locate(t, d, where);
  d.memory.readonly = readonly || options.readonly;

  const tessera::device here = d.memory.on, target = options.device ? *options.device : here;
  if (target != here && options.copy == copying::never) {
    refuse("the tensor is on " + here.name() + ", not on " + target.name() +
               ": that takes a copy, which copying::never rules out",
           where);
  }
  const bool host_only = here == cpu() && d.memory.kind == detail::memory_kind::ordinary;
  const auto stream = detail::stream_of(options.stream, !host_only, "from_dlpack", where);
  if (here != cpu()) d.memory.stream = stream;
  else if (stream) detail::backend_of(cuda(), where).finish(*stream);

  detail::storage_ref bytes = adopt(d.memory, where);
  array result = access::adopt(bytes, d.first, d.type, d.extents, d.strides, d.memory.readonly);
  if (target != here || options.copy == copying::always) {
    result = detail::copy_to(result, target, order::K, where);
    access::set_readonly(result, options.readonly);
  }
  bytes->free_with(call_deleter<Managed>, tensor);  // last: before it, the caller owns the tensor
  return result;
}

}  // namespace

array from_dlpack(DLManagedTensorVersioned* tensor, const from_dlpack_options& options, caller where) {
  if (!tensor) refuse("the tensor is null", where);
  if (tensor->version.major != dlpack::newest.major) {
    refuse("the tensor is of DLPack " + std::to_string(tensor->version.major) + "." +
               std::to_string(tensor->version.minor) + "; expected 1.x",
           where);
  }
  const bool readonly = (tensor->flags & dlpack::read_only) != 0;
  return import(tensor, readonly, options, where);
}

array from_dlpack(DLManagedTensor* tensor, const from_dlpack_options& options, caller where) {
  if (!tensor) refuse("the tensor is null", where);
  return import(tensor, false, options, where);
}

// ---- What both directions need

namespace detail {

std::optional<std::intptr_t> stream_of(std::optional<std::intptr_t> stream, bool of_gpus, const char* name,
                                       const caller& where) {
  if (!stream || *stream == -1) return {};
  if (!of_gpus) {
    throw dlpack_error(
        std::string(name) + ": stream " + std::to_string(*stream) + " for elements on the host; expected none or -1",
        where);
  }
  if (*stream < 1) {
    throw dlpack_error(std::string(name) + ": stream " + std::to_string(*stream) +
                           " is not defined; expected 1 (the legacy default stream), 2 (the calling thread's), -1 (no "
                           "synchronisation) or a cudaStream_t",
                       where);
  }
  return stream;
}

}  // namespace detail

}  // namespace tessera
