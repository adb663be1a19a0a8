// Addresses of listening sockets: a path (an empty first byte: Linux' abstract names), or host and port.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace prong::ipc {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
  int family() const { return storage.ss_family; }
};

// -ENAMETOOLONG where the system's structure has no room for it.
int LocalAddress(const std::string& path, Address* address);
// `host` is a number, IPv4 or IPv6: -EINVAL otherwise.
int InternetAddress(const std::string& host, uint16_t port, Address* address);

// Made close-on-exec. Each returns a descriptor (Pair: 0) or -errno.
int Pair(int (&fds)[2]);
int Listen(const Address& address, int backlog);
int Accept(int listener, bool block);
// Starts to connect without waiting; -EINPROGRESS is told by `pending`. -EAGAIN: the queue of the listener is
// full.
int Connect(const Address& address, bool* pending);
// Of a connecting socket: 0, or -errno as it failed. Makes it blocking again.
int FinishConnect(int fd);

int NameOf(int fd, bool peer, Address* address);
// "host" and the port, or the path with *port = -1.
std::string Describe(const Address& address, int* port);

}  // namespace prong::ipc
