// A tour of the library on real data: 1797 handwritten digits. Run it with ./dev demo.
#include <cstdlib>
#include <cstdio>

#include "tour.hpp"

using namespace tessera;

namespace {

std::string data_file(const char* name) {
  const char* folder = std::getenv("TESSERA_EXAMPLES_DATA");
  return std::string(folder ? folder : TESSERA_EXAMPLES_DATA) + "/" + name;
}

template <class... Data> void section(const char* title, void (*part)(const Data&...), const Data&... data) {
  static int number = 0;
  std::printf("\n== %d. %s\n", ++number, title);
  std::fflush(stdout);
  part(data...);
}

}  // namespace

int main() try {
  const tour::digits data = {load(data_file("digits.npy")), load(data_file("digits_labels.npy"))};

  section("Layout: shape, dtype, strides, memory order", tour::layout, data);
  section("Views share the elements, copies do not", tour::views_and_copies, data);
  section("Broadcasting, and what a mistake says", tour::broadcasting, data);
  section("An outer product: the average image from two profiles", tour::outer_products, data);
  section("The distance matrix: recognising digits", tour::distance_matrix, data);
  section("Nearest images: a vote, and which digits it confuses", tour::nearest_images, data);
  section("Instead of loops: mask, where, select, searchsorted", tour::instead_of_loops, data);
  section("Masks and index arrays", tour::masks, data);
  section("where: black and white", tour::choosing, data);
  section("z-score: every pixel to mean 0, deviation 1", tour::standardising, data);
  std::puts("\n== 11. Our times beside a plain C++ loop's");
  return tour::race(data) ? 0 : 1;
} catch (const error& problem) {
  std::fprintf(stderr, "%s:%u: %s\n", problem.where().file_name(), problem.where().line(), problem.what());
  return 1;
}
