// The futex calls that are needed, on words in shared memory. All times are nanoseconds of CLOCK_MONOTONIC.
#pragma once

#include <atomic>
#include <cstdint>

namespace prong {

int64_t NowNs();

// Sleeps while the word holds `expected`, at most `ns`. Returns early on a wake-up or a signal: the caller
// looks again.
void FutexWait(std::atomic<uint32_t>* word, uint32_t expected, int64_t ns);

void FutexWake(std::atomic<uint32_t>* word, int count);

inline void CpuRelax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace prong
