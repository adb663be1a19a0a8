#include "core/fork/atfork.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <link.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <mutex>
#include <vector>

#include "core/fork/layout.h"

namespace prong::fork {

namespace {

using Handler = void (*)();

// Marks in the list; what they do does not matter, that nobody else has them does. Each is different code, or
// the linker might fold them into one.
volatile int g_mark = 0;
void MarkA1() { g_mark = 1; }
void MarkA2() { g_mark = 2; }
void MarkA3() { g_mark = 3; }
void MarkB1() { g_mark = 4; }
void MarkB2() { g_mark = 5; }
void MarkB3() { g_mark = 6; }

struct Header {  // a dynarray of glibc's
  size_t used;
  size_t allocated;
  const uintptr_t* array;
};

const Header* g_header = nullptr;
size_t g_stride = 0;  // in words
constexpr size_t kMostHandlers = 4096;

// Reads memory that may not be there.
bool SafeRead(const void* from, void* to, size_t size) {
  iovec local{to, size};
  iovec remote{const_cast<void*>(from), size};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(size);
}

bool IsTriple(const uintptr_t* entry, Handler a, Handler b, Handler c) {
  return entry[0] == reinterpret_cast<uintptr_t>(a) && entry[1] == reinterpret_cast<uintptr_t>(b) &&
         entry[2] == reinterpret_cast<uintptr_t>(c);
}

bool Matches(const uintptr_t* words) {
  Header header;
  std::memcpy(&header, words, sizeof(header));
  if (header.used < 2 || header.used > header.allocated || header.allocated > kMostHandlers) return false;
  if ((reinterpret_cast<uintptr_t>(header.array) & 7) != 0 || header.array == nullptr) return false;
  for (const size_t stride : {size_t{4}, size_t{5}, size_t{6}}) {
    std::vector<uintptr_t> entries(header.used * stride);
    if (!SafeRead(header.array, entries.data(), entries.size() * sizeof(uintptr_t))) continue;
    const uintptr_t* end = entries.data() + entries.size();
    if (IsTriple(end - stride, MarkB1, MarkB2, MarkB3) &&
        IsTriple(end - 2 * stride, MarkA1, MarkA2, MarkA3)) {
      g_stride = stride;
      return true;
    }
  }
  return false;
}

struct Segment {
  Range libc;
  std::vector<Range> writable;
};

int VisitSegments(dl_phdr_info* info, size_t, void* data) {
  auto* segment = static_cast<Segment*>(data);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) & header = info->dlpi_phdr[i];
    const uintptr_t begin = info->dlpi_addr + header.p_vaddr;
    if (header.p_type != PT_LOAD || (header.p_flags & PF_W) == 0 || !segment->libc.Has(begin)) continue;
    segment->writable.push_back({begin, begin + header.p_memsz});
  }
  return 0;
}

std::string Discover() {
  if (pthread_atfork(MarkA1, MarkA2, MarkA3) != 0 || pthread_atfork(MarkB1, MarkB2, MarkB3) != 0) {
    return "pthread_atfork failed";
  }
  Segment segment;
  segment.libc = GetLayout(nullptr)->libc;
  dl_iterate_phdr(VisitSegments, &segment);
  for (const Range& range : segment.writable) {
    const uintptr_t begin = (range.begin + 7) & ~uintptr_t{7};
    for (uintptr_t at = begin; at + sizeof(Header) <= range.end; at += 8) {
      const auto* words = reinterpret_cast<const uintptr_t*>(at);
      if (!Matches(words)) continue;
      if (g_header != nullptr) return "libc's list of pthread_atfork handlers was found twice";
      g_header = reinterpret_cast<const Header*>(words);
    }
  }
  return g_header == nullptr ? "libc's list of pthread_atfork handlers was not found" : "";
}

Handler At(size_t index, size_t which) {
  const uintptr_t word = g_header->array[index * g_stride + which];
  return reinterpret_cast<Handler>(word);
}

}  // namespace

bool AtForkHandlers::Find(std::string* reason) {
  static const std::string* failed = new std::string(Discover());
  *reason = *failed;
  return failed->empty();
}

void AtForkHandlers::RunPrepare() {
  for (size_t i = g_header->used; i-- > 0;) {
    if (Handler handler = At(i, 0)) handler();
  }
}

void AtForkHandlers::RunInParent() {
  for (size_t i = 0; i < g_header->used; ++i) {
    if (Handler handler = At(i, 1)) handler();
  }
}

void AtForkHandlers::RunInChild() {
  const size_t used = g_header->used;
  for (size_t i = 0; i < used; ++i) {
    if (Handler handler = At(i, 2)) handler();
  }
}

}  // namespace prong::fork

#endif
