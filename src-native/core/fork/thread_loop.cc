#include "core/fork/thread_loop.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/fork/proc.h"

namespace prong::fork {

namespace {

bool LinkStartsWith(int fd, const char* prefix) {
  char path[48];
  char target[64];
  std::snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(path, target, sizeof(target));
  const size_t wanted = std::strlen(prefix);
  return length >= static_cast<ssize_t>(wanted) && std::strncmp(target, prefix, wanted) == 0;
}

// Puts `fresh` where `fd` is and gives up its own number.
int Lay(int fresh, int fd) {
  if (fresh < 0) return -errno;
  const int err = dup3(fresh, fd, O_CLOEXEC) < 0 ? -errno : 0;
  close(fresh);
  return err;
}

int RenewMember(int fd) {
  // It starts at 1: a wake-up that was under way at the fork is not lost.
  if (LinkStartsWith(fd, "anon_inode:[eventfd]")) return Lay(eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC), fd);
  struct stat info;
  if (fstat(fd, &info) != 0 || !S_ISSOCK(info.st_mode)) return 0;
  int listening = 0;
  socklen_t size = sizeof(listening);
  getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size);
  if (listening != 0) return Lay(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), fd);  // never readable
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0) return -errno;
  close(pair[1]);  // the debugger is the parent's: here the connection is at its end
  return Lay(pair[0], fd);
}

}  // namespace

bool IsEpoll(int fd) { return fd >= 0 && LinkStartsWith(fd, "anon_inode:[eventpoll]"); }

int RenewThreadLoop(int epoll_fd) {
  char path[48];
  static char text[65536];
  std::snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", epoll_fd);
  const long length = proc::ReadFile(path, text, sizeof(text) - 1);
  if (length < 0) return static_cast<int>(length);
  text[length] = 0;

  const int fresh = epoll_create1(EPOLL_CLOEXEC);
  if (fresh < 0) return -errno;
  for (const char* at = std::strstr(text, "tfd:"); at != nullptr; at = std::strstr(at + 4, "tfd:")) {
    const int fd = std::atoi(at + 4);
    const char* events = std::strstr(at, "events:");
    const char* data = std::strstr(at, "data:");
    if (events == nullptr || data == nullptr) break;
    epoll_event event = {};
    event.events = static_cast<uint32_t>(std::strtoul(events + 7, nullptr, 16));
    event.data.u64 = std::strtoull(data + 5, nullptr, 16);
    const int err = RenewMember(fd);
    if (err != 0) {
      close(fresh);
      return err;
    }
    // Refused for what the loop has closed meanwhile: nothing is lost by that.
    epoll_ctl(fresh, EPOLL_CTL_ADD, fd, &event);
  }
  return Lay(fresh, epoll_fd);
}

}  // namespace prong::fork

#endif
