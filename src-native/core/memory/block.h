// Bytes that go from one process to another as a descriptor: written once by the sender, mapped by the
// receiver.
#pragma once

#include <cstddef>

namespace prong::block {

// A sealed file in memory that holds a copy of the bytes: its descriptor, or -errno.
int Pack(const void* bytes, size_t size);

// Maps what Pack made. Pages are copied as they are written to, here or in a forked process: it is memory
// like any other. Returns 0 or -errno; EINVAL for a descriptor that Pack didn't make. The descriptor stays
// the caller's.
int Map(int fd, void** data, size_t* size);

void Unmap(void* data, size_t size);

}  // namespace prong::block
