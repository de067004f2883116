// Cutting a recipe into passes.
//
//   one pass     every chain of elementwise operations, with the fold it feeds
//   a new array  the result of a fold; an operation on a smaller shape that is broadcast (computed once, not once per
//                repetition); what a strided view walks; a chain longer than a stage can hold; exp and its like, where a
//                fold reads it and a pass that waits for the fold, if it is small or its row group keeps it in cache
//   shared pass  folds over the same axes of the same space that read an operand in common; outputs of equal shape
#include "expr/schedule.hpp"

#include <algorithm>

#include "core/layout.hpp"
#include "expr/row_groups.hpp"

namespace tessera::detail {

namespace {

// Values in one stage. A register is numbered in 16 bits, and an operation has up to three operands that are no others'.
constexpr int longest_stage = 16000;
// Why a vertex is computed, where it matters later.
constexpr char at_cut = 2;      // it is needed behind the next cut
constexpr char heavy_once = 3;  // else several passes would compute it

std::int64_t count(const dag& values, int v) { return element_count(values[v].extents()); }

bool is_elementwise(const dag& values, int v) { return values[v].kind() == node_kind::elementwise; }

void mark_smaller(const dag& values, schedule& s, int v, std::int64_t consumer_count) {
  if (is_elementwise(values, v) && count(values, v) < consumer_count) s.computed[v] = 1;
}

void mark_viewed(const dag& values, schedule& s, int v) {
  const vertex& input = values[v];
  if (input.kind() == node_kind::leaf) {
    const array& a = input.leaf().value;
    if (is_c_contiguous(a.shape(), a.strides(), a.itemsize())) return;
  }
  s.computed[v] = s.c_order[v] = 1;
}

void mark_computed(const dag& values, schedule& s, const small_vector<output>& outputs) {
  for (int v = 0; v < values.size(); ++v) {
    const vertex& here = values[v];
    if (here.kind() == node_kind::reduction) s.computed[v] = 1;
    if (here.kind() == node_kind::view) mark_viewed(values, s, here.inputs[0]);
    if (here.kind() != node_kind::elementwise) continue;
    for (int i = 0; i < here.input_count; ++i) mark_smaller(values, s, here.inputs[i], count(values, v));
  }
  for (const output& o : outputs) {
    if (o.destination == nullptr) continue;
    mark_smaller(values, s, o.value, o.destination->size());
    if (o.mask >= 0) mark_smaller(values, s, o.mask, o.destination->size());
  }
}

// Operations that cost more than writing and reading their result in cache.
bool is_heavy(op code) { return (code >= op::exp && code <= op::hypot) || code == op::pow || code == op::cbrt; }

bool has_heavy_and_fold(const dag& values) {
  bool heavy = false, folds = false;
  for (int v = 0; v < values.size(); ++v) {
    heavy = heavy || (is_elementwise(values, v) && is_heavy(values[v].elementwise().code));
    folds = folds || values[v].kind() == node_kind::reduction;
  }
  return heavy && folds;
}

/// exp(x - max(x)) / sum(exp(x - max(x))): exp once for the sum and the quotient. Returns whether there was any.
bool mark_heavy(const dag& values, schedule& s) {
  constexpr int most_values = 256, most_folds = 64;
  constexpr std::int64_t worth_a_stage = 4096;  // elements
  if (values.size() > most_values || !has_heavy_and_fold(values)) return false;
  // Per vertex, as bits: the folds that it waits for; those that read it in the pass that computes it.
  std::uint64_t waits[most_values] = {}, feeds[most_values] = {}, later[most_values] = {};
  int folds = 0;
  for (int v = 0; v < values.size(); ++v) {
    const vertex& here = values[v];
    if (here.kind() == node_kind::reduction && folds == most_folds) return false;
    if (here.kind() == node_kind::reduction) feeds[v] = waits[v] = std::uint64_t{1} << folds++;
    for (int i = 0; i < here.input_count; ++i) waits[v] |= waits[here.inputs[i]];
  }
  bool any = false;
  for (int v = values.size() - 1; v >= 0; --v) {
    const vertex& here = values[v];
    if (is_elementwise(values, v) && !s.computed[v] && is_heavy(here.elementwise().code) &&
        count(values, v) >= worth_a_stage && (feeds[v] & later[v]) != 0) {
      s.computed[v] = heavy_once;
      any = true;
    }
    const bool passes_on = here.kind() == node_kind::reduction || (is_elementwise(values, v) && !s.computed[v]);
    for (int i = 0; passes_on && i < here.input_count; ++i) {
      feeds[here.inputs[i]] |= feeds[v];
      later[here.inputs[i]] |= here.kind() == node_kind::reduction ? waits[v] & ~feeds[v] : waits[v] | later[v];
    }
  }
  return any;
}

/// Whether what mark_heavy() found is small, or lies in temporaries of rows that are contiguous.
bool is_heavy_kept(const dag& values, const schedule& s) {
  constexpr std::int64_t small = 512 << 10;
  for (const pass& p : s.passes) {
    for (const sink& k : p.sinks) {
      if (s.computed[k.value] != heavy_once || k.output >= 0) continue;
      if (count(values, k.value) * values[k.value].type().itemsize() <= small) continue;
      if (s.temporary[k.value] < 0) return false;
      for (std::size_t i = 0; i < p.row_axes.size(); ++i) {
        if (p.row_axes[i] != static_cast<int>(i)) return false;
      }
      for (int v : needed_for(values, s, {k.value}, p.level)) {
        if (values[v].kind() != node_kind::leaf || count(values, v) < count(values, k.value)) continue;
        const array& a = values[v].leaf().value;
        if (!is_c_contiguous(a.shape(), a.strides(), a.itemsize())) return false;
      }
    }
  }
  return true;
}

/// Cuts where a stage could become longer than it may be: what is needed later gets arrays of its own there.
void cut_long_chains(const dag& values, schedule& s, const small_vector<output>& outputs) {
  if (values.size() <= longest_stage) return;
  small_vector<int> last_use(static_cast<std::size_t>(values.size()), -1);
  for (int v = 0; v < values.size(); ++v) {
    for (int i = 0; i < values[v].input_count; ++i) last_use[values[v].inputs[i]] = v;
  }
  for (const output& o : outputs) {
    last_use[o.value] = values.size();
    if (o.mask >= 0) last_use[o.mask] = values.size();
  }
  // Operands are numbered before what uses them: no stage reaches across a cut.
  for (int begin = 0, end = longest_stage; end < values.size(); begin = end, end += longest_stage) {
    for (int v = begin; v < end; ++v) {
      if (is_elementwise(values, v) && !s.computed[v] && last_use[v] >= end) s.computed[v] = at_cut;
    }
  }
}

void find_levels(const dag& values, schedule& s) {
  // What leaves at a cut leaves one pass, though some of it is computed from the rest: levels without what else is cut there.
  const bool cut = values.size() > longest_stage;
  small_vector<int> before(cut ? static_cast<std::size_t>(values.size()) : 0);
  for (int v = 0; v < values.size(); ++v) {
    const vertex& here = values[v];
    int level = 0;
    for (int i = 0; i < here.input_count; ++i) {
      const int u = here.inputs[i];
      level = std::max(level, s.available[u]);
      if (!cut) continue;
      const bool same_pass = is_elementwise(values, u) && s.computed[u] != 1 && u / longest_stage == v / longest_stage;
      before[v] = std::max(before[v], same_pass ? before[u] : s.available[u]);
    }
    if (s.computed[v] == at_cut) level = before[v];
    s.available[v] = level + (s.computed[v] ? 1 : 0);
  }
}

bool have_common(const small_vector<int>& a, const small_vector<int>& b) {
  small_vector<int> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return !both.empty();
}

/// Adds a sink to a pass over the same space, or to a new one.
void place(schedule& s, pass wanted) {
  for (pass& p : s.passes) {
    if (p.level != wanted.level || p.folds != wanted.folds || p.over != wanted.over || !(p.extents == wanted.extents))
      continue;
    if (p.folds && !have_common(p.reads, wanted.reads)) continue;
    p.sinks.push_back(wanted.sinks[0]);
    return;
  }
  s.passes.push_back(std::move(wanted));
}

pass fold_pass(const dag& values, const schedule& s, int v) {
  const vertex& here = values[v];
  pass p{s.available[v] - 1,
         values[here.inputs[0]].extents(),
         here.reduction().over,
         true,
         {{v, s.output_of[v]}},
         {},
         {},
         false};
  for (int u : needed_for(values, s, {here.inputs[0]}, p.level)) {
    if (s.is_source(values, u, p.level) && values[u].kind() != node_kind::constant) p.reads.push_back(u);
  }
  return p;
}

/// Whether output i can be the very array of its vertex.
bool takes_whole(const dag& values, const schedule& s, const output& o) {
  if (!s.computed[o.value] || s.output_of[o.value] >= 0 || o.mask >= 0) return false;
  if (o.destination == nullptr) return !s.c_order[o.value];
  return values[o.value].kind() == node_kind::reduction && !s.c_order[o.value] &&
         o.destination->shape() == values[o.value].extents() && o.destination->dtype() == values[o.value].type();
}

void make_passes(const dag& values, schedule& s, const small_vector<output>& outputs) {
  small_vector<char> whole(outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!takes_whole(values, s, outputs[i])) continue;
    whole[i] = 1;
    s.output_of[outputs[i].value] = static_cast<int>(i);
  }
  for (int v = 0; v < values.size(); ++v) {
    if (!s.computed[v]) continue;
    if (values[v].kind() == node_kind::reduction) place(s, fold_pass(values, s, v));
    else place(s, {s.available[v] - 1, values[v].extents(), {}, false, {{v, s.output_of[v]}}, {}, {}, false});
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (whole[i]) continue;
    const output& o = outputs[i];
    const int level = std::max(s.available[o.value], o.mask >= 0 ? s.available[o.mask] : 0);
    const shape& extents = o.destination != nullptr ? o.destination->shape() : values[o.value].extents();
    place(s, {level, extents, {}, false, {{o.value, static_cast<int>(i)}}, {}, {}, false});
  }
  const auto is_lower = [](const pass& a, const pass& b) { return a.level < b.level; };
  if (std::is_sorted(s.passes.begin(), s.passes.end(), is_lower)) return;  // sorting takes memory first
  std::stable_sort(s.passes.begin(), s.passes.end(), is_lower);
}

}  // namespace

