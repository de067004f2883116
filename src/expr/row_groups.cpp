// Which passes share rows: a pass may join those that it reads from when point i of a common axis reads only what they
// compute for point i.
//
//   max(x, 1)  (n, m) -> (n, 1)      axis 0 of each pass is the same axis: everything that a row needs of an earlier
//   x - max    (n, m)                pass is in the same row
//
//   max(x, 0)  (n, m) -> (1, m)      axis 1 is. Axis 0 is not: folded, then repeated
//
// Broadcasting and folds keep the order of axes, so that axes are followed from a pass to the array it fills and on to the
// passes that read it. A view of a computed array may read any row: its readers start anew.
#include "expr/row_groups.hpp"

#include <algorithm>
#include <utility>

#include "core/layout.hpp"
#include "expr/overlap.hpp"

namespace tessera::detail {

namespace {

// What is read again from the second-level cache costs little. (Zen 3: 512 KiB.)
constexpr std::int64_t stays_in_cache = 512 << 10;
// A row that is longer than this gains nothing from being walked by itself.
constexpr std::int64_t longest_row = 256 << 10;

/// An array that a pass reads.
struct edge {
  int value;    // a leaf or a computed vertex
  bool viewed;  // through a view: in any order
};

class grouping {
 public:
  grouping(const dag& values, schedule& s, const small_vector<output>& outputs)
      : values_(values), s_(s), outputs_(outputs), producer_(static_cast<std::size_t>(values.size()), -1) {
    for (const pass& p : s.passes) reads_.push_back(reads_of(p));
  }

  void run() {
    for (int p = 0; p < count(); ++p) {
      place(p);
      for (const sink& k : s_.passes[p].sinks) {
        if (is_own(k)) producer_[k.value] = p;
      }
    }
    s_.temporary.assign(static_cast<std::size_t>(values_.size()), -1);
    small_vector<pass> ordered;
    for (int number : running_order()) {
      const group& g = groups_[number];
      const bool worth = is_worth_it(g);
      if (worth) number_temporaries(g);
      for (std::size_t i = 0; i < g.passes.size(); ++i) {
        ordered.push_back(std::move(s_.passes[g.passes[i]]));
        if (!worth) continue;
        ordered.back().row_axes = g.axes[i];
        ordered.back().joins = i != 0;
      }
    }
    s_.passes = std::move(ordered);
  }

 private:
  using axis_list = small_vector<int>;

  struct group {
    small_vector<int> passes;
    small_vector<axis_list> axes;  // per pass: the axes that all share, in the same order
    small_vector<int> after;       // groups that compute what its passes read
    axis_list of(int pass) const {
      return axes[static_cast<std::size_t>(std::find(passes.begin(), passes.end(), pass) - passes.begin())];
    }
  };

  int count() const { return static_cast<int>(s_.passes.size()); }
  std::int64_t bytes(int v) const { return element_count(values_[v].extents()) * values_[v].type().itemsize(); }
  /// Whether the sink fills the vertex's own array.
  bool is_own(const sink& k) const { return s_.computed[k.value] && s_.output_of[k.value] == k.output; }

  small_vector<edge> reads_of(const pass& p) const {
    small_vector<int> roots;
    for (const sink& k : p.sinks) {
      roots.push_back(p.folds ? values_[k.value].inputs[0] : k.value);
      if (k.output >= 0 && outputs_[k.output].mask >= 0) roots.push_back(outputs_[k.output].mask);
    }
    small_vector<edge> result;
    for (int v : needed_for(values_, s_, roots, p.level)) {
      if (!s_.is_source(values_, v, p.level) || values_[v].kind() == node_kind::constant) continue;
      const bool viewed = values_[v].kind() == node_kind::view;
      result.push_back({viewed ? values_[v].inputs[0] : v, viewed});
    }
    return result;
  }

  // ---- following an axis

  static bool is_folded(const pass& p, int axis) { return std::binary_search(p.over.begin(), p.over.end(), axis); }

  axis_list kept_axes(const pass& p) const {
    axis_list kept;
    for (int axis = 0; axis < p.extents.size(); ++axis) {
      if (p.extents[axis] > 1 && !is_folded(p, axis)) kept.push_back(axis);
    }
    return kept;
  }

  /// The axis of an array that a pass fills, for a kept axis of the pass.
  int filled_axis(const pass& p, int v, int axis) const {
    if (!p.folds || values_[v].extents().size() == p.extents.size()) return axis;
    return axis - static_cast<int>(std::lower_bound(p.over.begin(), p.over.end(), axis) - p.over.begin());
  }

  /// The axis of a pass that walks an axis of an array; -1 when that is repeated.
  static int walked_axis(const pass& p, const shape& extents, int axis) {
    const int walked = axis + p.extents.size() - extents.size();
    return p.extents[walked] == extents[axis] ? walked : -1;
  }

