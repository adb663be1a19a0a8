#include "core/sync/thread_slot.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <mutex>

#include "core/memory/arena.h"
#include "core/sync/wait_queue.h"

namespace prong {

namespace {

constexpr uint32_t kUsesMask = (1u << (kIdBits - kSlotBits)) - 1;

// What a thread knows of itself. Trivial, so that it needs no destructor while the thread ends.
struct Me {
  uint32_t id;
  int pid;
  int kick_fd;
  int sender;
};
thread_local Me me{0, 0, 0, 0};
thread_local void (*fork_hook)() = nullptr;

// Abstract names live in no file system and die with the socket. By identity, not by slot: a thread's slot is
// free a moment before its socket is closed.
socklen_t KickName(uint32_t id, sockaddr_un* name) {
  std::memset(name, 0, sizeof *name);
  name->sun_family = AF_UNIX;
  const int length = snprintf(name->sun_path + 1, sizeof name->sun_path - 1, "prong-%016llx-%u",
                              static_cast<unsigned long long>(arena::Id()), id);
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + static_cast<size_t>(length));
}

int BindKickSocket() {
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  sockaddr_un name;
  const socklen_t length = KickName(me.id, &name);
  if (bind(fd, reinterpret_cast<sockaddr*>(&name), length) < 0) {
    const int err = -errno;
    close(fd);
    return err;
  }
  return fd;
}

// Called with the slot's mutex held: makes it this thread's.
uint32_t Settle(ThreadSlot* slot, uint32_t number) {
  uint32_t uses;
  do {
    uses = ++slot->uses & kUsesMask;
  } while (uses == 0);
  const uint32_t id = uses << kSlotBits | number;
  slot->pid = getpid();
  slot->tid = static_cast<int32_t>(syscall(SYS_gettid));
  slot->kicked = 0;
  slot->waiting_on = 0;
  slot->name[0] = '\0';
  slot->id.store(id, std::memory_order_release);
  return id;
}

uint32_t TakeSlot() {
  arena::Marks* marks = arena::GetMarks();
  const uint32_t known = marks->slots.load(std::memory_order_acquire);
  for (uint32_t number = 1; number < known; ++number) {
    ThreadSlot* slot = &arena::Slots()[number];
    if (slot->ready.load(std::memory_order_acquire) == 2 && slot->alive.TryLock() != EBUSY)
      return Settle(slot, number);
  }
  for (uint32_t number = known == 0 ? 1 : known; number < arena::kMaxThreads - 1; ++number) {
    ThreadSlot* slot = &arena::Slots()[number];
    uint32_t fresh = 0;
    // A thread that dies in the middle of this leaves a slot that nobody uses.
    if (!slot->ready.compare_exchange_strong(fresh, 1)) continue;
    slot->alive.Init();
    slot->alive.Lock();
    slot->ready.store(2, std::memory_order_release);
    uint32_t mark = marks->slots;
    while (mark < number + 1 && !marks->slots.compare_exchange_weak(mark, number + 1)) {
    }
    return Settle(slot, number);
  }
  return 0;
}

void BeforeFork() { ++arena::GetMarks()->forks; }

void AfterForkInChild() {
  if (me.id == 0) return;
  me.id = TakeSlot();
  me.pid = getpid();
  if (me.kick_fd > 0) {
    // The parent goes on reading the old socket. The new one takes its number, which the event loop knows.
    // Where it can have no name, nothing arrives on it, and least of all what is sent to the parent.
    int fd = BindKickSocket();
    if (fd < 0) fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0) {
      dup3(fd, me.kick_fd, O_CLOEXEC);
      close(fd);
    }
  }
  if (fork_hook != nullptr) fork_hook();
}

}  // namespace

namespace self {

uint32_t PeekId() { return me.id; }

uint32_t Id() {
  if (me.id != 0) return me.id;
  static std::once_flag once;
  std::call_once(once, [] { pthread_atfork(BeforeFork, nullptr, AfterForkInChild); });
  me.id = TakeSlot();
  me.pid = getpid();
  return me.id;
}

uint32_t* IdWord() { return &me.id; }

ThreadSlot* Slot() { return &arena::Slots()[me.id & kSlotMask]; }

void Leave() {
  if (me.id == 0) return;
  ThreadSlot* slot = Slot();
  ReleaseRecordsOf(me.id);
  slot->id.store(0, std::memory_order_release);
  slot->alive.Unlock();
  if (me.kick_fd > 0) close(me.kick_fd);
  if (me.sender > 0) close(me.sender);
  me = {0, 0, 0, 0};
}

void OnFork(void (*hook)()) { fork_hook = hook; }

}  // namespace self

bool IsAlive(uint32_t id) {
  if (id == me.id) return true;
  ThreadSlot* slot = &arena::Slots()[id & kSlotMask];
  if (slot->id.load(std::memory_order_acquire) != id) return false;
  if (slot->alive.TryLock() == EBUSY) return slot->id.load(std::memory_order_acquire) == id;
  // Its thread is gone. Nobody else writes the slot while the mutex is ours.
  if (slot->id == id) slot->id.store(0, std::memory_order_release);
  slot->alive.Unlock();
  return false;
}

void Kick(uint32_t id) {
  ThreadSlot* slot = &arena::Slots()[id & kSlotMask];
  // A thread that wakes its own promises looks after them itself.
  if (id == me.id || me.id == 0 || slot->id != id || slot->kicked.exchange(1) != 0) return;
  // From a socket without a name: whoever sends needs none, and a forked child may go on using it.
  if (me.sender <= 0) me.sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (me.sender < 0) {
    slot->kicked.store(0);
    return;
  }
  sockaddr_un name;
  const socklen_t length = KickName(id, &name);
  const char byte = 1;
  // What doesn't arrive must not keep later ones from being sent.
  if (sendto(me.sender, &byte, 1, MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&name), length) < 0)
    slot->kicked.store(0);
}

int KickFd() {
  if (me.kick_fd > 0) return me.kick_fd;
  if (self::Id() == 0) return -EAGAIN;
  const int fd = BindKickSocket();
  if (fd >= 0) me.kick_fd = fd;
  return fd;
}

void DrainKicks() {
  char bytes[64];
  while (recv(me.kick_fd, bytes, sizeof bytes, 0) > 0) {
  }
  // After the reading: what is kicked from here on sends again, and what was kicked before is seen by the
  // caller.
  self::Slot()->kicked.store(0);
}

}  // namespace prong
