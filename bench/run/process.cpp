// Starting and stopping processes, and lines to and from them (POSIX).
#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace bench {
namespace {

volatile std::sig_atomic_t signals_that_came = 0;
constexpr int endings[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};

std::string in_seconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%g s", seconds);
  return text;
}

/// The last line that says something, of a file's end.
std::string last_line(const std::string& path) {
  std::ifstream file(path);
  std::string last;
  for (std::string line; std::getline(file, line);) {
    if (line.find_first_not_of(" \t\r") != std::string::npos) last = line;
  }
  return last.substr(0, 200);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

}  // namespace

interruptible::interruptible() {
  signals_that_came = 0;
  struct sigaction action = {};
  sigemptyset(&action.sa_mask);
  for (std::size_t k = 0; k < std::size(endings); ++k) {
    // A second signal ends the program at once, as without us.
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    action.sa_handler = endings[k] == SIGPIPE ? SIG_IGN : +[](int) { signals_that_came = 1; };
    if (endings[k] == SIGPIPE) action.sa_flags = 0;
    sigaction(endings[k], &action, &before_[k]);
  }
}

interruptible::~interruptible() {
  for (std::size_t k = 0; k < std::size(endings); ++k) sigaction(endings[k], &before_[k], nullptr);
  signals_that_came = 0;
}

void interruptible::check() {
  if (signals_that_came) throw interrupted();
}

process::process(const std::vector<std::string>& command, const std::vector<std::string>& environment, std::string log)
    : log_(std::move(log)) {
  int in[2], out[2];
  if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) throw process_error(std::strerror(errno));
  const int errors = open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const std::vector<char*> arguments = pointers(command), variables = pointers(environment);
  const pid_t parent = getpid();
  child_ = fork();
  if (child_ == 0) {  // only what may be done between fork and exec
    setpgid(0, 0);    // Ctrl-C is the run's; and children go with it
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    signal(SIGPIPE, SIG_DFL);
    dup2(in[0], 0);
    dup2(out[1], 1);
    if (errors >= 0) dup2(errors, 2);
    execvpe(arguments[0], arguments.data(), variables.data());
    const char* why = std::strerror(errno);
    if (write(2, why, std::strlen(why)) < 0) _exit(126);
    _exit(127);
  }
  const int error = errno;
  close(in[0]);
  close(out[1]);
  if (errors >= 0) close(errors);
  to_ = in[1];
  from_ = out[0];
  if (child_ < 0) throw process_error(std::strerror(error));
  setpgid(child_, child_);  // whoever comes first
  fcntl(to_, F_SETFL, O_NONBLOCK);
}

process::~process() {
  close(to_);
  close(from_);
  if (child_ <= 0) return;
  kill(-child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

/// Throws how the process ended.
void process::report_end() {
  if (child_ < 0) throw process_error("has ended");
  // Its output is closed: it ends soon, or hangs.
  int status = 0;
  pid_t ended = 0;
  for (int tries = 0; tries < 100 && ended == 0; ++tries) {
    ended = waitpid(child_, &status, WNOHANG);
    if (ended == 0) usleep(10000);
  }
  if (ended != child_) throw process_error("closed its output");
  kill(-child_, SIGKILL);  // its children
  child_ = -1;
  std::string text = WIFSIGNALED(status) ? std::string("ended by signal ") + strsignal(WTERMSIG(status))
                                         : "ended with code " + std::to_string(WEXITSTATUS(status));
  const std::string last = last_line(log_);
  throw process_error(last.empty() ? text : text + ": " + last);
}

void process::wait_for(int file, short events, deadline end, double seconds) const {
  for (;;) {
    interruptible::check();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) throw process_error("no answer in " + in_seconds(seconds));
    pollfd waited = {file, events, 0};
    // A signal may come between the check and the wait: it is seen within a second.
    const int ready = poll(&waited, 1, static_cast<int>(std::min<long long>(left, 1000)));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) throw process_error(std::strerror(errno));
  }
}

void process::write_line(std::string_view line, double seconds) {
  const deadline end =
      std::chrono::steady_clock::now() + std::chrono::microseconds(static_cast<long long>(seconds * 1e6));
  std::string text(line);
  text += '\n';
  for (std::size_t done = 0; done < text.size();) {
    wait_for(to_, POLLOUT, end, seconds);
    const ssize_t n = write(to_, text.data() + done, text.size() - done);
    if (n >= 0) done += static_cast<std::size_t>(n);
    else if (errno == EPIPE) report_end();
    else if (errno != EAGAIN && errno != EINTR) throw process_error(std::strerror(errno));
  }
}

std::string process::read_line(double seconds) {
  const deadline end =
      std::chrono::steady_clock::now() + std::chrono::microseconds(static_cast<long long>(seconds * 1e6));
  for (;;) {
    if (const std::size_t newline = received_.find('\n'); newline != std::string::npos) {
      std::string line = received_.substr(0, newline);
      received_.erase(0, newline + 1);
      return line;
    }
    if (received_.size() > (std::size_t{1} << 24)) throw process_error("an answer without end");
    wait_for(from_, POLLIN, end, seconds);
    char part[65536];
    const ssize_t n = read(from_, part, sizeof part);
    if (n == 0) report_end();
    if (n > 0) received_.append(part, static_cast<std::size_t>(n));
    else if (errno != EAGAIN && errno != EINTR) throw process_error(std::strerror(errno));
  }
}

}  // namespace bench
