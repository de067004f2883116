// conformance: replays a folder of reference cases (format: README.md of the cases) and counts what agrees.
//
// What an error must be: ValueError -> shape_error or value_error, IndexError -> index_error (axis_error is one),
// AxisError -> axis_error, TypeError -> dtype_error, OverflowError -> overflow_error, MemoryError -> out_of_memory; any (of a file) -> file_error.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>

#include "conformance/section.hpp"

namespace conformance {
namespace {

const std::map<std::string, replay_function> sections = {
    {"broadcasting", replay_broadcasting}, {"cdist", replay_cdist},           {"einsum", replay_einsum},
    {"indexing", replay_indexing},         {"printing", replay_printing},     {"promotion", replay_promotion},
    {"reductions", replay_reductions},     {"reshaping", replay_reshaping},   {"slicing", replay_slicing},
    {"sorting", replay_sorting},           {"structured", replay_structured}, {"tutorial", replay_tutorial}};

struct command_line {
  std::string folder, device = "cpu";
  std::vector<std::string> names;
  std::optional<std::size_t> only;
  std::size_t every = 1;
  bool list = false;
};

struct tally {
  long passed = 0, failed = 0, skipped = 0;
  std::string text() const {
    return std::to_string(passed) + " passed, " + std::to_string(failed) + " failed" +
           (skipped ? ", " + std::to_string(skipped) + " skipped" : "");
  }
};

const char* usage =
    "usage: conformance --cases DIR [--section NAME]... [--case N] [--device NAME] [--list]\n"
    "Replays the reference cases in DIR, prints every case that fails, and ends with 'N passed, N failed'.\n"
    "  --cases DIR     folder with manifest.json, NAME.json and NAME.npy\n"
    "  --section NAME  only this section; may be repeated\n"
    "  --case N        only the N-th case of the section, counted from 0\n"
    "  --every N       only every N-th case of each section\n"
    "  --device NAME   where the operands lie: cpu, cuda, cuda:1 …\n"
    "  --list          name the sections and how many cases they have\n"
    "Exits with 0 when nothing failed, 1 when a case did, 2 when the cases cannot be read, 77 when the device is not "
    "there\n"
    "(2 where the environment has TESSERA_TEST_NEEDS_CUDA).\n";

json parsed(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  return json::parse(file);
}

// The first that fits, most derived first; Python's classes that each stands for.
struct error_kind {
  bool (*is)(const tessera::error&);
  const char* name;
  std::vector<std::string> stands_for;
};

template <class T> bool is(const tessera::error& error) { return dynamic_cast<const T*>(&error) != nullptr; }

const error_kind error_kinds[] = {{is<tessera::axis_error>, "axis_error", {"AxisError", "IndexError"}},
                                  {is<tessera::index_error>, "index_error", {"IndexError"}},
                                  {is<tessera::shape_error>, "shape_error", {"ValueError"}},
                                  {is<tessera::value_error>, "value_error", {"ValueError"}},
                                  {is<tessera::dtype_error>, "dtype_error", {"TypeError", "UFuncTypeError"}},
                                  {is<tessera::overflow_error>, "overflow_error", {"OverflowError"}},
                                  {is<tessera::out_of_memory>, "out_of_memory", {"MemoryError"}},
                                  {is<tessera::file_error>, "file_error", {"any"}},
                                  {is<tessera::device_error>, "device_error", {}},
                                  {[](const tessera::error&) { return true; }, "error", {}}};

const error_kind& kind_of_error(const tessera::error& error) {
  return *std::find_if(std::begin(error_kinds), std::end(error_kinds),
                       [&](const error_kind& k) { return k.is(error); });
}

// Empty when the case passes, else what is wrong.
std::string replayed(replay_function replay, const test_case& c) {
  const std::string expected = c.expected_error();
  try {
    replay(c);
    return expected.empty() ? "" : "expected " + expected + ", got a result";
  } catch (const mismatch& different) {
    return different.what();
  } catch (const tessera::error& error) {
    const error_kind& kind = kind_of_error(error);
    if (std::find(kind.stands_for.begin(), kind.stands_for.end(), expected) != kind.stands_for.end()) return "";
    return "expected " + (expected.empty() ? "a result" : expected) + ", got " + kind.name + ": " + error.what();
  } catch (const skipped&) {
    throw;
  } catch (const std::exception& error) {
    return std::string("threw ") + error.what();
  }
}

tally replay_section(const std::string& name, const command_line& options) {
  const json section = parsed(options.folder + "/" + name + ".json");
  const blob data(options.folder + "/" + section.value("blob", name + ".npy"));
  const json& cases = section.at("cases");
  tally count;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (options.only ? *options.only != i : i % options.every != 0) continue;
    try {
      const std::string wrong = replayed(sections.at(name), test_case(cases[i], data, options.folder));
      ++(wrong.empty() ? count.passed : count.failed);
      if (!wrong.empty())
        std::printf("FAIL %s %zu: %s\n  %s\n", name.c_str(), i, wrong.c_str(), cases[i].dump().c_str());
    } catch (const skipped& reason) {
      ++count.skipped;
      std::printf("skip %s %zu: %s\n", name.c_str(), i, reason.what());
    }
  }
  return count;
}

bool is_wanted(const std::string& name, const command_line& options) {
  return options.names.empty() || std::find(options.names.begin(), options.names.end(), name) != options.names.end();
}

int run(const command_line& options) {
  const json manifest = parsed(options.folder + "/manifest.json");
  const json& present = manifest.at("sections");
  for (const std::string& name : options.names) {
    if (!present.contains(name)) throw std::runtime_error(options.folder + " has no section " + name);
  }
  tally total;
  for (const auto& [name, about] : present.items()) {
    if (!is_wanted(name, options)) continue;
    const std::string size = std::to_string(about.value("cases", 0)) + " cases";
    if (!sections.contains(name)) {
      std::printf("%s: %s, not replayed: the library does not have this part yet\n", name.c_str(), size.c_str());
    } else if (options.list) {
      std::printf("%s: %s\n", name.c_str(), size.c_str());
    } else {
      const tally count = replay_section(name, options);
      std::printf("%s: %s\n", name.c_str(), count.text().c_str());
      total.passed += count.passed;
      total.failed += count.failed;
      total.skipped += count.skipped;
    }
    std::fflush(stdout);
  }
  if (!options.list) std::printf("%s\n", total.text().c_str());
  return total.failed ? 1 : 0;
}

command_line parse(int argc, char** argv) {
  command_line result;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&] {
      if (i + 1 == argc) throw std::runtime_error(word + " needs a value\n" + usage);
      return std::string(argv[++i]);
    };
    if (word == "--cases") {
      result.folder = value();
    } else if (word == "--section") {
      result.names.push_back(value());
    } else if (word == "--case") {
      result.only = std::stoul(value());
    } else if (word == "--every") {
      result.every = std::max(1ul, std::stoul(value()));
    } else if (word == "--device") {
      result.device = value();
    } else if (word == "--list") {
      result.list = true;
    } else if (word == "--help" || word == "-h") {
      std::fputs(usage, stdout);
      std::exit(0);
    } else {
      throw std::runtime_error("unknown option " + word + "\n" + usage);
    }
  }
  if (result.folder.empty()) throw std::runtime_error(std::string("--cases DIR is missing\n") + usage);
  return result;
}

}  // namespace
}  // namespace conformance

int main(int argc, char** argv) {
  try {
    const conformance::command_line options = conformance::parse(argc, argv);
    const tessera::device on(options.device);
    try {
      tessera::set_default_device(on);
    } catch (const tessera::device_error& error) {
      std::fprintf(stderr, "conformance: nothing was replayed: %s\n", error.what());
      return std::getenv("TESSERA_TEST_NEEDS_CUDA") != nullptr ? 2 : 77;
    }
    const int result = conformance::run(options);
    tessera::synchronize(on);  // a fault in the last case counts too
    return result;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "conformance: %s\n", error.what());
    return 2;
  }
}
