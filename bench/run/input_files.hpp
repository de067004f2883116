// The inputs of a workload as files that competitors read, in a folder that goes when the run ends, however it ends.
#pragma once
#include <map>
#include <string>

#include "plan.hpp"

namespace bench {

class input_files {
 public:
  explicit input_files(std::string folder) : folder_(std::move(folder)) {}
  /// Paths by the inputs' names: NumPy's files, bfloat16 as uint16, an input that is a file as it is. Files are kept
  /// for as long as the next workload needs them.
  std::map<std::string, std::string> of(const work& one, const operands& arrays);

 private:
  std::string folder_;
  std::map<std::string, std::string> kept_;  // paths by the input's description
  int count_ = 0;
};

}  // namespace bench
