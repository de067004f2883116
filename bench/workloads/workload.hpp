// A workload: facts from workloads.json, arrays made from its inputs, how the result is built, and what it must be.
#pragma once
#include <tessera/tessera.hpp>

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "inputs.hpp"

namespace bench {

using tessera::array;

/// One row of workloads.json.
struct facts {
  std::string name, group, formula, einsum, bound, check;
  std::map<std::string, input> inputs;
  double bytes = 0, flops = 0, items = 0, tolerance = 0;
  bool supported = true;  // false: its inputs need a dtype or a generator that is not here
};

/// What a row of workloads.json says.
facts read_facts(const nlohmann::json& row);
/// All workloads in the order of the file. Throws std::runtime_error when it cannot be read.
std::vector<facts> read_workloads(const std::string& path);

/// A workload's arrays under their names in the formula, on the default device, and the same elements computed
/// without the library.
class operands {
 public:
  explicit operands(const facts& work);
  operands(const operands&) = delete;
  operands& operator=(const operands&) = delete;
  ~operands();  // removes the file
  const input& operator[](const std::string& name) const { return inputs_.at(name); }
  /// The array of this name.
  const array& named(const std::string& name) const;

  array a, b, c, i, m, o, q, r, s, v, x, y;
  std::string file;  // of an input that is one
  std::string equation;

 private:
  std::map<std::string, input> inputs_;
};

/// What a result must be, from plain loops over the inputs; elements by flat C index. Random numbers have no `element`:
/// their moments are checked.
struct answer {
  tessera::shape extents;
  tessera::dtype type;
  std::function<double(std::int64_t)> element;
  int samples = 200;  // elements compared; fewer where one takes long
};

/// How the workloads whose whole name matches `names` are done. `run` allocates its result, as the peers do.
struct entry {
  const char* names;  // a regular expression
  array (*run)(const operands&);
  answer (*expected)(const operands&);
};

std::span<const entry> elementwise_entries();
std::span<const entry> reduction_entries();
std::span<const entry> selection_entries();
std::span<const entry> einsum_entries();
std::span<const entry> pairwise_entries();
std::span<const entry> tiny_entries();
std::span<const entry> random_entries();
std::span<const entry> structured_entries();
std::span<const entry> file_entries();

/// The dtype of inputs of records.
extern const tessera::dtype records;

/// The entry for this workload, or null if it cannot be done yet.
const entry* find_entry(const facts& work);

/// What results of one workload are compared with, whoever made them: at most 200 elements, computed once.
class expectation {
 public:
  expectation(const facts& work, const entry& how, const operands& in);
  /// The elements of a result to give to difference(), by flat C index. Random numbers: the first 2000.
  const std::vector<std::int64_t>& indices() const { return indices_; }
  const answer& whole() const { return expected_; }
  /// Empty if shape and elements are as expected, else what differs.
  std::string difference(const std::vector<std::int64_t>& shape, const std::vector<double>& values) const;

 private:
  facts work_;
  answer expected_;
  std::vector<std::int64_t> indices_;
  std::vector<double> wanted_;
  double allowed_ = 0;
  std::optional<input> picked_from_;  // where a result of indices stands for the elements that they pick
};

/// The element with flat C index i of an array on the host, without the library's conversions; bool as 0 or 1.
double element_at(const array& x, std::int64_t i);

/// Runs the workload once: empty if shape, dtype and sampled elements are as expected, else what differs.
std::string difference(const facts& work, const entry& how, const operands& in);

}  // namespace bench
