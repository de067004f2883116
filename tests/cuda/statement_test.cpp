// What one statement costs on a device: launches, bytes moved, trips to the host. The emulator's statistics of this program
// running a statement three times and once are compared, so that what is done before does not count.
#include <cstdlib>
#include <functional>

#include "cuda/device.hpp"
#include "cuda/emulator_statistics.hpp"

namespace {

using namespace tessera;

constexpr std::int64_t rows = 96, columns = 160, count = rows * columns, bytes = 4 * count;

struct operands {
  array a, b, transposed;
};

struct statement {
  const char* name;
  std::function<array(const operands&)> run;
  std::int64_t launches;  // at most, and at least one
  // Bytes; negative: not looked at. (With constants in an epilogue NVRTC reads parameters by a register, which the emulator
  // counts as global reads.)
  std::int64_t read, written;
};

void PrintTo(const statement& s, std::ostream* to) { *to << s.name; }

const statement statements[] = {
    {"a_plus_b", [](const operands& x) -> array { return x.a + x.b; }, 1, 2 * bytes, bytes},
    {"a_chain", [](const operands& x) -> array { return sqrt(x.a * x.b + 1.0f) - x.a / 2.0f; }, 1, 2 * bytes, bytes},
    {"a_comparison", [](const operands& x) -> array { return x.a < x.b; }, 1, 2 * bytes, count},
    {"a_cast", [](const operands& x) -> array { return x.a.astype(float64); }, 1, bytes, 2 * bytes},
    {"a_choice", [](const operands& x) -> array { return where(x.a > x.b, x.a, 0.0f); }, 1, 2 * bytes, bytes},
    {"a_transposed_operand", [](const operands& x) -> array { return x.a + x.transposed.T(); }, 1, 2 * bytes, bytes},
    {"a_row_for_all", [](const operands& x) -> array { return x.a - x.b(0); }, 1, -1, bytes},
    {"an_outer_product", [](const operands& x) -> array { return x.a(all, 0, newaxis) * x.b(0); }, 1, -1, bytes},
    {"a_sum_of_rows", [](const operands& x) -> array { return sum(x.a, 1); }, 1, bytes, 4 * rows},
    {"a_maximum_of_columns", [](const operands& x) -> array { return max(x.a, 0); }, 2, -1, -1},
    {"a_sum_of_everything", [](const operands& x) -> array { return sum(x.a * x.b); }, 2, -1, -1},
    {"a_mean_of_rows", [](const operands& x) -> array { return mean(x.a, 1); }, 1, -1, 8 * rows},
    {"a_norm_of_rows", [](const operands& x) -> array { return sqrt(sum(x.a * x.a, 1)) + 1.0f; }, 1, -1, 8 * rows},
    {"a_mean_of_everything", [](const operands& x) -> array { return mean(x.a); }, 2, -1, -1},
    {"a_variance_of_everything", [](const operands& x) -> array { return var(x.a); }, 2, -1, -1},
    {"distances",
     [](const operands& x) -> array {
       return sqrt(sum(square(x.a(slice(0, 32), newaxis) - x.b(newaxis, slice(0, 32))), 2));
     },
     2, -1, -1},
    {"an_argmax", [](const operands& x) -> array { return argmax(x.a); }, 2, -1, -1},
    {"a_cumulative_sum", [](const operands& x) -> array { return cumsum(x.a, 1); }, 2, -1, bytes},
};

class probe : public testing::TestWithParam<statement> {};
TEST_P(probe, runs) {
  const char* const times = std::getenv("TESSERA_PROBE");
  if (times == nullptr) GTEST_SKIP() << "run by the tests below";
  const operands x{ones({rows, columns}, {.dtype = float32, .device = cuda()}),
                   ones({rows, columns}, {.dtype = float32, .device = cuda()}),
                   ones({columns, rows}, {.dtype = float32, .device = cuda()})};
  for (int i = 0; i < std::atoi(times); ++i) GetParam().run(x);
}

struct cost {
  std::int64_t launches = 0, read = 0, written = 0, copies = 0, waits = 0;
};

/// Of a statement run this often; false where no emulator counts.
bool find_cost(const std::string& name, int times, cost& all) {
  const nlohmann::json found = statistics_of("*probe.runs/" + name, std::to_string(times));
  if (found.is_null()) return false;
  for (const nlohmann::json& kernel : found.at("kernels")) {
    all.launches += kernel.at("launches").get<std::int64_t>();
    all.read += kernel.at("global").at("load_bytes").get<std::int64_t>();
    all.written += kernel.at("global").at("store_bytes").get<std::int64_t>();
  }
  for (const char* const way : {"host_to_device", "device_to_host"}) {
    all.copies += found.at("memcpy").at(way).at("count").get<std::int64_t>();
  }
  all.waits = found.at("api").value("synchronisations", std::int64_t{0});
  return true;
}

class costs : public testing::TestWithParam<statement> {
  void SetUp() override {
    if (!backends()[1].available) GTEST_SKIP() << "no GPU and no emulator: " << backends()[1].detail;
  }
};
TEST_P(costs, are_those_of_the_plan) {
  if (std::getenv("TESSERA_PROBE") != nullptr) GTEST_SKIP();
  const statement& s = GetParam();
  cost once, three;
  if (!find_cost(s.name, 1, once) || !find_cost(s.name, 3, three)) GTEST_SKIP() << "no emulator";
  const std::int64_t launches = (three.launches - once.launches) / 2;
  EXPECT_GE(launches, 1);
  EXPECT_LE(launches, s.launches);
  EXPECT_EQ(three.copies, once.copies) << "copies between host and device";
  EXPECT_EQ(three.waits, once.waits) << "waits of the host";
  if (s.read >= 0) {
    EXPECT_EQ((three.read - once.read) / 2, s.read);
  }
  if (s.written >= 0) {
    EXPECT_EQ((three.written - once.written) / 2, s.written);
  }
}

const auto name_of = [](const auto& at) { return std::string(at.param.name); };
INSTANTIATE_TEST_SUITE_P(cuda, probe, testing::ValuesIn(statements), name_of);
INSTANTIATE_TEST_SUITE_P(cuda, costs, testing::ValuesIn(statements), name_of);

}  // namespace
