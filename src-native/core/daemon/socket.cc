#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/daemon/daemon.h"

namespace prong::daemon {

namespace {

// -ENAMETOOLONG where the path doesn't fit, with its closing zero.
int AddressOf(const std::string& path, sockaddr_un* address, socklen_t* length) {
  *address = {};
  address->sun_family = AF_UNIX;
  if (path.size() >= sizeof address->sun_path) return -ENAMETOOLONG;
  memcpy(address->sun_path, path.data(), path.size());
  const bool abstract = !path.empty() && path[0] == '@';
  if (abstract) address->sun_path[0] = '\0';
  *length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  return 0;
}

}  // namespace

int ListenUnix(const std::string& path, int backlog) {
  sockaddr_un address;
  socklen_t length = 0;
  if (const int error = AddressOf(path, &address, &length); error != 0) return error;
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  const mode_t before = umask(0177);
  int result = bind(fd, reinterpret_cast<sockaddr*>(&address), length) == 0 ? 0 : -errno;
  umask(before);
  if (result == 0 && listen(fd, backlog) != 0) result = -errno;
  if (result != 0) {
    close(fd);
    return result;
  }
  return fd;
}

int PeerOf(int fd, Peer* peer) {
  ucred credentials = {};
  socklen_t length = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -errno;
  *peer = {credentials.pid, credentials.uid, credentials.gid};
  return 0;
}

int SendDatagram(const std::string& address, const std::string& text) {
  sockaddr_un to;
  socklen_t length = 0;
  if (const int error = AddressOf(address, &to, &length); error != 0) return error;
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  ssize_t sent;
  do {
    sent = sendto(fd, text.data(), text.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), length);
  } while (sent < 0 && errno == EINTR);
  const int result = sent < 0 ? -errno : 0;
  close(fd);
  return result;
}

}  // namespace prong::daemon
