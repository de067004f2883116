// shape and axes: storage of small integer tuples and their text.
#include "tessera/shape.hpp"

#include <algorithm>

#include "tessera/error.hpp"

namespace tessera {

void shape::take_list(const extent* list, std::size_t count) {
  reserve(static_cast<int>(std::min<std::size_t>(count, max_ndim + 1)));
  for (std::size_t i = 0; i < count; ++i) begin()[size_++] = list[i].value;
}

shape::shape(const std::vector<std::int64_t>& list) {
  reserve(static_cast<int>(std::min<std::size_t>(list.size(), max_ndim + 1)));
  for (const std::int64_t value : list) begin()[size_++] = value;
}

shape shape::filled(int count, std::int64_t value) {
  shape result;
  result.reserve(count);
  result.size_ = count;
  std::fill(result.begin(), result.end(), value);
  return result;
}

void shape::copy_large(const shape& other) {
  reserve(other.size_);
  std::copy(other.begin(), other.end(), begin());
  size_ = other.size_;
}

shape& shape::assign_large(const shape& other) {
  if (this == &other) return *this;
  reserve(other.size_);
  std::copy(other.begin(), other.end(), begin());
  size_ = other.size_;
  return *this;
}

void shape::insert(int position, std::int64_t value) {
  reserve(size_ + 1);
  std::copy_backward(begin() + position, end(), end() + 1);
  begin()[position] = value;
  ++size_;
}

void shape::erase(int position) {
  std::copy(begin() + position + 1, end(), begin() + position);
  --size_;
}

void shape::reserve(int count) {
  if (count > max_ndim)
    throw shape_error("shape: an array has at most " + std::to_string(max_ndim) + " axes", caller());
  if (count <= capacity_) return;
  const int capacity = std::max(count, 2 * capacity_);
  auto* entries = new std::int64_t[static_cast<std::size_t>(capacity)];
  std::copy(begin(), end(), entries);
  release();
  large_ = entries;
  capacity_ = capacity;
}

std::string to_string(const shape& tuple) {
  std::string text = "(";
  for (int i = 0; i < tuple.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(tuple[i]);
  return text + (tuple.size() == 1 ? ",)" : ")");
}

axes::axes(const std::vector<int>& list) : every_(false) {
  for (const int axis : list) list_.push_back(axis);
}

}  // namespace tessera