  /// The axis of an array that a pass walks along one of its axes; -1 when it is repeated there.
  static int read_axis(const pass& p, const shape& extents, int axis) {
    const int read = axis - (p.extents.size() - extents.size());
    return read >= 0 && extents[read] == p.extents[axis] ? read : -1;
  }

  /// The axes of pass p for those that a group's passes share, where every array that p reads from them agrees; -1 else.
  axis_list followed(int to, int p) const {
    const group& g = groups_[to];
    const pass& reader = s_.passes[p];
    axis_list result;
    bool first = true;
    for (const edge& e : reads_[p]) {
      const int from = producer_[e.value];
      if (from < 0 || group_of_[from] != to) continue;
      axis_list axes = g.of(from);
      for (int& axis : axes) {
        if (e.viewed) axis = -1;
        else axis = walked_axis(reader, values_[e.value].extents(), filled_axis(s_.passes[from], e.value, axis));
        if (axis >= 0 && is_folded(reader, axis)) axis = -1;
      }
      if (first) result = axes;
      for (std::size_t i = 0; i < axes.size(); ++i) {
        if (result[i] != axes[i]) result[i] = -1;
      }
      first = false;
    }
    return result;
  }

  // ---- placing passes

  /// A group that computes something that a pass reads, and the bytes of the largest of that.
  struct source {
    int group;
    std::int64_t bytes;
  };

  /// Adds pass p to a group that computes what it reads, the largest first, to one with a pass over the same space, or to
  /// a new one.
  void place(int p) {
    group_of_.push_back(-1);
    const small_vector<source> sources = sources_of(p);
    for (const source& from : sources) {
      if (join(p, from.group, followed(from.group, p), sources)) return;
    }
    for (int g = 0; g < static_cast<int>(groups_.size()); ++g) {
      if (join(p, g, axes_of_equal(groups_[g], p), sources)) return;
    }
    group_of_[p] = static_cast<int>(groups_.size());
    groups_.push_back({{p}, {kept_axes(s_.passes[p])}, {}});
    for (const source& from : sources) groups_.back().after.push_back(from.group);
  }

  small_vector<source> sources_of(int p) const {
    small_vector<source> sources;
    for (const edge& e : reads_[p]) {
      if (producer_[e.value] < 0) continue;
      const int from = group_of_[producer_[e.value]];
      const auto known =
          std::find_if(sources.begin(), sources.end(), [from](const source& s) { return s.group == from; });
      if (known == sources.end()) sources.push_back({from, bytes(e.value)});
      else known->bytes = std::max(known->bytes, bytes(e.value));
    }
    std::stable_sort(sources.begin(), sources.end(),
                     [](const source& a, const source& b) { return a.bytes > b.bytes; });
    return sources;
  }

  /// Whether group g has to wait for group `other`.
  bool waits_for(int g, int other) const {
    small_vector<int> pending{g};
    small_vector<char> met(groups_.size());
    while (!pending.empty()) {
      const int here = pending.back();
      pending.pop_back();
      if (here == other) return true;
      if (std::exchange(met[here], 1)) continue;
      pending.insert(pending.end(), groups_[here].after.begin(), groups_[here].after.end());
    }
    return false;
  }

  /// Each group after those that it waits for.
  small_vector<int> running_order() const {
    small_vector<int> order, pending;
    small_vector<char> state(groups_.size());  // 1: those before it have been asked for, 2: placed
    for (int g = 0; g < static_cast<int>(groups_.size()); ++g) {
      pending.push_back(g);
      while (!pending.empty()) {
        const int here = pending.back();
        if (state[here] == 0) {
          state[here] = 1;
          for (int before : groups_[here].after) {
            if (state[before] == 0) pending.push_back(before);
          }
          continue;
        }
        if (state[here] == 1) order.push_back(here);
        state[here] = 2;
        pending.pop_back();
      }
    }
    return order;
  }

  /// The shared axes of a pass over the same space as p.
  axis_list axes_of_equal(const group& g, int p) const {
    const pass& wanted = s_.passes[p];
    for (int q : g.passes) {
      const pass& known = s_.passes[q];
      if (known.level == wanted.level && known.over == wanted.over && known.extents == wanted.extents) return g.of(q);
    }
    return {};
  }

