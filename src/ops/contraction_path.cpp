// Orders of contraction: all at once, from the end, greedy (NumPy's and opt_einsum's cost), optimal by subsets.
#include "ops/contraction_path.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace tessera::detail {

namespace {

constexpr int most_for_optimal = 12, most_for_greedy = 512, optimal_by_default = 6;

label_set union_of(std::span<const label_set> operands) {
  label_set all;
  for (label_set one : operands) all = all | one;
  return all;
}

double flops_at_once(const path_problem& p) {
  const label_set all = union_of(p.operands);
  return flops_of(all, !(all - p.output).empty(), static_cast<int>(p.operands.size()), p.extents);
}

path_step whole(std::size_t operands) {
  path_step all(operands, 0);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

path_choice at_once(const path_problem& p, const char* search) { return {{whole(p.operands.size())}, search}; }

/// The last two again and again: a result goes to the end of the list, and nothing in front of it moves.
path_choice from_the_end(const path_problem& p, const char* search) {
  path_choice result{{}, search};
  for (int left = static_cast<int>(p.operands.size()); left > 1; --left) result.steps.push_back({left - 2, left - 1});
  return result;
}

/// What is left of the operands and of what came of them, by number, ascending.
class remaining {
 public:
  explicit remaining(std::size_t operands) : made_(static_cast<int>(operands)), left_(whole(operands)) {}
  const path_step& numbers() const { return left_; }
  /// Puts what comes of two of them at the end; returns where they were.
  path_step contract(int a, int b) {
    path_step step = {place(std::min(a, b)), place(std::max(a, b))};
    left_.erase(left_.begin() + step[1]);
    left_.erase(left_.begin() + step[0]);
    left_.push_back(made_++);
    return step;
  }
  int last() const { return made_ - 1; }

 private:
  int place(int k) const { return static_cast<int>(std::lower_bound(left_.begin(), left_.end(), k) - left_.begin()); }

  int made_;
  path_step left_;
};

// ---- greedy: the pair that takes most elements away, then the one of fewest operations; outer products last --------------
struct candidate {
  double added, flops;  // elements of the result less those of the pair
  int first, second;    // which operands or results, numbered as they come
  bool is_better_than(const candidate& other) const {
    return added != other.added ? added < other.added : flops < other.flops;
  }
};

class greedy_search {
 public:
  explicit greedy_search(const path_problem& p)
      : p_(p), limit_(flops_at_once(p)), terms_(p.operands.begin(), p.operands.end()), left_(p.operands.size()) {
    count_labels();
  }

  path_choice run(const char* search) {
    path_choice result{{}, search};
    add_pairs(false);
    while (left_.numbers().size() > 1) {
      if (known_.empty()) add_pairs(true);
      if (known_.empty()) {  // nothing fits: the rest at once
        result.steps.push_back(whole(left_.numbers().size()));
        break;
      }
      result.steps.push_back(take(*std::min_element(
          known_.begin(), known_.end(), [](const candidate& a, const candidate& b) { return a.is_better_than(b); })));
    }
    return result;
  }

 private:
  /// Labels in exactly one, and in exactly two of what is left.
  void count_labels() {
    label_set at_least_one, at_least_two, more;
    for (int k : left_.numbers()) {
      more = more | (at_least_two & terms_[k]);
      at_least_two = at_least_two | (at_least_one & terms_[k]);
      at_least_one = at_least_one | terms_[k];
    }
    in_one_ = at_least_one - at_least_two;
    in_two_ = at_least_two - more;
  }

  label_set result_of(label_set a, label_set b) const {
    const label_set both = a & b, all = a | b;
    const label_set gone = (both & in_two_) | ((all - both) & in_one_);
    return all - (gone - p_.output);
  }

  void add_pairs(bool outer) {
    const path_step& left = left_.numbers();
    for (std::size_t i = 0; i < left.size(); ++i) {
      for (std::size_t j = i + 1; j < left.size(); ++j) add(left[i], left[j], outer);
    }
  }

  void add(int first, int second, bool outer) {
    const label_set a = terms_[first], b = terms_[second];
    if (!outer && (a & b).empty()) return;
    const label_set made = result_of(a, b);
    const double size = size_of(made, p_.extents);
    if (size > p_.memory_limit) return;
    const double flops = flops_of(a | b, !((a | b) - made).empty(), 2, p_.extents);
    if (spent_ + flops > limit_) return;
    known_.push_back({size - size_of(a, p_.extents) - size_of(b, p_.extents), flops, first, second});
  }

  path_step take(const candidate best) {
    const auto uses = [&](const candidate& c) {
      return c.first == best.first || c.first == best.second || c.second == best.first || c.second == best.second;
    };
    known_.resize(static_cast<std::size_t>(std::remove_if(known_.begin(), known_.end(), uses) - known_.begin()));
    spent_ += best.flops;
    terms_.push_back(result_of(terms_[best.first], terms_[best.second]));
    path_step step = left_.contract(best.first, best.second);
    count_labels();
    for (int k : left_.numbers()) {
      if (k != left_.last()) add(k, left_.last(), false);
    }
    return step;
  }

  const path_problem& p_;
  const double limit_;  // of operations: those of all operands at once
  double spent_ = 0;
  inline_vector<label_set, 8> terms_;  // operands, then results
  remaining left_;
  label_set in_one_, in_two_;
  inline_vector<candidate, 16> known_;
};

// ---- optimal: the best pair of halves for every subset of the operands ---------------------------------------------------
class optimal_search {
 public:
  explicit optimal_search(const path_problem& p)
      : p_(p), every_((1u << p.operands.size()) - 1), left_(p.operands.size()) {
    subsets_.resize(every_ + 1);
    for (unsigned s = 1; s <= every_; ++s) {
      const int last = std::countr_zero(s);
      subsets_[s].all = subsets_[s & (s - 1)].all | p.operands[static_cast<std::size_t>(last)];
    }
    for (unsigned s = 1; s <= every_; ++s) {
      subset& one = subsets_[s];
      if (std::has_single_bit(s)) {
        one.made = one.all;
        continue;
      }
      one.made = one.all & (p.output | subsets_[every_ ^ s].all);
      one.flops = infinite;
      if (size_of(one.made, p.extents) <= p.memory_limit) split(s);
    }
  }

  double flops() const { return subsets_[every_].flops; }

  path_choice run(const char* search) {
    path_choice result{{}, search};
    contract(every_, result);
    return result;
  }

 private:
  static constexpr double infinite = std::numeric_limits<double>::infinity();
  struct subset {
    label_set all, made;  // of its operands; of their contraction
    double flops = 0;     // infinite: over the memory limit
    unsigned half = 0;
  };

  /// Each pair of halves once: the operand of the lowest number is in the first.
  void split(unsigned s) {
    subset& whole = subsets_[s];
    const unsigned lowest = s & (~s + 1), rest = s ^ lowest;
    for (unsigned others = rest; others != 0; others = (others - 1) & rest) {
      const subset &a = subsets_[s ^ others], &b = subsets_[others];
      const double below = a.flops + b.flops;
      if (below >= whole.flops) continue;
      const label_set all = a.made | b.made;
      const double flops = below + flops_of(all, !(all - whole.made).empty(), 2, p_.extents);
      if (flops >= whole.flops) continue;
      whole.flops = flops;
      whole.half = others;
    }
  }

  /// The number of the operand or result that stands for the subset.
  int contract(unsigned s, path_choice& result) {
    if (std::has_single_bit(s)) return std::countr_zero(s);
    const unsigned half = subsets_[s].half;
    const int a = contract(s ^ half, result), b = contract(half, result);
    result.steps.push_back(left_.contract(a, b));
    return left_.last();
  }

  const path_problem& p_;
  const unsigned every_;               // operands, as a bit mask
  inline_vector<subset, 64> subsets_;  // by bit mask
  remaining left_;
};

path_choice greedy(const path_problem& p, const char* search) {
  if (p.operands.size() > most_for_greedy) return from_the_end(p, "from the end: more than 512 operands");
  return greedy_search(p).run(search);
}

path_choice optimal(const path_problem& p) {
  if (p.operands.size() > most_for_optimal) return greedy(p, "greedy: more than 12 operands");
  optimal_search search(p);
  if (search.flops() == std::numeric_limits<double>::infinity()) return greedy(p, "greedy: no pairs fit the limits");
  return search.run("optimal");
}

/// Without a search asked for, one pass where pairs save no operations: it makes no intermediate array.
path_choice automatic(const path_problem& p) {
  if (p.operands.size() > optimal_by_default) return greedy(p, "greedy");
  optimal_search search(p);
  if (search.flops() >= flops_at_once(p)) return at_once(p, "at once");
  return search.run("optimal");
}

}  // namespace

double size_of(label_set labels, const std::int64_t* extents) {
  double size = 1;
  labels.for_each([&](label l) { size *= static_cast<double>(extents[l]); });
  return size;
}

double flops_of(label_set all, bool sums, int operands, const std::int64_t* extents) {
  return size_of(all, extents) * (std::max(1, operands - 1) + (sums ? 1 : 0));
}

path_choice find_path(const path_problem& p, einsum_search by) {
  if (p.operands.size() <= 2) return at_once(p, "at once");
  if (by == einsum_search::none || union_of(p.operands) == p.output) {
    if (p.operands.size() > most_in_one_pass) return from_the_end(p, "from the end: more than 16 operands");
    return at_once(p, "at once");
  }
  if (by == einsum_search::greedy) return greedy(p, "greedy");
  if (by == einsum_search::optimal) return optimal(p);
  return automatic(p);
}

}  // namespace tessera::detail
