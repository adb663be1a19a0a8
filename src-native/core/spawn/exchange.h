// Feeds a program and collects what it prints, on up to three pipes at once and without ever blocking on one
// of them. Driven by RunSync's own poll loop, or by an event loop that calls Advance.
#pragma once

#include <cstddef>

#include "core/spawn/stdio.h"
#include "core/spawn/wait.h"

namespace prong::spawn {

// Memory that grows without copying, as far as the C library can, and is handed over whole.
class Bytes {
 public:
  Bytes() = default;
  ~Bytes();
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  const char* data() const { return data_; }
  size_t size() const { return size_; }
  char* free_space() { return data_ + size_; }
  size_t free_bytes() const { return capacity_ - size_; }
  void Added(size_t bytes) { size_ += bytes; }
  void Truncate(size_t bytes) {
    if (bytes < size_) size_ = bytes;
  }
  // False when memory ran out.
  bool Reserve(size_t more);
  // Gives away the memory, cut to its size: free() it. nullptr when empty.
  char* Release(size_t* size);

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

class Exchange {
 public:
  enum class Outcome { kDone, kTimeout, kOverflow, kHungry, kNoMemory, kInputOnly, kInputLost };

  // Takes the descriptors over; -1 where there is no pipe. `limit` bytes an output, 0 for none.
  Exchange(int in, int out, int err, size_t limit);

  int fd(int which) const { return fds_[which].get(); }
  bool done() const { return fd(0) < 0 && fd(1) < 0 && fd(2) < 0; }
  // Only more input could still go through.
  bool outputs_done() const { return fd(1) < 0 && fd(2) < 0; }
  bool hungry() const { return fd(0) >= 0 && input_left_ == 0 && !last_input_; }
  bool overflown() const { return overflown_; }
  bool no_memory() const { return no_memory_; }
  Bytes& output(int which) { return output_[which - 1]; }

  // The memory must stay until the input is used up. After the last piece the pipe is closed.
  void Feed(const char* data, size_t size, bool last);

  // Does what can be done on one ready pipe. True when that was the last of it: Close it, after an event loop
  // has let go of it.
  bool Advance(int which);

  // Until all pipes are closed, time is over, an output is too long, or more input is wanted.
  Outcome RunSync(const Deadline& deadline);

  void Close(int which) { fds_[which].reset(); }

 private:
  bool Read(int which);
  bool Write();
  Outcome State() const;

  Fd fds_[3];
  Bytes output_[2];
  bool grown_[3] = {false, false, false};
  const char* input_ = nullptr;
  size_t input_left_ = 0;
  bool last_input_ = false;
  bool overflown_ = false;
  bool no_memory_ = false;
  size_t limit_;
};

}  // namespace prong::spawn
