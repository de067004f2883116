// No function reads texts, records, raw bytes or times as numbers: each one of the library is called with arrays of them, and
// works or throws a dtype_error. Nothing behind
// their elements can be read. Built with TESSERA_TEST_ON_DEVICE it does so on a GPU.
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "array_values.hpp"
#include "ops/default_device.hpp"

namespace tessera {
namespace {

class other_dtypes_here : public on_default_device {};

/// Bytes that end where a page begins that nobody may read.
class guarded_bytes {
 public:
  explicit guarded_bytes(std::size_t count) : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    mapped_ = mmap(nullptr, 2 * page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped_ == MAP_FAILED || count > page_) throw std::bad_alloc();
    mprotect(static_cast<std::byte*>(mapped_) + page_, page_, PROT_NONE);
    data = static_cast<std::byte*>(mapped_) + page_ - count;
  }
  guarded_bytes(const guarded_bytes&) = delete;
  ~guarded_bytes() { munmap(mapped_, 2 * page_); }
  std::byte* data;

 private:
  std::size_t page_;
  void* mapped_;
};

/// A (4, 4) array and its first row, without zeros, each in front of a page that nobody may read. Texts are digits, so that a
/// cast to numbers would pass unseen.
class samples {
 public:
  explicit samples(const dtype& type)
      : matrix_bytes_(static_cast<std::size_t>(16 * type.itemsize())),
        vector_bytes_(static_cast<std::size_t>(4 * type.itemsize())) {
    for (std::size_t i = 0; i < 16; ++i) {
      for (int at = 0; at < type.itemsize(); at += type.kind() == 'U' ? 4 : 1) {
        const bool is_time = type.kind() == 'M' || type.kind() == 'm';
        const auto digit = static_cast<unsigned char>('1' + (i * 7 + static_cast<std::size_t>(at)) % 5);
        matrix_bytes_.data[i * static_cast<std::size_t>(type.itemsize()) + static_cast<std::size_t>(at)] =
            std::byte{is_time ? static_cast<unsigned char>(at == 0) : digit};
      }
    }
    std::memcpy(vector_bytes_.data, matrix_bytes_.data, static_cast<std::size_t>(4 * type.itemsize()));
    matrix = on(from_pointer(static_cast<const void*>(matrix_bytes_.data), {4, 4}, type));
    vector = on(from_pointer(static_cast<const void*>(vector_bytes_.data), {4}, type));
  }

 private:
  guarded_bytes matrix_bytes_, vector_bytes_;

