// The workloads as a user of Eigen writes them, for the runs of tessera-bench:   tessera-peer-eigen [THREADS]
//
// Eigen's types hold dtype and rank; a row of the table at the end says which. Only products use more than one thread.
#include "serve.hpp"  // its line of JSON each way

#include <Eigen/Core>

#include <string>

namespace peer {

using Eigen::Dynamic;
using Eigen::Index;
using Eigen::Map;
template <class T> using column = Eigen::Array<T, Dynamic, 1>;
template <class T> using line = Eigen::Array<T, 1, Dynamic>;
template <class T> using table = Eigen::Array<T, Dynamic, Dynamic, Eigen::RowMajor>;
template <class T> using table_by_columns = Eigen::Array<T, Dynamic, Dynamic, Eigen::ColMajor>;
template <class T> using matrix = Eigen::Matrix<T, Dynamic, Dynamic, Eigen::RowMajor>;
template <class T> using vector = Eigen::Matrix<T, Dynamic, 1>;

template <> inline constexpr const char* dtype_name<Eigen::half> = "f16";
template <> inline constexpr const char* dtype_name<Eigen::bfloat16> = "bf16";

template <class Result>
  requires requires(const Result& result) { result.coeff(result.rows(), result.cols()); }
struct access<Result> {
  static shape extents(const Result& result) {
    if (Result::IsVectorAtCompileTime) return {result.size()};
    return {result.rows(), result.cols()};
  }
  static double value(const Result& result, std::int64_t i) {
    return static_cast<double>(result.coeff(i / result.cols(), i % result.cols()));
  }
};

/// An operand where it lies. Of a table, all axes but the first are columns.
template <class Dense> Map<const Dense> read(task& t, const std::string& letter, std::type_identity<Dense>) {
  const operand& in = t.in(letter);
  const Index first = Dense::RowsAtCompileTime == 1 ? 1 : Dense::ColsAtCompileTime == 1 ? in.size() : in.extents[0];
  return {in.data<const typename Dense::Scalar>(), first, in.size() / first};
}
template <class Dense> Map<const Dense> as(task& t, const char* letter) {
  return read(t, letter, std::type_identity<Dense>());
}

// ---- Statements that are more than an expression of like operands ---------------------------------------------------
constexpr auto add_into = []<class T>(task& t) {
  const auto a = as<column<T>>(t, "a"), b = as<column<T>>(t, "b");
  column<T> out = as<column<T>>(t, "o");
  t.run([&]() -> const auto& { return out = a + b; });
};

void add_strided(task& t) {
  using every_second = Map<const column<float>, 0, Eigen::InnerStride<2>>;
  const Index n = t.in("a").size() / 2;
  const every_second a(t.in("a").data<float>(), n), b(t.in("b").data<float>(), n);
  t.run([&]() -> column<float> { return a + b; });
}

constexpr auto gauss = []<class T>(task& t) {
  const auto x = as<column<T>>(t, "x");
  const T c = static_cast<T>(t.constant("c"));
  t.run([&]() -> column<T> { return (-x * x / T(2)).exp() * c; });
};

constexpr auto polynomial = []<class T>(const Map<const column<T>>& x) -> column<T> {
  return ((((T(0.1) * x + T(0.2)) * x + T(0.3)) * x + T(0.4)) * x + T(0.5)) * x + T(0.6);
};

void mask_logic(task& t) {
  const auto a = as<column<int>>(t, "a"), b = as<column<int>>(t, "b");
  const auto c = as<column<bool>>(t, "c");
  t.run([&]() -> column<bool> { return ((a > 0) && (b < 1)) || !c; });
}

constexpr auto select3 = [](const auto& x) -> column<float> {
  return (x < 0.2f).select(x, (x < 0.5f).select(x * 2.f, (x < 0.8f).select(x * 3.f, 0.f * x)));
};

void broadcast_row(task& t) {
  const auto x = as<table<float>>(t, "x");
  const auto m = as<line<float>>(t, "m"), s = as<line<float>>(t, "s");
  t.run([&]() -> table<float> { return (x.rowwise() - m).rowwise() / s; });
}

void broadcast_column(task& t) {
  const auto x = as<table<float>>(t, "x");
  const auto m = as<column<float>>(t, "m"), s = as<column<float>>(t, "s");
  t.run([&]() -> table<float> { return (x.colwise() - m).colwise() / s; });
}

constexpr auto zscore_columns = [](const auto& x) -> table<float> {
  const line<float> means = x.colwise().mean();
  const line<float> deviations = (x.rowwise() - means).square().colwise().mean().sqrt();
  return (x.rowwise() - means).rowwise() / deviations;
};

constexpr auto zscore_rows = [](const auto& x) -> table<float> {
  const column<float> means = x.rowwise().mean();
  const column<float> deviations = (x.colwise() - means).square().rowwise().mean().sqrt();
  return (x.colwise() - means).colwise() / deviations;
};

constexpr auto logsumexp_rows = [](const auto& x) -> column<float> {
  const column<float> largest = x.rowwise().maxCoeff();
  return (x.colwise() - largest).exp().rowwise().sum().log() + largest;
};

// ---- Reductions of all elements, of columns (ax0) or of rows (ax1), in either memory order --------------------------
template <class Statement> auto in_its_order(Statement statement) {
  return [statement](task& t) {
    if (t.column_major("x")) statement(t, as<table_by_columns<float>>(t, "x"));
    else statement(t, as<table<float>>(t, "x"));
  };
}

/// Those that Eigen has under one name for all three.
template <class Reduce> auto reduction(Reduce reduce) {
  return in_its_order([reduce](task& t, const auto& x) {
    if (t.named("_ax0_")) t.run([&]() -> line<float> { return reduce(x.colwise()); });
    else if (t.named("_ax1_")) t.run([&]() -> column<float> { return reduce(x.rowwise()); });
    else t.run([&]() -> float { return reduce(x); });
  });
}

constexpr auto variance = [](task& t, const auto& x) {
  const auto of_columns = [&]() -> line<float> {
    const line<float> means = x.colwise().mean();
    return (x.rowwise() - means).square().colwise().mean();
  };
  const auto of_rows = [&]() -> column<float> {
    const column<float> means = x.rowwise().mean();
    return (x.colwise() - means).square().rowwise().mean();
  };
  if (t.named("_ax0_")) t.run(of_columns);
  else if (t.named("_ax1_")) t.run(of_rows);
  else t.run([&] { return (x - x.mean()).square().mean(); });
};

constexpr auto argmax = [](task& t, const auto& x) {
  const auto of_each = [](Index n, auto part) {
    column<std::int64_t> places(n);
    for (Index i = 0; i < n; ++i) part(i).maxCoeff(&places[i]);
    return places;
  };
  const auto of_all = [&] {
    Index i, j;
    x.maxCoeff(&i, &j);
    return i * x.cols() + j;
  };
  if (t.named("_ax0_")) t.run([&] { return of_each(x.cols(), [&](Index i) { return x.col(i); }); });
  else if (t.named("_ax1_")) t.run([&] { return of_each(x.rows(), [&](Index i) { return x.row(i); }); });
  else t.run(of_all);
};

// ---- Products -------------------------------------------------------------------------------------------------------
constexpr auto product = []<class T>(const Map<const matrix<T>>& a, const Map<const matrix<T>>& b) -> matrix<T> {
  return a * b;
};

/// Of the last two axes; `transposed`: the second operand's.
auto batched_product(bool transposed) {
  return [transposed](task& t) {
    const operand &a = t.in("a"), &b = t.in("b");
    const std::size_t last = a.extents.size() - 1;
    const Index m = a.extents[last - 1], k = a.extents[last], n = b.extents[transposed ? last - 1 : last];
    const Index count = a.size() / (m * k);
    shape extents = a.extents;
    extents[last] = n;
    const auto multiply = [&] {
      block<float> result(new float[count * m * n]);
      for (Index i = 0; i < count; ++i) {
        const Map<const matrix<float>> left(a.data<float>() + i * m * k, m, k);
        const Map<const matrix<float>> right(b.data<float>() + i * k * n, transposed ? n : k, transposed ? k : n);
        Map<matrix<float>> out(result.get() + i * m * n, m, n);
        if (transposed) out.noalias() = left * right.transpose();
        else if (m <= 8) out = left.lazyProduct(right);  // Eigen's advice for small matrices: nothing is packed
        else out.noalias() = left * right;
      }
      return result;
    };
    t.run(multiply, extents);
  };
}

void batched_matrix_vector(task& t) {
  const operand &a = t.in("a"), &b = t.in("b");
  const Index count = a.extents[0], m = a.extents[1], k = a.extents[2];
  t.run([&] {
    matrix<float> result(count, m);
    for (Index i = 0; i < count; ++i) {
      const Map<const matrix<float>> left(a.data<float>() + i * m * k, m, k);
      const Map<const vector<float>> right(b.data<float>() + i * k, k);
      result.row(i).transpose().noalias() = left * right;
    }
    return result;
  });
}

void outer_product(task& t) {
  const auto a = as<vector<float>>(t, "a"), b = as<vector<float>>(t, "b");
  t.run([&]() -> matrix<float> { return a * b.transpose(); });
}

/// |x|² + |y|² - 2 x y.
template <bool root>
constexpr auto distances = []<class T>(const Map<const matrix<T>>& x, const Map<const matrix<T>>& y) {
  matrix<T> result(x.rows(), y.rows());
  result.noalias() = T(-2) * x * y.transpose();
  const column<T> of_x = x.rowwise().squaredNorm();
  const line<T> of_y = y.rowwise().squaredNorm();
  for (Index i = 0; i < result.rows(); ++i) {
    auto row = result.row(i).array();
    if (root) row = (row + of_y + of_x[i]).max(T(0)).sqrt();
    else row = (row + of_y + of_x[i]).max(T(0));
  }
  return result;
};

// clang-format off
const row rows[] = {
    {"add_(f32|f64)_|tiny_add", on<column, float, double>("ab", [](auto& a, auto& b) { return (a + b).eval(); })},
    {"add_(f16|bf16)_",
     on<column, Eigen::half, Eigen::bfloat16>("ab", [](auto& a, auto& b) { return (a + b).eval(); })},
    {"add_out_",          of_types<float, double>(add_into)},
    {"add_transposed_",   on<table, float>("ab", [](auto& a, auto& b) -> table<float> { return a + b.transpose(); })},
    {"add_strided_",      add_strided},
    {"gauss_",            of_types<float, double>(gauss)},
    {"poly10_",           on<column, float, double>("x", polynomial)},
    {"leaky_where_",      on<column, float>("x", [](auto& x) -> column<float> { return (x > 0).select(x, 0.1f * x); })},
    {"masklogic_",        mask_logic},
    {"select3_",          on<column, float>("x", select3)},
    {"bcast_row_",        broadcast_row},
    {"bcast_col_",        broadcast_column},
    {"zscore_cols_",      on<table, float>("x", zscore_columns)},
    {"zscore_rows_",      on<table, float>("x", zscore_rows)},
    {"sum_(all|ax.)_",    reduction([](const auto& x) { return x.sum(); })},
    {"mean_",             reduction([](const auto& x) { return x.mean(); })},
    {"max_",              reduction([](const auto& x) { return x.maxCoeff(); })},
    {"var_",              in_its_order(variance)},
    {"argmax_",           in_its_order(argmax)},
    {"any_",              on<column, bool>("x", [](auto& x) { return x.any(); })},
    {"all_",              on<column, bool>("x", [](auto& x) { return x.all(); })},
    {"norm_rows_",        on<matrix, float>("x", [](auto& x) { return x.rowwise().norm().eval(); })},
    {"norm_",             on<vector, float, double>("x", [](auto& x) { return x.norm(); })},
    {"sqdiff_sum_",       on<column, float>("xy", [](auto& x, auto& y) { return (x - y).square().sum(); })},
    {"logsumexp_rows_",   on<table, float>("x", logsumexp_rows)},
    {"mm_(f|i)",          on<matrix, float, double, std::int32_t, std::int64_t>("ab", product)},
    {"mm_bt_",            on<matrix, float>("ab", [](auto& a, auto& b) -> matrix<float> { return a * b.transpose(); })},
    {"mm_at_",            on<matrix, float>("ab", [](auto& a, auto& b) -> matrix<float> { return a.transpose() * b; })},
    {"bmm_",              batched_product(false)},
    {"attn_scores_",      batched_product(true)},
    {"chain3_",
     on<matrix, float>("abc", [](auto& a, auto& b, auto& c) -> matrix<float> { return a * (b * c); })},
    {"outer_",            outer_product},
    {"bmv_",              batched_matrix_vector},
    {"rowdot_",           on<table, float>("ab", [](auto& a, auto& b) { return (a * b).rowwise().sum().eval(); })},
    {"cdist_euclidean_",  on<matrix, float, double>("xy", distances<true>)},
    {"cdist_sqeuclidean_", on<matrix, float, double>("xy", distances<false>)},
    // Types known to the compiler: no view is made while the program runs.
    {"tiny_sum",          on<column, double>("a", [](auto& a) { return a.sum(); })},
    {"tiny_slice",        on<column, double>("a", [](auto& a) { return a.segment(2, 6); })},
    {"tiny_reshape",      on<column, double>("a", [](auto& a) { return Map<const table<double>>(a.data(), 2, 5); })},
};
// clang-format on

}  // namespace peer

int main(int argc, char** argv) {
  const int threads = peer::wanted_threads(argc, argv);
  Eigen::setNbThreads(threads);
  const int version[] = {EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION};
  const std::string text =
      std::to_string(version[0]) + "." + std::to_string(version[1]) + "." + std::to_string(version[2]);
  return peer::serve("eigen", text, threads, peer::rows);
}
