// One end of a connection: messages over a stream socket or pipe, framed as CPython's
// multiprocessing.connection does it: a signed 4-byte big-endian length, or -1 and an 8-byte length, then the
// bytes.
//
// Nothing is read ahead: what this process has not asked for stays in the kernel, where another process that
// shares the descriptor finds it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace prong::ipc {

// What Receive gives instead of a length; an -errno is below kErrors.
enum : int64_t {
  kAgain = -1,      // nothing (more) there now
  kEnd = -2,        // the other end is closed, between two messages
  kLarge = -3,      // a message is complete, and is to be taken
  kTooLong = -4,    // the message is longer than the limit
  kGarbage = -5,    // this is no frame
  kTruncated = -6,  // the other end is closed in the middle of a message
  kErrors = -1000,  // kErrors - errno
};

constexpr size_t kScratch = 64 << 10;
constexpr int kMaxFds = 64;

class Channel {
 public:
  // Owns `fd` from now on.
  explicit Channel(int fd);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  int fd() const { return fd_; }
  bool is_local() const { return is_local_; }
  void Close();
  // Gives the descriptor up without closing it.
  int Detach();

  // Reads on in the message that is due. A short one (up to kScratch) lies in `scratch` then, and its length
  // is returned; a longer one is kLarge. Allocates at most 1 MiB beyond twice what has arrived. `block`:
  // waits for as long as it takes, signals aside.
  int64_t Receive(char* scratch, uint64_t limit, bool block);
  // The length of the message that was refused or is under way.
  uint64_t size() const { return size_; }
  bool in_message() const { return header_ > 0; }
  // Hands over a kLarge message, to be freed with free().
  char* Take(size_t* size);
  // A forked child: what has begun to arrive is the parent's.
  void ForgetPartial();

  // Writes on in a frame from `position` (counted from the header's start). Returns the new position, kAgain
  // or kErrors - errno. `fds` go along with the first byte. Never raises SIGPIPE.
  int64_t Send(const char* data, uint64_t size, uint64_t position, const int* fds, int count, bool block);
  static uint64_t FrameSize(uint64_t size);

  // Descriptors that came with the last message; whoever doesn't take them has them closed.
  std::vector<int> TakeFds();

 private:
  ssize_t Read(char* to, size_t size, bool block);
  ssize_t ReadSocket(char* to, size_t size, bool block);
  ssize_t Write(const char* header, size_t header_size, const char* data, size_t size, const int* fds,
                int count, bool block);
  void DropFds();
  bool Reserve(size_t size);
  void Reset();

  int fd_;
  bool is_socket_ = false;
  bool is_local_ = false;
  uint8_t header_bytes_[12];
  uint32_t header_ = 0;  // bytes of it that are there
  bool sized_ = false;
  uint64_t size_ = 0;
  char* data_ = nullptr;
  uint64_t have_ = 0;
  uint64_t capacity_ = 0;
  std::vector<int> fds_;
};

// Waits until one of the descriptors is ready for `events` (poll's), at most `ms` (-1: without limit). Sets
// `ready`; returns their number, 0 also on a signal, or -errno.
int WaitFor(const int* fds, int count, short events, int ms, bool* ready);

}  // namespace prong::ipc
