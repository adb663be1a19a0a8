// Waiting for one process, and for no other: nobody else's children are reaped.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace prong::spawn {

// A point in time, or never. Milliseconds; negative means never.
class Deadline {
 public:
  explicit Deadline(double timeout_ms);
  bool never() const { return at_ < 0; }
  // For poll(): rounded up, -1 for never, 0 when it is over.
  int remaining_ms() const;

 private:
  int64_t at_;  // nanoseconds of CLOCK_MONOTONIC; -1: never
};

constexpr int kStillRunning = INT32_MIN;

// Python's returncode: the exit code, or minus the signal's number.
int ReturnCode(int status);

// Reaps `pid` if it has ended. kStillRunning if not; 0, as Python, where somebody else has taken its status.
int Reap(pid_t pid);

// As Reap, but waits. `pidfd` may be -1 on old kernels.
int WaitAndReap(pid_t pid, int pidfd, const Deadline& deadline);

// Waits for the end and leaves the status where it is. False when time ran out.
bool AwaitEnd(pid_t pid, int pidfd, const Deadline& deadline);

}  // namespace prong::spawn
