// What the steps of an einsum have in common: their dtype, their order, the labels they keep, their text.
#include "ops/einsum_walk.hpp"

#include <algorithm>
#include <limits>

#include "core/promotion.hpp"
#include "tessera/error.hpp"

namespace tessera::detail {

namespace {

path_choice given_path(const einsum_equation& e, const std::vector<std::vector<int>>& path) {
  path_choice result{{}, "as given"};
  std::size_t left = e.operands.size();
  for (const std::vector<int>& step : path) {
    path_step positions(step.begin(), step.end());
    std::sort(positions.begin(), positions.end());
    const bool twice = std::adjacent_find(positions.begin(), positions.end()) != positions.end();
    if (positions.empty() || twice || positions.front() < 0 || positions.back() >= static_cast<std::int64_t>(left)) {
      std::string text;
      for (int k : step) text += (text.empty() ? "" : ", ") + std::to_string(k);
      e.fail("step " + std::to_string(result.steps.size()) + " of the path, (" + text + "), does not name some of " +
             std::to_string(left) + (left == 1 ? " operand" : " operands, each once,"));
    }
    left -= positions.size() - 1;
    result.steps.push_back(std::move(positions));
  }
  if (left > 1) e.fail("the path leaves " + std::to_string(left) + " operands uncontracted");
  return result;
}

/// The letter of a label, of an axis of the ellipsis the first free ones in turn; <3> for axis -3 when there are none left.
std::string name_of(label l, label_set used) {
  if (is_letter(l)) return std::string(1, letter_of(l));
  int before = 0;  // axes of the ellipsis that come first
  used.for_each([&](label other) { before += other < l; });
  for (label letter = max_ndim; letter < label_count; ++letter) {
    const label lower = letter < max_ndim + 26 ? letter + 26 : letter - 26;  // a to z first
    if (!used.has(lower) && before-- == 0) return std::string(1, letter_of(lower));
  }
  std::string text = "<";
  return text.append(std::to_string(max_ndim - l)).append(">");
}

}  // namespace

dtype common_type(const einsum_equation& e) {
  dtype common = e.operands[0].value.dtype();
  bool same = true;
  for (const labelled& x : e.operands) same &= x.value.dtype() == common;
  if (same) return common;
  common = dtype();
  for (const std::string_view kinds :
       {"c", "fV", "iu", "b"}) {  // floats before integers: then the order does not matter
    for (const labelled& x : e.operands) {
      const dtype own = x.value.dtype();
      if (kinds.find(own.kind()) == kinds.npos) continue;
      const dtype both = common.is_set() ? promote(common, own) : own;
      if (!both.is_set()) {
        throw dtype_error(std::string(e.name) + ": " + common.name() + " and " + own.name() + " have no common dtype",
                          e.where);
      }
      common = both;
    }
  }
  return common;
}

path_choice choose_path(const einsum_equation& e, const einsum_options& options) {
  if (!options.path.empty()) return given_path(e, options.path);
  inline_vector<label_set, 8> sets;
  for (const labelled& x : e.operands) sets.push_back(set_of(x.labels));
  const double limit =
      options.memory_limit < 0 ? std::numeric_limits<double>::infinity() : static_cast<double>(options.memory_limit);
  return find_path({{sets.data(), sets.size()}, e.kept, e.extents, limit}, options.optimize);
}

label_list kept_labels(std::span<const labelled> operands, label_set needed) {
  label_set once, more;
  for (const labelled& x : operands) {
    const label_set own = set_of(x.labels);
    more = more | (once & own);
    once = once | own;
  }
  label_list kept;
  const auto keep = [&](label_set allowed) {
    for (const labelled& x : operands) {
      for (label l : x.labels) {
        if (!allowed.has(l)) continue;
        kept.push_back(l);
        allowed = allowed - set_of({l});
      }
    }
  };
  keep(more & needed);
  keep((once - more) & needed);
  return kept;
}

label_list walked_labels(const einsum_equation& e, std::span<const labelled> operands, const label_list& output) {
  label_list walked = output;
  (set_of(operands) - set_of(output)).for_each([&](label l) {
    if (e.extents[l] != 1) walked.push_back(l);
  });
  if (walked.size() > max_ndim) {
    e.fail("a contraction over " + std::to_string(walked.size()) + " labels, more than " + std::to_string(max_ndim) +
           ",");
  }
  return walked;
}

std::string step_text(std::span<const labelled> operands, const label_list& output, label_set used) {
  std::string text;
  for (std::size_t k = 0; k < operands.size(); ++k) {
    if (k > 0) text += ',';
    for (label l : operands[k].labels) text += name_of(l, used);
  }
  text += "->";
  for (label l : output) text += name_of(l, used);
  return text;
}

std::string call_text(std::span<const labelled> operands, const label_list& output, const contract_options& how) {
  if (operands.size() == 2) {
    try {
      return contract_text(operands[0], operands[1], output, how);
    } catch (const error& e) {  // more than 64 bits count
      return e.what();
    }
  }
  if (operands.size() > most_in_one_pass) return "two at a time";
  const labelled& x = operands[0];
  const bool sums = !(set_of(x.labels) - set_of(output)).empty();
  return operands.size() > 1 || sums || x.value.dtype() != how.dtype ? "fused program" : "view";
}

}  // namespace tessera::detail
