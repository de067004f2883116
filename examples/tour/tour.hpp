// The parts of the tour, and what they share.
#pragma once
#include <tessera/tessera.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace tour {

/// 1797 images of handwritten digits, one a row, and the digit each shows.
struct digits {
  tessera::array pixels;  // (1797, 64) uint8, 0 to 16
  tessera::array labels;  // (1797,) uint8
};

/// Images that are looked up and images that are to be recognised, as float32: uint8 differences would wrap.
struct halves {
  tessera::array known, known_labels, asked, asked_labels;
};
inline constexpr int known_count = 1000;
halves split_in_halves(const digits& data);

/// The share of the asked images whose nearest known image, by Euclidean distance, shows the same digit.
double recognised(const tessera::array& asked, const tessera::array& known, const halves& truth);

void layout(const digits& data);
void views_and_copies(const digits& data);
void broadcasting(const digits& data);
void outer_products(const digits& data);
void distance_matrix(const digits& data);
void nearest_images(const digits& data);
void instead_of_loops(const digits& data);
void masks(const digits& data);
void choosing(const digits& data);
void standardising(const digits& data);
/// Our times beside plain loops'. False if a result differs.
bool race(const digits& data);

/// Shortest time of one call in microseconds, over calls that take a tenth of a second together. A GPU's work is waited for.
template <class Work> double microseconds(const Work& work) {
  using clock = std::chrono::steady_clock;
  const tessera::device on = tessera::default_device();
  double best = 1e300;
  const auto end = clock::now() + std::chrono::milliseconds(100);
  do {
    const auto begin = clock::now();
    work();
    if (on != tessera::cpu()) tessera::synchronize(on);
    best = std::min(best, std::chrono::duration<double, std::micro>(clock::now() - begin).count());
  } while (clock::now() < end);
  return best;
}

}  // namespace tour
