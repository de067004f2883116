// to_dlpack: arrays as DLPack structs that keep their elements alive.
#include <new>

#include "backend.hpp"
#include "core/bytes_text.hpp"
#include "core/element.hpp"
#include "core/layout.hpp"
#include "ops/dlpack.hpp"

namespace tessera {

using detail::access;
namespace dlpack = detail::dlpack;

namespace {

// ---- The struct handed out, its array's storage, shape and strides: one small block.

template <class Managed> struct exported {
  Managed tensor = {};
  detail::storage_ref bytes;  // null: no elements, and never any
  std::intptr_t handed = 0;   // what the backend wants to be told at the end
  int ndim = 0;

  std::int64_t* shape() noexcept { return reinterpret_cast<std::int64_t*>(this + 1); }
  std::int64_t* strides() noexcept { return shape() + ndim; }
  static std::size_t size(int ndim) {
    return sizeof(exported) + 2 * static_cast<std::size_t>(ndim) * sizeof(std::int64_t);
  }
};

/// Called by the consumer, on any thread and as late as it likes.
template <class Managed> void give_back(Managed* self) noexcept {
  auto* const mine = static_cast<exported<Managed>*>(self->manager_ctx);
  if (const detail::storage* const s = mine->bytes.get(); s && s->device() != cpu() && s->nbytes() > 0) {
    detail::backend_of(s->device()).take_back(s->data(), mine->handed);
  }
  const std::size_t size = exported<Managed>::size(mine->ndim);
  mine->~exported();
  detail::small_free(mine, size);
}

void fill_shape(const array& a, std::int64_t* extents, std::int64_t* strides) {
  const std::int64_t itemsize = a.itemsize();
  const bool empty = a.size() == 0;
  std::int64_t compact = 1;
  for (int axis = a.ndim() - 1; axis >= 0; --axis) {
    const std::int64_t extent = a.shape()[axis], bytes = a.strides()[axis];
    extents[axis] = extent;
    // Strides that are never walked may be anything here; consumers get some that make sense.
    const bool odd = bytes < 0 || bytes % itemsize != 0;
    strides[axis] = empty || odd ? compact : bytes / itemsize;
    compact *= extent > 0 ? extent : 1;
  }
}

template <class Managed> Managed* make_struct(const array& a, dlpack_device on, const char* name, const caller& where) {
  const std::size_t size = exported<Managed>::size(a.ndim());
  void* const block = detail::small_allocate(size);
  if (!block) {
    throw out_of_memory(
        std::string(name) + ": " + detail::bytes_text(static_cast<std::int64_t>(size)) + " are not available on cpu",
        where);
  }
  auto* const mine = new (block) exported<Managed>;
  mine->ndim = a.ndim();
  if (detail::storage* const bytes = access::storage_of(a)) {
    detail::retain(bytes);
    mine->bytes = detail::storage_ref(bytes);
  }
  mine->tensor.manager_ctx = mine;
  mine->tensor.deleter = give_back<Managed>;
  dlpack::tensor& t = mine->tensor.dl_tensor;
  t.data = a.size() == 0 ? nullptr : access::data(a);
  t.device = {on.type, on.index};
  t.ndim = a.ndim();
  t.dtype = detail::data_types[static_cast<int>(a.dtype().code())];
  t.shape = mine->shape();
  t.strides = mine->strides();
  fill_shape(a, t.shape, t.strides);
  return &mine->tensor;
}

// ---- What is handed out: the array or a copy

/// Why consumers could not walk the elements where they are; empty when they can.
std::string obstacle(const array& a) {
  if (a.size() == 0) return {};
  for (int axis = 0; axis < a.ndim(); ++axis) {
    const std::int64_t stride = a.strides()[axis];
    if (a.shape()[axis] == 1 || (stride >= 0 && stride % a.itemsize() == 0)) continue;
    return "axis " + std::to_string(axis) + " has a stride of " + std::to_string(stride) + " bytes, which is " +
           (stride < 0 ? "negative" : "no multiple of the itemsize " + std::to_string(a.itemsize()));
  }
  const auto alignment = static_cast<std::uintptr_t>(a.dtype().alignment());
  if (reinterpret_cast<std::uintptr_t>(a.data()) % alignment != 0) return "the elements are misaligned";
  return {};
}

/// Whether it takes a copy to hand the array out. Throws dlpack_error when it does and may not.
bool needs_copy(const array& a, const to_dlpack_options& options, tessera::device target, const char* name,
                const caller& where) {
  if (options.copy == copying::always) return true;
  const bool elsewhere = target != a.device();
  const std::string why =
      elsewhere ? "the array is on " + a.device().name() + ", not on " + target.name() : obstacle(a);
  if (!why.empty() && options.copy == copying::never) {
    throw dlpack_error(std::string(name) + ": " + why + ": that takes a copy, which copying::never rules out", where);
  }
  return !why.empty();
}

template <class Managed>
Managed* hand_out(const array& a, const to_dlpack_options& options, const char* name, const caller& where) {
  constexpr bool has_flags = std::is_same_v<Managed, DLManagedTensorVersioned>;
  if (!a.dtype().is_number()) {
    throw dlpack_error(std::string(name) + ": DLPack has no elements of " + a.dtype().name(), where);
  }
  const tessera::device target = options.device ? *options.device : a.device();
  const bool on_gpu = target != cpu();
  const bool copied = needs_copy(a, options, target, name, where);
  const dlpack_device on = options.device || copied ? dlpack_device{on_gpu ? dlpack::cuda : dlpack::cpu, target.index()}
                                                    : dlpack_device_of(a);
  // Work on the host is done by now: for pinned and managed memory any stream will do.
  const auto stream =
      detail::stream_of(on_gpu ? options.stream.value_or(1) : options.stream, on.type != dlpack::cpu, name, where);
  if (!has_flags && !copied && access::is_readonly(a)) {
    throw dlpack_error(std::string(name) +
                           ": the array is read-only, which a struct of DLPack before 1.0 cannot say; use to_dlpack or "
                           "copying::always",
                       where);
  }
  array copy;
  if (copied) copy = detail::copy_to(a, target, order::K, where);
  const array& out = copied ? copy : a;
  Managed* const result = make_struct<Managed>(out, on, name, where);
  if constexpr (has_flags) result->flags = copied ? dlpack::is_copied : access::is_readonly(a) ? dlpack::read_only : 0;
  try {
    if (on_gpu && stream && out.size() > 0) {
      static_cast<exported<Managed>*>(result->manager_ctx)->handed =
          detail::backend_of(target).hand_over(out.data(), *stream);
    }
  } catch (...) {
    result->deleter(result);
    throw;
  }
  return result;
}

}  // namespace

dlpack_device dlpack_device_of(const array& a) {
  const detail::storage* const s = access::storage_of(a);
  const detail::memory_kind kind = s ? s->memory() : detail::memory_kind::ordinary;
  if (kind == detail::memory_kind::pinned) return {dlpack::cuda_host, 0};
  if (kind == detail::memory_kind::managed) return {dlpack::cuda_managed, 0};
  return {a.device() == cpu() ? dlpack::cpu : dlpack::cuda, a.device().index()};
}

DLManagedTensorVersioned* to_dlpack(const array& a, const to_dlpack_options& options, caller where) {
  const dlpack_version most = options.max_version;
  if (most.major < dlpack::newest.major) {
    throw dlpack_error("to_dlpack: DLPack " + std::to_string(most.major) + "." + std::to_string(most.minor) +
                           " has no versioned struct; use to_dlpack_legacy",
                       where);
  }
  auto* const result = hand_out<DLManagedTensorVersioned>(a, options, "to_dlpack", where);
  const bool older = most.major == dlpack::newest.major && most.minor < dlpack::newest.minor;
  result->version = {dlpack::newest.major, older ? most.minor : dlpack::newest.minor};
  return result;
}

DLManagedTensor* to_dlpack_legacy(const array& a, const to_dlpack_options& options, caller where) {
  return hand_out<DLManagedTensor>(a, options, "to_dlpack_legacy", where);
}

}  // namespace tessera
