#include "core/ipc/channel.h"

#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace prong::ipc {

namespace {

constexpr uint64_t kStep = 1 << 20;
constexpr uint64_t kLongest = INT32_MAX;

bool IsReady(int fd, short events, bool block) {
  pollfd entry{fd, events, 0};
  return poll(&entry, 1, block ? -1 : 0) > 0;
}

size_t Header(uint64_t size, uint8_t (&bytes)[12]) {
  if (size <= kLongest) {
    const uint32_t length = htobe32(static_cast<uint32_t>(size));
    std::memcpy(bytes, &length, 4);
    return 4;
  }
  const uint64_t length = htobe64(size);
  std::memset(bytes, 0xff, 4);
  std::memcpy(bytes + 4, &length, 8);
  return 12;
}

}  // namespace

Channel::Channel(int fd) : fd_(fd) {
  struct stat info;
  is_socket_ = fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode);
  if (!is_socket_) return;
  sockaddr_storage name{};
  socklen_t length = sizeof name;
  is_local_ = getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) == 0 && name.ss_family == AF_UNIX;
}

Channel::~Channel() { Close(); }

void Channel::Close() {
  DropFds();
  Reset();
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

int Channel::Detach() { return std::exchange(fd_, -1); }

void Channel::Reset() {
  std::free(std::exchange(data_, nullptr));
  header_ = 0;
  sized_ = false;
  have_ = capacity_ = 0;
}

void Channel::ForgetPartial() {
  DropFds();
  Reset();
}

void Channel::DropFds() {
  for (const int fd : fds_) close(fd);
  fds_.clear();
}

std::vector<int> Channel::TakeFds() { return std::exchange(fds_, {}); }

ssize_t Channel::ReadSocket(char* to, size_t size, bool block) {
  if (!is_local_ || header_ > 0) return recv(fd_, to, size, block ? 0 : MSG_DONTWAIT);
  // Descriptors travel with a message's first byte.
  iovec part{to, size};
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxFds * sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t got = recvmsg(fd_, &message, MSG_CMSG_CLOEXEC | (block ? 0 : MSG_DONTWAIT));
  if (got < 0) return got;
  DropFds();
  for (cmsghdr* entry = CMSG_FIRSTHDR(&message); entry != nullptr; entry = CMSG_NXTHDR(&message, entry)) {
    if (entry->cmsg_level != SOL_SOCKET || entry->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (entry->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(entry) + i * sizeof(int), sizeof fd);
      fds_.push_back(fd);
    }
  }
  return got;
}

ssize_t Channel::Read(char* to, size_t size, bool block) {
  for (;;) {
    ssize_t got;
    if (is_socket_) {
      got = ReadSocket(to, size, block);
    } else {
      if (!IsReady(fd_, POLLIN, block)) {
        errno = EAGAIN;
        return -1;
      }
      got = read(fd_, to, size);
    }
    // Somebody has made the descriptor non-blocking.
    if (got < 0 && errno == EAGAIN && block && IsReady(fd_, POLLIN, true)) continue;
    return got;
  }
}

bool Channel::Reserve(size_t size) {
  if (size <= capacity_) return true;
  char* grown = static_cast<char*>(std::realloc(data_, size));
  if (grown == nullptr) return false;
  data_ = grown;
  capacity_ = size;
  return true;
}

int64_t Channel::Receive(char* scratch, uint64_t limit, bool block) {
  while (!sized_) {
    const uint32_t want = header_ < 4 ? 4 : 12;
    const ssize_t got = Read(reinterpret_cast<char*>(header_bytes_) + header_, want - header_, block);
    if (got < 0) return errno == EAGAIN || errno == EINTR ? kAgain : kErrors - errno;
    if (got == 0) return header_ == 0 ? kEnd : kTruncated;
    header_ += static_cast<uint32_t>(got);
    if (header_ < want) continue;
    uint32_t word;
    std::memcpy(&word, header_bytes_, 4);
    const int32_t length = static_cast<int32_t>(be32toh(word));
    if (length >= 0) {
      size_ = static_cast<uint64_t>(length);
      sized_ = true;
    } else if (length < -1) {
      return kGarbage;
    } else if (want == 12) {
      uint64_t extended;
      std::memcpy(&extended, header_bytes_ + 4, 8);
      size_ = be64toh(extended);
      sized_ = true;
    }
  }
  if (size_ > limit) return kTooLong;
  if (data_ == nullptr && size_ <= kScratch) {
    while (have_ < size_) {
      const ssize_t got = Read(scratch + have_, size_ - have_, block);
      if (got > 0) {
        have_ += static_cast<uint64_t>(got);
        continue;
      }
      if (got == 0) return kTruncated;
      if (errno != EAGAIN && errno != EINTR) return kErrors - errno;
      // The scratch memory is everybody's.
      if (!Reserve(size_)) return kErrors - ENOMEM;
      std::memcpy(data_, scratch, have_);
      return kAgain;
    }
    Reset();
    return static_cast<int64_t>(size_);
  }
  while (have_ < size_) {
    if (have_ == capacity_) {
      if (!Reserve(std::min(size_, have_ + std::max(have_, kStep)))) return kErrors - ENOMEM;
    }
    const ssize_t got = Read(data_ + have_, capacity_ - have_, block);
    if (got == 0) return kTruncated;
    if (got < 0) return errno == EAGAIN || errno == EINTR ? kAgain : kErrors - errno;
    have_ += static_cast<uint64_t>(got);
  }
  return kLarge;
}

char* Channel::Take(size_t* size) {
  *size = static_cast<size_t>(size_);
  char* data = std::exchange(data_, nullptr);
  Reset();
  return data;
}

uint64_t Channel::FrameSize(uint64_t size) { return size + (size <= kLongest ? 4 : 12); }

ssize_t Channel::Write(const char* header, size_t header_size, const char* data, size_t size, const int* fds,
                       int count, bool block) {
  iovec parts[2] = {{const_cast<char*>(header), header_size}, {const_cast<char*>(data), size}};
  msghdr message{};
  message.msg_iov = header_size > 0 ? parts : parts + 1;
  message.msg_iovlen = header_size > 0 ? 2 : 1;
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxFds * sizeof(int))];
  if (count > 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(static_cast<size_t>(count) * sizeof(int));
    cmsghdr* entry = CMSG_FIRSTHDR(&message);
    entry->cmsg_level = SOL_SOCKET;
    entry->cmsg_type = SCM_RIGHTS;
    entry->cmsg_len = CMSG_LEN(static_cast<size_t>(count) * sizeof(int));
    std::memcpy(CMSG_DATA(entry), fds, static_cast<size_t>(count) * sizeof(int));
  }
  for (;;) {
    ssize_t sent;
    if (is_socket_) {
      sent = sendmsg(fd_, &message, MSG_NOSIGNAL | (block ? 0 : MSG_DONTWAIT));
    } else {
      if (!IsReady(fd_, POLLOUT, block)) {
        errno = EAGAIN;
        return -1;
      }
      // A pipe that is ready takes this much without blocking. Node ignores SIGPIPE.
      char piece[PIPE_BUF];
      const size_t first = std::min<size_t>(header_size, sizeof piece);
      const size_t second = std::min(size, sizeof piece - first);
      std::memcpy(piece, header, first);
      std::memcpy(piece + first, data, second);
      sent = write(fd_, piece, first + second);
    }
    if (sent < 0 && errno == EAGAIN && block && IsReady(fd_, POLLOUT, true)) continue;
    return sent;
  }
}

