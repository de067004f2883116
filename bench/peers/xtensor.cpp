// The workloads as a user of xtensor writes them, with xsimd and xtensor-blas:   tessera-peer-xtensor [THREADS]
//
// xtensor's types hold dtype and rank; a row of the table at the end says which. Only products, which are OpenBLAS's,
// use more than one thread.
#include "serve.hpp"  // its line of JSON each way

#include <xtensor/xmath.hpp>
#include <xtensor/xindex_view.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xrandom.hpp>
#include <xtensor/xsort.hpp>
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>
#include <xtensor-blas/xlinalg.hpp>

#include <string>

extern "C" void openblas_set_num_threads(int);

namespace peer {

using xt::all;
using xt::newaxis;
using xt::view;
template <class T> using vector = xt::xtensor<T, 1>;
template <class T> using matrix = xt::xtensor<T, 2>;
template <class T> using matrix_by_columns = xt::xtensor<T, 2, xt::layout_type::column_major>;
template <class T> using cube = xt::xtensor<T, 3>;

template <class Result>
  requires requires(const Result& result) { result.flat(0); }
struct access<Result> {
  static shape extents(const Result& result) { return {result.shape().begin(), result.shape().end()}; }
  static double value(const Result& result, std::int64_t i) { return static_cast<double>(result.flat(i)); }
};

/// A copy of an operand.
template <class T, std::size_t rank, xt::layout_type layout>
xt::xtensor<T, rank, layout> read(task& t, const std::string& letter,
                                  std::type_identity<xt::xtensor<T, rank, layout>>) {
  const operand& in = t.in(letter);
  if (in.extents.size() != rank) throw unknown();
  std::array<std::size_t, rank> extents;
  std::copy(in.extents.begin(), in.extents.end(), extents.begin());
  xt::xtensor<T, rank, layout> result(extents);
  std::copy(in.data<T>(), in.data<T>() + in.size(), result.data());
  return result;
}
template <class Tensor> Tensor as(task& t, const char* letter) { return read(t, letter, std::type_identity<Tensor>()); }

// ---- Statements that are more than an expression of like operands ---------------------------------------------------
constexpr auto add_into = []<class T>(task& t) {
  const auto a = as<vector<T>>(t, "a"), b = as<vector<T>>(t, "b");
  auto out = as<vector<T>>(t, "o");
  t.run([&]() -> const auto& {
    xt::noalias(out) = a + b;
    return out;
  });
};

constexpr auto add_strided = [](auto& a, auto& b) -> vector<float> {
  const auto n = static_cast<std::ptrdiff_t>(a.size());
  return view(a, xt::range(0, n, 2)) + view(b, xt::range(0, n, 2));
};

constexpr auto gauss = []<class T>(task& t) {
  const auto x = as<vector<T>>(t, "x");
  const T c = static_cast<T>(t.constant("c"));
  t.run([&]() -> vector<T> { return xt::exp(-x * x / T(2)) * c; });
};

constexpr auto polynomial = []<class T>(const vector<T>& x) -> vector<T> {
  return ((((T(0.1) * x + T(0.2)) * x + T(0.3)) * x + T(0.4)) * x + T(0.5)) * x + T(0.6);
};

void mask_logic(task& t) {
  const auto a = as<vector<int>>(t, "a"), b = as<vector<int>>(t, "b");
  const auto c = as<vector<bool>>(t, "c");
  t.run([&]() -> vector<bool> { return ((a > 0) && (b < 1)) || !c; });
}

constexpr auto select3 = [](auto& x) -> vector<float> {
  return xt::where(x < 0.2f, x, xt::where(x < 0.5f, x * 2.f, xt::where(x < 0.8f, x * 3.f, 0.f)));
};

void broadcast_row(task& t) {
  const auto x = as<matrix<float>>(t, "x");
  const auto m = as<vector<float>>(t, "m"), s = as<vector<float>>(t, "s");
  t.run([&]() -> matrix<float> { return (x - m) / s; });
}

constexpr auto zscore_columns = [](auto& x) -> matrix<float> {
  const vector<float> means = xt::mean(x, {0}), deviations = xt::stddev(x, {0});
  return (x - means) / deviations;
};

constexpr auto zscore_rows = [](auto& x) -> matrix<float> {
  const vector<float> means = xt::mean(x, {1}), deviations = xt::stddev(x, {1});
  return (x - view(means, all(), newaxis())) / view(deviations, all(), newaxis());
};

constexpr auto masked_assignment = [](auto& a) -> vector<float> {
  vector<float> b = a;
  xt::filtration(b, b < 0.f) = 0.f;
  return b;
};

void gather(task& t) {
  const auto x = as<vector<float>>(t, "x");
  const auto i = as<vector<std::int64_t>>(t, "i");
  t.run([&]() -> vector<float> { return view(x, xt::keep(i)); });
}

/// As many as the workload's result has.
template <class T> void uniform(task& t) {
  const auto n = static_cast<std::size_t>(t.bytes()) / sizeof(T);
  t.run([&]() -> vector<T> { return xt::random::rand<T>({n}); });
}

constexpr auto broadcast_distances = [](auto& x, auto& y) -> matrix<float> {
  return xt::sqrt(xt::sum(xt::square(view(x, all(), newaxis(), all()) - view(y, newaxis(), all(), all())), {2}));
};

// ---- Reductions of all elements, of columns (ax0) or of rows (ax1), in either memory order --------------------------
template <class Statement> auto in_its_order(Statement statement) {
  return [statement](task& t) {
    if (t.column_major("x")) statement(t, as<matrix_by_columns<float>>(t, "x"));
    else statement(t, as<matrix<float>>(t, "x"));
  };
}

/// Those that take their axes the same way; without any: of all elements.
template <class Reduce> auto reduction(Reduce reduce) {
  return in_its_order([reduce](task& t, const auto& x) {
    using axis = std::array<std::size_t, 1>;
    if (t.named("_ax0_")) t.run([&]() -> vector<float> { return reduce(x, axis{0}); });
    else if (t.named("_ax1_")) t.run([&]() -> vector<float> { return reduce(x, axis{1}); });
    else t.run([&]() -> float { return reduce(x)(); });
  });
}

constexpr auto argmax = [](task& t, const auto& x) {
  if (t.named("_ax0_")) t.run([&]() -> vector<std::size_t> { return xt::argmax(x, 0); });
  else if (t.named("_ax1_")) t.run([&]() -> vector<std::size_t> { return xt::argmax(x, 1); });
  else t.run([&]() -> std::size_t { return xt::argmax(x)(); });
};

// ---- Products -------------------------------------------------------------------------------------------------------
constexpr auto batched_product = [](auto& a, auto& b) {
  cube<float> result({a.shape(0), a.shape(1), b.shape(2)});
  for (std::size_t i = 0; i < a.shape(0); ++i)
    view(result, i, all(), all()) = xt::linalg::dot(view(a, i, all(), all()), view(b, i, all(), all()));
  return result;
};

template <class T> using batch_of_batches = xt::xtensor<T, 4>;
constexpr auto attention_scores = [](auto& a, auto& b) {
  batch_of_batches<float> result({a.shape(0), a.shape(1), a.shape(2), b.shape(2)});
  for (std::size_t i = 0; i < a.shape(0); ++i)
    for (std::size_t j = 0; j < a.shape(1); ++j)
      view(result, i, j, all(), all()) =
          xt::linalg::dot(view(a, i, j, all(), all()), xt::transpose(view(b, i, j, all(), all())));
  return result;
};

constexpr auto chain3 = [](auto& a, auto& b, auto& c) -> matrix<float> {
  const matrix<float> of_two = xt::linalg::dot(b, c);
  return xt::linalg::dot(a, of_two);
};

using i64 = std::int64_t;
// clang-format off
const row rows[] = {
    {"add_(f32|f64)_|tiny_add",
     on<vector, float, double>("ab", []<class T>(const vector<T>& a, auto& b) -> vector<T> { return a + b; })},
    {"add_out_",          of_types<float, double>(add_into)},
    {"add_transposed_",
     on<matrix, float>("ab", [](auto& a, auto& b) -> matrix<float> { return a + xt::transpose(b); })},
    {"add_strided_",      on<vector, float>("ab", add_strided)},
    {"gauss_",            of_types<float, double>(gauss)},
    {"poly10_",           on<vector, float, double>("x", polynomial)},
    {"leaky_where_",
     on<vector, float>("x", [](auto& x) -> vector<float> { return xt::where(x > 0.f, x, 0.1f * x); })},
    {"masklogic_",        mask_logic},
    {"select3_",          on<vector, float>("x", select3)},
    {"bcast_row_",        broadcast_row},
    {"bcast_col_",
     on<matrix, float>("xms", [](auto& x, auto& m, auto& s) -> matrix<float> { return (x - m) / s; })},
    {"zscore_cols_",      on<matrix, float>("x", zscore_columns)},
    {"zscore_rows_",      on<matrix, float>("x", zscore_rows)},
    {"sum_(all|ax.)_",    reduction([](auto& x, auto... axes) { return xt::sum(x, axes...); })},
    {"mean_",             reduction([](auto& x, auto... axes) { return xt::eval(xt::mean(x, axes...)); })},
    {"var_",              reduction([](auto& x, auto... axes) { return xt::eval(xt::variance(x, axes...)); })},
    {"max_",              reduction([](auto& x, auto... axes) { return xt::amax(x, axes...); })},
    {"argmax_",           in_its_order(argmax)},
    {"sum_middle_",       on<cube, float>("x", [](auto& x) -> matrix<float> { return xt::sum(x, {1}); })},
    {"any_",              on<vector, bool>("x", [](auto& x) { return xt::any(x); })},
    {"all_",              on<vector, bool>("x", [](auto& x) { return xt::all(x); })},
    {"cumsum_(f32|f64)_",
     on<vector, float, double>("x", []<class T>(const vector<T>& x) -> vector<T> { return xt::cumsum(x, 0); })},
    {"sqdiff_sum_",
     on<vector, float>("xy", [](auto& x, auto& y) -> float { return xt::sum(xt::square(x - y))(); })},
    {"mm_f",
     on<matrix, float, double>(
         "ab", []<class T>(const matrix<T>& a, auto& b) -> matrix<T> { return xt::linalg::dot(a, b); })},
    {"mm_bt_",
     on<matrix, float>("ab", [](auto& a, auto& b) -> matrix<float> { return xt::linalg::dot(a, xt::transpose(b)); })},
    {"mm_at_",
     on<matrix, float>("ab", [](auto& a, auto& b) -> matrix<float> { return xt::linalg::dot(xt::transpose(a), b); })},
    {"bmm_",              on<cube, float>("ab", batched_product)},
    {"attn_scores_",      on<batch_of_batches, float>("ab", attention_scores)},
    {"chain3_",           on<matrix, float>("abc", chain3)},
    {"outer_",
     on<vector, float>("ab", [](auto& a, auto& b) -> matrix<float> { return view(a, all(), newaxis()) * b; })},
    {"rowdot_",
     on<matrix, float>("ab", [](auto& a, auto& b) -> vector<float> { return xt::sum(a * b, {1}); })},
    {"bcast_dist_",       on<matrix, float>("xy", broadcast_distances)},
    {"mask_select_",      on<vector, float>("a", [](auto& a) -> vector<float> { return xt::filter(a, a > 0.f); })},
    {"mask_assign_",      on<vector, float>("a", masked_assignment)},
    {"sort_(f|i)",
     on<vector, float, double, i64>("a", []<class T>(const vector<T>& a) -> vector<T> { return xt::sort(a); })},
    {"unique_(f|i)",
     on<vector, double, i64>("a", []<class T>(const vector<T>& a) -> vector<T> { return xt::unique(a); })},
    {"fancy_",            gather},
    {"uniform_f32_",      uniform<float>},
    {"uniform_f64_",      uniform<double>},
    {"tiny_sum",          on<vector, double>("a", [](auto& a) -> double { return xt::sum(a)(); })},
    {"tiny_slice",        on<vector, double>("a", [](auto& a) { return view(a, xt::range(2, 8)); })},
    {"tiny_reshape",
     on<vector, double>("a", [](auto& a) { return xt::reshape_view(a, std::array<std::size_t, 2>{2, 5}); })},
};
// clang-format on

}  // namespace peer

int main(int argc, char** argv) {
  const int threads = peer::wanted_threads(argc, argv);
  openblas_set_num_threads(threads);
  const int version[] = {XTENSOR_VERSION_MAJOR, XTENSOR_VERSION_MINOR, XTENSOR_VERSION_PATCH};
  const std::string text =
      std::to_string(version[0]) + "." + std::to_string(version[1]) + "." + std::to_string(version[2]);
  return peer::serve("xtensor", text + " with xsimd and OpenBLAS", threads, peer::rows);
}
