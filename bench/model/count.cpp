// tessera-bench count NAME: runs a workload's statement once on the device, so that an emulator can count its kernels.
//
// The operands are made on the host and copied: no kernels but the statement's are started. One line of JSON says the seconds of
// the processor that the statement took, and which extents became others.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "commands.hpp"
#include "model/smaller.hpp"

namespace bench {

int count_command(int argc, char** argv) {
  if (argc < 2) throw std::runtime_error("usage: tessera-bench count NAME [HALVINGS [WORKLOADS]]");
  const std::string name = argv[1], file = argc > 3 ? argv[3] : TESSERA_WORKLOADS;
  const int halvings = argc > 2 ? std::atoi(argv[2]) : 0;
  for (const facts& work : read_workloads(file)) {
    if (work.name != name) continue;
    const entry* how = find_entry(work);
    if (!how) throw std::runtime_error(name + " cannot be done");
    tessera::set_default_device(tessera::cuda());
    const smaller counted = halved(work, halvings);
    const operands in(counted.work);
    tessera::synchronize(tessera::cuda());
    const std::clock_t begin = std::clock();  // of the processor: others may be at work
    const array result = how->run(in);
    tessera::synchronize(tessera::cuda());
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    nlohmann::json line = {{"seconds", seconds}, {"extents", nlohmann::json::array()}};
    for (const auto& [before, after] : counted.extents) line["extents"].push_back({before, after});
    std::printf("%s\n", line.dump().c_str());
    return 0;
  }
  throw std::runtime_error("no workload is named " + name);
}

}  // namespace bench
