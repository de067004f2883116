// The same work as one statement and as plain C++ loops, timed and compared.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include "tour.hpp"

using namespace tessera;

namespace {

using floats = std::vector<float>;

// ---- The loops: what one writes without a library; arrays are rows * columns in C order unless said.

floats sums_of_columns(std::span<const float> x, int rows, int columns) {
  floats sums(columns);
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) sums[j] += x[i * columns + j];
  }
  return sums;
}

floats sums_of_rows(std::span<const float> x, int rows, int columns) {
  floats sums(rows);
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) sums[i] += x[i * columns + j];
  }
  return sums;
}

floats logistic(std::span<const float> x) {
  floats result(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) result[i] = 1 / (1 + std::exp(8 - x[i]));
  return result;
}

floats zscores(std::span<const float> x, int rows, int columns) {
  floats means = sums_of_columns(x, rows, columns), squares(columns), result(x.size());
  for (float& mean : means) mean /= static_cast<float>(rows);
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) {
      const float difference = x[i * columns + j] - means[j];
      squares[j] += difference * difference;
    }
  }
  for (float& square : squares) square = square > 0 ? std::sqrt(square / static_cast<float>(rows)) : 1;
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) result[i * columns + j] = (x[i * columns + j] - means[j]) / squares[j];
  }
  return result;
}

floats distances(std::span<const float> x, std::span<const float> y, int x_rows, int y_rows, int columns) {
  floats result(static_cast<std::size_t>(x_rows) * y_rows);
  for (int i = 0; i < x_rows; ++i) {
    for (int j = 0; j < y_rows; ++j) {
      float sum = 0;
      for (int k = 0; k < columns; ++k) {
        const float difference = x[i * columns + k] - y[j * columns + k];
        sum += difference * difference;
      }
      result[static_cast<std::size_t>(i) * y_rows + j] = std::sqrt(sum);
    }
  }
  return result;
}

floats above(std::span<const float> x, float limit) {
  floats result;
  for (float value : x) {
    if (value > limit) result.push_back(value);
  }
  return result;
}

floats above_or_half(std::span<const float> x, float limit) {
  floats result(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) result[i] = x[i] > limit ? x[i] : x[i] / 2;
  return result;
}

floats shades(std::span<const float> x) {
  floats result(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) result[i] = x[i] == 0 ? 0.f : x[i] < 6 ? 1.f : x[i] < 12 ? 2.f : 3.f;
  return result;
}

floats classes(std::span<const float> limits, std::span<const float> x) {
  floats result(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    result[i] = static_cast<float>(std::lower_bound(limits.begin(), limits.end(), x[i]) - limits.begin());
  }
  return result;
}

// ---- The table

bool agree(const array& ours, const floats& plain) {
  return allclose(ravel(ours), from_range(plain), {.rtol = 1e-4, .atol = 1e-4});
}

/// What runs ours.
std::string where() {
  const device on = default_device();
  const char* threads = std::getenv("TESSERA_NUM_THREADS");
  if (on == cpu()) return std::string(threads ? threads : "all") + " threads (TESSERA_NUM_THREADS)";
  const std::string name = properties(on).name;
  const bool emulated = name.find("Emulated") != std::string::npos;
  return on.name() + ", " + name + (emulated ? ", whose times mean nothing" : "");
}

/// One line of the table; false if the results differ.
template <class Ours, class Plain> bool compared(const char* name, const Ours& ours, const Plain& plain) {
  const bool equal = agree(ours(), plain());
  const double our_time = tour::microseconds([&] { array result = ours(); });
  const double plain_time = tour::microseconds([&] { floats result = plain(); });
  std::printf("%-46s %10.1f %10.1f %9.2f%s\n", name, our_time, plain_time, plain_time / our_time,
              equal ? "" : "   DIFFERS");
  return equal;
}

}  // namespace

bool tour::race(const digits& data) {
  const halves sets = split_in_halves(data);
  const array x = data.pixels.astype(float32);
  const array by_columns = asfortranarray(x);
  // What the loops read lies on the host, wherever ours are.
  const array host_x = x.to(cpu()), host_columns = by_columns.to(cpu()), host_asked = sets.asked.to(cpu()),
              host_known = sets.known.to(cpu());
  const auto values = host_x.span<const float>(), asked = host_asked.span<const float>(),
             known = host_known.span<const float>();
  const int rows = static_cast<int>(x.shape()[0]), columns = static_cast<int>(x.shape()[1]);
  const int asked_rows = static_cast<int>(sets.asked.shape()[0]);

  std::printf("%-46s %10s %10s %9s\n", "1797 x 64 float32, best of 0.1 s, microseconds", "ours", "plain", "plain/ours");
  bool equal = compared(
      "sum(x, 0)", [&]() -> array { return sum(x, 0); }, [&] { return sums_of_columns(values, rows, columns); });
  equal &= compared(
      "sum(x, 1)", [&]() -> array { return sum(x, 1); }, [&] { return sums_of_rows(values, rows, columns); });
  equal &= compared(
      "sum(x in F order, 1)", [&]() -> array { return sum(by_columns, 1); },
      [&] { return sums_of_columns(host_columns.T().span<const float>(), columns, rows); });
  equal &= compared(
      "1 / (1 + exp(8 - x))", [&]() -> array { return 1 / (1 + exp(8 - x)); }, [&] { return logistic(values); });
  equal &= compared(
      "(x - mean(x, 0)) / where(sd > 0, sd, 1)",
      [&]() -> array {
        auto deviation = stddev(x, 0);
        return (x - mean(x, 0)) / where(deviation > 0, deviation, 1);
      },
      [&] { return zscores(values, rows, columns); });
  equal &= compared(
      "distance matrix 797 x 1000 x 64",
      [&]() -> array { return sqrt(sum(square(sets.asked(all, newaxis, all) - sets.known(newaxis, all, all)), 2)); },
      [&] { return distances(asked, known, asked_rows, known_count, columns); });
  equal &= compared(
      "cdist(asked, known)", [&]() -> array { return cdist(sets.asked, sets.known); },
      [&] { return distances(asked, known, asked_rows, known_count, columns); });
  equal &= compared(
      "x[x > 7]", [&]() -> array { return x[x > 7]; }, [&] { return above(values, 7); });
  equal &= compared(
      "where(x > 7, x, x / 2)", [&]() -> array { return where(x > 7, x, x / 2); },
      [&] { return above_or_half(values, 7); });
  equal &= compared(
      "select({x == 0, x < 6, x < 12}, {0, 1, 2}, 3)",
      [&]() -> array {
        return select({x == 0, x < 6, x < 12}, {0.0f, 1.0f, 2.0f}, 3);
      },
      [&] { return shades(values); });
  const floats sorted = {1, 3, 5, 7, 9, 11, 13, 15};
  const array limits = from_range(sorted);
  equal &= compared(
      "searchsorted(limits, x)", [&]() -> array { return searchsorted(limits, x); },
      [&] { return classes(sorted, values); });
  std::printf("Ours runs on %s; the plain loops on one thread, built with the same options.\n", where().c_str());
  return equal;
}
