// Bytes to, from and on a device. A copy of elements is first written as a stage without instructions, so that its axes can
// be merged: what is left is one run of bytes on each side, or a strided side. On the host strided elements are gathered and
// scattered through pinned buffers, two of which take turns; on the device a generated kernel packs them.
#include "cuda/copies.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>

#include "backend.hpp"
#include "cuda/scratch.hpp"
#include "cuda/stages.hpp"
#include "expr/axes.hpp"
#include "tessera/error.hpp"

namespace tessera::detail::cuda {
namespace {

/// Up to here a copy from or to pageable memory is left to the driver, which has small pinned buffers of its own.
constexpr std::int64_t most_direct_bytes = 64 * 1024;

stage copy_stage(const shape& extents, const strided& from, const strided& to) {
  stage s;
  s.extents = extents;
  s.folded.assign(static_cast<std::size_t>(extents.size()), false);
  s.inputs.push_back(from);
  s.register_types.push_back(from.type);
  s.results.push_back({0, fold::none, to, no_reg});
  simplify_axes(s);
  return s;
}

std::int64_t count_of(const shape& extents) {
  std::int64_t count = 1;
  for (const std::int64_t extent : extents) count *= extent;
  return count;
}

shape packed_strides(const shape& extents, std::int64_t itemsize) {
  shape strides = extents;
  for (int axis = extents.size() - 1; axis >= 0; --axis) {
    strides[axis] = itemsize;
    itemsize *= extents[axis];
  }
  return strides;
}

bool is_packed(const shape& extents, const strided& x) {
  return x.strides == packed_strides(extents, x.type.itemsize());
}

/// Two buffers that take turns: while the device works on one the host fills or empties the other. Pinned where there is
/// pinned memory, else plain, with which copies wait.
class staging_pair {
 public:
  explicit staging_pair(context& on) : on_(on) {
    for (context::staging& s : pinned_) s = on.take_staging();
    if (pinned_[0].data == nullptr || pinned_[1].data == nullptr) plain_.resize(2 * context::staging_bytes);
  }
  staging_pair(const staging_pair&) = delete;
  staging_pair& operator=(const staging_pair&) = delete;
  ~staging_pair() {
    for (const context::staging& s : pinned_) on_.give_back_staging(s);
  }
  /// The buffer of turn `turn`, whose last copy is over.
  std::byte* wait(int turn) {
    if (!plain_.empty()) return plain_.data() + (turn % 2) * context::staging_bytes;
    check(cudaEventSynchronize(pinned_[turn % 2].done), "cudaEventSynchronize");
    return pinned_[turn % 2].data;
  }
  /// A copy with the buffer was started.
  void started(int turn) {
    if (!plain_.empty()) return;
    const cudaError_t status = cudaEventRecord(pinned_[turn % 2].done, on_.stream());
    if (status != cudaSuccess) cudaStreamSynchronize(on_.stream());  // the buffer is about to be somebody else's
    check(status, "cudaEventRecord");
  }

