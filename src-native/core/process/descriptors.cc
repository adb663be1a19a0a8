#include "core/process/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace prong::process {

namespace {

// For kernels before 5.9, and sandboxes that forbid close_range.
int CloseEach(unsigned low, unsigned high) {
  std::vector<unsigned> open;
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) {
    const long limit = sysconf(_SC_OPEN_MAX);
    const unsigned end = std::min(high, limit < 0 ? 65536U : static_cast<unsigned>(limit));
    for (unsigned fd = low; fd < end; ++fd) close(static_cast<int>(fd));
    return 0;
  }
  const auto own = static_cast<unsigned>(dirfd(directory));
  while (const dirent* entry = readdir(directory)) {
    char* rest = nullptr;
    const unsigned long fd = strtoul(entry->d_name, &rest, 10);
    if (rest != entry->d_name && fd >= low && fd < high && fd != own) open.push_back(static_cast<unsigned>(fd));
  }
  closedir(directory);
  for (const unsigned fd : open) close(static_cast<int>(fd));
  return 0;
}

}  // namespace

int Pipe(bool inheritable, int (&ends)[2]) {
  return pipe2(ends, inheritable ? 0 : O_CLOEXEC) == 0 ? 0 : -errno;
}

int Dup(int fd, bool inheritable) {
  const int copy = fcntl(fd, inheritable ? F_DUPFD : F_DUPFD_CLOEXEC, 0);
  return copy < 0 ? -errno : copy;
}

int Dup2(int from, int to, bool inheritable) {
  if (from == to) return fcntl(from, F_SETFD, inheritable ? 0 : FD_CLOEXEC) == 0 ? to : -errno;
  int result;
  do {
    result = dup3(from, to, inheritable ? 0 : O_CLOEXEC);
  } while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : result;
}

int Close(int fd) {
  // On Linux the descriptor is gone after EINTR too.
  return close(fd) == 0 || errno == EINTR ? 0 : -errno;
}

int CloseRange(unsigned low, unsigned high) {
  if (low >= high) return 0;
#ifdef SYS_close_range
  if (syscall(SYS_close_range, low, high - 1, 0) == 0) return 0;
#endif
  return CloseEach(low, high);
}

ssize_t Read(int fd, void* memory, size_t size) {
  ssize_t got;
  do {
    got = read(fd, memory, size);
  } while (got < 0 && errno == EINTR);
  return got < 0 ? -errno : got;
}

ssize_t Write(int fd, const void* memory, size_t size) {
  ssize_t written;
  do {
    written = write(fd, memory, size);
  } while (written < 0 && errno == EINTR);
  return written < 0 ? -errno : written;
}

}  // namespace prong::process
