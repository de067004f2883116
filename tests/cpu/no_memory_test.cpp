// What verbs of masks and indices say when the host has no memory for their lists. The program's own operator new fails.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <new>
#include <vector>

#include "backend.hpp"
#include "tessera/error.hpp"

namespace {
thread_local bool next_one_fails = false;
}

void* operator new(std::size_t bytes) {
  if (next_one_fails) {
    next_one_fails = false;
    throw std::bad_alloc();
  }
  void* const memory = std::malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace tessera::detail {
namespace {

/// What `call` says without memory for the first list that it makes.
std::string said(const std::function<void()>& call) {
  next_one_fails = true;
  try {
    call();
  } catch (const out_of_memory& e) {
    return e.what();
  }
  next_one_fails = false;
  return "nothing";
}

TEST(without_memory, verbs_of_masks_and_indices_say_so) {
  std::uint64_t words[65] = {5};
  std::int64_t before[2] = {0, 2}, at[2] = {2, 0}, found[2];
  double source[3] = {1, 2, 3}, values[2] = {7, 8};
  const shape step{8};
  const strided from{reinterpret_cast<std::byte*>(source), float64, step},
      to{reinterpret_cast<std::byte*>(values), float64, step};
  const compress_plan picked{{3, words, before}, {3}, from, to};
  std::int64_t* const out[1] = {found};
  index_plan indexed;
  indexed.extents = {2};
  indexed.source = {from.data, float64, {0}};
  indexed.values = to;
  indexed.indices.push_back({{reinterpret_cast<std::byte*>(at), int64, step}, 8});
  backend& cpu = cpu_backend();
  EXPECT_EQ(said([&] { cpu.compress(picked); }), "compress: no memory for intermediate results");
  EXPECT_EQ(said([&] { cpu.expand(picked); }), "expand: no memory for intermediate results");
  EXPECT_EQ(said([&] { cpu.positions(picked.bits, {3}, out); }), "positions: no memory for intermediate results");
  EXPECT_EQ(said([&] { cpu.gather(indexed); }), "gather: no memory for intermediate results");
  EXPECT_EQ(said([&] { cpu.scatter(indexed); }), "scatter: no memory for intermediate results");
  EXPECT_EQ(values[0], 7);
  EXPECT_EQ(source[0], 1);
  cpu.gather(indexed);
  EXPECT_EQ(values[0], 3);
}

TEST(without_memory, search_goes_without_its_grid) {
  constexpr std::int64_t n = 600'000;  // a grid larger than what the lists of small blocks have
  std::vector<double> among(n), values(n);
  std::vector<std::int64_t> places(n, -1);
  for (std::int64_t i = 0; i < n; ++i) {
    among[static_cast<std::size_t>(i)] = static_cast<double>(i);
    values[static_cast<std::size_t>(i)] = static_cast<double>(i * 123'457 % n) - 0.5;  // in no order
  }
  search_plan plan;
  plan.count = n;
  plan.sorted = reinterpret_cast<const std::byte*>(among.data());
  plan.extents = {n};
  plan.values = {reinterpret_cast<std::byte*>(values.data()), float64, {8}};
  plan.out = {reinterpret_cast<std::byte*>(places.data()), int64, {8}};
  backend& cpu = cpu_backend();
  const std::int64_t asked = cpu.memory_stats().allocations, limit = cpu.set_memory_limit(0);
  cpu.search(plan);
  cpu.set_memory_limit(limit);
  EXPECT_EQ(cpu.memory_stats().allocations, asked + 1);
  for (std::int64_t i = 0; i < n; ++i) ASSERT_EQ(places[static_cast<std::size_t>(i)], i * 123'457 % n) << i;
}

}  // namespace
}  // namespace tessera::detail
