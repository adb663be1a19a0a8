#include "core/memory/block.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace prong::block {

namespace {

// Without these a mapping could lose its end, and a look at it would be a SIGBUS.
constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

int Fill(int fd, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t written = write(fd, bytes, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      return -errno;
    }
    bytes += written;
    size -= static_cast<size_t>(written);
  }
  return fcntl(fd, F_ADD_SEALS, kSeals) == 0 ? 0 : -errno;
}

}  // namespace

int Pack(const void* bytes, size_t size) {
  const int fd = memfd_create("prong-block", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return -errno;
  const int error = Fill(fd, static_cast<const char*>(bytes), size);
  if (error == 0) return fd;
  close(fd);
  return error;
}

int Map(int fd, void** data, size_t* size) {
  struct stat info;
  if (fstat(fd, &info) != 0) return -errno;
  const int seals = fcntl(fd, F_GET_SEALS);
  if (seals < 0 || (seals & kSeals) != kSeals || info.st_size <= 0) return -EINVAL;
  *size = static_cast<size_t>(info.st_size);
  *data = mmap(nullptr, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  // Not populated beforehand: the kernel maps sixteen pages with each fault, which took less than half of it.
  return *data == MAP_FAILED ? -errno : 0;
}

void Unmap(void* data, size_t size) { munmap(data, size); }

}  // namespace prong::block
