// What a daemon needs of the system: locks on its pidfile, its control socket, and knowing who is there.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace prong::daemon {

// Locks a whole file for writing with fcntl(F_SETLK). Returns 0, -EAGAIN with the holder's pid, or -errno.
int LockFile(int fd, pid_t* holder);

// Who holds a lock on the file; 0 where nobody does. Returns 0 or -errno.
int LockHolder(int fd, pid_t* holder);

// A listening unix socket that only this user may connect to; -errno where that fails. libuv doesn't know its
// path, and so a forked child that ends does not unlink it.
int ListenUnix(const std::string& path, int backlog);

struct Peer {
  pid_t pid;
  uid_t uid;
  gid_t gid;
};

int PeerOf(int fd, Peer* peer);

// 1 where the process of a pidfd has ended, 0 where it hasn't within `ms`, or -errno.
int HasEnded(int pidfd, int ms);

// Waits until one of the descriptors has something to read, or is at its end: its index, the lowest of
// several; or -errno.
int FirstReadable(const std::vector<int>& fds);

int ChangeRoot(const std::string& path);

// One datagram, to a path or to a name in the abstract namespace ('@' first). Returns 0 or -errno.
int SendDatagram(const std::string& address, const std::string& text);

struct Identity {
  uid_t uids[3];  // real, effective, saved
  gid_t gids[3];
};

int IdentityOf(Identity* identity);

// Proportional set size in bytes, with what of it no other process shares; -errno where /proc doesn't say.
int MemoryOf(pid_t pid, double* pss, double* own);

// Gives a descriptor up without closing its number, which an event loop may know: it becomes the read end of
// a pipe that never has anything to say.
int Silence(int fd);

}  // namespace prong::daemon
