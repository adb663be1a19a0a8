#include "core/spawn/stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

namespace prong::spawn {

void Fd::reset(int fd) {
  if (fd_ >= 0) close(fd_);
  fd_ = fd;
}

int Stdio::Open(const int (&mode)[3], int pipe_bytes, const char** syscall) {
  for (int i = 0; i < 3; ++i) {
    switch (mode[i]) {
      case kInherit:
        break;
      case kPipe: {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) return *syscall = "pipe2", -errno;
        const bool reads = i == 0;
        theirs[i].reset(ends[reads ? 0 : 1]);
        ours[i].reset(ends[reads ? 1 : 0]);
        source[i] = theirs[i].get();
        if (pipe_bytes > 0) GrowPipe(source[i], pipe_bytes);
        break;
      }
      case kDevNull:
        theirs[i].reset(open("/dev/null", O_RDWR | O_CLOEXEC));
        if (theirs[i].get() < 0) return *syscall = "open", -errno;
        source[i] = theirs[i].get();
        break;
      case kStdout:
        source[i] = source[1] >= 0 ? source[1] : 1;
        break;
      default:
        source[i] = mode[i];
    }
  }
  return 0;
}

void Stdio::CloseTheirs() {
  for (Fd& fd : theirs) fd.reset();
}

int SetNonBlocking(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  if ((flags & O_NONBLOCK) != 0) return 0;
  return fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 ? 0 : -errno;
}

void GrowPipe(int fd, int bytes) {
  if (fcntl(fd, F_GETPIPE_SZ) < bytes) fcntl(fd, F_SETPIPE_SZ, bytes);
}

}  // namespace prong::spawn
