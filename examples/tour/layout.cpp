// How elements lie in memory; which operations share them.
#include <cstdio>

#include "tour.hpp"

using namespace tessera;

void tour::layout(const digits& data) {
  print("pixels:", data.pixels.shape(), data.pixels.dtype(), "strides", data.pixels.strides(), "in bytes;",
        data.pixels.nbytes(), "bytes");
  print("The first image, a", int(data.labels(0)), "- reshape(pixels, {-1, 8, 8})(0):");
  print(reshape(data.pixels, {-1, 8, 8})(0));

  array by_rows = data.pixels.astype(float32);  // C order, as the input
  array by_columns = asfortranarray(by_rows);   // the same elements, columns first
  print("\nAs float32 in C order strides are", by_rows.strides(), "- in F order", by_columns.strides());
  std::printf("%-28s %14s %14s\n", "sums, microseconds", "over axis 0", "over axis 1");
  for (const array& x : {by_rows, by_columns}) {
    const double down = microseconds([&] { array sums = sum(x, 0); });
    const double across = microseconds([&] { array sums = sum(x, 1); });
    std::printf("  %-26s %14.1f %14.1f\n", x.flags().c_contiguous ? "C order" : "F order", down, across);
  }
  print("equal in both orders:", array_equal(sum(by_rows, 0), sum(by_columns, 0)));
}

void tour::views_and_copies(const digits& data) {
  array canvas = data.pixels.copy();
  array images = reshape(canvas, {-1, 8, 8});
  array mirrored = images(all, all, slice(none, none, -1));
  print("images", images.shape(), "and mirrored, strides", mirrored.strides(),
        "- share memory:", shares_memory(images, canvas), shares_memory(mirrored, canvas));

  print("ink of the first image:", sum(canvas(0)));
  images(0, slice(0, 4)) = 0;  // a view of a view: the upper half of one image
  print("after images(0, slice(0, 4)) = 0:", sum(canvas(0)), "- in the data it came from:", sum(data.pixels(0)));

  array zeros_only = images[data.labels == 0];
  print("images[labels == 0] is a copy:", zeros_only.shape(), "shares memory:", shares_memory(zeros_only, images));
  array transposed = images.T();
  print("images.T() is a view:", transposed.shape(), "strides", transposed.strides());
}
