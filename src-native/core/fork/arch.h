// The few instructions that C++ has no words for: raw system calls, a thread's saved context, and the start
// of a thread on somebody else's thread block. Linux x86-64 only; other machines get no grade above "basic".
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__linux__) && defined(__x86_64__) && defined(__GLIBC__)
#define PRONG_FORK_THREADS 1
#else
#define PRONG_FORK_THREADS 0
#endif

#if PRONG_FORK_THREADS

namespace prong::fork {

// A system call that leaves errno alone: a parked thread must look untouched. Answers -errno.
inline long Sys(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

// What a function call keeps: enough to come back to the middle of the park handler on its own stack.
struct Context {
  uint64_t rbx, rbp, r12, r13, r14, r15, rsp, rip;
};

// As setjmp: 0 when it saves, 1 when Resume() comes back to it.
extern "C" int prong_save_context(Context* context) __attribute__((returns_twice, visibility("hidden")));
// As longjmp.
extern "C" [[noreturn]] void prong_resume_context(const Context* context)
    __attribute__((visibility("hidden")));

// Starts a thread that calls entry(argument) on `stack_top` with `tls` as its thread pointer. The kernel
// writes the new thread's id to *tid where `set_tid` says so, and clears it (waking joiners) when the thread
// ends. Answers the id or -errno.
extern "C" long prong_clone_thread(void* stack_top, void* tls, int* tid, bool set_tid, void (*entry)(void*),
                                   void* argument) __attribute__((visibility("hidden")));

inline uintptr_t ThreadPointer() {
  uintptr_t self;
  asm("movq %%fs:0x10, %0" : "=r"(self));
  return self;
}

inline void CpuRelax() { asm volatile("pause"); }

// "syscall" as the processor sees it.
inline bool IsSyscallInstruction(uintptr_t address) {
  const auto* code = reinterpret_cast<const unsigned char*>(address);
  return code[0] == 0x0f && code[1] == 0x05;
}
constexpr uintptr_t kSyscallInstructionSize = 2;

}  // namespace prong::fork

#endif
