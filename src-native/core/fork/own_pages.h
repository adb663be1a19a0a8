// Memory for what is kept while threads are parked. One of them may stand in malloc with its lock held, so
// the forking thread must not allocate through it before it knows that none does.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace prong::fork {

// Whole pages, straight from the kernel.
template <typename T>
struct OwnPages {
  using value_type = T;

  OwnPages() = default;
  template <typename U>
  OwnPages(const OwnPages<U>&) {}

  T* allocate(size_t count) {
    void* memory =
        mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();  // as operator new does here
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, size_t count) { munmap(memory, count * sizeof(T)); }

  bool operator==(const OwnPages&) const { return true; }
};

// To be kept from fork to fork, so that it grows only while there are more threads than ever before.
template <typename T>
using OwnVector = std::vector<T, OwnPages<T>>;

// A sentence.
class Text {
 public:
  Text() = default;
  Text(const char* first, const char* second = "", const char* third = "") {
    for (const char* part : {first, second, third}) Append(part);
  }
  const char* c_str() const { return text_; }

 private:
  void Append(const char* part) {
    const size_t used = std::strlen(text_);
    std::strncat(text_, part, sizeof(text_) - used - 1);
  }
  char text_[128] = {};
};

}  // namespace prong::fork
