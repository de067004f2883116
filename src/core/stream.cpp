// stream, event: counted handles to what the device's backend has.
#include "tessera/stream.hpp"

#include <atomic>

#include "backend.hpp"
#include "tessera/error.hpp"

namespace tessera {
namespace detail {

struct stream_state {
  tessera::device on;
  void* handle;
  std::atomic<int> references{1};
};
struct event_state {
  tessera::device on;
  void* handle;
  std::atomic<int> references{1};
};

void retain(stream_state* s) noexcept { ++s->references; }
void release(stream_state* s) noexcept {
  if (--s->references > 0) return;
  backend_of(s->on).give_back_stream(s->handle);
  delete s;
}
void retain(event_state* e) noexcept { ++e->references; }
void release(event_state* e) noexcept {
  if (--e->references > 0) return;
  backend_of(e->on).give_back_event(e->handle);
  delete e;
}

}  // namespace detail

using detail::backend_of;

device event::device() const noexcept { return state_.get()->on; }
bool event::done() const { return backend_of(device()).is_done(state_.get()->handle); }
void event::wait() const { backend_of(device()).wait(state_.get()->handle); }

stream::stream(const tessera::device& on, caller where) {
  detail::backend& b = backend_of(on, where);
  auto* const made = new detail::stream_state{on, nullptr};
  try {
    made->handle = b.take_stream();
  } catch (...) {
    delete made;
    throw;
  }
  state_ = detail::counted<detail::stream_state>(made);
}

device stream::device() const noexcept { return state_.get()->on; }
void stream::synchronize() const { backend_of(device()).synchronize(state_.get()->handle); }
void* stream::native() const noexcept { return backend_of(device()).native(state_.get()->handle); }

event stream::record() const {
  auto* const made = new detail::event_state{device(), nullptr};
  try {
    made->handle = backend_of(device()).record(state_.get()->handle);
  } catch (...) {
    delete made;
    throw;
  }
  return event(made);
}

void stream::wait_for(const event& e) const {
  if (e.device().kind() == device_kind::cpu) return;  // over already
  if (device().kind() == device_kind::cpu) return e.wait();
  backend_of(device()).wait_on_stream(state_.get()->handle, e.state_.get()->handle);
}

stream_scope::stream_scope(const stream& to)
    : to_(to), before_(backend_of(to.device()).set_stream(to_.state_.get()->handle)) {}
stream_scope::~stream_scope() { backend_of(to_.device()).set_stream(before_); }

void* current_stream(const device& on, caller where) { return backend_of(on, where).native_of_current(); }
void synchronize(const device& on, caller where) { backend_of(on, where).synchronize(nullptr); }

}  // namespace tessera
