// shares_memory: do two strided arrays touch a common byte?
//
// With every stride made positive by counting its axis from the other end, array a's bytes are
//     low(a) + sum(|stride_i| * x_i) + p,   0 <= x_i < extent_i,   0 <= p < itemsize(a)
// and b's the same. Counting b's from its last byte down turns the equation "a's byte is b's byte" into
//     sum(c_i * x_i) = last(b) - low(a),    0 <= x_i <= bound_i,   c_i > 0
// over the terms of both arrays: a bounded linear Diophantine equation. The general problem is NP-hard, the ones that arrays
// pose are small: depth first over the terms, largest coefficient first, each term's values limited to those that leave a
// rest which the later terms can reach (between 0 and their maximum, a multiple of their gcd). Two terms are solved directly.
#include <algorithm>
#include <numeric>
#include <optional>
#include <tuple>
#include <vector>

#include "core/access.hpp"
#include "tessera/views.hpp"

namespace tessera {
namespace {

using detail::byte_range;
using wide = __int128;  // products of a coefficient and a bound

struct term {
  std::int64_t coefficient, bound;
};

std::int64_t floor_divide(wide a, std::int64_t b) {
  const wide q = a / b;
  return static_cast<std::int64_t>(q - (a % b != 0 && a < 0));
}

/// x with a * x = gcd(a, b) modulo b, 0 <= x < b / gcd.
std::int64_t inverse(std::int64_t a, std::int64_t b, std::int64_t gcd) {
  std::int64_t r0 = a, r1 = b, x0 = 1, x1 = 0;
  while (r1 != 0) {
    const std::int64_t q = r0 / r1;
    std::tie(r0, r1) = std::pair(r1, r0 - q * r1);
    std::tie(x0, x1) = std::pair(x1, x0 - q * x1);
  }
  const std::int64_t period = b / gcd;
  return (x0 % period + period) % period;
}

class diophantine {
 public:
  /// Terms of equal coefficient are one term.
  diophantine(std::vector<term> terms, std::int64_t max_work) : work_left_(max_work) {
    std::sort(terms.begin(), terms.end(), [](const term& x, const term& y) { return x.coefficient > y.coefficient; });
    for (const term& t : terms) {
      if (!terms_.empty() && terms_.back().coefficient == t.coefficient) terms_.back().bound += t.bound;
      else terms_.push_back(t);
    }
    gcd_.assign(terms_.size() + 1, 0);
    most_.assign(terms_.size() + 1, 0);
    for (std::size_t i = terms_.size(); i-- > 0;) {
      gcd_[i] = std::gcd(gcd_[i + 1], terms_[i].coefficient);
      most_[i] = most_[i + 1] + wide{terms_[i].coefficient} * terms_[i].bound;
    }
  }

  std::optional<bool> has_solution(std::int64_t sum) {
    const bool found = search(0, sum);
    if (!found && out_of_work_) return std::nullopt;
    return found;
  }

 private:
  /// Whether terms [i, …) can make `rest`.
  bool search(std::size_t i, std::int64_t rest) {
    if (rest < 0 || rest > most_[i]) return false;
    if (i == terms_.size()) return true;  // rest is 0
    if (rest % gcd_[i] != 0) return false;
    const auto [first, last, step] = candidates(i, rest);
    if (terms_.size() - i <= 2)
      return first <= last;  // the last term alone makes any multiple of itself within its bound
    for (std::int64_t x = first; x <= last; x = step > last - x ? last + 1 : x + step) {
      if (work_left_ == 0) {
        out_of_work_ = true;
        return false;
      }
      --work_left_;
      if (search(i + 1, rest - terms_[i].coefficient * x)) return true;
      if (out_of_work_) return false;
    }
    return false;
  }

  struct range {
    std::int64_t first, last, step;
  };
  /// The values of term i after which the others are left with a rest from 0 to most_[i + 1] and a multiple of gcd_[i + 1].
  range candidates(std::size_t i, std::int64_t rest) const {
    const auto [a, bound] = terms_[i];
    const std::int64_t least = std::max<std::int64_t>(0, floor_divide(rest - most_[i + 1] + a - 1, a));
    const std::int64_t last = std::min(bound, rest / a);
    const std::int64_t others = gcd_[i + 1];
    if (others == 0) return {least, last, 1};
    const std::int64_t step = others / gcd_[i];
    const auto residue = static_cast<std::int64_t>(wide{rest / gcd_[i]} * inverse(a, others, gcd_[i]) % step);
    const std::int64_t ahead = ((residue - least) % step + step) % step;
    return {ahead > last - least ? last + 1 : least + ahead, last, step};
  }

  std::vector<term> terms_;
  std::vector<std::int64_t> gcd_;  // of terms [i, …)
  std::vector<wide> most_;         // the largest sum of terms [i, …)
  std::int64_t work_left_;         // negative: no limit
  bool out_of_work_ = false;
};

void add_terms(std::vector<term>& terms, const array& x) {
  for (int axis = 0; axis < x.ndim(); ++axis) {
    const std::int64_t stride = x.strides()[axis];
    if (stride != 0 && x.shape()[axis] > 1) terms.push_back({stride < 0 ? -stride : stride, x.shape()[axis] - 1});
  }
  if (x.itemsize() > 1) terms.push_back({1, x.itemsize() - 1});
}

bool ranges_overlap(const byte_range& a, const byte_range& b) { return a.begin < b.end && b.begin < a.end; }

/// Exact; nothing when `max_work` candidate solutions (negative: no limit) did not decide it.
std::optional<bool> share_memory(const array& a, const array& b, std::int64_t max_work) {
  const byte_range in_a = detail::range_of(a), in_b = detail::range_of(b);
  if (a.size() == 0 || b.size() == 0 || !ranges_overlap(in_a, in_b)) return false;
  const auto fills = [](const array& x, const byte_range& r) {
    return x.nbytes() == r.end - r.begin && x.flags().c_contiguous;
  };
  if (fills(a, in_a) && fills(b, in_b)) return true;
  if (max_work == 0) return std::nullopt;
  std::vector<term> terms;
  add_terms(terms, a);
  add_terms(terms, b);
  return diophantine(std::move(terms), max_work).has_solution(in_b.end - 1 - in_a.begin);
}

}  // namespace

bool shares_memory(const array& a, const array& b, std::int64_t max_work, caller where) {
  const auto shared = share_memory(a, b, max_work);
  if (!shared) {
    throw value_error("shares_memory: " + std::to_string(max_work) + " candidate solutions did not decide shapes " +
                          to_string(a.shape()) + " and " + to_string(b.shape()),
                      where);
  }
  return *shared;
}

bool may_share_memory(const array& a, const array& b) { return share_memory(a, b, 0).value_or(true); }

}  // namespace tessera
