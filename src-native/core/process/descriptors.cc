#include "core/process/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

namespace prong::process {

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
