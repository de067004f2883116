// Mask, where, select and searchsorted in place of loops, compared with the loops.
#include <algorithm>
#include <cstdio>
#include <span>
#include <vector>

#include "tour.hpp"

using namespace tessera;

namespace {

using bytes = std::vector<std::uint8_t>;

bytes grey(std::span<const std::uint8_t> pixels) {
  bytes result;
  for (std::uint8_t pixel : pixels) {
    if (pixel > 3 && pixel < 13) result.push_back(pixel);
  }
  return result;
}

bytes stretched(std::span<const std::uint8_t> pixels) {
  bytes result(pixels.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) result[i] = pixels[i] > 7 ? 16 : pixels[i] / 2;
  return result;
}

std::vector<std::int64_t> levels(std::span<const std::uint8_t> pixels) {
  std::vector<std::int64_t> result(pixels.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    if (pixels[i] == 0) result[i] = 0;
    else if (pixels[i] < 6) result[i] = 1;
    else if (pixels[i] < 12) result[i] = 2;
    else result[i] = 3;
  }
  return result;
}

std::vector<std::int64_t> classes(std::span<const std::int64_t> limits, std::span<const std::int64_t> values) {
  std::vector<std::int64_t> result;
  for (std::int64_t value : values) {
    result.push_back(std::upper_bound(limits.begin(), limits.end(), value) - limits.begin());
  }
  return result;
}

/// Whether the loop found the same elements, in the same order.
template <class T> const char* verdict(const array& ours, const std::vector<T>& loop) {
  return array_equal(ravel(ours), from_range(loop)) ? "as the loop's" : "NOT as the loop's";
}

}  // namespace

void tour::instead_of_loops(const digits& data) {
  const array& pixels = data.pixels;
  const array host = pixels.to(cpu());  // where the loops read
  const auto values = host.span<const std::uint8_t>();

  array between = pixels[(pixels > 3) & (pixels < 13)];
  print("mask: pixels[(pixels > 3) & (pixels < 13)] are", between.size(), "of mean", round(mean(between), 3), "-",
        verdict(between, grey(values)));

  array contrast = where(pixels > 7, 16, pixels / 2).astype(uint8);
  print("where: where(pixels > 7, 16, pixels / 2) has mean", round(mean(contrast), 3), "instead of",
        round(mean(pixels), 3), "-", verdict(contrast, stretched(values)));

  array shades = select({pixels == 0, pixels < 6, pixels < 12}, {0, 1, 2}, 3);
  print("select: of four shades there are", sum(ravel(shades) == arange(4)(all, newaxis), 1), "-",
        verdict(shades, levels(values)));
  array picture = reshape(shades, {-1, 8, 8})(0).to(cpu());
  const auto shade = picture.accessor<const std::int64_t, 2>();
  for (int row = 0; row < 8; ++row) {
    std::printf("    ");
    for (int column = 0; column < 8; ++column) std::printf("%c ", " .+#"[shade(row, column)]);
    std::printf("|\n");
  }

  array ink = sum(pixels, 1).astype(int64), limits{200, 250, 300, 350, 400};
  array weight = searchsorted(limits, ink, {.side = side::right});
  const array host_ink = ink.to(cpu()), host_limits = limits.to(cpu());
  print("searchsorted: images with ink below 200, 250, … and above 400:", sum(weight == arange(6)(all, newaxis), 1),
        "-", verdict(weight, classes(host_limits.span<const std::int64_t>(), host_ink.span<const std::int64_t>())));
}
