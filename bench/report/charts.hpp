// The pictures of a report, each a string of SVG. A chart without anything to show is empty.
#pragma once
#include <string>
#include <vector>

#include "contests.hpp"
#include "svg.hpp"

namespace bench {

/// Bytes a second as the working set grows, one line for each way of moving them.
std::string bandwidth_chart(const results& all, const place& where, const std::string& id);
/// The ways a bandwidth chart shows, as a palette knows them.
const std::vector<std::string>& bandwidth_ways();

/// Operations for each byte against operations a second: the workloads under the roofs of memory and of multiply-adds.
std::string roofline_chart(const results& all, const place& where, const std::string& id);

/// Each workload's best peer over tessera as a bar from 1, every other peer as a dot; several charts, each a column, on
/// one scale.
std::vector<std::string> ratio_charts(const std::vector<contest>& rows, const palette& colours, const std::string& id);

/// Rate over size, of one workload's sweep.
struct sweep {
  std::string of;
  std::vector<const measured*> sizes;  ///< smallest first
};
std::vector<sweep> sweeps(const results& all);
std::string sweep_chart(const results& all, const sweep& one, const place& where, const palette& colours,
                        const std::string& id);
/// Who has times in a sweep, tessera first.
std::vector<std::string> sweep_names(const sweep& one, const place& where);

/// What threads gain: each group's workloads as dots, their geometric mean as a bar.
std::string gain_chart(const results& all, const place& from, const place& to, const std::string& id);
/// The geometric mean of all workloads over the number of threads, of tessera and of each peer; for three counts or
/// more.
std::string thread_chart(const results& all, const palette& colours, const std::string& id);

/// Moving operands there, a call, moving the result back: the parts of their sum.
std::vector<std::string> transfer_charts(const std::vector<contest>& rows, const std::string& id);

}  // namespace bench
