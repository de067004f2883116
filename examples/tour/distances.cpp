// Recognising digits by the nearest known image.
#include <cstdio>

#include "tour.hpp"

using namespace tessera;

tour::halves tour::split_in_halves(const digits& data) {
  array pixels = data.pixels.astype(float32);
  return {pixels(slice(0, known_count)), data.labels(slice(0, known_count)), pixels(slice(known_count, none)),
          data.labels(slice(known_count, none))};
}

double tour::recognised(const array& asked, const array& known, const halves& truth) {
  array nearest = argmin(sum(square(asked(all, newaxis, all) - known(newaxis, all, all)), 2), 1);
  return double(mean(truth.known_labels[nearest] == truth.asked_labels));
}

void tour::distance_matrix(const digits& data) {
  const halves sets = split_in_halves(data);
  auto differences =
      sets.asked(all, newaxis, all) - sets.known(newaxis, all, all);  // a recipe: nothing is computed yet
  array distances = sqrt(sum(square(differences), 2));
  print("sqrt(sum(square(asked(all, newaxis, all) - known(newaxis, all, all)), 2)):");
  print("  asked", sets.asked.shape(), "known", sets.known.shape(), "distances", distances.shape());
  std::printf("  %.1f MB are written; the differences, never stored, would be %.0f MB.\n",
              static_cast<double>(distances.nbytes()) / 1e6, static_cast<double>(differences.size()) * 4e-6);
  print("Image", known_count, "is nearest to image", argmin(distances(0)), "at distance", min(distances(0)));
  std::printf("The nearest of %d known images shows the right digit for %.2f %% of the %d others.\n", known_count,
              100 * recognised(sets.asked, sets.known, sets), static_cast<int>(sets.asked.shape()[0]));
}
