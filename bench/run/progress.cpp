// The line that says how far a run is.
#include "progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace bench {

void estimate::done(const contender& who, const std::string& group, double seconds) {
  const std::string name = who.by + "/" + who.device + "/" + std::to_string(who.threads);
  for (const std::string& key : {name + "/" + group, name, std::string()}) {
    means_[key].sum += seconds;
    ++means_[key].count;
  }
}

double estimate::of(const contender& who, const std::string& group) const {
  const std::string name = who.by + "/" + who.device + "/" + std::to_string(who.threads);
  for (const std::string& key : {name + "/" + group, name, std::string()}) {
    const auto found = means_.find(key);
    if (found != means_.end()) return found->second.sum / found->second.count;
  }
  return guess_;
}

std::string clock_time(double seconds) {
  const long all = std::max(0l, static_cast<long>(seconds + 0.5));
  if (all >= 3600) return fmt::format("{}:{:02}:{:02}", all / 3600, all / 60 % 60, all % 60);
  return fmt::format("{}:{:02}", all / 60, all % 60);
}

std::string progress_line(const progress_state& now, int width) {
  constexpr std::size_t cells = 24;
  // By time, not by count: tiny workloads come first and last.
  const double part = now.elapsed / std::max(now.elapsed + now.remaining, 1e-9);
  const std::size_t full = std::min(cells, static_cast<std::size_t>(part * static_cast<double>(cells)));
  std::string line = fmt::format("[{:-<{}}] {}/{}  {}, {} left  {}", std::string(full, '#'), cells, now.workload,
                                 now.workloads, clock_time(now.elapsed), clock_time(now.remaining), now.name);
  if (!now.competitor.empty()) line += ": " + now.competitor;
  return line.substr(0, static_cast<std::size_t>(std::max(width, 0)));
}

progress::progress() : terminal_(isatty(STDERR_FILENO) == 1), last_(std::chrono::steady_clock::now()) {}

progress::~progress() { clear(); }

void progress::clear() {
  if (terminal_ && !shown_.empty()) std::fputs("\r\033[K", stderr);
  shown_.clear();
}

void progress::show(const progress_state& now) {
  const auto time = std::chrono::steady_clock::now();
  if (!terminal_) {
    if (time - last_ < std::chrono::seconds(30)) return;
    last_ = time;
    std::fprintf(stderr, "%s\n", progress_line(now, 200).c_str());
    return;
  }
  winsize size = {};
  const int width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
  const std::string line = progress_line(now, width - 1);
  if (line == shown_) return;
  // Written in one piece, what is left of the old line cleared behind it: nothing flickers.
  std::fprintf(stderr, "\r%s\033[K", line.c_str());
  shown_ = line;
}

}  // namespace bench