 private:
  context& on_;
  context::staging pinned_[2];
  std::vector<std::byte> plain_;
};

/// Part of a host's elements that lies in one piece of `bytes` at `offset` on the packed side.
struct piece {
  shape extents;
  std::byte* host;
  std::int64_t offset, bytes;
};

/// Cuts into pieces of at most `most` bytes: as many positions of the outermost axis as fit, else each by itself.
void for_each_piece(const shape& extents, const strided& host, std::int64_t most,
                    const std::function<void(const piece&)>& run, std::int64_t offset = 0) {
  const std::int64_t bytes = count_of(extents) * host.type.itemsize();
  if (bytes <= most || extents.empty()) return run({extents, host.data, offset, bytes});
  const std::int64_t row = bytes / extents[0];
  shape inside = extents;
  strided rows = host;
  if (row > most) {
    inside.erase(0);
    rows.strides.erase(0);
    for (std::int64_t i = 0; i < extents[0]; ++i) {
      rows.data = host.data + i * host.strides[0];
      for_each_piece(inside, rows, most, run, offset + i * row);
    }
    return;
  }
  const std::int64_t step = most / row;
  for (std::int64_t i = 0; i < extents[0]; i += step) {
    inside[0] = std::min(step, extents[0] - i);
    run({inside, host.data + i * host.strides[0], offset + i * row, inside[0] * row});
  }
}

void copy_on_host(const piece& p, const strided& host, std::byte* packed, bool to_host) {
  strided mine{p.host, host.type, host.strides};
  while (mine.strides.size() > p.extents.size()) mine.strides.erase(0);
  const strided buffer{packed, host.type, packed_strides(p.extents, host.type.itemsize())};
  if (to_host) cpu_backend().copy(p.extents, buffer, mine);
  else cpu_backend().copy(p.extents, mine, buffer);
}

/// Host elements of any strides to packed bytes on the device.
void upload_packed(context& on, const shape& extents, const strided& from, std::byte* to) {
  const std::int64_t bytes = count_of(extents) * from.type.itemsize();
  if (bytes <= most_direct_bytes && is_packed(extents, from)) {
    const auto size = static_cast<std::size_t>(bytes);
    return check(cudaMemcpyAsync(to, from.data, size, cudaMemcpyHostToDevice, on.stream()), "cudaMemcpyAsync");
  }
  staging_pair buffers(on);
  int turn = 0;
  for_each_piece(extents, from, context::staging_bytes, [&](const piece& p) {
    std::byte* const buffer = buffers.wait(turn);
    copy_on_host(p, from, buffer, false);
    check(
        cudaMemcpyAsync(to + p.offset, buffer, static_cast<std::size_t>(p.bytes), cudaMemcpyHostToDevice, on.stream()),
        "cudaMemcpyAsync");
    buffers.started(turn++);
  });
}

/// And back. Piece i is emptied while piece i + 1 flies.
void download_packed(context& on, const shape& extents, const std::byte* from, const strided& to) {
  const std::int64_t bytes = count_of(extents) * to.type.itemsize();
  if (bytes <= most_direct_bytes && is_packed(extents, to)) return read(on, from, to.data, bytes);
  staging_pair buffers(on);
  std::optional<piece> flying;
  int turn = 0;
  const auto land = [&](int which) { copy_on_host(*flying, to, buffers.wait(which), true); };
  for_each_piece(extents, to, context::staging_bytes, [&](const piece& p) {
    std::byte* const buffer = buffers.wait(turn);
    check(cudaMemcpyAsync(buffer, from + p.offset, static_cast<std::size_t>(p.bytes), cudaMemcpyDeviceToHost,
                          on.stream()),
          "cudaMemcpyAsync");
    buffers.started(turn);
    if (flying) land(turn + 1);
    flying = p;
    ++turn;
  });
  on.synchronize();
  if (flying) land(turn + 1);
}

}  // namespace

void fill_zero(context& on, void* data, std::int64_t nbytes) {
  on.use(data, true);
  check(cudaMemsetAsync(data, 0, static_cast<std::size_t>(nbytes), on.stream()), "cudaMemsetAsync");
}

void read(context& on, const void* from, void* to, std::int64_t nbytes) {
  on.use(from, false);
  check(cudaMemcpyAsync(to, from, static_cast<std::size_t>(nbytes), cudaMemcpyDeviceToHost, on.stream()),
        "cudaMemcpyAsync");
  on.synchronize();
}

void copy(context& on, const shape& extents, const strided& from, const strided& to) {
  const stage s = copy_stage(extents, from, to);
  const strided &source = s.inputs[0], &target = s.results[0].target;
  if (!is_packed(s.extents, source) || !is_packed(s.extents, target)) return run_stage(on, s);
  on.use(source.data, false);
  on.use(target.data, true);
  const auto bytes = static_cast<std::size_t>(count_of(s.extents) * from.type.itemsize());
  check(cudaMemcpyAsync(target.data, source.data, bytes, cudaMemcpyDeviceToDevice, on.stream()), "cudaMemcpyAsync");
}

void upload(context& on, const shape& extents, const strided& from, const strided& to) {
  const stage s = copy_stage(extents, from, to);
  const strided &host = s.inputs[0], &target = s.results[0].target;
  if (is_packed(s.extents, target)) {
    on.use(target.data, true);
    return upload_packed(on, s.extents, host, target.data);
  }
  const scratch packed(on, count_of(s.extents) * from.type.itemsize(), "copy");
  upload_packed(on, s.extents, host, packed.data());
  copy(on, s.extents, {packed.data(), host.type, packed_strides(s.extents, host.type.itemsize())}, target);
}

void download(context& on, const shape& extents, const strided& from, const strided& to) {
  const stage s = copy_stage(extents, from, to);
  const strided &source = s.inputs[0], &host = s.results[0].target;
  if (is_packed(s.extents, source)) {
    on.use(source.data, false);
    return download_packed(on, s.extents, source.data, host);
  }
  const scratch packed(on, count_of(s.extents) * from.type.itemsize(), "copy");
  copy(on, s.extents, source, {packed.data(), host.type, packed_strides(s.extents, host.type.itemsize())});
  download_packed(on, s.extents, packed.data(), host);
}

void copy_from(context& on, context& other, const shape& extents, const strided& from, const strided& to) {
  const stage s = copy_stage(extents, from, to);
  const strided &source = s.inputs[0], &target = s.results[0].target;
  const std::int64_t bytes = count_of(s.extents) * from.type.itemsize();
  const shape packed = packed_strides(s.extents, from.type.itemsize());
  std::optional<scratch> there, here;
  const std::byte* data = source.data;
  if (!is_packed(s.extents, source)) {
    const activation active(other.index());
    there.emplace(other, bytes, "copy");
    copy(other, s.extents, source, {there->data(), source.type, packed});
    data = there->data();
  }
  // The other device's stream has what is copied: this one waits for it, and the other for the copy, after which it may
  // write there again.
  const bool strided_target = !is_packed(s.extents, target);
  if (strided_target) here.emplace(on, bytes, "copy");
  std::byte* const arrives = strided_target ? here->data() : target.data;
  {
    const activation active(other.index());
    other.use(data, false);
    stream_state& sender = other.current_stream();
    order_after(on.current_stream().handle, sender.handle, sender.reached);
  }
  on.use(arrives, true);
  stream_state& receiver = on.current_stream();
  check(cudaMemcpyPeerAsync(arrives, on.index(), data, other.index(), static_cast<std::size_t>(bytes), on.stream()),
        "cudaMemcpyPeerAsync");
  try {
    check(cudaEventRecord(receiver.reached, receiver.handle), "cudaEventRecord");
    const activation active(other.index());
    check(cudaStreamWaitEvent(other.current_stream().handle, receiver.reached, 0), "cudaStreamWaitEvent");
  } catch (const error&) {  // nothing else keeps the other from writing there
    cudaStreamSynchronize(receiver.handle);
    throw;
  }
  if (strided_target) copy(on, s.extents, {arrives, source.type, packed}, target);
}

}  // namespace tessera::detail::cuda
