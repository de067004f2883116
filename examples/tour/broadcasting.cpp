// Shapes that fit, shapes that do not, and outer products.
#include <cstdio>
#include <cstring>

#include "tour.hpp"

using namespace tessera;

void tour::broadcasting(const digits& data) {
  array average = mean(data.pixels, 0);
  array centred = data.pixels - average;  // (1797, 64) - (64,): the row is repeated, not copied
  print("pixels - mean(pixels, 0):", data.pixels.shape(), "-", average.shape(), "gives", centred.shape(),
        centred.dtype());

  print("pixels - mean(pixels, 1) throws shape_error:");
  try {
    array wrong = data.pixels - mean(data.pixels, 1);
  } catch (const shape_error& problem) {
    const char* file = std::strrchr(problem.where().file_name(), '/');
    print("  " + std::string(problem.what()));
    print("  written in", file ? file + 1 : problem.where().file_name(), "line", problem.where().line());
  }
  array brightness = mean(data.pixels, 1, {.keepdims = true});
  array relative = data.pixels - brightness;
  print("with keepdims the mean is", brightness.shape(), "and fits: largest row mean left",
        max(abs(mean(relative, 1))));

  array digit = arange(10);
  array counts = sum(data.labels == digit(all, newaxis), 1);  // (1797,) against (10, 1)
  print("how often each digit occurs, sum(labels == arange(10)(all, newaxis), 1):");
  print(" ", counts);
}

void tour::outer_products(const digits& data) {
  array average = reshape(mean(data.pixels, 0), {8, 8});
  array rows = sum(average, 1), columns = sum(average, 0);
  array product = rows(all, newaxis) * columns / sum(average);
  print("rows(all, newaxis) * columns / sum(average), rounded:");
  print(round(product, 1));
  const double left = double(sum(square(average - product)));
  const double before = double(sum(square(average - mean(average))));
  std::printf("The product of two profiles of 8 numbers explains %.1f %% of the variance of the 64 averages.\n",
              100 * (1 - left / before));
}
