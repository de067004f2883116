// Finding peers: modules of Python interpreters, executables beside our own.
#include "peers.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

extern char** environ;

namespace bench {
namespace {

using nlohmann::json;

/// What is imported for a peer of this name.
std::string module_of(const std::string& peer) { return peer.substr(0, peer.find('_')); }

const std::set<std::string> executable_peers = {"eigen", "xtensor", "openblas"};

/// Which of these modules an interpreter finds; without importing, which takes seconds. Throws process_error.
std::set<std::string> modules_of(const std::string& python, const std::set<std::string>& modules) {
  std::vector<std::string> command = {
      python, "-c",
      "import importlib.util as u, json, sys; print(json.dumps([m for m in sys.argv[1:] if u.find_spec(m)]))"};
  command.insert(command.end(), modules.begin(), modules.end());
  process asked(command, own_environment(), "/dev/null");
  const json found = json::parse(asked.read_line(60), nullptr, false);
  if (!found.is_array()) throw process_error("its answer is no list of modules");
  return found.get<std::set<std::string>>();
}

}  // namespace

std::vector<std::string> interpreters(const std::vector<std::string>& given, const std::string& own) {
  if (!given.empty()) return given;
  std::vector<std::string> result;
  if (const char* listed = std::getenv("TESSERA_BENCH_PYTHON")) {
    std::istringstream paths(listed);
    for (std::string path; std::getline(paths, path, ':');) {
      if (!path.empty()) result.push_back(path);
    }
  }
  if (!result.empty()) return result;
  const std::string python = own + "/bin/python";
  return {access(python.c_str(), X_OK) == 0 ? python : "python3"};
}

peers_found find_peers(const std::set<std::string>& wanted, const std::vector<std::string>& pythons,
                       const std::string& worker, const std::string& executables) {
  peers_found result;
  std::set<std::string> modules;
  for (const std::string& peer : wanted) {
    if (!executable_peers.contains(peer)) {
      modules.insert({module_of(peer), "numpy"});  // inputs come as NumPy's files
      result.missing[peer] = "install it with ./dev bench --peers; not found by";
      continue;
    }
    const std::string program = executables + "/tessera-peer-" + peer;
    if (access(program.c_str(), X_OK) == 0) result.commands[peer].push_back({program});
    else result.missing[peer] = "tessera-peer-" + peer + " was not built";
  }
  for (const std::string& python : pythons) {
    std::set<std::string> there;
    std::string problem;
    try {
      if (!modules.empty()) there = modules_of(python, modules);
    } catch (const process_error& error) {
      problem = std::string(" (") + error.what() + ")";
    }
    for (const std::string& peer : wanted) {
      if (executable_peers.contains(peer)) continue;
      if (there.contains("numpy") && there.contains(module_of(peer)))
        result.commands[peer].push_back({python, worker, peer});
      else result.missing[peer] += " " + python + problem;
    }
  }
  for (const auto& [peer, commands] : result.commands) result.missing.erase(peer);
  return result;
}

std::vector<std::string> own_environment() {
  std::vector<std::string> result;
  for (char** variable = environ; *variable; ++variable) result.emplace_back(*variable);
  return result;
}

std::vector<std::string> environment_of(const contender& who, const std::vector<std::string>& inherited,
                                        const std::string& folder) {
  const std::string threads = std::to_string(who.threads);
  std::map<std::string, std::string> set = {{"PYTHONDONTWRITEBYTECODE", "1"},
                                            {"TF_CPP_MIN_LOG_LEVEL", "3"},
                                            {"TMPDIR", folder},
                                            {"TESSERA_CACHE_DIR", folder + "/kernels"}};
  for (const char* name :
       {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMEXPR_MAX_THREADS",
        "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "TESSERA_NUM_THREADS"}) {
    set[name] = threads;
  }
  std::set<std::string> removed = {"OMP_WAIT_POLICY", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "LD_PRELOAD"};
  if (who.device != "cpu") {  // a GPU is fed by as many as there are
    for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TESSERA_NUM_THREADS"}) {
      set.erase(name);
      removed.insert(name);
    }
    removed.erase("LD_PRELOAD");                     // an emulated device is one
    set["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false";  // else JAX takes three quarters of the memory from all
  } else if (who.by != "tessera") {
    set["CUDA_VISIBLE_DEVICES"] = "";
  }
  if (who.by == "jax" && who.threads == 1 && who.device == "cpu") {
    set["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1";
  }
  std::vector<std::string> result;
  for (const std::string& variable : inherited) {
    const std::string name = variable.substr(0, variable.find('='));
    if (!set.contains(name) && !removed.contains(name)) result.push_back(variable);
  }
  for (const auto& [name, value] : set) result.push_back(name + "=" + value);
  return result;
}

}  // namespace bench
