// After a fork both sides read a file through one shared offset, and a stream that both go on reading is
// torn.
#pragma once

#include <sys/types.h>

#include <vector>

namespace prong::fork {

// A file that is open for reading only.
struct ReadFile {
  int fd;
  int flags;
  off_t offset;
  dev_t device;
  ino_t inode;
};

// Before the fork, while nothing moves the offsets.
std::vector<ReadFile> ListReadFiles();

// In the child: gives each a description of its own, at the same offset.
void SeparateReadOffsets(const std::vector<ReadFile>& files);

}  // namespace prong::fork
