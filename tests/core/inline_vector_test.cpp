// inline_vector against std::vector: entries that own memory, inside the object and on the heap.
#include "core/inline_vector.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tessera::detail {
namespace {

using texts = inline_vector<std::string, 3>;

/// Long enough that a string owns memory: what is not destroyed or destroyed twice shows under the sanitizers.
std::string text(int i) { return "entry number " + std::to_string(i) + " of an inline_vector"; }

texts filled(int count) {
  texts result;
  for (int i = 0; i < count; ++i) result.push_back(text(i));
  return result;
}

void expect_equal(const texts& got, const std::vector<std::string>& expected) {
  EXPECT_EQ(std::vector<std::string>(got.begin(), got.end()), expected);
}

TEST(inline_vector, does_as_std_vector_under_random_edits) {
  std::mt19937 random(20261125);
  for (int round = 0; round < 50; ++round) {
    texts a;
    std::vector<std::string> b;
    for (int step = 0; step < 60; ++step) {
      const int place = b.empty() ? 0 : static_cast<int>(random() % b.size());
      switch (random() % 6) {
        case 0:
        case 1:
          a.push_back(text(step));
          b.push_back(text(step));
          break;
        case 2:
          EXPECT_EQ(*a.insert(a.begin() + place, text(step)), text(step));
          b.insert(b.begin() + place, text(step));
          break;
        case 3:
          if (b.empty()) break;
          a.erase(a.begin() + place);
          b.erase(b.begin() + place);
          break;
        case 4: {
          const std::size_t count = random() % 8;
          a.resize(count, text(-step));
          b.resize(count, text(-step));
          break;
        }
        default:
          if (b.empty()) break;
          a.pop_back();
          b.pop_back();
      }
      expect_equal(a, b);
    }
  }
}

TEST(inline_vector, copies_and_moves_between_all_sizes) {
  for (int from = 0; from < 8; ++from) {
    std::vector<std::string> expected;
    for (int i = 0; i < from; ++i) expected.push_back(text(i));
    for (int to = 0; to < 8; ++to) {
      texts source = filled(from), target = filled(to);
      target = source;
      expect_equal(target, expected);
      expect_equal(source, expected);
      texts taken = std::move(source);
      expect_equal(taken, expected);
      expect_equal(source, {});  // NOLINT: empty after a move, inside as on the heap
      source.push_back(text(99));
      expect_equal(source, {text(99)});
      target = std::move(taken);
      expect_equal(target, expected);
      target = *&target;
      expect_equal(target, expected);
    }
  }
}

TEST(inline_vector, has_its_entries_in_itself_until_there_are_too_many) {
  inline_vector<int, 4> numbers{1, 2, 3, 4};
  const auto inside = [&] {
    const auto* begin = reinterpret_cast<const char*>(&numbers);
    const auto* data = reinterpret_cast<const char*>(numbers.data());
    return begin <= data && data < begin + sizeof numbers;
  };
  EXPECT_TRUE(inside());
  numbers.push_back(5);
  EXPECT_FALSE(inside());
  EXPECT_EQ(numbers, (inline_vector<int, 4>{1, 2, 3, 4, 5}));
}

TEST(inline_vector, takes_an_entry_of_its_own_while_it_grows) {
  texts a = filled(3);
  a.push_back(a[0]);
  a.insert(a.begin(), a[3]);
  expect_equal(a, {text(0), text(0), text(1), text(2), text(0)});
}

struct throws_on_copy {
  explicit throws_on_copy(int* alive) : alive_(alive) { ++*alive_; }
  throws_on_copy(const throws_on_copy& other) : alive_(other.alive_) {
    if (*alive_ >= 5) throw 1;
    ++*alive_;
  }
  throws_on_copy(throws_on_copy&& other) noexcept : alive_(other.alive_) { ++*alive_; }
  ~throws_on_copy() { --*alive_; }
  int* alive_;
};

TEST(inline_vector, destroys_what_it_made_when_a_copy_throws) {
  int alive = 0;
  {
    inline_vector<throws_on_copy, 2> a;
    for (int i = 0; i < 3; ++i) a.emplace_back(&alive);
    EXPECT_THROW((inline_vector<throws_on_copy, 2>(a)), int);
    EXPECT_EQ(alive, 3);
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace tessera::detail
