// Elements that are no numbers are moved byte for byte: by slices, index arrays, masks, where and assignment; beside loops over bytes.
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "ops/default_device.hpp"

using namespace tessera;

namespace {

using bytes = std::vector<std::byte>;

/// One size for each way in which words fill an element, and elements that lie at odd addresses.
class moving : public on_default_device, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    on_default_device::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    std::mt19937 random(7);
    bytes_.resize(static_cast<std::size_t>(3 + count * size()));
    for (std::byte& b : bytes_) b = static_cast<std::byte>(random());
    // A copy to a device keeps the offset: it is the whole that is copied.
    const array raw = copy_of(bytes_.data(), {bytes_.size()}, uint8);
    x = raw(slice(3, none)).view(type());
    for (std::int64_t i = 0; i < count; ++i) {
      picked[static_cast<std::size_t>(i)] = random() % 2 == 0;
      places[static_cast<std::size_t>(i)] = static_cast<std::int64_t>(random() % count);
    }
    mask = array(from_range(std::vector<bool>(picked, picked + count)));
    index = from_range(std::vector<std::int64_t>(places, places + count));
  }

  static dtype type() { return dtype(GetParam()); }
  static std::int64_t size() { return type().itemsize(); }
  const std::byte* element(std::int64_t i) const { return bytes_.data() + 3 + i * size(); }
  /// The elements at these places.
  bytes at(const std::vector<std::int64_t>& list) const {
    bytes result;
    for (const std::int64_t i : list) result.insert(result.end(), element(i), element(i) + size());
    return result;
  }
  std::vector<std::int64_t> all_places() const {
    std::vector<std::int64_t> list;
    for (std::int64_t i = 0; i < count; ++i) list.push_back(i);
    return list;
  }
  std::vector<std::int64_t> marked() const {
    std::vector<std::int64_t> list;
    for (std::int64_t i = 0; i < count; ++i) {
      if (picked[i]) list.push_back(i);
    }
    return list;
  }

  static constexpr std::int64_t count = 91;
  bytes bytes_;
  array x, mask, index;
  bool picked[count];
  std::int64_t places[count];
};

TEST_P(moving, by_copies_and_slices) {
  EXPECT_EQ(tobytes(x), at(all_places()));
  EXPECT_EQ(tobytes(x.copy()), at(all_places()));
  EXPECT_EQ(tobytes(x.to(cpu())), at(all_places()));
  std::vector<std::int64_t> backwards;
  for (std::int64_t i = count - 1; i >= 0; i -= 3) backwards.push_back(i);
  EXPECT_EQ(tobytes(x(slice(none, none, -3))), at(backwards));
  EXPECT_EQ(tobytes(reshape(x, {7, 13})(all, 4)), at({4, 17, 30, 43, 56, 69, 82}));
  EXPECT_EQ(tobytes(x(slice(5, 5))), bytes());
}

TEST_P(moving, by_index_arrays) {
  EXPECT_EQ(tobytes(x[index]), at({places, places + count}));
  EXPECT_EQ(tobytes(take(x, index)), at({places, places + count}));
  array target = zeros({count}, type());
  target[index] = x;
  bytes expected(static_cast<std::size_t>(count * size()));
  for (std::int64_t i = 0; i < count; ++i)
    std::memcpy(expected.data() + places[i] * size(), element(i), static_cast<std::size_t>(size()));
  EXPECT_EQ(tobytes(target), expected);
}

TEST_P(moving, by_masks) {
  EXPECT_EQ(tobytes(x[mask]), at(marked()));
  EXPECT_EQ(tobytes(reshape(x, {7, 13})[reshape(mask, {7, 13})]), at(marked()));
  array target = x.copy();
  target[mask] = x(0);
  std::vector<std::int64_t> list = all_places();
  for (const std::int64_t i : marked()) list[static_cast<std::size_t>(i)] = 0;
  EXPECT_EQ(tobytes(target), at(list));
  target = x.copy();
  target[mask] = x(slice(none, none, -1))[mask];
  list = all_places();
  for (const std::int64_t i : marked()) list[static_cast<std::size_t>(i)] = -1;
  std::vector<std::int64_t> reversed;
  for (std::int64_t i = 0; i < count; ++i) {
    if (picked[i]) reversed.push_back(count - 1 - i);
  }
  std::size_t next = 0;
  for (std::int64_t& i : list) {
    if (i < 0) i = reversed[next++];
  }
  EXPECT_EQ(tobytes(target), at(list));
}

TEST_P(moving, by_where_and_assignment) {
  std::vector<std::int64_t> list;
  for (std::int64_t i = 0; i < count; ++i) list.push_back(picked[i] ? i : count - 1 - i);
  EXPECT_EQ(tobytes(where(mask, x, x(slice(none, none, -1)))), at(list));
  array target = x.copy();
  target(slice(0, 60)) = target(slice(20, 80));  // they overlap
  list = all_places();
  for (std::int64_t i = 0; i < 60; ++i) list[static_cast<std::size_t>(i)] = i + 20;
  EXPECT_EQ(tobytes(target), at(list));
  EXPECT_EQ(tobytes(concatenate({x, x(slice(3, 5))})), [&] {
    list = all_places();
    list.insert(list.end(), {3, 4});
    return at(list);
  }());
}

INSTANTIATE_TEST_SUITE_P(elements, moving,
                         testing::Values("S1", "S2", "S3", "U1", "S6", "U2", "U3", "S16", "U4", "U5", "V97", "U20",
                                         "M8[ns]"));

}  // namespace
