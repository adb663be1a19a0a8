// Descriptors. Each call returns what it made (0 where that is nothing) or -errno.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace prong::process {

int Pipe(bool inheritable, int (&ends)[2]);
int Dup(int fd, bool inheritable);
// The same number twice only sets what becomes of it at an exec.
int Dup2(int from, int to, bool inheritable);
int Close(int fd);
ssize_t Read(int fd, void* memory, size_t size);
ssize_t Write(int fd, const void* memory, size_t size);

}  // namespace prong::process
