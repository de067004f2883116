// Where an array's bytes live.
#pragma once
#include <string>

#include "api.hpp"
#include "concepts.hpp"

namespace tessera {

enum class device_kind : std::uint8_t { cpu, cuda };

/// A device: the host, or one GPU by number.
class TESSERA_API device {
 public:
  constexpr device() = default;
  constexpr device(device_kind kind, int index) : kind_(kind), index_(index) {}
  constexpr device_kind kind() const noexcept { return kind_; }
  constexpr int index() const noexcept { return index_; }
  /// "cpu", "cuda:0"
  std::string name() const;
  friend constexpr bool operator==(const device&, const device&) noexcept = default;

 private:
  device_kind kind_ = device_kind::cpu;
  int index_ = 0;
};

/// The host.
constexpr device cpu() { return {}; }

}  // namespace tessera
