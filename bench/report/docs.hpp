// The places of the documentation that are written from results.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "../results.hpp"

namespace bench {

/// A file of results under its name without folder and ending.
using named_results = std::pair<std::string, results>;

/// The document with what lies between `<!-- bench: WHAT -->` and `<!-- /bench -->` written anew. WHAT is one of
///   machine             what ran where
///   standings           how the groups stand, for one thread and all
///   group NAME          the workloads of a group on the CPU
///   distances NAME      the same with exact and expanded peers apart
///   modelled            what tessera-bench model added
/// and after it may stand `of FILE` with the name of one of the results; else the first are meant.
/// Throws std::runtime_error naming the line of what cannot be done.
std::string with_results(const std::string& document, const std::vector<named_results>& files);

/// Some of the workloads that were modelled, in Markdown; empty where none of them was.
std::string modelled_table(const results& all);

}  // namespace bench
