// What docs/files.md shows: tables of text, archives and safetensors, read and written in a folder of its own.
#include <tessera/tessera.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace tessera;

struct trade {
  std::int64_t time;
  double price, volume;
};
TESSERA_RECORD(trade, time, price, volume);

void write(const char* file, const char* text) { std::ofstream(file) << text; }

void read_tables() {
  // [loadtxt]
  array x = loadtxt("data.csv", {.delimiter = ",", .skiprows = 1});                 // (rows, columns) of float64
  array t = loadtxt("trades.csv", {.dtype = dtype_of<trade>(), .delimiter = ","});  // (rows,) of records
  array y = loadtxt_text("1 2\n3 4");                                               // from memory
  // [/loadtxt]
  print(x, t["price"], y);
}

void find_dtypes() {
  // [genfromtxt]
  array g = genfromtxt("survey.csv", {.dtype = dtype(), .delimiter = ",", .names = true});  // dtypes and names found
  array h = genfromtxt("old.dat", {.widths = {8, 4, 12}, .missing_values = {"n/a"}, .filling_values = -1});
  // [/genfromtxt]
  print(g, g.dtype());
  print(h);
}

void write_tables(const array& x, const array& records) {
  // [savetxt]
  savetxt("data.csv", x, {.fmt = "%.6g", .delimiter = ",", .header = "a,b,c"});
  savetxt("table.txt", records, {.fmt = {"%-8s", "%d", "%.2f"}});
  // [/savetxt]
}

void archives(const array& a, const array& b) {
  // [npz]
  save_npz("a.npz", {{"x", a}, {"y", b + 1}});                  // the bytes that numpy.savez writes
  save_npz("b.npz", {a, b}, {.compressed = true, .level = 1});  // arr_0 and arr_1, deflated
  npz_file file = load_npz("a.npz");                            // reads the directory only
  array x = file["x"];                                          // read now, its checksum checked
  // [/npz]
  print(x, file["y"], load_npz("b.npz")["arr_1"]);
}

void tensors(const array& w, const array& b) {
  // [safetensors]
  save_safetensors("model.safetensors", {{"weight", w}, {"bias", b}}, {{"format", "demo"}});
  safetensors_file file = load_safetensors("model.safetensors", {.mmap = mmap_mode::readonly});
  array weight = file["weight"];  // in the file's pages, nothing is copied
  text_pairs notes = file.metadata();
  // [/safetensors]
  print(weight, notes[0].second);
}

void show(const char* file) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) print(line);
}

int main() {
  const auto folder = std::filesystem::temp_directory_path() / ("tessera-files-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  std::filesystem::current_path(folder);
  write("data.csv", "a,b,c\n1,2,3\n4,5,6\n");
  write("trades.csv", "100,1.5,200\n101,1.25,50\n");
  write("survey.csv", "name,age,height\nAda,36,1.65\nGrace,85,1.68\n");
  write("old.dat", "12345678 n/a      1.25\n87654321  42      -7.5\n");
  read_tables();
  find_dtypes();
  write_tables(reshape(arange(6.0), {2, 3}),
               genfromtxt("survey.csv", {.dtype = dtype(), .delimiter = ",", .names = true}));
  show("data.csv");
  show("table.txt");
  archives(arange(3), ones({2}));
  tensors(reshape(arange(4.0), {2, 2}), zeros({2}));
  std::filesystem::current_path(folder.parent_path());
  std::filesystem::remove_all(folder);
}
