// Distances between all rows, one pair after the other.
#include "cpu/distances.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "cpu/kernels/distances.hpp"
#include "cpu/lanes.hpp"

#define TESSERA_METRIC inline

namespace tessera::detail::cpu {
namespace {

double absolute(double a) { return std::fabs(a); }
double square_root(double a) { return std::sqrt(a); }
double larger(double a, double b) { return a > b || a != a ? a : b; }
double smaller(double a, double b) { return a < b || a != a ? a : b; }
double power(double a, double b) { return std::pow(a, b); }
double logarithm(double a) { return std::log(a); }
double sine(double a) { return std::sin(a); }
double arc_sine(double a) { return std::asin(a); }
double unequal(double a, double b) { return a != b; }
double if_zero(double a, double then, double otherwise) { return a == 0 ? then : otherwise; }
double constant(double, double c) { return c; }
#include "metrics/base-inl.hpp"
void add_term(double& sum, double t, no_weight) { sum += t; }
void add_term(double& sum, double t, double w) { sum += t * w; }
void add_product(double& sum, double s, double t, no_weight) { sum += s * t; }
void add_product(double& sum, double s, double t, double w) { sum += s * t * w; }
void keep_larger(double& sum, double t) { sum = t > sum ? t : sum; }
void add_unequal_bits(double& sum, std::uint64_t x, std::uint64_t y) { sum += std::popcount(x ^ y); }
namespace metrics {
#include "metrics/all-inl.hpp"
}  // namespace metrics

double element(const std::byte* at, dtype type) {
  if (type == float32) {
    float x;
    std::memcpy(&x, at, sizeof x);
    return x;
  }
  double x;
  std::memcpy(&x, at, sizeof x);
  return x;
}

void set_element(std::byte* at, dtype type, double value) {
  if (type == float32) {
    const float x = static_cast<float>(value);
    std::memcpy(at, &x, sizeof x);
  } else {
    std::memcpy(at, &value, sizeof value);
  }
}

const std::byte* batch_at(const strided& x, const shape& batch, std::int64_t number) {
  shape strides;
  for (int i = 0; i < batch.size(); ++i) strides.push_back(x.strides[i]);
  return x.data + offset_at(batch, strides, number);
}

/// The number at `at` as the metric reads it.
void read(const std::byte* at, dtype type, double& to) { to = element(at, type); }
void read(const std::byte* at, dtype, std::uint64_t& to) { std::memcpy(&to, at, sizeof to); }

template <class Metric, class T>
double distance_by(const distance_plan& p, std::int64_t b, std::int64_t i, std::int64_t j) {
  const int axis = p.batch.size();
  double sum[2] = {};
  const metric_parameters<double> parameters = {p.order, p.total};
  for (std::int64_t k = 0; k < p.d; ++k) {
    T x[3], y[3];
    for (std::size_t f = 0; f < p.x.size(); ++f)
      read(batch_at(p.x[f], p.batch, b) + i * p.x[f].strides[axis] + k * p.x[f].strides[axis + 1], p.type, x[f]);
    for (std::size_t f = 0; f < p.y.size(); ++f)
      read(batch_at(p.y[f], p.batch, b) + j * p.y[f].strides[axis] + k * p.y[f].strides[axis + 1], p.type, y[f]);
    if (!p.w.data) Metric::step(sum, x, y, no_weight(), parameters);
    else if constexpr (Metric::takes_weights)
      Metric::step(sum, x, y, element(p.w.data + k * p.w.strides[0], p.type), parameters);
  }
  const double x_row = p.x_row.data ? element(batch_at(p.x_row, p.batch, b) + i * p.x_row.strides[axis], p.type) : 0;
  const double y_row = p.y_row.data ? element(batch_at(p.y_row, p.batch, b) + j * p.y_row.strides[axis], p.type) : 0;
  return Metric::finish(sum, x_row, y_row, parameters);
}

double distance(const distance_plan& p, std::int64_t b, std::int64_t i, std::int64_t j) {
  switch (p.what) {
#define X(name)                                                                                                       \
  case metric_code::name:                                                                                             \
    return distance_by<metrics::name,                                                                                 \
                       std::conditional_t<metric_code::name == metric_code::bitwise_hamming, std::uint64_t, double>>( \
        p, b, i, j);
    TESSERA_METRICS(X)
#undef X
  }
  return 0;
}

std::int64_t points(const shape& batch) {
  std::int64_t count = 1;
  for (const std::int64_t extent : batch) count *= extent;
  return count;
}

pair_field field_of(const strided& x, int batch_axes, bool has_steps) {
  pair_field field = {x.data, {}, x.strides[batch_axes], {}};
  for (int i = 0; i < batch_axes; ++i) field.batch.push_back(x.strides[i]);
  if (has_steps) field.steps.push_back(x.strides[batch_axes + 1]);
  return field;
}

pair_rows rows_of(std::int64_t count, const inline_vector<strided, 3>& fields, const strided& number, int batch_axes) {
  pair_rows rows;
  rows.count = count;
  for (const strided& x : fields) rows.fields.push_back(field_of(x, batch_axes, true));
  if (number.data) rows.number = field_of(number, batch_axes, false);
  return rows;
}

}  // namespace

pair_problem problem_of(const distance_plan& plan) {
  const int axes = plan.batch.size();
  pair_problem p;
  p.kernel = find_distance(plan.what, plan.type, plan.w.data != nullptr);
  p.batch = plan.batch;
  p.steps = {plan.d};
  p.x = rows_of(plan.n, plan.x, plan.x_row, axes);
  p.y = rows_of(plan.m, plan.y, plan.y_row, axes);
  if (plan.w.data) {
    p.w = plan.w.data;
    p.w_stride = plan.w.strides[0];
  }
  p.order = plan.order;
  p.total = plan.total;
  return p;
}

void distances(const distance_plan& plan) {
  const int axes = plan.batch.size();
  pair_problem p = problem_of(plan);
  p.to.data = plan.to.data;
  for (int i = 0; i < axes; ++i) p.to.batch.push_back(plan.to.strides[i]);
  p.to.condensed = plan.condensed;
  p.to.first_row = plan.first_row;
  p.to.x = plan.condensed ? 0 : plan.to.strides[axes];
  p.to.y = plan.to.strides[plan.condensed ? axes : axes + 1];
  p.to.itemsize = plan.result.itemsize();
  run_tiles(p);
}

void nearest(const nearest_plan& plan) {
  const distance_plan& p = plan.of;
  const int axis = p.batch.size();
  std::vector<std::pair<double, std::int64_t>> row;
  for (std::int64_t b = 0; b < points(p.batch); ++b) {
    for (std::int64_t i = 0; i < p.n; ++i) {
      row.clear();
      for (std::int64_t j = 0; j < p.m; ++j) {
        if (!plan.exclude_self || j != i + plan.first_row) row.emplace_back(distance(p, b, i, j), j);
      }
      std::stable_sort(row.begin(), row.end(), [&](const auto& x, const auto& y) {
        if (x.first != x.first || y.first != y.first) return x.first == x.first;
        return plan.largest_first ? x.first > y.first : x.first < y.first;
      });
      for (std::int64_t place = 0; place < plan.k; ++place) {
        const auto to = [&](const strided& x) {
          return const_cast<std::byte*>(batch_at(x, p.batch, b)) + i * x.strides[axis] + place * x.strides[axis + 1];
        };
        set_element(to(plan.distances), p.result, row[static_cast<std::size_t>(place)].first);
        std::memcpy(to(plan.indices), &row[static_cast<std::size_t>(place)].second, 8);
      }
    }
  }
}

}  // namespace tessera::detail::cpu
