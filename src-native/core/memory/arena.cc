#include "core/memory/arena.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <mutex>

#include "core/sync/futex.h"
#include "core/sync/thread_slot.h"
#include "core/sync/wait_queue.h"

namespace prong::arena {

namespace {

constexpr uint64_t kMagic = 0x70726f6e67000002;
constexpr uint64_t kReserve = uint64_t{64} << 30;
constexpr uint64_t kSmallestReserve = uint64_t{64} << 20;
constexpr uint64_t kGrain = 64;
constexpr uint64_t kSpan = 64 << 10;
constexpr int kClasses = 40;  // class n: blocks of 64 << n bytes, header included

struct Header {
  std::atomic<uint64_t> magic;
  uint64_t id;
  RobustMutex mutex;
  std::atomic<uint64_t> brk;
  std::atomic<uint64_t> file_size;
  std::atomic<uint64_t> in_use;
  Marks marks;
  std::atomic<uint64_t> free_lists[kClasses];
};

constexpr uint64_t RoundUp(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }

constexpr uint64_t kSlotsAt = 4096;
constexpr uint64_t kRecordsAt = kSlotsAt + kMaxThreads * sizeof(ThreadSlot);
constexpr uint64_t kHeapAt = RoundUp(kRecordsAt + kMaxRecords * sizeof(WaitRecord), kChunk);

static_assert(sizeof(Header) <= kSlotsAt);

// One a process, written once under `once`; a forked child keeps it.
struct State {
  std::once_flag once;
  int error = 0;
  int fd = -1;
  uint64_t reserved = 0;
  std::atomic<char*> base{nullptr};
};
State& TheState() {
  static State state;
  return state;
}

Header* GetHeader() { return reinterpret_cast<Header*>(Base()); }

int Map(State& state, int fd) {
  for (uint64_t size = kReserve; size >= kSmallestReserve; size /= 2) {
    void* base = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
    if (base == MAP_FAILED) continue;
    // A core dump of the arena is worth having, huge pages of it are not.
    state.reserved = size;
    state.fd = fd;
    state.base.store(static_cast<char*>(base), std::memory_order_release);
    return 0;
  }
  return -ENOMEM;
}

int Create(State& state) {
  const int fd = memfd_create("prong", MFD_CLOEXEC);
  if (fd < 0) return -errno;
  const uint64_t size = kHeapAt + kChunk;
  int err = ftruncate(fd, static_cast<off_t>(size)) < 0 ? -errno : 0;
  if (err == 0) err = Map(state, fd);
  if (err != 0) {
    close(fd);
    return err;
  }
  Header* header = GetHeader();
  if (getrandom(&header->id, sizeof header->id, 0) != sizeof header->id) {
    header->id = static_cast<uint64_t>(NowNs()) << 16 ^ static_cast<uint64_t>(getpid());
  }
  header->mutex.Init();
  header->brk = kHeapAt;
  header->file_size = size;
  header->marks.next_record = 1;
  header->magic = kMagic;
  return 0;
}

int Attach(State& state, int fd) {
  struct stat info;
  if (fstat(fd, &info) < 0) return -errno;
  if (static_cast<uint64_t>(info.st_size) < kHeapAt) return -EINVAL;
  uint64_t magic = 0;
  if (pread(fd, &magic, sizeof magic, offsetof(Header, magic)) != sizeof magic || magic != kMagic)
    return -EINVAL;
  // It came by being left open; it isn't left open for others.
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  return Map(state, fd);
}

int ClassOf(uint64_t total) {
  int size_class = 0;
  while ((kGrain << size_class) < total) ++size_class;
  return size_class;
}

// Moves the end of the heap; the caller holds the mutex. The store to `brk` is what makes it so.
int Extend(Header* header, uint64_t size, uint64_t* at) {
  uint64_t start = header->brk.load(std::memory_order_relaxed);
  // A span must not cross a chunk; a large block starts where a span may.
  if (size <= kChunk && start / kChunk != (start + size - 1) / kChunk) start = RoundUp(start, kChunk);
  const uint64_t end = start + size;
  if (end > TheState().reserved) return -ENOMEM;
  // Whole chunks, so that a chunk's view never reaches beyond the file.
  const uint64_t file = RoundUp(end, kChunk);
  if (file > header->file_size) {
    int result;
    do {
      result = ftruncate(Fd(), static_cast<off_t>(file));
    } while (result < 0 && errno == EINTR);
    if (result < 0) return -errno;
    header->file_size = file;
  }
  header->brk.store(end, std::memory_order_release);
  *at = start;
  return 0;
}

// Cuts a new span into free blocks, last first so that the list runs upwards.
int Refill(Header* header, int size_class) {
  const uint64_t block = kGrain << size_class;
  const uint64_t size = block < kSpan ? kSpan : RoundUp(block, kSpan);
  uint64_t at = 0;
  if (const int err = Extend(header, size, &at); err != 0) return err;
  for (uint64_t n = size / block; n-- > 0;) {
    const uint64_t start = at + n * block;
    At<BlockHeader>(start)->size_class = static_cast<uint32_t>(size_class);
    *At<uint64_t>(start + sizeof(BlockHeader)) = header->free_lists[size_class];
    header->free_lists[size_class].store(start, std::memory_order_release);
  }
  return 0;
}

}  // namespace

int Open(int fd) {
  State& state = TheState();
  std::call_once(state.once, [&] { state.error = fd < 0 ? Create(state) : Attach(state, fd); });
  return state.error;
}

bool IsOpen() { return TheState().base.load(std::memory_order_acquire) != nullptr; }
int Fd() { return TheState().fd; }
char* Base() { return TheState().base.load(std::memory_order_relaxed); }
uint64_t Id() { return GetHeader()->id; }
uint64_t FileSize() { return GetHeader()->file_size; }
uint64_t InUse() { return GetHeader()->in_use; }
ThreadSlot* Slots() { return At<ThreadSlot>(kSlotsAt); }
WaitRecord* Records() { return At<WaitRecord>(kRecordsAt); }
Marks* GetMarks() { return &GetHeader()->marks; }

int Allocate(uint64_t size, uint32_t kind, uint64_t* offset) {
  if (size > TheState().reserved) return -ENOMEM;
  Header* header = GetHeader();
  // The content starts 16 bytes into the block: whoever needs a cache line of its own asks for more.
  const int size_class = ClassOf(size + sizeof(BlockHeader));
  header->mutex.Lock();
  if (header->free_lists[size_class] == 0) {
    if (const int err = Refill(header, size_class); err != 0) {
      header->mutex.Unlock();
      return err;
    }
  }
  const uint64_t start = header->free_lists[size_class];
  uint64_t* next = At<uint64_t>(start + sizeof(BlockHeader));
  header->free_lists[size_class].store(*next, std::memory_order_release);
  header->in_use += kGrain << size_class;
  header->mutex.Unlock();

  BlockHeader* block = At<BlockHeader>(start);
  *offset = start + sizeof(BlockHeader);
  // Large blocks come zeroed from the system: Free gives their pages back.
  if ((kGrain << size_class) < kSpan) {
    std::memset(At<char>(*offset), 0, (kGrain << size_class) - sizeof(BlockHeader));
  } else {
    *next = 0;
  }
  block->flags = 0;
  block->serial = ++header->marks.next_serial & 0x7fffffff;
  block->kind.store(kind, std::memory_order_release);
  return 0;
}

void Free(uint64_t offset) {
  Header* header = GetHeader();
  const uint64_t start = offset - sizeof(BlockHeader);
  BlockHeader* block = At<BlockHeader>(start);
  if (block->kind.exchange(0) == 0) return;
  const uint64_t size = kGrain << block->size_class;
  const int size_class = static_cast<int>(block->size_class);
  if (size >= kSpan) {
    // Gives the memory back at once. The page that holds the header goes too, hence the class is written
    // again.
    fallocate(Fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(start),
              static_cast<off_t>(size));
    block->size_class = static_cast<uint32_t>(size_class);
  }
  header->mutex.Lock();
  *At<uint64_t>(offset) = header->free_lists[size_class];
  header->free_lists[size_class].store(start, std::memory_order_release);
  header->in_use -= size;
  header->mutex.Unlock();
}

bool IsBlock(uint64_t offset, uint32_t kind, uint32_t serial) {
  if (offset < kHeapAt + sizeof(BlockHeader) || offset % 16 != 0 || offset >= GetHeader()->brk) return false;
  const BlockHeader* block = HeaderOf(offset);
  return block->kind == kind && block->serial == serial;
}

uint64_t BlockSize(uint64_t offset) { return (kGrain << HeaderOf(offset)->size_class) - sizeof(BlockHeader); }

}  // namespace prong::arena
