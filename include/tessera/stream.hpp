// Streams and events: order of work on a GPU. None of it is needed for right results.
//
// What a thread asks of a device is done in order, on a stream of the thread's own, and may go on when the call has returned.
// Arrays may be used on any stream of their device: work waits for the last write of what it reads, and for all uses of what it
// writes, on whatever stream those were; memory is used again when the last use is over.
// On the host every stream is the calling thread, and all work is done when a call returns.
#pragma once
#include "device.hpp"
#include "expr.hpp"

namespace tessera {

namespace detail {
struct stream_state;
struct event_state;
TESSERA_API void retain(stream_state*) noexcept;
TESSERA_API void release(stream_state*) noexcept;
TESSERA_API void retain(event_state*) noexcept;
TESSERA_API void release(event_state*) noexcept;
}  // namespace detail

/// A point in a stream's work. Copies are the same event.            (as torch.cuda.Event)
class TESSERA_API event {
 public:
  tessera::device device() const noexcept;
  /// Whether everything before it is done. Throws device_error for a fault in it.
  bool done() const;
  /// Waits until it is. Throws device_error for a fault in it.
  void wait() const;

 private:
  friend class stream;
  explicit event(detail::event_state* owned) noexcept : state_(owned) {}
  detail::counted<detail::event_state> state_;
};

/// A queue of work on one device. Copies are the same stream. Its work goes on when the last is dropped.
/// (as torch.cuda.Stream)
class TESSERA_API stream {
 public:
  /// A new one. Throws device_error when the device is not there.
  explicit stream(const tessera::device& on, caller where = caller::current());
  tessera::device device() const noexcept;
  /// Waits until its work is done. Throws device_error for a fault in it.
  void synchronize() const;
  /// The point after all that was put on it so far.
  event record() const;
  /// What is put on it from here on starts after the event. On the host it waits.
  void wait_for(const event& e) const;
  /// The runtime's own handle (a cudaStream_t), for other libraries; null on the host.
  void* native() const noexcept;

 private:
  friend class stream_scope;
  detail::counted<detail::stream_state> state_;
};

/// Work of this thread on the stream's device goes to that stream until the scope ends.      (as torch.cuda.stream)
class TESSERA_API stream_scope {
 public:
  explicit stream_scope(const stream& to);
  ~stream_scope();
  stream_scope(const stream_scope&) = delete;
  stream_scope& operator=(const stream_scope&) = delete;

 private:
  stream to_;
  void* before_;
};

/// The runtime's own handle (a cudaStream_t) of the stream that this thread's work on the device goes to, for other
/// libraries; null on the host.      (as torch.cuda.current_stream(device).cuda_stream)
TESSERA_API void* current_stream(const device& on, caller where = caller::current());

/// Waits for all that this thread has put on its current stream of the device.      (as torch.cuda.synchronize)
/// Throws device_error for a fault in it, naming the kernels that it may come from.
TESSERA_API void synchronize(const device& on, caller where = caller::current());

}  // namespace tessera
