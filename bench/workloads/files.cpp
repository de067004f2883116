// Workloads that read and write text files and archives, which lie in the folder for temporary ones.
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "workload.hpp"

namespace bench {
namespace {

using namespace tessera;

/// A file of this process that goes when it ends.
class temporary_file {
 public:
  explicit temporary_file(const char* name, const char* suffix = ".csv")
      : path_((std::filesystem::temp_directory_path() / (name + std::to_string(::getpid()) + suffix)).string()) {}
  ~temporary_file() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Columns 0 and 3 are integers up to 10^6, the others have six digits, as tools/text_peers.py writes them.
std::string text_of(double x, std::int64_t column) {
  char text[32];
  const bool integer = column % 3 == 0;
  std::snprintf(text, sizeof text, integer ? "%.0f" : "%.6g", integer ? std::floor(x * 1e6) : x);
  return text;
}

const std::string& table_file(const operands& in) {
  static const temporary_file file("tessera-load-");
  static std::int64_t rows = 0;
  const input& x = in["x"];
  if (rows == x.extent(0)) return file.path();
  rows = x.extent(0);
  const std::int64_t columns = x.extent(1);
  std::ofstream out(file.path(), std::ios::binary);
  for (std::int64_t i = 0; i < x.size(); ++i)
    out << text_of(x(i), i % columns) << (i % columns == columns - 1 ? '\n' : ',');
  return file.path();
}

answer loaded(const operands& in) {
  const input x = in["x"];
  return {in.x.shape(), float64,
          [x](std::int64_t k) { return std::strtod(text_of(x(k), k % x.extent(1)).c_str(), nullptr); }};
}

const temporary_file& saved_file() {
  static const temporary_file file("tessera-save-");
  return file;
}

array save_table(const operands& in) {
  savetxt(saved_file().path(), in.x, {.delimiter = ","});
  return in.x;
}

/// What the C library reads in the file.
answer saved(const operands& in) {
  save_table(in);
  std::ifstream file(saved_file().path(), std::ios::binary);
  std::vector<double> values;
  for (std::string field; std::getline(file, field, values.size() % 5 == 4 ? '\n' : ',');)
    values.push_back(std::strtod(field.c_str(), nullptr));
  return {in.x.shape(), float64, [values](std::int64_t k) { return values.at(static_cast<std::size_t>(k)); }};
}

const temporary_file& archive() {
  static const temporary_file file("tessera-archive-", ".npz");
  return file;
}

template <bool Compressed> array write_archive(const operands& in) {
  save_npz(archive().path(), {{"x", in.x}}, {.compressed = Compressed});
  return in.x;
}

/// The archive is written before the clock starts: by the first call, whose time is not taken.
template <bool Compressed> array read_archive(const operands& in) {
  static const array written = write_archive<Compressed>(in);
  return load_npz(archive().path())["x"];
}

answer as_written(const operands& in) {
  const input x = in["x"];
  return {in.x.shape(), in.x.dtype(), [x](std::int64_t k) { return x(k); }};
}

const entry entries[] = {
    {"npz_write_stored_.*", write_archive<false>, as_written},
    {"npz_write_deflated_.*", write_archive<true>, as_written},
    {"npz_read_stored_.*", read_archive<false>, as_written},
    {"npz_read_deflated_.*", read_archive<true>, as_written},
    {"load_text_.*", [](const operands& in) { return loadtxt(table_file(in), {.delimiter = ","}); }, loaded},
    {"save_text_.*", save_table, saved},
};

}  // namespace

std::span<const entry> file_entries() { return entries; }

}  // namespace bench
