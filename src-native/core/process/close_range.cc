#include "core/process/close_range.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>

namespace prong::process {

namespace {

struct Open {
  int fd;
  std::string target;  // as /proc shows it
};

struct Noted {
  pid_t pid;
  std::vector<std::string> pipes;
};

const Noted* g_noted = nullptr;

std::vector<Open> OpenDescriptors() {
  std::vector<Open> all;
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) return all;
  const int own = dirfd(directory);
  while (const dirent* entry = readdir(directory)) {
    char* rest = nullptr;
    const long fd = strtol(entry->d_name, &rest, 10);
    if (rest == entry->d_name || fd == own) continue;
    char target[128];
    const ssize_t length = readlinkat(own, entry->d_name, target, sizeof target);
    if (length > 0) all.push_back({static_cast<int>(fd), std::string(target, static_cast<size_t>(length))});
  }
  closedir(directory);
  return all;
}

bool StartsWith(const std::string& text, const char* start) {
  return text.compare(0, strlen(start), start) == 0;
}

// Pipes of which both ends are here.
std::vector<std::string> PipesToOurselves(const std::vector<Open>& all) {
  std::map<std::string, int> ends;
  for (const Open& one : all) {
    if (!StartsWith(one.target, "pipe:")) continue;
    const int mode = fcntl(one.fd, F_GETFL) & O_ACCMODE;
    ends[one.target] |= mode == O_WRONLY ? 2 : 1;
  }
  std::vector<std::string> both;
  for (const auto& [pipe, found] : ends) {
    if (found == 3) both.push_back(pipe);
  }
  return both;
}

// libuv's lock around signals: a pipe that always holds one byte.
bool HoldsOneByte(const std::vector<Open>& all, const std::string& pipe) {
  for (const Open& one : all) {
    int bytes = 0;
    if (one.target == pipe && ioctl(one.fd, FIONREAD, &bytes) == 0) return bytes == 1;
  }
  return false;
}

std::vector<std::string> NodePipes(const std::vector<Open>& all) {
  if (g_noted == nullptr) return {};
  std::vector<std::string> pipes = g_noted->pipes;
  if (g_noted->pid == getpid()) return pipes;
  // In a forked child libuv has made some anew; the other loops' are the parent's.
  for (const std::string& pipe : PipesToOurselves(all)) {
    if (HoldsOneByte(all, pipe)) pipes.push_back(pipe);
  }
  return pipes;
}

template <typename T>
bool Contains(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

void NoteNodePipes() {
  // Also called for Workers, when users have made pipes long ago.
  static const Noted* noted = new Noted{getpid(), PipesToOurselves(OpenDescriptors())};
  g_noted = noted;
}

void CloseRange(int low, int high, const std::vector<int>& keep, bool keep_own) {
  const std::vector<Open> all = OpenDescriptors();
  const std::vector<std::string> pipes = NodePipes(all);
  for (const Open& one : all) {
    if (one.fd < low || one.fd >= high || Contains(keep, one.fd) || Contains(pipes, one.target)) continue;
    if (StartsWith(one.target, "anon_inode:[event") || StartsWith(one.target, "anon_inode:[io_uring]"))
      continue;
    if (keep_own && (StartsWith(one.target, "/memfd:prong") || StartsWith(one.target, "anon_inode:")))
      continue;
    close(one.fd);
  }
}

}  // namespace prong::process