 public:
  array matrix, vector;
};

const dtype table_row = record({{"a", str_(3)}, {"b", bool_}, {"c", float64}});

struct call {
  const char* name;
  std::function<void(const array& x, const array& vector)> of;
};
#define CALL(name, ...)                                                                                 \
  call {                                                                                                \
    name, []([[maybe_unused]] const array& x, [[maybe_unused]] const array& v) { (void)(__VA_ARGS__); } \
  }
#define EVAL(name, ...) CALL(name, array(__VA_ARGS__))

array numbers() {
  return array{{1.0, 2.0, 3.0, 4.0}, {2.0, 1.0, 0.0, 1.0}, {3.0, 0.0, 1.0, 5.0}, {1.0, 1.0, 1.0, 9.0}};
}
array places() { return array{0, 1}; }

/// What may give elements of x's dtype or refuse to.
const std::vector<call> conversions = {
    CALL("linspace", linspace(0, 1, 3, {.dtype = x.dtype()})),
    CALL("logspace", logspace(0, 1, 3, 10.0, {.dtype = x.dtype()})),
    CALL("geomspace", geomspace(1, 2, 3, {.dtype = x.dtype()})),
    CALL("ones", ones({2}, x.dtype())),
    CALL("eye", eye(2, {.dtype = x.dtype()})),
    CALL("tri", tri(2, {.dtype = x.dtype()})),
    EVAL("as numbers", x.astype(float64)),
    EVAL("as bool", x.astype(bool_)),
    EVAL("as text", x.astype("U40")),
    EVAL("any", any(x)),
    EVAL("all", tessera::all(x)),
    EVAL("count_nonzero", count_nonzero(x)),
    CALL("nonzero", nonzero(x)),
    EVAL("argmax", argmax(x)),
    EVAL("argmin", argmin(x, 0)),
    EVAL("nanargmax", nanargmax(x)),
    EVAL("nanargmin", nanargmin(x)),
    CALL("trim_zeros", trim_zeros(v)),
    CALL("item", x(0, 0).item<double>()),
    CALL("array_equal", array_equal(x, x)),
    EVAL("equal", x == v),
    EVAL("less", x < v),
    EVAL("add", x + v),
    EVAL("isnan", isnan(x)),
    EVAL("abs", abs(x)),
    EVAL("clip", clip(x, v, v)),
    CALL("squareform", squareform(x)),
    CALL("pad with zeros", pad(x, 1)),
};

const std::vector<call> reductions = {
    EVAL("sum", sum(x)),
    EVAL("prod", prod(x)),
    EVAL("mean", mean(x)),
    EVAL("mean of axes", mean(x, 0)),
    EVAL("var", var(x)),
    EVAL("stddev", stddev(x)),
    EVAL("max", max(x)),
    EVAL("min", min(x, 1)),
    EVAL("ptp", ptp(x)),
    EVAL("median", median(x)),
    EVAL("norm", norm(x)),
    EVAL("logsumexp", logsumexp(x)),
    EVAL("average", average(x)),
    EVAL("average by weights", average(numbers(), {}, {.weights = {x}})),
    EVAL("nansum", nansum(x)),
    EVAL("nanprod", nanprod(x)),
    EVAL("nanmean", nanmean(x)),
    EVAL("nanvar", nanvar(x)),
    EVAL("nanstddev", nanstddev(x)),
    EVAL("nanmax", nanmax(x)),
    EVAL("nanmin", nanmin(x)),
    EVAL("nanmedian", nanmedian(x)),
    CALL("cumsum", cumsum(x)),
    CALL("cumprod", cumprod(x)),
    CALL("nancumsum", nancumsum(x)),
    CALL("nancumprod", nancumprod(x)),
    EVAL("diff", diff(x)),
    CALL("ediff1d", ediff1d(x)),
    CALL("add_reduceat", add_reduceat(x, places())),
    CALL("multiply_reduceat", multiply_reduceat(x, places())),
    CALL("maximum_reduceat", maximum_reduceat(x, places())),
    CALL("minimum_reduceat", minimum_reduceat(x, places())),
    CALL("reduceat at x", add_reduceat(numbers(), v)),
    CALL("group_reduce", group_reduce(v, v, group_fold::sum)),
    CALL("group_reduce max", group_reduce(v, v, group_fold::max)),
    CALL("quantile", quantile(x, 0.5)),
    CALL("quantile at x", quantile(numbers(), v)),
    CALL("percentile", percentile(x, 50)),
    CALL("nanquantile", nanquantile(x, 0.5)),
    CALL("nanpercentile", nanpercentile(x, 50)),
};

const std::vector<call> numerics = {
    CALL("bincount", bincount(v)),
    CALL("bincount weights", bincount(places(), {.weights = {v(slice(2)).copy()}})),
    CALL("digitize", digitize(x, numbers()(0).copy())),
    CALL("digitize bins", digitize(numbers(), v)),
    CALL("histogram", histogram(x)),
    CALL("histogram weights", histogram(numbers(), 3, {.weights = {x}})),
    CALL("histogram_bin_edges", histogram_bin_edges(x)),
    CALL("histogramdd", histogramdd(x)),
    CALL("histogram2d", histogram2d(v, v)),
    CALL("interp", interp(x, v, v)),
    CALL("interp at x", interp(x, numbers()(0).copy(), numbers()(0).copy())),
    CALL("interp of x", interp(numbers(), array{1.0, 2.0, 3.0, 4.0}, v)),
    CALL("gradient", gradient(x)),
    EVAL("trapezoid", trapezoid(x)),
    CALL("unwrap", unwrap(x)),
    CALL("matmul", matmul(x, x)),
    CALL("matmul by numbers", matmul(numbers(), x)),
    CALL("matvec", matvec(x, v)),
    CALL("vecmat", vecmat(v, x)),
    CALL("vecdot", vecdot(x, x)),
    CALL("dot", dot(x, x)),
    CALL("inner", inner(x, x)),
    CALL("vdot", vdot(v, v)),
    CALL("outer", outer(v, v)),
    CALL("tensordot", tensordot(x, x, 1)),
    CALL("kron", kron(x, x)),
    EVAL("trace", trace(x)),
    CALL("multi_dot", multi_dot({x, x, x})),
    CALL("convolve", convolve(v, v)),
    CALL("correlate", correlate(v, v)),
    CALL("matrix_power", linalg::matrix_power(x, 2)),
    CALL("einsum", einsum("ij,jk->ik", x, x)),
    CALL("einsum sum", einsum("ij->i", x)),
    CALL("einsum mixed", einsum("ij,jk->ik", numbers(), x)),
    CALL("cdist", cdist(x, x)),
    CALL("cdist of numbers", cdist(numbers(), x)),
    CALL("cdist hamming", cdist(x, x, "hamming")),
    CALL("pdist", pdist(x)),
    CALL("nearest", nearest(x, x, 1)),
    CALL("radius_neighbors", radius_neighbors(x, x, 1.0)),
    CALL("pairwise_reduce", pairwise_reduce(x, x, "euclidean", "sum")),
    call{
        "for_each_row_block",
        [](const array& x, const array&) { for_each_row_block(x, x, "euclidean", [](std::int64_t, const array&) {}); }},
    CALL("solve", linalg::solve(x, x)),
    CALL("inv", linalg::inv(x)),
    CALL("det", linalg::det(x)),
    CALL("slogdet", linalg::slogdet(x)),
    CALL("lstsq", linalg::lstsq(x, x)),
    CALL("cholesky", linalg::cholesky(x)),
    CALL("qr", linalg::qr(x)),
    CALL("svd", linalg::svd(x)),
    CALL("svdvals", linalg::svdvals(x)),
    CALL("eigh", linalg::eigh(x)),
    CALL("eigvalsh", linalg::eigvalsh(x)),
    CALL("eig", linalg::eig(x)),
    CALL("eigvals", linalg::eigvals(x)),
    CALL("pinv", linalg::pinv(x)),
    CALL("matrix_rank", linalg::matrix_rank(x)),
    EVAL("linalg norm", linalg::norm(x)),
    EVAL("matrix_norm", linalg::matrix_norm(x)),
    EVAL("vector_norm", linalg::vector_norm(x)),
    CALL("cond", linalg::cond(x)),
    CALL("cross", linalg::cross(x(all, slice(3)).copy(), x(all, slice(3)).copy())),
    CALL("vander", vander(v)),
};

const std::vector<call> writes_and_indices = {
    CALL("index by x", array(numbers()(v))),
    CALL("take at x", take(numbers(), v)),
    CALL("take_along_axis at x", take_along_axis(numbers(), x, 1)),
    CALL("choose by x", choose(x, {1, 2})),
    CALL("put at x", put(numbers(), v, 1)),
    CALL("repeat by x", repeat(numbers(), v, 0)),
    CALL("delete at x", delete_(numbers(), axis_places(v), 0)),
    CALL("insert at x", insert(numbers(), axis_places(v), 0, 0)),
    CALL("unravel_index", unravel_index(v, {3, 3})),
    CALL("ravel_multi_index", ravel_multi_index({v, v}, {9, 9})),
    CALL("add_at", add_at(x.copy(), places(), 1)),
    CALL("add_at x", add_at(numbers(), places(), v)),
    CALL("subtract_at", subtract_at(x.copy(), places(), 1)),
    CALL("multiply_at", multiply_at(x.copy(), places(), 2)),
    CALL("maximum_at", maximum_at(x.copy(), places(), 2)),
    CALL("minimum_at", minimum_at(x.copy(), places(), 2)),
    CALL("logical_and_at", logical_and_at(x.copy(), places(), 1)),
    CALL("logical_or_at", logical_or_at(x.copy(), places(), 1)),
    CALL("add_at x at x", add_at(x.copy(), places(), x(slice(2)).copy())),
    CALL("accessor", x.to(cpu()).accessor<double, 2>()),
    CALL("span", x.to(cpu()).span<double>()),

    CALL("arange of x", arange(3, x.dtype())),
    CALL("indices", indices({2, 2}, {.dtype = x.dtype()})),
    CALL("uniform", random::generator(1).uniform(v, 2.0)),
    CALL("normal", random::generator(1).normal(v, 1.0)),
    CALL("exponential", random::generator(1).exponential(v)),
    CALL("poisson", random::generator(1).poisson(v)),
    CALL("binomial", random::generator(1).binomial(v, 0.5)),
    CALL("multinomial", random::generator(1).multinomial(4, v)),
    CALL("dirichlet", random::generator(1).dirichlet(v)),
    CALL("multivariate_normal", random::generator(1).multivariate_normal(v, x)),
    CALL("choice by p", random::generator(1).choice(4, {2}, {.p = {v}})),
    CALL("random of dtype", random::generator(1).uniform({3}, {.dtype = x.dtype()})),
    CALL("random integers", random::generator(1).integers(0, 3, {3}, {.dtype = x.dtype()})),
};

/// What x throws is a dtype_error, or, where `may_work`, nothing.
void expect_refused(const std::vector<call>& calls, const dtype& type, bool may_work) {
  const samples of_type(type);
  const array &x = of_type.matrix, &v = of_type.vector;
  for (const call& c : calls) {
    SCOPED_TRACE(std::string(c.name) + " of " + type.name());
    try {
      c.of(x, v);
      EXPECT_TRUE(may_work) << "nothing was thrown";
    } catch (const dtype_error& e) {
      EXPECT_THAT(e.what(), testing::HasSubstr(": "));
    } catch (const device_error& e) {  // what texts have on the host only
      EXPECT_TRUE(on_device && may_work) << e.what();
    } catch (const index_error& e) {  // arrays that are no indices
      EXPECT_THAT(e.what(), testing::HasSubstr("integers"));
    } catch (const std::exception& e) {
      ADD_FAILURE() << "another type of error: " << e.what();
    }
  }
}

const std::vector<dtype> never_numbers = {"U1", "U3", "S1", "S3", "S8", "V1", "V8", table_row};
const std::vector<dtype> times = {"M8[s]", "m8[s]"};

TEST_F(other_dtypes_here, reductions_refuse_them) {
  for (const dtype& type : never_numbers) expect_refused(reductions, type, false);
  for (const dtype& type : times) expect_refused(reductions, type, true);
}

TEST_F(other_dtypes_here, numerics_refuse_them) {
  for (const dtype& type : never_numbers) expect_refused(numerics, type, false);
  for (const dtype& type : times) expect_refused(numerics, type, true);
}

TEST_F(other_dtypes_here, writes_and_indices_refuse_them) {
  for (const dtype& type : never_numbers) expect_refused(writes_and_indices, type, false);
  for (const dtype& type : times) expect_refused(writes_and_indices, type, true);
}

/// Elements that are moved and not looked at.
const std::vector<call> moves = {
    CALL("copy", x.copy()),
    CALL("zeros", zeros({2}, x.dtype())),
    CALL("empty", empty({2}, x.dtype())),
    CALL("zeros_like", zeros_like(x)),
    CALL("empty_like", empty_like(x)),
    CALL("full", full({2, 4}, v)),
    CALL("full_like", full_like(x, v)),
    CALL("asarray", asarray(x)),
    CALL("asfortranarray", asfortranarray(x)),
    CALL("meshgrid", meshgrid({v, v})),
    CALL("tril", tril(x)),
    CALL("triu", triu(x)),
    CALL("diag", diag(x)),
    CALL("diag of a vector", diag(v)),
    CALL("fill_diagonal", fill_diagonal(x.copy(), v)),
    CALL("concatenate", concatenate({x, x})),
    CALL("concatenate_flat", concatenate_flat({x, x})),
    CALL("stack", stack({x, x})),
    CALL("hstack", hstack({x, x})),
    CALL("vstack", vstack({x, x})),
    CALL("dstack", dstack({x, x})),
    CALL("column_stack", column_stack({x, x})),
    CALL("split", split(x, 2)),
    CALL("unstack", unstack(x)),
    CALL("tile", tile(x, {2, 2})),
    CALL("repeat", repeat(x, 2)),
    CALL("repeat each", repeat(x, {1, 2, 0, 3}, 0)),
    CALL("roll", roll(x, {1})),
    CALL("insert", insert(x, 1, v, 0)),
    CALL("insert list", insert(x, {0, 2}, v(0), 1)),
    CALL("delete", delete_(x, 1, 0)),
    CALL("delete list", delete_(x, {0, 2}, 1)),
    CALL("append", append(x, v)),
    CALL("block", block({{x, x}, {x, x}})),
    CALL("resize", resize(x, {5, 5})),
    CALL("pad edge", pad(x, 1, {.mode = pad_mode::edge})),
    CALL("pad wrap", pad(x, 1, {.mode = pad_mode::wrap})),
    CALL("pad reflect", pad(x, 1, {.mode = pad_mode::reflect})),
    CALL("pad symmetric", pad(x, 1, {.mode = pad_mode::symmetric})),
    CALL("pad empty", pad(x, 1, {.mode = pad_mode::empty})),
    CALL("ravel", ravel(x.T())),
    CALL("flatten", flatten(x)),
    CALL("reshape", reshape(x, {2, 8})),
    CALL("flip", flip(x).copy()),
    CALL("rot90", rot90(x).copy()),
    CALL("diagonal", diagonal(x).copy()),
    CALL("broadcast_to", broadcast_to(v, {3, 4}).copy()),
    CALL("sliding_window_view", sliding_window_view(v, {2}).copy()),
    CALL("take", take(x, places(), 0)),
    CALL("take wrap", take(x, {-9, 9}, {}, take_mode::wrap)),
    CALL("put", put(x.copy(), places(), v)),
    CALL("take_along_axis", take_along_axis(x, {{0, 1}, {1, 0}, {0, 0}, {3, 3}}, 1)),
    CALL("put_along_axis", put_along_axis(x.copy(), {{0}, {1}, {2}, {3}}, v(0), 1)),
    CALL("compress", compress({true, false, true, false}, x, 0)),
    CALL("extract", extract(numbers() > 1, x)),
    CALL("mask", array(x(numbers() > 1))),
    CALL("rows", array(x(places()))),
    CALL("place", place(x.copy(), numbers() > 1, v)),
    CALL("putmask", putmask(x.copy(), numbers() > 1, v)),
    CALL("masked assignment", x.copy()(numbers() > 1) = v(0)),
    EVAL("where", where(numbers() > 1, x, v)),
    CALL("select", select({numbers() > 1, numbers() > 0}, {x, v}, v(0))),
    CALL("choose", choose({0, 1, 1, 0}, {x, v})),
    CALL("piecewise", piecewise(x, {numbers() > 1}, v(0))),
    CALL("sort", sort(x)),
    CALL("argsort", argsort(x, 0)),
    CALL("partition", partition(x, 1)),
    CALL("topk", topk(x, 2)),
    CALL("lexsort", lexsort({v, v})),
    CALL("searchsorted", searchsorted(sort(v), x)),
    CALL("unique", unique_all(x)),
    CALL("union1d", union1d(x, v)),
    CALL("intersect1d", intersect1d_indices(x, v)),
    CALL("setdiff1d", setdiff1d(x, v)),
    CALL("setxor1d", setxor1d(x, v)),
    CALL("isin", isin(x, v)),
    CALL("groups", group_reduce(v, numbers(), group_fold::mean)),
    CALL("counts", group_reduce(v, v, group_fold::count)),
    CALL("choice", random::generator(1).choice(x, {3})),
    CALL("permutation", random::generator(1).permutation(x)),
    CALL("permuted", random::generator(1).permuted(x)),
    CALL("shuffle", random::generator(1).shuffle(x.copy())),
    CALL("tobytes", tobytes(x)),
    CALL("shares_memory", shares_memory(x, x)),
    CALL("to", x.to(cpu()).to(here)),
    CALL("view as bytes", x.view(uint8)),
};

TEST_F(other_dtypes_here, are_not_exported) {
  for (const std::vector<dtype>* types : {&never_numbers, &times}) {
    for (const dtype& type : *types) EXPECT_THROW((void)to_dlpack(samples(type).matrix), dlpack_error) << type.name();
  }
}

TEST_F(other_dtypes_here, convert_or_refuse) {
  for (const dtype& type : never_numbers) expect_refused(conversions, type, true);
  for (const dtype& type : times) expect_refused(conversions, type, true);
}

TEST_F(other_dtypes_here, are_moved) {
  for (const std::vector<dtype>* types : {&never_numbers, &times}) {
    for (const dtype& type : *types) {
      const samples of_type(type);
      const array &x = of_type.matrix, &v = of_type.vector;
      for (const call& c : moves) {
        SCOPED_TRACE(std::string(c.name) + " of " + type.name());
        EXPECT_NO_THROW(c.of(x, v));
      }
    }
  }
}

}  // namespace
}  // namespace tessera
