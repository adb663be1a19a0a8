#include "core/memory/tracker.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <set>

#include "core/memory/arena.h"
#include "core/memory/tracker_process.h"

namespace prong::tracker {

namespace {

// One a process; a fork copies it, socket and all.
struct State {
  std::mutex mutex;
  int fd = -1;
  std::set<int64_t> own;
};

State& TheState() {
  static State* state = new State;
  return *state;
}

int64_t NewId() {
  uint64_t id = 0;
  if (getrandom(&id, sizeof id, 0) != sizeof id) id = static_cast<uint64_t>(clock());
  return static_cast<int64_t>(id >> 12) + 1;
}

struct Plan {
  int socket;
  int arena;
  int error;
};

// Runs beside the suspended caller, in its memory, as after vfork. Its copy is the tracker: nobody's child,
// so that no wait of the program's ever meets it.
int RunFirst(void* argument) {
  Plan* plan = static_cast<Plan*>(argument);
  const long second = syscall(SYS_clone, 0L, nullptr, nullptr, nullptr, nullptr);
  if (second == 0) RunTracker(plan->socket, plan->arena);
  plan->error = second < 0 ? -errno : 0;
  syscall(SYS_exit, 0);
  return 0;
}

constexpr size_t kStack = 64 << 10;

int StartProcess(int socket, int arena) {
  void* stack = mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return -errno;
  Plan plan{socket, arena, -EAGAIN};
  // No handler may run in the copies.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int first = clone(RunFirst, static_cast<char*>(stack) + kStack, CLONE_VM | CLONE_VFORK, &plan);
  if (first < 0) plan.error = -errno;
  if (first > 0) {
    while (waitpid(first, nullptr, __WALL) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  munmap(stack, kStack);
  return plan.error;
}

int Start(State& state) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return -errno;
  const int arena = arena::IsOpen() ? arena::Fd() : -1;
  // Held by all processes of the program together, until the last one ends.
  if (arena >= 0) flock(arena, LOCK_EX);
  const int error = StartProcess(ends[1], arena);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return error;
  }
  state.fd = ends[0];
  return 0;
}

int Send(State& state, const Message& message, size_t size) {
  for (;;) {
    if (send(state.fd, &message, size, MSG_NOSIGNAL) >= 0) return 0;
    if (errno != EINTR) return -errno;
  }
}

void CloseWhenIdle(State& state) {
  if (!state.own.empty() || state.fd < 0) return;
  close(state.fd);
  state.fd = -1;
}

}  // namespace

int64_t Announce(Kind kind, const std::string& name) {
  if (name.size() >= sizeof(Message::name)) return -ENAMETOOLONG;
  State& state = TheState();
  const std::lock_guard guard(state.mutex);
  Message message{};
  message.command = Command::kAnnounce;
  message.kind = kind;
  message.id = NewId();
  std::memcpy(message.name, name.c_str(), name.size() + 1);
  for (bool again = true;; again = false) {
    if (state.fd < 0) {
      if (const int error = Start(state); error != 0) return error;
    }
    const int error = Send(state, message, offsetof(Message, name) + name.size() + 1);
    if (error == 0) break;
    // Somebody has killed it: what it knew is lost, but what comes now is not.
    close(state.fd);
    state.fd = -1;
    if (!again) return error;
  }
  state.own.insert(message.id);
  return message.id;
}

void Confirm(int64_t id, uint64_t device, uint64_t inode) {
  State& state = TheState();
  const std::lock_guard guard(state.mutex);
  if (state.fd < 0) return;
  Message message{};
  message.command = Command::kConfirm;
  message.id = id;
  message.device = device;
  message.inode = inode;
  Send(state, message, offsetof(Message, name));
}

void Forget(int64_t id) {
  State& state = TheState();
  const std::lock_guard guard(state.mutex);
  if (state.fd < 0) return;
  Message message{};
  message.command = Command::kForget;
  message.id = id;
  Send(state, message, offsetof(Message, name));
  state.own.erase(id);
  CloseWhenIdle(state);
}

int Fd() { return TheState().fd; }

}  // namespace prong::tracker
