#include "core/fork/memory.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <sys/uio.h>
#include <unistd.h>

namespace prong::fork {

bool ReadMemory(uintptr_t from, void* to, size_t size) {
  iovec local{to, size};
  iovec remote{reinterpret_cast<void*>(from), size};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(size);
}

bool WriteMemory(uintptr_t to, const void* from, size_t size) {
  iovec local{const_cast<void*>(from), size};
  iovec remote{reinterpret_cast<void*>(to), size};
  return process_vm_writev(getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(size);
}

}  // namespace prong::fork

#endif
