// Reports: who is compared with whom, numbers as text, and results that are empty, hostile or not known.
#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "contests.hpp"
#include "page.hpp"
#include "text.hpp"

namespace {

using namespace bench;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

timing time_of(const std::string& by, double median, int threads = 1, const std::string& device = "cpu") {
  timing one;
  one.by = by, one.device = device, one.threads = threads;
  one.median = median, one.quartile1 = median * 0.9, one.quartile3 = median * 1.1;
  one.repetitions = 9;
  return one;
}

timing failure_of(const std::string& by, const std::string& error, int threads = 1) {
  timing one;
  one.by = by, one.error = error, one.threads = threads;
  return one;
}

results one_workload(std::vector<timing> timings) {
  results all;
  measured work;
  work.name = "add", work.group = "elementwise", work.bytes = 120, work.flops = 10;
  work.timings = std::move(timings);
  all.workloads.push_back(work);
  return all;
}

TEST(contests, take_the_fastest_peer) {
  const results all = one_workload({time_of("tessera", 2), time_of("numpy", 8), time_of("jax", 4)});
  const auto rows = contests(all, {"cpu", 1});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].best->by, "jax");
  EXPECT_EQ(rows[0].ratio(), 2);
  EXPECT_THAT(peers_of(rows), ElementsAre("jax", "numpy"));
}

TEST(contests, let_a_library_without_threads_compete_with_the_time_of_one) {
  const results all = one_workload({time_of("tessera", 2), time_of("tessera", 1, 2), time_of("numpy", 3),
                                    time_of("torch", 4), time_of("torch", 2.5, 2)});
  const auto rows = contests(all, {"cpu", 2});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].find("numpy")->median, 3);
  EXPECT_EQ(rows[0].best->by, "torch");
  EXPECT_EQ(rows[0].ratio(), 2.5);
}

TEST(contests, never_set_a_library_with_threads_beside_tessera_with_more) {
  const results all = one_workload({time_of("tessera", 4), time_of("tessera", 2, 2), time_of("tessera", 1, 4),
                                    time_of("torch", 5), time_of("torch", 1.5, 4), time_of("numpy", 3)});
  const auto middle = contests(all, {"cpu", 2}), most = contests(all, {"cpu", 4});
  EXPECT_EQ(middle.at(0).find("torch"), nullptr);
  EXPECT_EQ(middle.at(0).find("numpy")->median, 3);
  EXPECT_EQ(most.at(0).best->by, "torch");
  EXPECT_EQ(most.at(0).ratio(), 1.5);
}

TEST(contests, prefer_a_time_of_one_thread_to_a_failure_of_more) {
  const results all = one_workload({time_of("tessera", 2), time_of("tessera", 1, 8), time_of("jax", 3),
                                    failure_of("jax", "takes more than 45 s", 8), failure_of("torch", "wrong"),
                                    failure_of("torch", "wrong", 8)});
  const auto rows = contests(all, {"cpu", 8});
  ASSERT_TRUE(rows.at(0).best);
  EXPECT_EQ(rows[0].best->by, "jax");
  EXPECT_EQ(rows[0].best->threads, 1);
  ASSERT_EQ(rows[0].failures.size(), 1u);
  EXPECT_EQ(rows[0].failures[0]->by, "torch");
}

TEST(contests, take_a_right_result_of_the_same_place_whatever_else_failed_there) {
  const results all = one_workload({time_of("tessera", 2), failure_of("jax", "wrong"), time_of("jax", 3)});
  EXPECT_EQ(contests(all, {"cpu", 1}).at(0).best->median, 3);
}

TEST(contests, never_take_tesseras_time_from_fewer_threads_or_another_device) {
  const results all = one_workload({time_of("tessera", 2), time_of("numpy", 3, 2), time_of("jax", 1, 1, "cuda:0")});
  const auto rows = contests(all, {"cpu", 2});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].ours, nullptr);
  EXPECT_EQ(rows[0].ratio(), 0);
  EXPECT_EQ(rows[0].find("jax"), nullptr);
}

TEST(contests, leave_out_times_that_are_zero_or_nan_and_wrong_results) {
  const results all = one_workload({time_of("tessera", 2), time_of("numpy", 0), time_of("torch", std::nan("")),
                                    failure_of("jax", "element 3 is 1 instead of 2")});
  const auto rows = contests(all, {"cpu", 1});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(rows[0].others.empty());
  EXPECT_EQ(rows[0].failures.size(), 3u);
  EXPECT_EQ(rows[0].best, nullptr);
}

