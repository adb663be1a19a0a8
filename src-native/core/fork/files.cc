#include "core/fork/files.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "core/fork/proc.h"

namespace prong::fork {

namespace {

constexpr int kFirstFd = 3;  // standard input is shared, as a shell's scripts expect

void Separate(const ReadFile& file) {
  char path[48];
  std::snprintf(path, sizeof(path), "/proc/self/fd/%d", file.fd);
  // Refused where the file's rights have changed since: then the offset stays shared, as POSIX has it.
  const int fresh =
      open(path, (file.flags & ~(O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC)) | O_RDONLY | O_CLOEXEC);
  if (fresh < 0) return;
  struct stat info;
  const int kept = fcntl(file.fd, F_GETFD);
  if (fstat(fresh, &info) == 0 && info.st_ino == file.inode && info.st_dev == file.device &&
      lseek(fresh, file.offset, SEEK_SET) == file.offset) {
    dup3(fresh, file.fd, kept >= 0 && (kept & FD_CLOEXEC) ? O_CLOEXEC : 0);
  }
  close(fresh);
}

}  // namespace

std::vector<ReadFile> ListReadFiles() {
  std::vector<int> fds;
  proc::ListFds(&fds);
  std::vector<ReadFile> files;
  for (const int fd : fds) {
    if (fd < kFirstFd) continue;
    const int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) != O_RDONLY || (flags & (O_PATH | O_DIRECTORY)) != 0) continue;
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) continue;
    const off_t offset = lseek(fd, 0, SEEK_CUR);
    if (offset >= 0) files.push_back({fd, flags, offset, info.st_dev, info.st_ino});
  }
  return files;
}

void SeparateReadOffsets(const std::vector<ReadFile>& files) {
  for (const ReadFile& file : files) Separate(file);
}

}  // namespace prong::fork

#endif
