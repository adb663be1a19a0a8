// What prong must know of the C library's and the executable's insides, found out and proved at run time.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace prong::fork {

struct Range {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  bool Has(uintptr_t address) const { return address >= begin && address < end; }
};

struct Layout {
  // Offsets in glibc's struct pthread, from the thread pointer.
  size_t tid_offset = 0;
  size_t start_offset = 0;
  // The module that Node and its libuv live in (the executable, or libnode.so), and the C library and loader.
  Range node;
  Range libc;
  Range loader;
  // v8::Isolate::TryGetCurrent, to tell a Worker's thread from a helper's.
  void* (*current_isolate)() = nullptr;
  // The signal that parks threads: the highest realtime signal nobody handles.
  int park_signal = 0;
  // Length for re-registering a thread's rseq area; 0 where glibc registered none.
  uint32_t rseq_size = 0;
  ptrdiff_t rseq_offset = 0;
};

// Finds and proves the layout, once. Empty reason: all of it holds. Otherwise the first assumption that
// failed. nullptr where there was no thread to be had for a proof: then nothing is known yet.
const Layout* GetLayout(std::string* reason);

// The loaded module that an address lies in; empty where in none.
Range ModuleOf(uintptr_t address);

inline int* TidOf(uintptr_t thread_pointer, const Layout& layout) {
  return reinterpret_cast<int*>(thread_pointer + layout.tid_offset);
}

inline uintptr_t StartRoutineOf(uintptr_t thread_pointer, const Layout& layout) {
  return *reinterpret_cast<const uintptr_t*>(thread_pointer + layout.start_offset);
}

}  // namespace prong::fork
