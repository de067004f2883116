// The tables at the end of a run.
#include "summary.hpp"

#include <fmt/format.h>

#include "../report/contests.hpp"
#include "../report/text.hpp"

namespace bench {

std::string summary(const results& all) {
  std::string text;
  for (const place& where : places(all)) {
    text += fmt::format("{}{:<14} {:>9}  {:>19}  tessera faster on\n", text.empty() ? "" : "\n",
                        place_text(where.device, where.threads), "workloads", "best peer / tessera");
    for (const standing& group : standings(all, where)) {
      text += fmt::format("{:<14} {:>9}  ", group.group, group.workloads);
      if (group.contested == 0) text += fmt::format("{:>19}  -\n", "-");
      else text += fmt::format("{:>19.2f}  {} of {}\n", group.mean, group.faster, group.contested);
    }
  }
  return text;
}

}  // namespace bench
