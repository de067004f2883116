// A run's results as they are compared: who did each workload how fast, on one device with so many threads.
#pragma once
#include <string>
#include <vector>

#include "../results.hpp"

namespace bench {

/// Where work is done.
struct place {
  std::string device = "cpu";
  int threads = 1;
  bool operator==(const place&) const = default;
};

/// Are there times, and are they of a right result?
bool has_times(const timing& one);
/// How many times a median is of; 0 if the file does not say.
std::size_t times_of(const timing& one);
/// One or two times say nothing of how far others would lie from them.
inline bool are_few(std::size_t times) { return times <= 2; }

/// A workload in one place: tessera beside the others.
struct contest {
  const measured* work = nullptr;
  place where;
  const timing* ours = nullptr;         ///< null if tessera has no time
  std::vector<const timing*> others;    ///< that have times, the fastest first
  std::vector<const timing*> failures;  ///< of anyone, tessera too
  const timing* best = nullptr;         ///< the fastest of the others

  double ratio() const;                        ///< best over ours: above 1 tessera is faster; 0 if there are no two
  double ratio_to(const timing& other) const;  ///< its median over ours
  const timing* find(const std::string& name) const;  ///< of the others
  /// The middle halves of both's times do not meet, and are not of one or two times only.
  bool is_clear() const;
};

/// Those places where tessera has times: the CPU first, fewest threads first. Emulated devices are left out: their
/// times say nothing.
std::vector<place> places_of_tessera(const results& all);
/// Those of them where it stands beside others: with one thread, with so many as a peer was timed with, and with the
/// most.
std::vector<place> places(const results& all);

/// A library's time of a workload in one place, null without any; one that failed only if none has times. A peer timed
/// with one number of threads alone competes with that wherever there are more: it has no more to use. One that was
/// timed with more never stands beside tessera with fewer threads than tessera has.
const timing* timing_at(const measured& work, const std::string& by, const place& where);

/// The workloads of one group, or of all when it is empty, in the order of the file; other sizes (`sweep`) are not
/// among them.
std::vector<contest> contests(const results& all, const place& where, const std::string& group = "");

/// The groups in the order of the file.
std::vector<std::string> groups(const results& all);

/// Names of those who have times among these, tessera not: most times first.
std::vector<std::string> peers_of(const std::vector<contest>& rows);

/// How a group stands.
struct standing {
  std::string group;
  int workloads = 0;              ///< of which tessera has a time
  int contested = 0, faster = 0;  ///< with a peer's time; faster than every peer
  double mean = 0;                ///< geometric, of the best peer over tessera
  double numpy_mean = 0;          ///< the same of NumPy alone
};
standing stand(const std::string& name, const std::vector<contest>& rows);
/// Each group's in each of these places, and "all" last; groups without times in all of them are left out.
std::vector<std::vector<standing>> standing_rows(const results& all, const std::vector<place>& where);
/// In one place.
std::vector<standing> standings(const results& all, const place& where);

}  // namespace bench
