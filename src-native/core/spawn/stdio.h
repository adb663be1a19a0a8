// Opens what a program gets as its standard input, output and error.
#pragma once

#include <utility>

namespace prong::spawn {

// A descriptor that closes itself.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~Fd() { reset(); }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// Python's numbers, and one for "as the parent has it".
enum StdioMode : int { kPipe = -1, kStdout = -2, kDevNull = -3, kInherit = -4 };

struct Stdio {
  Fd ours[3];    // our ends of pipes
  Fd theirs[3];  // closed once the child has them
  int source[3] = {-1, -1, -1};

  // `mode[i]` is a StdioMode or a descriptor. `pipe_bytes` of 0 or less keeps the system's size. Returns 0 or
  // -errno and the call.
  int Open(const int (&mode)[3], int pipe_bytes, const char** syscall);
  void CloseTheirs();
};

// Returns 0 or -errno.
int SetNonBlocking(int fd);

// Makes a pipe larger where the system lets us; what it refuses is no error.
void GrowPipe(int fd, int bytes);

}  // namespace prong::spawn
