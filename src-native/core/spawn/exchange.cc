#include "core/spawn/exchange.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

namespace prong::spawn {

namespace {

constexpr size_t kFirstBuffer = 64 * 1024;
constexpr size_t kBigRead = 1024 * 1024;
// What a pipe holds unless told otherwise; a read of so much shows a writer that waits for us.
constexpr size_t kFullPipe = 64 * 1024;
constexpr int kGrownPipe = 1024 * 1024;
// One turn of an event loop takes no more than this from a pipe.
constexpr int kReadsPerTurn = 4;

}  // namespace

Bytes::~Bytes() { free(data_); }

bool Bytes::Reserve(size_t more) {
  if (free_bytes() >= more) return true;
  const size_t wanted = std::max({size_ + more, capacity_ * 2, kFirstBuffer});
  void* grown = realloc(data_, wanted);
  if (grown == nullptr) return false;
  data_ = static_cast<char*>(grown);
  capacity_ = wanted;
  return true;
}

char* Bytes::Release(size_t* size) {
  *size = size_;
  if (size_ == 0) return nullptr;
  void* cut = realloc(data_, size_);
  char* given = cut == nullptr ? data_ : static_cast<char*>(cut);
  data_ = nullptr;
  size_ = capacity_ = 0;
  return given;
}

Exchange::Exchange(int in, int out, int err, size_t limit) : fds_{Fd(in), Fd(out), Fd(err)}, limit_(limit) {
  for (const Fd& fd : fds_) {
    if (fd.get() >= 0) SetNonBlocking(fd.get());
  }
}

void Exchange::Feed(const char* data, size_t size, bool last) {
  input_ = data;
  input_left_ = size;
  last_input_ = last;
}

bool Exchange::Advance(int which) {
  if (fd(which) < 0) return false;
  return which == 0 ? Write() : Read(which);
}

bool Exchange::Write() {
  while (input_left_ > 0) {
    const ssize_t written = write(fd(0), input_, std::min<size_t>(input_left_, SSIZE_MAX));
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) {
        if (!grown_[0] && input_left_ > kFullPipe) {
          grown_[0] = true;
          GrowPipe(fd(0), kGrownPipe);
          continue;
        }
        return false;
      }
      // The program doesn't want it (EPIPE): no error, as in Python.
      input_left_ = 0;
      return true;
    }
    input_ += written;
    input_left_ -= static_cast<size_t>(written);
  }
  return last_input_;
}

bool Exchange::Read(int which) {
  Bytes& bytes = output(which);
  for (int turn = 0; turn < kReadsPerTurn; ++turn) {
    if (!bytes.Reserve(bytes.size() < kFirstBuffer ? kFirstBuffer : kFullPipe)) {
      no_memory_ = true;
      return true;
    }
    const size_t wanted = std::min(bytes.free_bytes(), kBigRead);
    const ssize_t got = read(fd(which), bytes.free_space(), wanted);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) return true;
    bytes.Added(static_cast<size_t>(got));
    if (limit_ != 0 && bytes.size() > limit_) {
      bytes.Truncate(limit_);
      overflown_ = true;
      return true;
    }
    if (static_cast<size_t>(got) >= kFullPipe && !grown_[which]) {
      grown_[which] = true;
      GrowPipe(fd(which), kGrownPipe);
    }
    // Less than there was room for: the pipe is empty, and asking again would only say so.
    if (static_cast<size_t>(got) < wanted) return false;
  }
  return false;
}

Exchange::Outcome Exchange::State() const {
  if (no_memory_) return Outcome::kNoMemory;
  if (overflown_) return Outcome::kOverflow;
  if (hungry()) return Outcome::kHungry;
  return Outcome::kDone;
}

Exchange::Outcome Exchange::RunSync(const Deadline& deadline) {
  if (fd(0) >= 0 && Write()) Close(0);
  while (!done()) {
    if (const Outcome state = State(); state != Outcome::kDone) return state;
    pollfd entries[3];
    int which[3];
    nfds_t count = 0;
    for (int i = 0; i < 3; ++i) {
      if (fd(i) < 0) continue;
      which[count] = i;
      entries[count++] = {fd(i), static_cast<short>(i == 0 ? POLLOUT : POLLIN), 0};
    }
    const int ready = poll(entries, count, deadline.remaining_ms());
    if (ready < 0) continue;  // EINTR
    if (ready == 0) {
      if (deadline.remaining_ms() == 0) return Outcome::kTimeout;
      continue;
    }
    for (nfds_t i = 0; i < count; ++i) {
      if (entries[i].revents != 0 && Advance(which[i])) Close(which[i]);
    }
  }
  return State();
}

}  // namespace prong::spawn
