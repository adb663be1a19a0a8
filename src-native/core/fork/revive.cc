#include "core/fork/revive.h"

#if PRONG_FORK_THREADS

#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

namespace prong::fork {

namespace {

constexpr uint32_t kRseqSignature = 0x53053053;  // glibc's RSEQ_SIG on x86
constexpr int kRseqFailed = -2;                  // RSEQ_CPU_ID_REGISTRATION_FAILED

const Layout* g_layout = nullptr;

// On the revived thread, every signal blocked: what the kernel knows of a thread and a clone does not copy.
void Enter(void* argument) {
  const auto* thread = static_cast<const Parked*>(argument);
  Sys(SYS_prctl, PR_SET_NAME, reinterpret_cast<long>(thread->name));
  if (thread->robust_list != nullptr) {
    Sys(SYS_set_robust_list, reinterpret_cast<long>(thread->robust_list),
        static_cast<long>(thread->robust_size));
  }
  if (g_layout->rseq_size != 0) {
    auto* area = reinterpret_cast<char*>(thread->thread_pointer + g_layout->rseq_offset);
    auto* cpu = reinterpret_cast<std::atomic<int>*>(area + 4);
    const bool registered = cpu->load(std::memory_order_relaxed) >= 0;
    if (registered &&
        Sys(SYS_rseq, reinterpret_cast<long>(area), g_layout->rseq_size, 0, kRseqSignature) != 0) {
      cpu->store(kRseqFailed, std::memory_order_relaxed);
    }
  }
  prong_resume_context(&thread->context);
}

// The id in a thread block that is not the kernel's: glibc compares it to the owner of a recursive mutex or
// of a read-write lock, so a thread that may hold one goes on under the id by which it took it.
struct KeptId {
  uintptr_t thread_pointer;
  int tid;
};
OwnVector<KeptId> g_kept;

// Whether `tid` is what the block of this thread should say. Forgets what was kept for it, or for an ended
// one that had the same block.
bool IsIdOf(const Parked& thread, int tid) {
  bool kept = false;
  std::erase_if(g_kept, [&](const KeptId& id) {
    if (id.thread_pointer != thread.thread_pointer) return false;
    kept = kept || id.tid == tid;
    return true;
  });
  return kept || tid == thread.tid;
}

struct TestStack {
  std::atomic<int> leave{0};
  int tid = 0;
  alignas(16) char stack[1024];
};

void EnterTest(void* argument) {
  auto* test = static_cast<TestStack*>(argument);
  while (test->leave.load(std::memory_order_acquire) == 0) CpuRelax();
  for (;;) Sys(SYS_exit, 0);
}

}  // namespace

int Revive(Parked* thread, const Layout& layout) {
  g_layout = &layout;
  int* tid = TidOf(thread->thread_pointer, layout);
  if (!IsIdOf(*thread, *tid)) return -EINVAL;
  if (!thread->at_rest) g_kept.push_back({thread->thread_pointer, *tid});
  const long result =
      prong_clone_thread(thread->stack + kRevivalStack, reinterpret_cast<void*>(thread->thread_pointer), tid,
                         thread->at_rest, Enter, thread);
  if (result < 0) return static_cast<int>(result);
  thread->tid = static_cast<pid_t>(result);
  thread->reviving = true;
  return 0;
}

void Forget(const Parked& thread, const Layout& layout) {
  int* tid = TidOf(thread.thread_pointer, layout);
  if (IsIdOf(thread, *tid)) *tid = 0;
}

bool CanStartThreads(int count) {
  const size_t size = sizeof(TestStack) * static_cast<size_t>(count);
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  auto* tests = static_cast<TestStack*>(memory);
  const uintptr_t self = ThreadPointer();
  int started = 0;
  while (started < count) {
    TestStack* test = new (&tests[started]) TestStack;
    // The thread pointer is the caller's: the test touches nothing behind it.
    const long result = prong_clone_thread(test->stack + sizeof(test->stack), reinterpret_cast<void*>(self),
                                           &test->tid, true, EnterTest, test);
    if (result < 0) break;
    ++started;
  }
  for (int i = 0; i < started; ++i) tests[i].leave.store(1, std::memory_order_release);
  for (int i = 0; i < started; ++i) {
    auto* tid = reinterpret_cast<std::atomic<int>*>(&tests[i].tid);
    while (tid->load(std::memory_order_acquire) != 0) CpuRelax();
  }
  munmap(memory, size);
  return started == count;
}

}  // namespace prong::fork

#endif
