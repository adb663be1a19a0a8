// POSIX shared memory under a name, as CPython's multiprocessing.shared_memory makes and finds it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace prong::shm {

// A segment, mapped. `call` names the system call that failed.
struct Segment {
  void* data = nullptr;
  size_t size = 0;
  uint64_t device = 0;
  uint64_t inode = 0;
  const char* call = "";
};

// `name` starts with a slash. Each returns 0 or -errno.
// Takes the memory at once, so that a full system is an error here and no SIGBUS later.
int Create(const std::string& name, size_t size, Segment* segment);
int Attach(const std::string& name, Segment* segment);
int Unlink(const std::string& name);
void Unmap(void* data, size_t size);

}  // namespace prong::shm
