#include "core/fork/pages.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace prong::fork {

namespace {

constexpr uintptr_t kPage = 4096;
// V8 asks for its pages at random addresses far below the area where the kernel and malloc put theirs. What
// was marked there last time, in the same bounds, is V8's still; above it, a malloc may have taken the place
// since.
constexpr uintptr_t kKernelArea = 0x700000000000;
// There, what malloc would never map (nothing allowed, or everything) is V8's still as well. The rest is
// tried if it is large; a smaller mapping that can't be told for sure is left inheritable: it costs a spawn
// next to nothing.
constexpr uintptr_t kWorthTesting = 1024 * 1024;
constexpr uintptr_t kWorthTestingBelow = 16 * 1024;

const char* ParseHex(const char* at, uintptr_t* value) {
  uintptr_t result = 0;
  for (;; ++at) {
    const char c = *at;
    if (c >= '0' && c <= '9') {
      result = result * 16 + static_cast<uintptr_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      result = result * 16 + static_cast<uintptr_t>(c - 'a' + 10);
    } else {
      break;
    }
  }
  *value = result;
  return at;
}

bool ReadWhole(const char* path, std::vector<char>* buffer) {
  const long fd = Sys(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  if (buffer->size() < 65536) buffer->resize(65536);
  size_t length = 0;
  bool good = false;
  for (;;) {
    if (buffer->size() - length < 8192) buffer->resize(buffer->size() * 2);
    const long got = Sys(SYS_read, fd, reinterpret_cast<long>(buffer->data() + length),
                         static_cast<long>(buffer->size() - length - 1));
    if (got == -EINTR) continue;
    if (got <= 0) {
      good = got == 0;
      break;
    }
    length += static_cast<size_t>(got);
  }
  Sys(SYS_close, fd);
  (*buffer)[length] = 0;
  return good;
}

long Advise(const Range& range, int advice) {
  return Sys(SYS_madvise, static_cast<long>(range.begin), static_cast<long>(range.end - range.begin), advice);
}

}  // namespace

// A line: "begin-end perms offset dev inode   name".
int HeapPages::ReadMaps(std::vector<Mapping>* mappings) {
  if (!ReadWhole("/proc/self/maps", &buffer_)) return -EIO;
  mappings->clear();
  rings_.clear();
  const char* at = buffer_.data();
  while (*at != 0) {
    Mapping mapping;
    at = ParseHex(at, &mapping.range.begin);
    at = ParseHex(at + 1, &mapping.range.end);
    const bool is_private = at[4] == 'p';
    mapping.writable = is_private && at[1] == 'r' && at[2] == 'w' && at[3] != 'x';
    mapping.mallocs = at[1] == 'r' && at[3] != 'x';
    uintptr_t offset;
    at = ParseHex(at + 6, &offset);
    at = std::strchr(at + 1, ' ') + 1;
    const bool no_inode = at[0] == '0' && (at[1] == ' ' || at[1] == '\n');
    const char* end = std::strchr(at, '\n');
    const char* name = at;
    while (name < end && *name != ' ') ++name;
    while (name < end && *name == ' ') ++name;
    const size_t length = static_cast<size_t>(end - name);
    mapping.plain = is_private && no_inode && length == 0;
    mapping.special = !mapping.plain && ((length > 2 && std::strncmp(name, "[v", 2) == 0) ||
                                         (length > 11 && std::strncmp(name, "anon_inode:", 11) == 0) ||
                                         (length > 5 && std::strncmp(name, "/dev/", 5) == 0));
    if (length == 21 && std::strncmp(name, "anon_inode:[io_uring]", 21) == 0) {
      rings_.push_back({mapping.range, offset});
    }
    mappings->push_back(mapping);
    at = end + 1;
  }
  return 0;
}

// The first time: the kernel tells each mapping's flags, slowly.
bool HeapPages::ReadAll() {
  if (ReadMaps(&mappings_) != 0) return false;
  if (!ReadWhole("/proc/self/smaps", &buffer_)) return false;
  const char* at = buffer_.data();
  size_t index = 0;
  Range current;
  while (*at != 0) {
    const char* end = std::strchr(at, '\n');
    if ((*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'f')) {
      const char* rest = ParseHex(at, &current.begin);
      ParseHex(rest + 1, &current.end);
    } else if (std::strncmp(at, "VmFlags:", 8) == 0) {
      bool marked = false;
      for (const char* flag = at + 8; flag + 2 < end && !marked; ++flag) {
        marked = flag[0] == ' ' && flag[1] == 'd' && flag[2] == 'c';
      }
      while (index < mappings_.size() && mappings_[index].range.end <= current.begin) ++index;
      if (index < mappings_.size() && mappings_[index].range.begin == current.begin) {
        mappings_[index].marked = marked && mappings_[index].plain;
      }
    }
    at = end + 1;
  }
  return true;
}

// Later: what is where it was is taken as it was; what is new is tried. Marking the first page of a mapping
// splits it in two where it was not marked, and leaves it whole where it was.
bool HeapPages::ReadChanges() {
  if (ReadMaps(&mappings_) != 0) return false;
  tried_.clear();
  auto marked = marked_.begin();
  auto unmarked = unmarked_.begin();
  for (Mapping& mapping : mappings_) {
    const Range& range = mapping.range;
    if (!mapping.plain) continue;
    while (marked != marked_.end() && marked->end <= range.begin) ++marked;
    while (unmarked != unmarked_.end() && unmarked->end <= range.begin) ++unmarked;
    const bool inside = marked != marked_.end() && marked->begin <= range.begin && range.end <= marked->end;
    if (inside && (range.begin < kKernelArea || !mapping.mallocs)) {
      mapping.marked = true;
      continue;
    }
    const uintptr_t least = range.begin < kKernelArea ? kWorthTestingBelow : kWorthTesting;
    const bool same =
        unmarked != unmarked_.end() && unmarked->begin == range.begin && unmarked->end == range.end;
    if (!same && range.end - range.begin >= least) tried_.push_back(range);
  }
  if (!tried_.empty() && !Try()) return false;
  unmarked_.clear();
  for (const Mapping& mapping : mappings_) {
    if (mapping.plain && !mapping.marked && mapping.range.end - mapping.range.begin >= kWorthTestingBelow) {
      unmarked_.push_back(mapping.range);
    }
  }
  return true;
}

bool HeapPages::Try() {
  for (const Range& range : tried_) Advise({range.begin, range.begin + kPage}, MADV_DONTFORK);
  const bool good = ReadMaps(&after_) == 0;
  auto after = after_.begin();
  auto mapping = mappings_.begin();
  for (const Range& range : tried_) {
    while (after != after_.end() && after->range.begin < range.begin) ++after;
    const bool whole = good && after != after_.end() && after->range.begin == range.begin &&
                       after->range.end >= range.begin + 2 * kPage;
    if (!whole) {
      Advise({range.begin, range.begin + kPage}, MADV_DOFORK);
      continue;
    }
    while (mapping->range.begin < range.begin) ++mapping;
    mapping->marked = true;
  }
  return good;
}

void HeapPages::BuildRuns() {
  marked_.clear();
  inherit_runs_.clear();
  restore_runs_.clear();
  bool inherit_open = false;
  bool restore_open = false;
  for (const Mapping& mapping : mappings_) {
    // What can't be told for sure is made inheritable as well.
    if (mapping.special) {
      inherit_open = false;
    } else if (inherit_open) {
      inherit_runs_.back().end = mapping.range.end;
    } else if (mapping.plain) {
      inherit_runs_.push_back(mapping.range);
      inherit_open = true;
    }
    if (!mapping.marked) {
      restore_open = false;
      continue;
    }
    if (!marked_.empty() && marked_.back().end == mapping.range.begin) {
      marked_.back().end = mapping.range.end;
    } else {
      marked_.push_back(mapping.range);
    }
    if (restore_open) {
      restore_runs_.back().end = mapping.range.end;
    } else {
      restore_runs_.push_back(mapping.range);
    }
    restore_open = true;
  }
}

std::vector<Range> HeapPages::OrdinaryMemory() const {
  std::vector<Range> memory;
  for (const Mapping& mapping : mappings_) {
    if (mapping.writable && !mapping.special && !mapping.marked) memory.push_back(mapping.range);
  }
  return memory;
}

std::vector<Range> HeapPages::HeapMemory() const {
  std::vector<Range> memory;
  for (const Mapping& mapping : mappings_) {
    if (mapping.writable && mapping.marked) memory.push_back(mapping.range);
  }
  return memory;
}

size_t HeapPages::Capacity() const {
  return buffer_.capacity() + mappings_.capacity() + after_.capacity() + tried_.capacity() +
         unmarked_.capacity() + marked_.capacity() + inherit_runs_.capacity() + restore_runs_.capacity() +
         rings_.capacity();
}

int HeapPages::Read() {
  // A vector that grows maps memory, and what was read no longer holds: again, until nothing grew.
  for (size_t before = SIZE_MAX; before != Capacity();) {
    before = Capacity();
    const bool good = known_ ? ReadChanges() : ReadAll();
    if (!good) return -EIO;
    known_ = true;
    BuildRuns();
  }
  return 0;
}

void HeapPages::MakeInheritable() const {
  for (const Range& run : inherit_runs_) {
    const long err = Advise(run, MADV_DOFORK);
    // ENOMEM: there are holes in the run; all that is mapped was done.
    if (err == 0 || err == -ENOMEM) continue;
    // A mapping that is refused stopped the walk: do them each.
    for (const Mapping& mapping : mappings_) {
      const Range& range = mapping.range;
      if (mapping.plain && range.begin >= run.begin && range.end <= run.end) Advise(range, MADV_DOFORK);
    }
  }
}

void HeapPages::MarkAgain() const {
  for (const Range& run : restore_runs_) Advise(run, MADV_DONTFORK);
}

}  // namespace prong::fork

#endif
