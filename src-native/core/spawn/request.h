// What is to be started, laid out before the child exists: the child may not allocate anything.
#pragma once

#include <sys/types.h>

#include <vector>

namespace prong::spawn {

struct Request {
  std::vector<char*> argv;              // ends with nullptr
  char* const* envp = nullptr;          // ends with nullptr
  std::vector<const char*> candidates;  // files to try, in this order
  const char* cwd = nullptr;            // nullptr: the parent's
  int stdio[3] = {-1, -1, -1};          // what becomes 0, 1 and 2; -1 leaves the parent's
  std::vector<int> pass_fds;            // sorted, kept open besides 0, 1 and 2
  std::vector<gid_t> groups;
  bool set_groups = false;
  bool close_fds = true;
  bool new_session = false;
  bool restore_signals = true;
  bool want_pidfd = true;
  bool subreaper = false;  // orphans below the program become its children
  long process_group = -1;
  long uid = -1;
  long gid = -1;
  int umask = -1;
};

// Which step failed in the child, and on what.
struct Failure {
  enum class Subject { kNone, kProgram, kDirectory };
  int error = 0;
  const char* syscall = nullptr;
  Subject subject = Subject::kNone;
  explicit operator bool() const { return error != 0; }
};

}  // namespace prong::spawn
