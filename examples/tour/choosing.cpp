// Elements picked by masks and index arrays, chosen by where, rescaled by z-score.
#include <cstdio>

#include "tour.hpp"

using namespace tessera;

void tour::masks(const digits& data) {
  const halves sets = split_in_halves(data);
  array images = reshape(data.pixels, {-1, 8, 8}).astype(float32);
  array mirrored = flip(images, 2);
  std::printf("digit:                 ");
  for (int digit = 0; digit < 10; ++digit) std::printf("%5d", digit);
  std::printf("\naverage ink:           ");
  for (int digit = 0; digit < 10; ++digit) {
    std::printf("%5.0f", double(mean(sum(data.pixels, 1)[data.labels == digit])));
  }
  std::printf("\nchange when mirrored:  ");
  for (int digit = 0; digit < 10; ++digit) {
    array mask = data.labels == digit;
    std::printf("%5.1f", double(mean(abs(images[mask] - mirrored[mask]))));
  }
  std::printf("   (0 is the most symmetric)\n");

  array nearest = argmin(sum(square(sets.asked(all, newaxis, all) - sets.known(newaxis, all, all)), 2), 1);
  array answers = sets.known_labels[nearest];
  array wrong = flatnonzero(answers != sets.asked_labels);
  print(wrong.size(), "digits are misread; image, shown, read:");
  print(stack({wrong + known_count, sets.asked_labels[wrong], answers[wrong]})(all, slice(0, 8)));
  array confusion = zeros({10, 10}, int64);
  add_at(confusion, {sets.asked_labels, answers}, 1);
  confusion(arange(10), arange(10)) = 0;  // what is left are the errors
  auto [shown, read] = divmod(argmax(confusion), 10);
  print("most frequent:", shown, "read as", read, "-", max(confusion), "times");
}

void tour::choosing(const digits& data) {
  const halves sets = split_in_halves(data);
  array picture = where(reshape(data.pixels, {-1, 8, 8})(slice(0, 6)) > 7, 1, 0);
  array strip = reshape(moveaxis(picture, 0, 1), {8, -1});  // six images side by side
  print("where(pixels > 7, 1, 0) of the first six images:");
  strip = strip.to(cpu());  // itself, if it lies there
  auto ink = strip.accessor<const std::int64_t, 2>();
  for (int row = 0; row < 8; ++row) {
    for (int column = 0; column < 48; ++column) std::fputs(ink(row, column) ? "#" : " ", stdout);
    std::fputs("\n", stdout);
  }
  array asked = where(sets.asked > 7, 1.0f, 0.0f), known = where(sets.known > 7, 1.0f, 0.0f);
  std::printf("One bit a pixel still recognises %.2f %%.\n", 100 * recognised(asked, known, sets));
}

void tour::standardising(const digits& data) {
  const halves sets = split_in_halves(data);
  array centre = mean(sets.known, 0), spread = stddev(sets.known, 0);
  array plain = (sets.known - centre) / spread;
  print("Pixels that never change divide 0 by 0:", sum(any(isnan(plain), 0)), "columns of NaN.");

  array safe = where(spread > 0, spread, 1);
  array known = (sets.known - centre) / safe, asked = (sets.asked - centre) / safe;
  print("With where(spread > 0, spread, 1): largest |mean|", max(abs(mean(known, 0))), "deviations from",
        min(stddev(known, 0)), "to", max(stddev(known, 0)));
  std::printf("Giving every pixel the same weight recognises %.2f %%: faint corners now count as much as strokes.\n",
              100 * recognised(asked, known, sets));
}
