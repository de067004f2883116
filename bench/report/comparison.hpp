// Two runs beside each other: what became faster or slower beyond chance.
#pragma once
#include <string>
#include <vector>

#include "contests.hpp"

namespace bench {

enum class verdict { faster, slower, unchanged, undecided };

/// What a verdict rests on: a rank test of the samples; middle halves that lie apart; nothing, since there are one or
/// two times only, or too few for the test to find anything.
enum class evidence { samples, quartiles, none };

/// One library's times of one workload in one place, before and after.
struct change {
  std::string workload, group, by;
  place where;
  double before = 0, after = 0;  ///< medians
  double p = 1;                  ///< adjusted for the number of tests; of samples only
  double least_p = 0;            ///< the least that so many samples can give, adjusted likewise
  evidence on = evidence::none;
  verdict what = verdict::undecided;
  double ratio() const { return before / after; }  ///< above 1: faster now
};

struct comparison {
  std::vector<change> changes;           ///< in the order of the newer file
  std::vector<std::string> differences;  ///< between the machines, by which no ratio says anything of the code
  std::vector<std::string> lost;         ///< tessera's that had times and have none now, and why
  std::vector<std::string> gained;       ///< tessera's that have times now
};

struct comparison_options {
  double discoveries = 0.05;  ///< share of false ones among the significant that is allowed (Benjamini and Hochberg)
  double least = 0.03;        ///< a change below it is none, however significant
};

comparison compare(const results& before, const results& after, const comparison_options& options = {});

/// The changes of tessera alone, or of the peers alone.
std::vector<change> of_tessera(const comparison& all);
std::vector<change> of_peers(const comparison& all);
int count(const std::vector<change>& changes, verdict what);
double mean_ratio(const std::vector<change>& changes);

/// What significance is of.
inline constexpr const char* significance_text =
    "The times of one library in one run share a process and a moment: significance speaks of noise within the runs. "
    "How "
    "much two runs of the same build differ is the check.";

const char* text_of(verdict what);
const char* text_of(evidence on);

/// A table for a terminal: with `all` also what is unchanged.
std::string comparison_text(const comparison& found, bool all);
std::string comparison_markdown(const comparison& found, const results& before, const results& after);
std::string comparison_summary(const comparison& found);
std::string comparison_page(const comparison& found, const results& before, const results& after,
                            const comparison_options& options);

}  // namespace bench
