// small_map: values by key, searched one by one while there are few, hashed beyond.
//
// Most recipes have fewer than ten nodes: comparing ten keys is faster than one allocation of a hash table.
#pragma once
#include <unordered_map>
#include <utility>

#include "core/inline_vector.hpp"

namespace tessera::detail {

template <class Key, class Value, int N = 16> class small_map {
 public:
  std::size_t size() const noexcept { return hashed_.empty() ? entries_.size() : hashed_.size(); }
  /// Null if the key is not there.
  const Value* find(const Key& key) const {
    if (hashed_.empty()) {
      for (const auto& [known, value] : entries_) {
        if (known == key) return &value;
      }
      return nullptr;
    }
    const auto found = hashed_.find(key);
    return found == hashed_.end() ? nullptr : &found->second;
  }
  bool contains(const Key& key) const { return find(key) != nullptr; }
  /// The value of a key that is there.
  const Value& at(const Key& key) const { return *find(key); }
  /// Adds or replaces; whether the key is new.
  bool set(const Key& key, Value value) {
    if (const Value* known = find(key)) {
      const_cast<Value&>(*known) = std::move(value);
      return false;
    }
    if (hashed_.empty() && entries_.size() < N) {
      entries_.emplace_back(key, std::move(value));
      return true;
    }
    if (hashed_.empty()) {
      for (auto& [known, old] : entries_) hashed_.emplace(known, std::move(old));
      entries_.clear();
    }
    hashed_.emplace(key, std::move(value));
    return true;
  }

 private:
  inline_vector<std::pair<Key, Value>, N> entries_;
  std::unordered_map<Key, Value> hashed_;
};

}  // namespace tessera::detail