  bool join(int p, int to, const axis_list& axes, const small_vector<source>& sources) {
    if (axes.empty()) return false;
    for (const source& from : sources) {
      if (from.group != to && waits_for(from.group, to)) return false;
    }
    group grown = groups_[to];
    grown.passes.push_back(p);
    grown.axes.emplace_back();
    for (axis_list& list : grown.axes) list.clear();
    std::int64_t rows = 1;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      if (axes[i] < 0) continue;
      rows *= s_.passes[p].extents[axes[i]];
      for (std::size_t k = 0; k < groups_[to].axes.size(); ++k) grown.axes[k].push_back(groups_[to].axes[k][i]);
      grown.axes.back().push_back(axes[i]);
    }
    if (rows == 1 || longest_read(grown) / rows > longest_row || !may_write(grown)) return false;
    for (const source& from : sources) {
      if (from.group != to) grown.after.push_back(from.group);
    }
    groups_[to] = std::move(grown);
    group_of_[p] = to;
    return true;
  }

  std::int64_t longest_read(const group& g) const {
    std::int64_t most = 0;
    for (int p : g.passes) {
      for (const edge& e : reads_[p]) most = std::max(most, bytes(e.value));
    }
    return most;
  }

  /// Whether no destination written in the group overlaps what any of its passes reads, other than row by row: passes
  /// are not over by then.
  bool may_write(const group& g) const {
    for (int p : g.passes) {
      for (const sink& k : s_.passes[p].sinks) {
        if (k.output >= 0 && outputs_[k.output].destination != nullptr &&
            !may_write(g, p, *outputs_[k.output].destination))
          return false;
      }
    }
    return true;
  }

  bool may_write(const group& g, int writer, const array& destination) const {
    for (int p : g.passes) {
      for (const edge& e : reads_[p]) {
        if (values_[e.value].kind() != node_kind::leaf || (e.viewed && s_.computed[e.value])) continue;
        const array& leaf = values_[e.value].leaf().value;
        if (!may_overlap(leaf, destination)) continue;
        if (e.viewed || leaf.shape() != destination.shape() || !is_same_walk(leaf, destination)) return false;
        const axis_list &read = g.of(p), &written = g.of(writer);
        for (std::size_t i = 0; i < read.size(); ++i) {
          const int axis = read_axis(s_.passes[p], leaf.shape(), read[i]);
          // The destination has the shape of its pass, or is the array of a fold.
          if (axis < 0 || axis != written[i] || destination.ndim() != s_.passes[writer].extents.size()) return false;
        }
      }
    }
    return true;
  }

  // ---- what is gained

  /// Whether the same rows of something too large for the cache are read twice, or what passes within the group is.
  bool is_worth_it(const group& g) const {
    if (g.passes.size() < 2) return false;
    small_vector<std::pair<int, axis_list>> met;
    std::int64_t passed_on = 0;
    for (int p : g.passes) {
      for (const sink& k : s_.passes[p].sinks) passed_on += k.output < 0 && is_own(k) ? bytes(k.value) : 0;
    }
    if (passed_on > stays_in_cache) return true;
    for (std::size_t i = 0; i < g.passes.size(); ++i) {
      const int p = g.passes[i];
      for (const edge& e : reads_[p]) {
        if (e.viewed || bytes(e.value) <= stays_in_cache) continue;
        std::pair<int, axis_list> read{e.value, g.axes[i]};
        for (int& axis : read.second) axis = read_axis(s_.passes[p], values_[e.value].extents(), axis);
        if (std::find(read.second.begin(), read.second.end(), -1) != read.second.end()) continue;
        if (std::find(met.begin(), met.end(), read) != met.end()) return true;
        met.push_back(std::move(read));
      }
    }
    return false;
  }

  /// Arrays that are made in the group and read nowhere else.
  void number_temporaries(const group& g) {
    int next = 0;
    for (int p : g.passes) {
      for (const sink& k : s_.passes[p].sinks) {
        if (k.output < 0 && is_own(k) && !is_read_outside(g, k.value)) s_.temporary[k.value] = next++;
      }
    }
  }

  bool is_read_outside(const group& g, int v) const {
    for (int p = 0; p < count(); ++p) {
      for (const edge& e : reads_[p]) {
        if (e.value == v && (e.viewed || group_of_[p] != group_of_[g.passes[0]])) return true;
      }
    }
    return false;
  }

  const dag& values_;
  schedule& s_;
  const small_vector<output>& outputs_;
  small_vector<small_vector<edge>> reads_;  // per pass
  small_vector<int> producer_;              // per vertex: the pass that fills its array
  small_vector<int> group_of_;              // per pass
  small_vector<group> groups_;              // in the order they run
};

bool has_elements(const pass& p) { return std::find(p.extents.begin(), p.extents.end(), 0) == p.extents.end(); }

}  // namespace

void find_row_groups(const dag& values, schedule& s, const small_vector<output>& outputs) {
  std::int64_t most = 0;
  for (const pass& p : s.passes) {
    if (!has_elements(p)) return;
    most = std::max(most, element_count(p.extents));
  }
  constexpr std::int64_t widest = 16;
  if (s.passes.size() < 2 || most * widest <= stays_in_cache) return;
  grouping(values, s, outputs).run();
}

}  // namespace tessera::detail
