// Reading and writing memory that need not be there.
#pragma once

#include <cstddef>
#include <cstdint>

namespace prong::fork {

bool ReadMemory(uintptr_t from, void* to, size_t size);
bool WriteMemory(uintptr_t to, const void* from, size_t size);

// As V8 tags its pointers (not compressed ones, which Node does not use).
constexpr uint64_t kObjectTag = 1;
inline bool IsObject(uint64_t word) { return (word & 3) == kObjectTag && word > 0xffff && word >> 47 == 0; }

}  // namespace prong::fork
