#include "core/memory/tracker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstring>

namespace prong::tracker {

namespace {

struct Entry {
  int64_t id;  // 0: free
  Kind kind;
  bool confirmed;
  uint64_t device;
  uint64_t inode;
  int64_t announced;  // seconds, realtime
  char name[sizeof(Message::name)];
};

struct Table {
  Entry* entries = nullptr;
  size_t used = 0;
  size_t capacity = 0;

  Entry* Find(int64_t id) {
    for (size_t i = 0; i < used; ++i)
      if (entries[i].id == id) return &entries[i];
    return nullptr;
  }

  Entry* Add() {
    if (Entry* free = Find(0)) return free;
    if (used == capacity) {
      const size_t more = capacity == 0 ? 64 : capacity * 2;
      void* grown = capacity == 0
                        ? mmap(nullptr, more * sizeof(Entry), PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                        : mremap(entries, capacity * sizeof(Entry), more * sizeof(Entry), MREMAP_MAYMOVE);
      if (grown == MAP_FAILED) return nullptr;
      entries = static_cast<Entry*>(grown);
      capacity = more;
    }
    return &entries[used++];
  }
};

int64_t Now() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec;
}

void Handle(Table& table, const Message& message) {
  if (message.command == Command::kAnnounce) {
    Entry* entry = table.Add();
    if (entry == nullptr) return;
    entry->id = message.id;
    entry->kind = message.kind;
    entry->confirmed = false;
    entry->announced = Now();
    std::memcpy(entry->name, message.name, sizeof entry->name);
    return;
  }
  Entry* entry = table.Find(message.id);
  if (entry == nullptr) return;
  if (message.command == Command::kForget) {
    entry->id = 0;
  } else {
    entry->confirmed = true;
    entry->device = message.device;
    entry->inode = message.inode;
  }
}

void Remove(const Entry& entry) {
  char path[sizeof entry.name + 16] = "/dev/shm";
  if (entry.kind == Kind::kSharedMemory) {
    std::strcpy(path + std::strlen(path), entry.name);
  } else {
    std::strcpy(path, entry.name);
  }
  struct stat info;
  if (lstat(path, &info) != 0) return;
  // What was announced and perhaps made by who died right then; what is older is somebody else's.
  const bool is_it = entry.confirmed ? info.st_ino == entry.inode && info.st_dev == entry.device
                                     : info.st_ctim.tv_sec >= entry.announced;
  if (is_it) unlink(path);
}

bool Holds(uint64_t from, uint64_t to, const void* address) {
  const uint64_t at = reinterpret_cast<uint64_t>(address);
  return at >= from && at < to;
}

// One line of /proc/self/maps: large memory that isn't this code's, stack's or thread's is given back, or
// every page that the program writes to later would be kept twice.
void DropLine(const char* line) {
  uint64_t bounds[2] = {0, 0};
  const char* at = line;
  for (uint64_t& bound : bounds) {
    for (; *at != '\0' && *at != '-' && *at != ' '; ++at)
      bound = bound * 16 + static_cast<uint64_t>(*at <= '9' ? *at - '0' : *at - 'a' + 10);
    if (*at != '\0') ++at;
  }
  constexpr uint64_t kLarge = 1 << 20;
  const uint64_t size = bounds[1] - bounds[0];
  const bool file = std::strchr(line, '/') != nullptr;
  const bool arena = std::strstr(line, "/memfd:") != nullptr || std::strstr(line, "/dev/shm/") != nullptr;
  const bool special = std::strstr(line, "[v") != nullptr;
  if (special || (file && !arena) || (size < kLarge && !arena && std::strstr(line, "[heap]") == nullptr))
    return;
  if (Holds(bounds[0], bounds[1], line) ||
      Holds(bounds[0], bounds[1], reinterpret_cast<void*>(pthread_self())))
    return;
  munmap(reinterpret_cast<void*>(bounds[0]), size);
}

void DropMemory() {
  const int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  char line[512];
  size_t length = 0;
  char chunk[4096];
  ssize_t got;
  while ((got = read(fd, chunk, sizeof chunk)) > 0) {
    for (ssize_t i = 0; i < got; ++i) {
      if (chunk[i] != '\n') {
        if (length < sizeof line - 1) line[length++] = chunk[i];
        continue;
      }
      line[length] = '\0';
      length = 0;
      DropLine(line);
    }
  }
  close(fd);
}

void CloseOthers(int first, int second) {
  // Ends of pipes and sockets that somebody waits to see closed are among them.
  const int low = first < second ? first : second;
  const int high = first < second ? second : first;
  unsigned from = 0;
  for (const int kept : {low, high}) {
    if (kept < 0) continue;
    if (static_cast<unsigned>(kept) > from)
      syscall(SYS_close_range, from, static_cast<unsigned>(kept) - 1, 0);
    from = static_cast<unsigned>(kept) + 1;
  }
  if (syscall(SYS_close_range, from, ~0U, 0) == 0) return;
  for (int fd = 0; fd < 65536; ++fd)
    if (fd != first && fd != second) close(fd);
}

}  // namespace

void RunTracker(int socket, int arena) {
  char path[32] = "/proc/self/fd/";
  int program = -1;
  if (arena >= 0) {
    char digits[12];
    int count = 0;
    for (int rest = arena; rest > 0 || count == 0; rest /= 10)
      digits[count++] = static_cast<char>('0' + rest % 10);
    char* end = path + std::strlen(path);
    while (count > 0) *end++ = digits[--count];
    *end = '\0';
    // An open file of its own, or it would hold the program's lock itself.
    program = open(path, O_RDWR | O_CLOEXEC);
  }
  CloseOthers(socket, program);
  syscall(SYS_setsid);
  prctl(PR_SET_NAME, "prong-tracker");
  if (chdir("/") != 0) {
  }
  DropMemory();
  Table table;
  Message message;
  for (;;) {
    const ssize_t got = recv(socket, &message, sizeof message, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    message.name[sizeof message.name - 1] = '\0';
    Handle(table, message);
  }
  bool any = false;
  for (size_t i = 0; i < table.used; ++i) any = any || table.entries[i].id != 0;
  if (any && program >= 0) {
    while (flock(program, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  for (size_t i = 0; i < table.used; ++i)
    if (table.entries[i].id != 0) Remove(table.entries[i]);
  syscall(SYS_exit_group, 0);
  __builtin_unreachable();
}

}  // namespace prong::tracker
