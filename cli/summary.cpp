// summary: blocks of elements as doubles, integers or texts, folded one after the other.
#include "summary.hpp"

#include <tessera/tessera.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <optional>

#include "files.hpp"

namespace tessera_cli {
namespace {

using tessera::array;
using tessera::dtype;

constexpr std::int64_t block_bytes = 256 << 10;
constexpr std::int64_t most_distinct_bytes = 8 << 20;  // sorting more takes longer than all the rest

/// Mean and sum of squared differences from it, of parts put together (Chan, Golub, LeVeque, 1979).
struct moments {
  double count = 0, mean = 0, squares = 0, low = 0, high = 0;

  void add(const moments& other) {
    if (other.count == 0) return;
    const double all = count + other.count, apart = other.mean - mean;
    mean += apart * other.count / all;
    squares += other.squares + apart * apart * count * other.count / all;
    low = count == 0 ? other.low : std::min(low, other.low);
    high = count == 0 ? other.high : std::max(high, other.high);
    count = all;
  }
};

moments moments_of(const std::vector<double>& x) {
  moments m;
  m.count = static_cast<double>(x.size());
  if (x.empty()) return m;
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  m.low = *low;
  m.high = *high;
  double apart = 0;
  for (const double v : x) m.mean += v / m.count;  // so that large values do not overflow
  for (const double v : x) apart += (v - m.mean) / m.count;
  m.mean += apart;  // what rounding lost
  for (const double v : x) m.squares += (v - m.mean) * (v - m.mean);
  return m;
}

template <class T> struct range {
  std::optional<T> low, high;
  void add(T v) {
    if (!low || v < *low) low = v;
    if (!high || v > *high) high = v;
  }
};

/// One field's way from block to block.
class fold {
 public:
  fold(std::vector<std::string> path, const dtype& type) : path_(std::move(path)) {
    for (const std::string& part : path_) result_.name += (result_.name.empty() ? "" : ".") + part;
    result_.type = type;
  }

  void add(const array& records) {
    array field = records;
    for (const std::string& part : path_) field = field[part];
    const array x = tessera::ravel(field);
    result_.count += x.size();
    switch (result_.type.kind()) {
      case 'b': return add_integers<std::uint64_t>(x.astype(tessera::uint64));
      case 'u': return add_integers<std::uint64_t>(x.astype(tessera::uint64));
      case 'i': return add_integers<std::int64_t>(x.astype(tessera::int64));
      case 'f': return add_floating(x.astype(tessera::float64));
      case 'c': return add_complex(x.astype(tessera::complex128));
      case 'M':
      case 'm': return add_times(x.copy().view(tessera::int64));
      case 'U':
      case 'S': return add_texts(x);
      default: return;
    }
  }

  field_summary finish(const array& records) {
    result_.has_moments = moments_.count > 0;
    const bool constant = moments_.low == moments_.high;  // exactly, whatever rounding says
    result_.mean = constant ? moments_.low : moments_.mean;
    result_.deviation = moments_.count > 0 && !constant ? std::sqrt(moments_.squares / moments_.count) : 0;
    if (integers_.low) set_range(array(*integers_.low), array(*integers_.high));
    if (naturals_.low) set_range(array(*naturals_.low), array(*naturals_.high));
    if (reals_.low) set_range(array(*reals_.low), array(*reals_.high));
    if (times_.low) {
      result_.minimum = tessera::str(array(*times_.low).view(result_.type));
      result_.maximum = tessera::str(array(*times_.high).view(result_.type));
    }
    if (is_text() && result_.count * result_.type.itemsize() <= most_distinct_bytes) {
      array field = records;
      for (const std::string& part : path_) field = field[part];
      result_.distinct = tessera::unique(tessera::ravel(field)).size();
    }
    return result_;
  }

 private:
  bool is_text() const { return result_.type.kind() == 'U' || result_.type.kind() == 'S'; }