TEST(contests, are_clear_when_the_middle_halves_lie_apart) {
  EXPECT_TRUE(contests(one_workload({time_of("tessera", 1), time_of("numpy", 2)}), {"cpu", 1})[0].is_clear());
  EXPECT_FALSE(contests(one_workload({time_of("tessera", 1), time_of("numpy", 1.1)}), {"cpu", 1})[0].is_clear());
}

TEST(contests, are_not_clear_with_one_or_two_times) {
  for (const int few : {0, 1, 2}) {
    timing ours = time_of("tessera", 1), other = time_of("numpy", 2);
    ours.repetitions = few;
    EXPECT_FALSE(contests(one_workload({ours, other}), {"cpu", 1})[0].is_clear());
    ours.repetitions = 3, other.repetitions = few;
    EXPECT_FALSE(contests(one_workload({ours, other}), {"cpu", 1})[0].is_clear());
  }
}

TEST(places, of_ratios_are_those_where_a_peer_was_timed_and_the_last) {
  results all = one_workload({time_of("tessera", 8), time_of("tessera", 4, 2), time_of("tessera", 2, 4),
                              time_of("tessera", 1, 8), time_of("torch", 9), time_of("torch", 3, 8)});
  EXPECT_THAT(places(all), ElementsAre(place{"cpu", 1}, place{"cpu", 8}));
  EXPECT_THAT(places_of_tessera(all), ElementsAre(place{"cpu", 1}, place{"cpu", 2}, place{"cpu", 4}, place{"cpu", 8}));
  EXPECT_THAT(report_markdown(all), Not(HasSubstr("## 4 threads")));
  EXPECT_THAT(report_page(all), HasSubstr("torch, 8 threads: 3.00"));  // in the chart over threads
  EXPECT_THAT(report_page(all), HasSubstr("tessera, 4 threads: 4.00"));
  all.workloads[0].timings.push_back(time_of("jax", 3, 4));
  EXPECT_THAT(places(all), ElementsAre(place{"cpu", 1}, place{"cpu", 4}, place{"cpu", 8}));
}

TEST(places, are_those_of_tessera_with_emulated_devices_left_out) {
  results all = one_workload({time_of("tessera", 2, 4), time_of("tessera", 2, 1), time_of("tessera", 1, 1, "cuda:0"),
                              time_of("tessera", 1, 1, "cuda:1"), time_of("numpy", 1, 8)});
  all.machine.gpus.resize(2);
  all.machine.gpus[0].device = "cuda:0", all.machine.gpus[0].emulated = true;
  all.machine.gpus[1].device = "cuda:1";
  EXPECT_THAT(places(all), ElementsAre(place{"cpu", 1}, place{"cpu", 4}, place{"cuda:1", 1}));
}

TEST(standings, count_and_average_each_group_and_all) {
  results all = one_workload({time_of("tessera", 1), time_of("numpy", 4)});
  all.workloads.push_back(all.workloads[0]);
  all.workloads[1].timings = {time_of("tessera", 2), time_of("numpy", 2), time_of("jax", 1)};
  all.workloads.push_back(all.workloads[0]);
  all.workloads[2].group = "tiny";
  all.workloads[2].timings = {time_of("tessera", 1)};
  const auto found = standings(all, {"cpu", 1});
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].faster, 1);
  EXPECT_EQ(found[0].contested, 2);
  EXPECT_NEAR(found[0].mean, std::sqrt(4 * 0.5), 1e-14);
  EXPECT_NEAR(found[0].numpy_mean, 2, 1e-14);
  EXPECT_EQ(found[1].contested, 0);
  EXPECT_EQ(found[2].group, "all");
  EXPECT_EQ(found[2].workloads, 3);
}

TEST(text, has_three_digits_and_a_unit) {
  EXPECT_EQ(seconds_text(3.984e-3), "3.98 ms");
  EXPECT_EQ(seconds_text(43.21e-9), "43.2 ns");
  EXPECT_EQ(seconds_text(0.9996e-3), "1.00 ms");
  EXPECT_EQ(seconds_text(125), "125 s");
  EXPECT_EQ(seconds_text(0), "–");
  EXPECT_EQ(seconds_text(std::nan("")), "–");
  EXPECT_EQ(byte_rate(50.66e9), "50.7 GB/s");
  EXPECT_EQ(rate_text(2.639e11, "FLOP"), "264 GFLOP/s");
  EXPECT_EQ(binary_bytes(33554432), "32 MiB");
  EXPECT_EQ(ratio_text(0.704), "0.70");
  EXPECT_EQ(ratio_text(179.67), "180");
  EXPECT_EQ(ratio_text(0.00213), "0.0021");
  EXPECT_EQ(percent(0.0004), "<0.1 %");
  EXPECT_EQ(percent(0.456), "46 %");
  EXPECT_EQ(date_text("2026-11-30T18:00:00Z"), "2026-11-30 18:00 UTC");
  EXPECT_EQ(date_text("yesterday"), "yesterday");
}

