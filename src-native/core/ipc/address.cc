#include "core/ipc/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

namespace prong::ipc {

namespace {

void QuickSmallMessages(int fd, int family) {
  const int on = 1;
  if (family != AF_UNIX) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int Failed(int fd) {
  const int error = -errno;
  close(fd);
  return error;
}

}  // namespace

int LocalAddress(const std::string& path, Address* address) {
  auto* local = reinterpret_cast<sockaddr_un*>(&address->storage);
  // An abstract name has no end mark.
  const bool abstract = !path.empty() && path[0] == '\0';
  if (path.size() + (abstract ? 0 : 1) > sizeof local->sun_path) return -ENAMETOOLONG;
  local->sun_family = AF_UNIX;
  std::memcpy(local->sun_path, path.data(), path.size());
  address->length =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  return 0;
}

int InternetAddress(const std::string& host, uint16_t port, Address* address) {
  auto* four = reinterpret_cast<sockaddr_in*>(&address->storage);
  if (inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    address->length = sizeof *four;
    return 0;
  }
  auto* six = reinterpret_cast<sockaddr_in6*>(&address->storage);
  if (inet_pton(AF_INET6, host.c_str(), &six->sin6_addr) != 1) return -EINVAL;
  six->sin6_family = AF_INET6;
  six->sin6_port = htons(port);
  address->length = sizeof *six;
  return 0;
}

int Pair(int (&fds)[2]) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0 ? 0 : -errno; }

int Listen(const Address& address, int backlog) {
  const int fd = socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  const int on = 1;
  if (address.family() != AF_UNIX) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0) return Failed(fd);
  if (listen(fd, backlog) != 0) return Failed(fd);
  return fd;
}

int Accept(int listener, bool block) {
  for (;;) {
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    const int fd = accept4(listener, reinterpret_cast<sockaddr*>(&from), &length, SOCK_CLOEXEC);
    if (fd >= 0) {
      QuickSmallMessages(fd, from.ss_family);
      return fd;
    }
    // A client that has gone again is none.
    if (errno == ECONNABORTED) continue;
    if (errno != EAGAIN || !block) return -errno;
    pollfd entry{listener, POLLIN, 0};
    if (poll(&entry, 1, -1) < 0) return -errno;
  }
}

int Connect(const Address& address, bool* pending) {
  const int fd = socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  *pending = false;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0) {
    if (errno != EINPROGRESS) return Failed(fd);
    *pending = true;
  }
  return fd;
}

int FinishConnect(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return -errno;
  if (error != 0) return -error;
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0) return -errno;
  Address own;
  if (NameOf(fd, false, &own) == 0) QuickSmallMessages(fd, own.family());
  return 0;
}

int NameOf(int fd, bool peer, Address* address) {
  address->length = sizeof address->storage;
  auto* name = reinterpret_cast<sockaddr*>(&address->storage);
  const int result = peer ? getpeername(fd, name, &address->length) : getsockname(fd, name, &address->length);
  return result == 0 ? 0 : -errno;
}

std::string Describe(const Address& address, int* port) {
  char text[INET6_ADDRSTRLEN] = "";
  *port = -1;
  if (address.family() == AF_INET) {
    auto* four = reinterpret_cast<const sockaddr_in*>(&address.storage);
    *port = ntohs(four->sin_port);
    return inet_ntop(AF_INET, &four->sin_addr, text, sizeof text) == nullptr ? "" : text;
  }
  if (address.family() == AF_INET6) {
    auto* six = reinterpret_cast<const sockaddr_in6*>(&address.storage);
    *port = ntohs(six->sin6_port);
    return inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text) == nullptr ? "" : text;
  }
  auto* local = reinterpret_cast<const sockaddr_un*>(&address.storage);
  const size_t start = offsetof(sockaddr_un, sun_path);
  if (address.length <= start) return "";
  const size_t length = address.length - start;
  if (local->sun_path[0] == '\0') return std::string(local->sun_path, length);
  return std::string(local->sun_path, strnlen(local->sun_path, length));
}

}  // namespace prong::ipc
