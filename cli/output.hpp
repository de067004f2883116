// Where `convert` writes: links followed, and nothing half-written left behind by a process that is ended.
#pragma once
#include <string>
#include <vector>

namespace tessera_cli {

/// Where a file written to `path` ends up: what symbolic links point to, whether that is there or not.
std::string link_target(const std::string& path);

/// While it lives, the files that the library (src/core/file_access.cpp) writes before one is whole, and `own` of the
/// command, are removed when the process gets SIGINT, SIGTERM, SIGHUP or SIGQUIT, which then ends it as ever. One at a
/// time.
class unfinished_files {
 public:
  /// `target` is the file that is to be written.
  explicit unfinished_files(const std::string& target);
  ~unfinished_files();
  unfinished_files(const unfinished_files&) = delete;
  /// A name beside the target that nothing has yet, with the same ending; a file there is gone behind this object.
  const std::string& own() const { return names_.back(); }

 private:
  std::vector<std::string> names_;
};

}  // namespace tessera_cli
