// Progress of long calls, and their end before it.
#pragma once
#include <cstdint>
#include <type_traits>
#include <utility>

namespace tessera {

/// What a long call tells of its progress: f(done, of), blocks done of blocks, on the caller's thread, first with done = 0.
/// An f that returns false ends the call with `cancelled`; what it throws ends the call too. Results do not depend on it.
class progress_function {
 public:
  progress_function() = default;
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, progress_function> &&
             std::is_invocable_v<std::remove_cvref_t<F>&, std::int64_t, std::int64_t>)
  progress_function(F&& f) : held_(new holder<std::remove_cvref_t<F>>(std::forward<F>(f))) {}
  progress_function(const progress_function& other) : held_(other.held_ ? other.held_->copy() : nullptr) {}
  progress_function(progress_function&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  progress_function& operator=(progress_function other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  ~progress_function() { delete held_; }

  explicit operator bool() const noexcept { return held_ != nullptr; }
  /// Whether to go on.
  bool operator()(std::int64_t done, std::int64_t of) const { return held_ == nullptr || held_->call(done, of); }

 private:
  struct base {
    virtual ~base() = default;
    virtual base* copy() const = 0;
    virtual bool call(std::int64_t done, std::int64_t of) = 0;
  };
  template <class F> struct holder final : base {
    explicit holder(const F& x) : f(x) {}
    explicit holder(F&& x) : f(std::move(x)) {}
    base* copy() const override { return new holder(f); }
    bool call(std::int64_t done, std::int64_t of) override {
      if constexpr (std::is_void_v<std::invoke_result_t<F&, std::int64_t, std::int64_t>>) {
        f(done, of);
        return true;
      } else {
        return static_cast<bool>(f(done, of));
      }
    }
    F f;
  };
  base* held_ = nullptr;
};

}  // namespace tessera
