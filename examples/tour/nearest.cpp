// Reading digits by a vote of the nearest known images, without a matrix of distances.
#include <cstdio>

#include "tour.hpp"

using namespace tessera;

namespace {

/// Rows: the digit shown; columns: the digit read.
void print_confusion(const array& shown, const array& read) {
  array table = zeros({10, 10}, int64);
  add_at(table, {shown, read}, 1);
  table = table.to(cpu());
  const auto counts = table.accessor<const std::int64_t, 2>();
  std::printf("shown |");
  for (int digit = 0; digit < 10; ++digit) std::printf("%4d", digit);
  std::printf("   read\n");
  for (int row = 0; row < 10; ++row) {
    std::printf("%5d |", row);
    for (int column = 0; column < 10; ++column) {
      counts(row, column) == 0 ? std::printf("   .") : std::printf("%4d", static_cast<int>(counts(row, column)));
    }
    std::printf("\n");
  }
}

}  // namespace

void tour::nearest_images(const digits& data) {
  const halves sets = split_in_halves(data);
  auto [distances, images] = nearest(sets.asked, sets.known, 5);
  print("nearest(asked, known, 5): distances", distances.shape(), distances.dtype(), "and indices", images.dtype());
  print("Image", known_count, "shows", sets.asked_labels(0), "- its nearest are", images(0));

  array votes = sets.known_labels[images];                        // (797, 5)
  array counts = sum(votes(all, all, newaxis) == arange(10), 1);  // (797, 10): how many of five for each digit
  array read = argmax(counts, 1);
  std::printf("A vote of five reads %.2f %% of the %d images right:\n", 100 * double(mean(read == sets.asked_labels)),
              static_cast<int>(read.size()));
  print_confusion(sets.asked_labels, read);

  array sure = max(counts, 1) == 5;
  std::printf("Where all five agree (%d images) it is right in %.2f %%.\n", int(sum(sure)),
              100 * double(mean(read[sure] == sets.asked_labels[sure])));
  array by_shape = nearest(sets.asked, sets.known, 1, {.metric = "correlation"}).indices;
  std::printf("The nearest one alone, by correlation instead of distance: %.2f %%.\n",
              100 * double(mean(sets.known_labels[ravel(by_shape)] == sets.asked_labels)));
}