  void set_range(const array& low, const array& high) {
    result_.minimum = tessera::str(low.astype(result_.type));
    result_.maximum = tessera::str(high.astype(result_.type));
  }

  template <class T> void add_integers(const array& x) {
    std::vector<double> values;
    values.reserve(static_cast<std::size_t>(x.size()));
    for (const T v : x.span<const T>()) {
      if constexpr (std::is_signed_v<T>) integers_.add(v);
      else naturals_.add(v);
      result_.zeros += v == 0;
      values.push_back(static_cast<double>(v));
    }
    moments_.add(moments_of(values));
  }

  void add_floating(const array& x) {
    std::vector<double> values;
    values.reserve(static_cast<std::size_t>(x.size()));
    for (const double v : x.span<const double>()) {
      if (!counted(v)) continue;
      reals_.add(v);
      result_.zeros += v == 0;
      values.push_back(v);
    }
    moments_.add(moments_of(values));
  }

  /// Counts what is not finite.
  bool counted(double v) {
    result_.nans += std::isnan(v);
    result_.infinities += std::isinf(v);
    return std::isfinite(v);
  }

  void add_complex(const array& x) {
    for (const std::complex<double> v : x.span<const std::complex<double>>()) {
      const bool nan = std::isnan(v.real()) || std::isnan(v.imag());
      result_.nans += nan;
      result_.infinities += !nan && (std::isinf(v.real()) || std::isinf(v.imag()));
      result_.zeros += v == 0.0;
    }
  }

  void add_times(const array& steps) {
    for (const std::int64_t v : steps.span<const std::int64_t>()) {
      if (v == std::numeric_limits<std::int64_t>::min()) ++result_.not_times;
      else times_.add(v);
    }
  }

  void add_texts(const array& x) {
    const array lengths = tessera::strings::str_len(x);
    for (const std::int64_t length : lengths.span<const std::int64_t>()) {
      result_.longest = std::max(result_.longest, length);
      result_.empty += length == 0;
    }
  }

  std::vector<std::string> path_;
  field_summary result_;
  moments moments_;
  range<std::int64_t> integers_, times_;
  range<std::uint64_t> naturals_;
  range<double> reals_;
};

/// The fields that are no records themselves.
void collect(const dtype& type, std::vector<std::string>& path, std::vector<fold>& folds) {
  if (!type.has_fields()) {
    if (type.itemsize() > 0) folds.emplace_back(path, type);
    return;
  }
  for (const tessera::field& each : type.fields()) {
    path.push_back(each.name);
    collect(each.type, path, folds);
    path.pop_back();
  }
}

}  // namespace

std::vector<field_summary> summarize(const array& x) {
  if (x.size() == 0 || x.itemsize() == 0) return {};
  const array all = tessera::ravel(is_f_order(x) ? x.T() : x);
  std::vector<fold> folds;
  std::vector<std::string> path;
  collect(x.dtype(), path, folds);
  const std::int64_t step = std::max<std::int64_t>(1, block_bytes / x.itemsize());
  for (std::int64_t at = 0; at < all.size(); at += step) {
    const array block = all(tessera::slice(at, std::min(at + step, all.size())));
    for (fold& each : folds) each.add(block);
  }
  std::vector<field_summary> found;
  for (fold& each : folds) found.push_back(each.finish(all));
  return found;
}

array first_elements(const array& x, std::int64_t count) {
  // The smallest box at the beginning that has them: extents from the last axis on.
  std::vector<tessera::subscript> box;
  std::int64_t wanted = std::max<std::int64_t>(count, 0);
  for (int axis = x.ndim() - 1; axis >= 0; --axis) {
    const std::int64_t extent = std::min(x.shape()[axis], wanted);
    box.insert(box.begin(), tessera::slice(0, extent));
    wanted = extent == 0 ? 0 : (wanted + extent - 1) / extent;
  }
  const array all = tessera::ravel(x.view_at(box));
  return all(tessera::slice(0, std::min(all.size(), std::max<std::int64_t>(count, 0))));
}

}  // namespace tessera_cli