TEST(text, of_an_axis_has_no_needless_zeros) {
  EXPECT_EQ(shortened("50.0 GB/s"), "50 GB/s");
  EXPECT_EQ(shortened("1.50 TB/s"), "1.5 TB/s");
  EXPECT_EQ(shortened("100 GB/s"), "100 GB/s");
  EXPECT_EQ(shortened("0.10"), "0.1");
}

TEST(text, cannot_become_markup) {
  EXPECT_EQ(escaped("<a href=\"x\">'&'"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;");
  EXPECT_EQ(escaped(std::string_view("a\x01\nb\0", 5)), "a\uFFFD b\uFFFD");
  EXPECT_EQ(markdown_escaped("a|b\n<c>`[d]"), "a\\|b &lt;c>\\`\\[d\\]");
}

TEST(report, of_nothing_is_still_a_page) {
  EXPECT_THAT(report_page({}), HasSubstr("This run has no times of tessera."));
  EXPECT_THAT(report_markdown({}), HasSubstr("# Tessera benchmarks"));
  EXPECT_THAT(report_summary({}), HasSubstr("\"places\": []"));
}

TEST(report, escapes_every_name_of_the_file) {
  const std::string bad = "<script>alert('&\"')</script>";
  results all = one_workload({time_of("tessera", 1), time_of(bad, 2), failure_of("x" + bad, bad)});
  measured& work = all.workloads[0];
  work.name = work.group = work.formula = work.flop_type = bad;
  work.models.push_back({bad, 1, 2, 3, 4, bad, ""});
  all.workloads.push_back(work);
  all.workloads[1].sweep = bad;
  all.machine.cpu = all.machine.simd = all.machine.system = all.commit = all.date = all.kind = bad;
  all.versions[bad] = bad;
  all.absent[bad] = bad;
  const std::string page = report_page(all);
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert"));
  EXPECT_THAT(report_markdown(all), Not(HasSubstr("<script>")));
}

TEST(report, keeps_modelled_numbers_in_a_section_of_their_own) {
  results all = one_workload({time_of("tessera", 1)});
  all.workloads[0].models.push_back({"H100", 3, 1e6, 2e6, 1.5e-6, "memory", ""});
  const std::string page = report_page(all);
  const std::size_t section = page.find("<section id=\"modelled\">");
  ASSERT_NE(section, std::string::npos);
  EXPECT_NE(page.find("Modelled from counted instructions and bytes: nothing here was measured.", section),
            std::string::npos);
  EXPECT_EQ(page.find("H100"), page.find("H100", section));
  EXPECT_THAT(report_markdown(all),
              HasSubstr("## Modelled GPUs\n\n"
                        "**Modelled from counted instructions and bytes: nothing here was measured.**\n\n"
                        "| workload | GPU | launches | instructions | bytes | modelled least time | bound by |\n"
                        "|--|--|--|--|--|--|--|\n"
                        "| add | H100 | 3 | 1.00 M | 2.00 MB | 1.50 µs | memory |\n"));
}

TEST(read_results, names_the_file_and_what_is_wrong) {
  const auto message = [](const std::string& content) {
    const std::string path = std::filesystem::temp_directory_path() / "tessera_read_results_test.json";
    std::ofstream(path) << content;
    try {
      read_results(path);
    } catch (const std::runtime_error& error) {
      return std::string(error.what()).substr(path.size());
    }
    return std::string();
  };
  EXPECT_EQ(message("{}"), ": it is no result of tessera-bench run");
  EXPECT_EQ(message("{\"format\": 2}"), ": it is no result of tessera-bench run");
  EXPECT_THAT(message("{\"format\": 1,"), HasSubstr("parse error"));
  EXPECT_THAT(message("{\"format\": 1, \"workloads\": 3}"), HasSubstr("type must be array"));
  EXPECT_EQ(message("{\"format\": 1}"), "");
  EXPECT_THROW(read_results("/no/such/file.json"), std::runtime_error);
}

}  // namespace
