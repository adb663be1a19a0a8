#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <linux/sched.h>
#include <sys/syscall.h>

namespace prong::fork {

asm(R"(
.text
.p2align 4
.globl prong_save_context
.hidden prong_save_context
.type prong_save_context, @function
prong_save_context:
  movq %rbx, 0(%rdi)
  movq %rbp, 8(%rdi)
  movq %r12, 16(%rdi)
  movq %r13, 24(%rdi)
  movq %r14, 32(%rdi)
  movq %r15, 40(%rdi)
  leaq 8(%rsp), %rax
  movq %rax, 48(%rdi)
  movq (%rsp), %rax
  movq %rax, 56(%rdi)
  xorl %eax, %eax
  ret
.size prong_save_context, .-prong_save_context

.p2align 4
.globl prong_resume_context
.hidden prong_resume_context
.type prong_resume_context, @function
prong_resume_context:
  movq 0(%rdi), %rbx
  movq 8(%rdi), %rbp
  movq 16(%rdi), %r12
  movq 24(%rdi), %r13
  movq 32(%rdi), %r14
  movq 40(%rdi), %r15
  movq 48(%rdi), %rsp
  movl $1, %eax
  jmpq *56(%rdi)
.size prong_resume_context, .-prong_resume_context
)");

extern "C" long prong_clone_thread(void* stack_top, void* tls, int* tid, bool set_tid, void (*entry)(void*),
                                   void* argument) {
  const long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                     CLONE_SETTLS | CLONE_CHILD_CLEARTID | (set_tid ? CLONE_PARENT_SETTID : 0);
  // The new thread finds its entry and argument on its stack: it shares no registers with a C++ frame.
  auto** top = reinterpret_cast<void**>(reinterpret_cast<uintptr_t>(stack_top) & ~uintptr_t{15});
  *--top = argument;
  *--top = reinterpret_cast<void*>(entry);
  register long r10 asm("r10") = reinterpret_cast<long>(tid);
  register long r8 asm("r8") = reinterpret_cast<long>(tls);
  long result;
  asm volatile(
      "syscall\n"
      "testq %%rax, %%rax\n"
      "jnz 1f\n"
      "xorl %%ebp, %%ebp\n"
      "popq %%rax\n"
      "popq %%rdi\n"
      "callq *%%rax\n"
      "hlt\n"
      "1:"
      : "=a"(result)
      : "a"(static_cast<long>(SYS_clone)), "D"(flags), "S"(top), "d"(tid), "r"(r10), "r"(r8)
      : "rcx", "r11", "memory");
  return result;
}

}  // namespace prong::fork

#endif