namespace {

enum class heavy { once, in_each_pass };

/// Empty passes when `how` keeps too much.
schedule make_schedule(const dag& values, const small_vector<output>& outputs, heavy how) {
  const auto n = static_cast<std::size_t>(values.size());
  schedule s{small_vector<char>(n),   small_vector<char>(n), small_vector<int>(n), small_vector<int>(n, -1), {},
             small_vector<int>(n, -1)};
  mark_computed(values, s, outputs);
  const bool marked = how == heavy::once && mark_heavy(values, s);
  cut_long_chains(values, s, outputs);
  find_levels(values, s);
  make_passes(values, s, outputs);
  find_row_groups(values, s, outputs);
  if (marked && !is_heavy_kept(values, s)) s.passes.clear();
  return s;
}

}  // namespace

schedule make_schedule(const dag& values, const small_vector<output>& outputs) {
  schedule s = make_schedule(values, outputs, heavy::once);
  return s.passes.empty() ? make_schedule(values, outputs, heavy::in_each_pass) : s;
}

small_vector<int> needed_for(const dag& values, const schedule& plan, const small_vector<int>& roots, int level) {
  small_vector<int> needed, pending(roots);
  small_map<int, char, 32> met;
  while (!pending.empty()) {
    const int v = pending.back();
    pending.pop_back();
    if (!met.set(v, 1)) continue;
    needed.push_back(v);
    if (plan.is_source(values, v, level)) continue;
    for (int i = 0; i < values[v].input_count; ++i) pending.push_back(values[v].inputs[i]);
  }
  std::sort(needed.begin(), needed.end());
  return needed;
}

}  // namespace tessera::detail
