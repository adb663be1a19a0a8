#include "core/fork/files.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

namespace prong::fork {

namespace {

void Separate(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) != O_RDONLY || (flags & (O_PATH | O_DIRECTORY)) != 0) return;
  struct stat before, after;
  if (fstat(fd, &before) != 0 || !S_ISREG(before.st_mode)) return;
  const off_t offset = lseek(fd, 0, SEEK_CUR);
  if (offset < 0) return;
  char path[48];
  std::snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
  // Refused where the file's rights have changed since: then the offset stays shared, as POSIX has it.
  const int fresh = open(path, (flags & ~O_ACCMODE & ~O_CREAT & ~O_EXCL & ~O_TRUNC) | O_RDONLY | O_CLOEXEC);
  if (fresh < 0) return;
  const int kept = fcntl(fd, F_GETFD);
  if (fstat(fresh, &after) == 0 && after.st_ino == before.st_ino && after.st_dev == before.st_dev &&
      lseek(fresh, offset, SEEK_SET) == offset) {
    dup3(fresh, fd, kept >= 0 && (kept & FD_CLOEXEC) ? O_CLOEXEC : 0);
  }
  close(fresh);
}

}  // namespace

void SeparateReadOffsets(const std::vector<int>& fds) {
  for (const int fd : fds) {
    if (fd > 2) Separate(fd);
  }
}

}  // namespace prong::fork

#endif
