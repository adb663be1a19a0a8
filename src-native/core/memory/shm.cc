#include "core/memory/shm.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace prong::shm {

namespace {

int Map(int fd, Segment* segment) {
  struct stat info;
  segment->call = "fstat";
  if (fstat(fd, &info) != 0) return -errno;
  segment->size = static_cast<size_t>(info.st_size);
  segment->device = info.st_dev;
  segment->inode = info.st_ino;
  segment->call = "mmap";
  void* data = mmap(nullptr, segment->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (data == MAP_FAILED) return -errno;
  segment->data = data;
  return 0;
}

int Reserve(int fd, size_t size) {
  if (ftruncate(fd, static_cast<off_t>(size)) != 0) return -errno;
  int result;
  do {
    result = fallocate(fd, 0, 0, static_cast<off_t>(size));
  } while (result != 0 && errno == EINTR);
  return result == 0 || errno == EOPNOTSUPP || errno == ENOSYS ? 0 : -errno;
}

}  // namespace

int Create(const std::string& name, size_t size, Segment* segment) {
  segment->call = "shm_open";
  const int fd = shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return -errno;
  segment->call = "fallocate";
  int error = Reserve(fd, size);
  if (error == 0) error = Map(fd, segment);
  close(fd);
  if (error != 0) shm_unlink(name.c_str());
  return error;
}

int Attach(const std::string& name, Segment* segment) {
  segment->call = "shm_open";
  const int fd = shm_open(name.c_str(), O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return -errno;
  const int error = Map(fd, segment);
  close(fd);
  return error;
}

int Unlink(const std::string& name) { return shm_unlink(name.c_str()) == 0 ? 0 : -errno; }

void Unmap(void* data, size_t size) { munmap(data, size); }

}  // namespace prong::shm
