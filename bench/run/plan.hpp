// What a run does: which workloads, and who competes in each. A host value, made before anything starts.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "workload.hpp"

namespace bench {

/// A library on a device with so many threads: one process. On a GPU threads are 1.
struct contender {
  std::string by, device = "cpu";
  int threads = 1;
  friend auto operator<=>(const contender&, const contender&) = default;
};

/// A workload as asked for, its row with the sizes of a sweep put in.
struct work {
  std::string name;         ///< "add_f32_1e7@4000"
  std::string sweep;        ///< "add_f32_1e7", of another size; else empty
  std::int64_t extent = 0;  ///< that size
  nlohmann::json row;       ///< its name is the statement's: "add_f32_1e7"
};

/// All rows of workloads.json, then those of its sweeps. `quick`: the representative ones. Throws std::runtime_error
/// naming the file.
std::vector<work> list_work(const std::string& path, bool quick);

/// Every library, tessera aside, that one of them names.
std::set<std::string> peers_of(const std::vector<work>& all);

/// `row` with each extent `from` of its inputs set to `to`; bytes of the result and flops grow with their powers.
nlohmann::json resized(const nlohmann::json& row, std::int64_t from, std::int64_t to, double bytes_power,
                       double flops_power);

struct choice {
  std::string filter;                          ///< a regular expression of names
  std::set<std::string> groups;                ///< empty: all
  std::optional<std::set<std::string>> peers;  ///< nothing: all that are there
  std::vector<int> threads;                    ///< empty: 1, all, and for tessera powers of two between
  std::vector<std::string> devices = {"cpu"};
  bool emulated = false;  ///< the GPUs: nobody else can use them
  int cores = 1;
  bool quick = false;
};

struct planned {
  work what;
  std::vector<contender> by;           ///< tessera first
  std::optional<std::size_t> same_as;  ///< the planned workload that is the same work: its times are taken over
};

/// Who does what. `at_hand`: peers that are there, as workloads.json names them.
std::vector<planned> make_plan(const std::vector<work>& all, const choice& chosen,
                               const std::set<std::string>& at_hand);

/// 1, 2, 4, … cores; without `between` 1 and cores.
std::vector<int> thread_counts(int cores, bool between);

}  // namespace bench
