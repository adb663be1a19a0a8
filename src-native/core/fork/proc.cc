#include "core/fork/proc.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace prong::fork::proc {

namespace {

// The numbers that name a folder's entries; `own` is the descriptor it is read through.
template <typename Numbers>
bool ListNumbers(const char* folder, Numbers* numbers, int* own = nullptr) {
  const long fd =
      Sys(SYS_openat, AT_FDCWD, reinterpret_cast<long>(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  struct Entry {
    uint64_t ino;
    int64_t off;
    uint16_t length;
    uint8_t type;
    char name[1];
  };
  alignas(8) char buffer[8192];
  long got;
  while ((got = Sys(SYS_getdents64, fd, reinterpret_cast<long>(buffer), sizeof(buffer))) > 0) {
    for (long at = 0; at < got;) {
      const auto* entry = reinterpret_cast<const Entry*>(buffer + at);
      if (entry->name[0] != '.') numbers->push_back(std::atoi(entry->name));
      at += entry->length;
    }
  }
  Sys(SYS_close, fd);
  if (own != nullptr) *own = static_cast<int>(fd);
  return got == 0;
}

}  // namespace

long ReadFile(const char* path, char* buffer, size_t size) {
  const long fd = Sys(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fd;
  size_t length = 0;
  long got = 0;
  while (length < size) {
    got = Sys(SYS_read, fd, reinterpret_cast<long>(buffer + length), static_cast<long>(size - length));
    if (got == -EINTR) continue;
    if (got <= 0) break;
    length += static_cast<size_t>(got);
  }
  Sys(SYS_close, fd);
  return got < 0 ? got : static_cast<long>(length);
}

void TaskPath(char* path, size_t size, pid_t tid, const char* leaf) {
  std::snprintf(path, size, "/proc/self/task/%d/%s", tid, leaf);
}

bool IsAnonymous(uintptr_t address) {
  const long fd = Sys(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/self/maps"), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  char text[8192];
  size_t used = 0;
  long got;
  bool found = false;
  bool anonymous = false;
  while (!found && (got = Sys(SYS_read, fd, reinterpret_cast<long>(text + used),
                              static_cast<long>(sizeof(text) - used - 1))) > 0) {
    used += static_cast<size_t>(got);
    text[used] = 0;
    char* line = text;
    for (char* end; !found && (end = std::strchr(line, '\n')) != nullptr; line = end + 1) {
      char* at = line;
      const uintptr_t first = std::strtoull(at, &at, 16);
      const uintptr_t last = std::strtoull(at + 1, &at, 16);
      if (address < first || address >= last) continue;
      found = true;
      // permissions, offset, device, inode
      for (int field = 0; field < 3; ++field) at = std::strchr(at + 1, ' ');
      anonymous = std::strtoull(at, nullptr, 10) == 0;
    }
    used -= static_cast<size_t>(line - text);
    std::memmove(text, line, used);
  }
  Sys(SYS_close, fd);
  return anonymous;
}

bool ListTasks(OwnVector<int>* tids) { return ListNumbers("/proc/self/task", tids); }

bool ListFds(std::vector<int>* fds) {
  int own = -1;
  const bool good = ListNumbers("/proc/self/fd", fds, &own);
  std::erase(*fds, own);
  return good;
}

SignalState SignalStateOf(pid_t tid, int signal) {
  char path[64];
  TaskPath(path, sizeof(path), tid, "status");
  char text[4096];
  const long got = ReadFile(path, text, sizeof(text) - 1);
  if (got == -ENOENT || got == -ESRCH) return SignalState::kEnded;
  if (got <= 0) return SignalState::kOpen;
  text[got] = 0;
  const auto has = [&](const char* name) {
    const char* mask = std::strstr(text, name);
    return mask != nullptr &&
           ((std::strtoull(mask + std::strlen(name), nullptr, 16) >> (signal - 1)) & 1) != 0;
  };
  const char* state = std::strstr(text, "\nState:\t");
  if (state != nullptr && (state[8] == 'Z' || state[8] == 'X')) return SignalState::kEnded;
  if (!has("\nSigBlk:")) return SignalState::kOpen;
  return has("\nSigPnd:") ? SignalState::kWaiting : SignalState::kBlocked;
}

bool Sleeps(pid_t tid) {
  char path[64];
  char text[32] = {};
  TaskPath(path, sizeof(path), tid, "syscall");
  const long length = ReadFile(path, text, sizeof(text) - 1);
  return length <= 0 || std::strncmp(text, "running", 7) != 0;
}

bool AwaitsEvent(pid_t tid) {
  char path[64];
  char text[128] = {};
  TaskPath(path, sizeof(path), tid, "comm");
  if (ReadFile(path, text, sizeof(text) - 1) > 0 && std::strncmp(text, "iou-", 4) == 0) return true;
  std::memset(text, 0, sizeof(text));
  TaskPath(path, sizeof(path), tid, "syscall");
  if (ReadFile(path, text, sizeof(text) - 1) <= 0) return true;
  char* at = text;
  const long number = std::strtol(at, &at, 10);
  if (at == text) return false;  // running
  uintptr_t arguments[3] = {};
  for (uintptr_t& argument : arguments) argument = std::strtoull(at, &at, 16);
  switch (number) {
    case SYS_futex:
      return (arguments[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET;  // a condition or a semaphore, no mutex
    case SYS_read:
      return arguments[2] != 1;  // libuv's signal handler reads one byte: its lock
    case SYS_poll:
    case SYS_ppoll:
    case SYS_select:
    case SYS_pselect6:
    case SYS_epoll_wait:
    case SYS_epoll_pwait:
    case SYS_accept:
    case SYS_accept4:
    case SYS_recvfrom:
    case SYS_recvmsg:
    case SYS_wait4:
    case SYS_waitid:
    case SYS_pause:
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
    case SYS_rt_sigtimedwait:
      return true;
    default:
      return false;  // a page fault among them
  }
}

}  // namespace prong::fork::proc

#endif
