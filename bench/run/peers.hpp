// Which competitors there are on this machine, and how their processes are started.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "competitor.hpp"

namespace bench {

/// Interpreters to look in, in this order: those given, else $TESSERA_BENCH_PYTHON (separated by ':'), else
/// `own`/bin/python where it is, else python3.
std::vector<std::string> interpreters(const std::vector<std::string>& given, const std::string& own);

/// The peers that these interpreters and the folder of executables (tessera-peer-NAME) have, of those that `wanted`
/// names.
struct peers_found {
  std::map<std::string, std::vector<std::vector<std::string>>> commands;  ///< by peer: each way to start it
  std::map<std::string, std::string> missing;                             ///< by peer: why it is not there
};
peers_found find_peers(const std::set<std::string>& wanted, const std::vector<std::string>& pythons,
                       const std::string& worker, const std::string& executables);

/// The variables of a process that is to use so many threads of its device, made from `inherited` ("NAME=VALUE");
/// what it leaves behind lies in `folder`, for it may be killed: temporary files, and kernels, as those of an earlier
/// run would make first calls look like later ones.
std::vector<std::string> environment_of(const contender& who, const std::vector<std::string>& inherited,
                                        const std::string& folder);
std::vector<std::string> own_environment();

}  // namespace bench
