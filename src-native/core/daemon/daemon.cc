#include "core/daemon/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace prong::daemon {

namespace {

struct flock WholeFile() {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

int LockHolder(int fd, pid_t* holder) {
  struct flock lock = WholeFile();
  if (fcntl(fd, F_GETLK, &lock) != 0) return -errno;
  *holder = lock.l_type == F_UNLCK ? 0 : lock.l_pid;
  return 0;
}

int LockFile(int fd, pid_t* holder) {
  struct flock lock = WholeFile();
  if (fcntl(fd, F_SETLK, &lock) == 0) return 0;
  if (errno != EAGAIN && errno != EACCES) return -errno;
  const int error = LockHolder(fd, holder);
  return error != 0 ? error : -EAGAIN;
}

int HasEnded(int pidfd, int ms) {
  pollfd entry = {pidfd, POLLIN, 0};
  const int ready = poll(&entry, 1, ms);
  if (ready < 0) return errno == EINTR ? 0 : -errno;
  return ready;
}

int FirstReadable(const std::vector<int>& fds) {
  std::vector<pollfd> entries;
  for (const int fd : fds) entries.push_back({fd, POLLIN, 0});
  while (poll(entries.data(), entries.size(), -1) < 0) {
    if (errno != EINTR) return -errno;
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].revents != 0) return static_cast<int>(i);
  }
  return -EBADF;
}

int ChangeRoot(const std::string& path) { return chroot(path.c_str()) == 0 ? 0 : -errno; }

int IdentityOf(Identity* identity) {
  if (getresuid(&identity->uids[0], &identity->uids[1], &identity->uids[2]) != 0) return -errno;
  if (getresgid(&identity->gids[0], &identity->gids[1], &identity->gids[2]) != 0) return -errno;
  return 0;
}

int MemoryOf(pid_t pid, double* pss, double* own) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
  FILE* file = fopen(path, "re");
  if (file == nullptr) return -errno;
  char line[256];
  *pss = *own = 0;
  long kilobytes = 0;
  while (fgets(line, sizeof line, file) != nullptr) {
    if (sscanf(line, "Pss: %ld", &kilobytes) == 1) *pss = kilobytes * 1024.0;
    if (sscanf(line, "Private_Clean: %ld", &kilobytes) == 1) *own += kilobytes * 1024.0;
    if (sscanf(line, "Private_Dirty: %ld", &kilobytes) == 1) *own += kilobytes * 1024.0;
  }
  const bool failed = ferror(file) != 0;
  fclose(file);
  return failed ? -ESRCH : 0;
}

int Silence(int fd) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -errno;
  const int result = dup3(ends[0], fd, O_CLOEXEC) < 0 ? -errno : 0;
  // The write end stays open for good, or the read end would be at its end.
  close(ends[0]);
  return result;
}

}  // namespace prong::daemon
