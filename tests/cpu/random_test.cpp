// Random fills below the public interface: the same bits on every instruction set, in any pieces, on any number of threads.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "backend.hpp"
#include "cpu/kernels/random.hpp"
#include "cpu/kernels/table.hpp"
#include "cpu/memory.hpp"
#include "cpu/threads.hpp"
#include "samplers/list.hpp"

namespace {

using namespace tessera;
using namespace tessera::detail;

random_plan plan_of(distribution kind, dtype type, int words) {
  random_plan plan;
  plan.kind = kind;
  plan.type = type;
  plan.words = words;
  plan.seed = 0x1234567890ABCDEF;
  plan.stream = 0xFEDCBA0987654321;
  plan.counter = 0xFFFFFFFFFFFFFF00;  // both halves and the whole wrap round on the way
  plan.low = -0.5, plan.width = 2.5, plan.last = 1.75;
  plan.first = static_cast<std::uint64_t>(-9);
  plan.most = words == 4 ? 0x123456789ABC : 999;
  return plan;
}

std::vector<random_plan> plans() {
  std::vector<random_plan> all;
  for (const dtype type : {float32, float64})
    for (const distribution kind : {distribution::uniform, distribution::normal, distribution::exponential})
      all.push_back(plan_of(kind, type, type.itemsize() / 4));
  for (const dtype type : {bool_, int8, int16, int32, int64, uint8, uint16, uint32, uint64})
    all.push_back(plan_of(distribution::integers, type, 2));
  for (const dtype type : {int64, uint64}) all.push_back(plan_of(distribution::integers, type, 4));
  return all;
}

/// Samplers with one parameter for all and with one for each of up to 300 007 elements, on both sides of their switches.
std::vector<random_plan> sampler_plans() {
  static std::vector<double> values, trials;
  for (int i = 0; values.size() < 300'007; ++i) values.push_back(0.05 + i % 97 * 0.3), trials.push_back(i % 97);
  std::vector<random_plan> all;
  const auto add = [&](sampler_code which, dtype type, double first, double second, bool from_array) {
    random_plan plan = plan_of(distribution::sampler, type, 2);
    plan.sampler = which;
    const std::vector<double>& each = which == sampler_code::binomial ? trials : values;
    plan.parameters[0] = {from_array ? each.data() : nullptr, first};
    plan.parameters[1] = {nullptr, second};
    all.push_back(plan);
  };
  for (const bool from_array : {false, true}) {
    for (const dtype type : {float32, float64}) {
      for (const double shape_of : {0.3, 3.0}) add(sampler_code::gamma, type, shape_of, 1.5, from_array);
      add(sampler_code::log_gamma, type, 0.01, 1, from_array);
    }
    for (const double lam : {4.0, 44.0, 1e9}) add(sampler_code::poisson, int64, lam, 0, from_array);
    for (const double p : {0.01, 0.4, 0.99}) add(sampler_code::binomial, int64, 200, p, from_array);
  }
  add(sampler_code::geometric, int64, 0.01, 0, false);
  return all;
}

std::vector<random_plan> all_plans() {
  std::vector<random_plan> all = plans();
  for (const random_plan& plan : sampler_plans()) all.push_back(plan);
  return all;
}

std::vector<std::byte> filled(random_plan plan, std::int64_t count) {
  const std::int64_t nbytes = count * plan.type.itemsize();
  cpu::scratch memory(nbytes);
  std::memset(memory.data(), 0xEE, static_cast<std::size_t>(nbytes));
  plan.out = memory.data();
  plan.count = count;
  cpu_backend().random(plan);
  return {memory.data(), memory.data() + nbytes};
}

class random_fills : public testing::Test {
 protected:
  void TearDown() override {
    use_simd_target(simd_targets().front());
    cpu::set_thread_count(threads_);
  }

 private:
  int threads_ = cpu::thread_count();
};

TEST_F(random_fills, are_the_same_bits_on_every_instruction_set) {
  for (const random_plan& plan : all_plans()) {
    for (const std::int64_t count : {1, 5, 63, 64, 20'011}) {
      std::vector<std::byte> first;
      for (const std::string& target : simd_targets()) {
        use_simd_target(target);
        const auto got = filled(plan, count);
        if (first.empty()) first = got;
        EXPECT_TRUE(got == first) << target << ' ' << plan.type.name() << ' ' << count;
      }
    }
  }
}

TEST_F(random_fills, are_the_same_bits_with_any_number_of_threads) {
  const std::int64_t count = 300'007;
  for (const random_plan& plan : all_plans()) {
    cpu::set_thread_count(1);
    const auto first = filled(plan, count);
    for (const int threads : {2, 3, 7}) {
      cpu::set_thread_count(threads);
      EXPECT_TRUE(filled(plan, count) == first) << threads << ' ' << plan.type.name();
    }
  }
}

TEST_F(random_fills, may_be_made_in_pieces_and_write_nothing_else) {
  const std::int64_t count = 4099;
  for (const std::string& target : simd_targets()) {
    use_simd_target(target);
    for (random_plan plan : plans()) {
      const auto whole = filled(plan, count);
      const std::int64_t itemsize = plan.type.itemsize();
      cpu::scratch memory(count * itemsize + 64);
      plan.out = memory.data();
      plan.count = count;
      std::memset(plan.out, 0xEE, static_cast<std::size_t>(count * itemsize + 64));
      const cpu::random_fill fill = cpu::find_random_fill(plan);
      fill(plan, 0, 4);
      fill(plan, 4, 508);
      fill(plan, 1536, count - 1536);
      for (std::int64_t i = 512 * itemsize; i < 1536 * itemsize; ++i) ASSERT_EQ(plan.out[i], std::byte{0xEE});
      fill(plan, 512, 1024);
      EXPECT_EQ(std::memcmp(plan.out, whole.data(), whole.size()), 0) << target << ' ' << plan.type.name();
      for (std::size_t i = 0; i < 64; ++i) ASSERT_EQ(plan.out[whole.size() + i], std::byte{0xEE});
    }
  }
}

TEST_F(random_fills, exist_for_what_the_front_end_lets_through_only) {
  for (const random_plan& plan : plans()) EXPECT_NE(cpu::find_random_fill(plan), nullptr);
  for (const dtype type : {float16, bfloat16, complex64, int32})
    EXPECT_EQ(cpu::find_random_fill(plan_of(distribution::normal, type, 1)), nullptr);
}

}  // namespace
