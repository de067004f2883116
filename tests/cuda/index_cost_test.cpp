// What statements with masks and index arrays launch and copy, from the emulator's statistics: this program runs itself.
#include <cstdlib>

#include "cuda/device_operands.hpp"
#include "cuda/emulator_statistics.hpp"

namespace {

using namespace tessera;
using namespace tessera_test;

// ---- what a statement costs

struct operands {
  array x, table, i, mask, values;
};
struct statement {
  const char* name;
  std::function<void(operands&)> run;
  int launches, reads, copies = 0;  // kernels, copies to the host, copies on the device
};
/// Short index arrays are copied, then checked (one number is read), then used; masks become bits, which are counted (the count is read).
const statement statements[] = {
    {"nothing", [](operands&) {}, 0, 0},
    {"gather", [](operands& o) { array y = o.x[o.i]; }, 2, 1, 1},
    {"gather_rows", [](operands& o) { array y = o.table[o.i]; }, 2, 1, 1},
    {"gather_by_two", [](operands& o) { array y = o.table(o.i, o.i); }, 3, 2, 2},
    {"scatter", [](operands& o) { o.x[o.i] = o.values; }, 3, 1, 1},
    {"scatter_one_number", [](operands& o) { o.x[o.i] = 5; }, 4, 1, 1},
    {"update", [](operands& o) { o.x[o.i] += o.values; }, 5, 1, 1},
    {"add_at", [](operands& o) { add_at(o.x, o.i, o.values); }, 2, 1, 1},
    {"mask", [](operands& o) { array y = o.x[o.mask]; }, 4, 1},
    {"assign_to_mask", [](operands& o) { o.x[o.mask] = 5; }, 1, 0},
    {"assign_values_to_mask", [](operands& o) { o.x[o.mask] = o.x[o.mask] + 1; }, 9, 2},
    {"positions", [](operands& o) { array y = flatnonzero(o.mask); }, 4, 1},
    {"count", [](operands& o) { array y = count_nonzero(o.mask); }, 1, 0},
    {"take_along_axis", [](operands& o) { array y = take_along_axis(o.x, o.i, 0); }, 2, 1, 1},
    {"compress", [](operands& o) { array y = compress(o.mask, o.table, 1); }, 5, 1},
    {"concatenate",
     [](operands& o) {
       array y = concatenate({o.table, o.table}, 1);
     },
     2, 0},
    {"tile",
     [](operands& o) {
       array y = tile(o.table, {2, 3});
     },
     1, 0},
    {"repeat", [](operands& o) { array y = repeat(o.table, 3, 1); }, 1, 0},
    {"roll", [](operands& o) { array y = roll(o.table, 3, 1); }, 2, 0},
    {"flip", [](operands& o) { array y = flip(o.table, 1) + 0; }, 1, 0},
    {"where", [](operands& o) { array y = where(o.mask, o.x, 0); }, 1, 0},
};

TEST_F(indexing_on_gpu, probe) {
  const char* const name = std::getenv("TESSERA_PROBE");
  if (name == nullptr) GTEST_SKIP() << "run by the tests below";
  operands o{numbers({100}).to(cuda()), numbers({100, 100}).to(cuda()), positions({50}, 100).to(cuda()),
             array(numbers({100}) > 0).to(cuda()), numbers({50}).to(cuda())};
  for (const statement& s : statements) {
    if (name == std::string(s.name)) s.run(o);
  }
  synchronize(cuda());  // what has not run by the end of the process is not counted
}

struct cost {
  int launches = -1, reads = 0, others = 0;
};
/// Of preparing the operands and running a statement; launches -1 where no emulator counts.
cost cost_of(const std::string& name) {
  const nlohmann::json all = statistics_of("indexing_on_gpu.probe", name);
  cost c;
  if (all.is_null()) return c;
  c.launches = 0;
  for (const nlohmann::json& kernel : all["kernels"]) c.launches += kernel["launches"].get<int>();
  const nlohmann::json& copies = all["memcpy"];
  c.reads = copies["device_to_host"]["count"];
  c.others = copies["host_to_device"]["count"].get<int>() + copies["device_to_device"]["count"].get<int>();
  return c;
}

TEST_F(indexing_on_gpu, costs_the_launches_and_copies_it_should) {
  const cost before = cost_of("nothing");
  if (before.launches < 0) GTEST_SKIP() << "no emulator";
  for (const statement& s : statements) {
    const cost c = cost_of(s.name);
    EXPECT_EQ(c.launches - before.launches, s.launches) << s.name;
    EXPECT_EQ(c.reads - before.reads, s.reads) << s.name;
    EXPECT_EQ(c.others - before.others, s.copies) << s.name;  // nothing goes to the device
  }
}

TEST_F(indexing_on_gpu, rows_move_in_pieces_of_sixteen_bytes) {
  const nlohmann::json all = statistics_of("indexing_on_gpu.probe", "gather_rows");
  if (all.is_null()) GTEST_SKIP() << "no emulator";
  int found = 0;
  for (const nlohmann::json& kernel : all["kernels"]) {
    if (kernel["name"] != "tessera_gather_16_bytes") continue;
    ++found;
    EXPECT_EQ(kernel["instructions"]["st_global"], 50 * 100 / 4);
    EXPECT_EQ(kernel["global"]["store_bytes"], 50 * 100 * 4);
    EXPECT_EQ(kernel["global"]["store_efficiency"], 1.0);
    EXPECT_EQ(kernel["local_bytes"], 0);
  }
  EXPECT_EQ(found, 1);
}

}  // namespace
