// Selections, sorts, searches, sets, histograms, quantiles and random numbers of every dtype: the same bits on every
// instruction set of this machine and with any number of threads.
#include <gtest/gtest.h>

#include "cpu/kernels/table.hpp"
#include "selections.hpp"

namespace tessera_test {
namespace {

using namespace tessera;

// Leaves the instruction set and the number of threads as they were.
struct same_bits : testing::Test {
  ~same_bits() override {
    detail::use_simd_target(detail::simd_targets().front());
    set_num_threads(threads_before);
  }
  int threads_before = num_threads();
};

std::string text_of(dtype type, content what, std::int64_t n) {
  return std::string(type.name()) + ", content " + std::to_string(static_cast<int>(what)) + ", " + std::to_string(n);
}

TEST_F(same_bits, on_every_instruction_set) {
  const std::vector<std::string> targets = detail::simd_targets();
  for (const std::int64_t n : {23, 700, 9001}) {
    std::vector<named_arrays> first;
    for (const std::string& target : targets) {
      detail::use_simd_target(target);
      std::size_t at = 0;
      const auto compare = [&](const named_arrays& got, const std::string& of) {
        if (target == targets.front()) first.push_back(got);
        EXPECT_EQ(differences(first[at++], got), "") << target << " and " << targets.front() << ", " << of;
      };
      for (const dtype type : selected_types) {
        for (const content what : every_content)
          compare(selections_of(selection_input(type, what, n)), text_of(type, what, n));
      }
      compare(draws_of(5, n, false), "draws");
    }
  }
}

// Long enough for every loop to be cut into pieces for the threads; the contents in turn.
TEST_F(same_bits, with_any_number_of_threads) {
  const std::int64_t n = 200'003;
  int turn = 0;
  for (const dtype type : selected_types) {
    const content what = every_content[turn++ % 4];
    const array x = selection_input(type, what, n);
    set_num_threads(1);
    const named_arrays alone = selections_of(x);
    for (const int threads : {2, 3, 7}) {
      set_num_threads(threads);
      EXPECT_EQ(differences(alone, selections_of(x)), "") << threads << " threads, " << text_of(type, what, n);
    }
  }
}

TEST_F(same_bits, of_draws_with_any_number_of_threads) {
  set_num_threads(1);
  const named_arrays alone = draws_of(11, 150'001, true);
  for (const int threads : {2, 3, 7}) {
    set_num_threads(threads);
    EXPECT_EQ(differences(alone, draws_of(11, 150'001, true)), "") << threads << " threads";
  }
}

}  // namespace
}  // namespace tessera_test
