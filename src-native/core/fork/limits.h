// Near a limit of processes a fork may succeed and the child's threads not. Then the child reports before the
// parent returns, and the parent gets EAGAIN.
#pragma once

#include <sys/types.h>

namespace prong::fork {

// Whether `threads` more might not be had.
bool NearThreadLimit(int threads);

// A page that parent and child share for one answer.
class Handshake {
 public:
  Handshake();
  ~Handshake();
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;

  bool ready() const { return word_ != nullptr; }
  void Answer(int err);    // in the child
  int Await(pid_t child);  // in the parent: 0, or the child's -errno; reaps a child that failed

 private:
  int* word_ = nullptr;
};

}  // namespace prong::fork
