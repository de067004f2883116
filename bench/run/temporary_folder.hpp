// A folder for what nobody needs when the program has ended.
#pragma once
#include <string>

namespace bench {

/// A new folder in $TMPDIR if set, else in memory (/dev/shm) if there is room, so that writing to a disk disturbs no
/// measurement. Removed with all that is in it.
class temporary_folder {
 public:
  temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace bench