int64_t Channel::Send(const char* data, uint64_t size, uint64_t position, const int* fds, int count,
                      bool block) {
  uint8_t header[12];
  const size_t header_size = Header(size, header);
  const uint64_t total = header_size + size;
  uint64_t at = position;
  while (at < total) {
    const size_t left = at < header_size ? header_size - at : 0;
    const uint64_t from = at < header_size ? 0 : at - header_size;
    const ssize_t sent = Write(reinterpret_cast<char*>(header) + (header_size - left), left, data + from,
                               size - from, fds, at == 0 ? count : 0, block);
    if (sent < 0) {
      if (errno != EAGAIN && errno != EINTR) return kErrors - errno;
      break;
    }
    at += static_cast<uint64_t>(sent);
  }
  return at == position ? kAgain : static_cast<int64_t>(at);
}

int WaitFor(const int* fds, int count, short events, int ms, bool* ready) {
  std::vector<pollfd> entries(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) entries[static_cast<size_t>(i)] = {fds[i], events, 0};
  const int found = poll(entries.data(), static_cast<nfds_t>(count), ms);
  if (found < 0) return errno == EINTR ? 0 : -errno;
  for (int i = 0; i < count; ++i) {
    const short got = entries[static_cast<size_t>(i)].revents;
    if ((got & POLLNVAL) != 0) return -EBADF;
    ready[i] = got != 0;
  }
  return found;
}

}  // namespace prong::ipc
