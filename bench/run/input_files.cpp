// Writing inputs for competitors.
#include "input_files.hpp"

#include <filesystem>

namespace bench {

namespace fs = std::filesystem;

std::map<std::string, std::string> input_files::of(const work& one, const operands& arrays) {
  std::map<std::string, std::string> result, needed;
  for (const auto& [name, spec] : one.row.at("inputs").items()) needed[spec.dump()] = name;
  std::erase_if(kept_, [&](const auto& file) { return !needed.contains(file.first) && fs::remove(file.second); });
  for (const auto& [name, spec] : one.row.at("inputs").items()) {
    const auto [file, is_new] = kept_.try_emplace(spec.dump());
    if (is_new) {
      file->second =
          folder_ + "/" + std::to_string(++count_) + "-" + name + (spec.value("as_file", false) ? "" : ".npy");
      if (spec.value("as_file", false)) {
        fs::copy_file(arrays.file, file->second);
      } else {
        const array& x = arrays.named(name);
        tessera::save(file->second, x.dtype() == tessera::bfloat16 ? x.view(tessera::uint16) : x);
      }
    }
    result[name] = file->second;
  }
  return result;
}

}  // namespace bench
