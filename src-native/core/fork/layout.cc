#include "core/fork/layout.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uv.h>

#include <cstring>
#include <memory>
#include <mutex>

namespace prong::fork {

namespace {

constexpr size_t kMaxThreadBlock = 2304;  // no glibc so far has a larger struct pthread

struct Probe {
  sem_t ready;
  sem_t leave;
  uintptr_t thread_pointer = 0;
  int tid = 0;
};

void* ProbeMain(void* argument) {
  auto* probe = static_cast<Probe*>(argument);
  probe->thread_pointer = ThreadPointer();
  probe->tid = static_cast<int>(Sys(SYS_gettid));
  sem_post(&probe->ready);
  while (sem_wait(&probe->leave) != 0) {
  }
  return nullptr;
}

template <typename T>
T At(uintptr_t base, size_t offset) {
  T value;
  std::memcpy(&value, reinterpret_cast<const void*>(base + offset), sizeof(value));
  return value;
}

// The tid stands at the one offset that holds the right value in two threads; the start routine stands, with
// its argument behind it, in the probe's block.
std::string FindOffsets(Layout* layout, bool* known) {
  Probe probe;
  sem_init(&probe.ready, 0, 0);
  sem_init(&probe.leave, 0, 0);
  pthread_t thread;
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  const int err = pthread_create(&thread, nullptr, ProbeMain, &probe);
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  *known = err == 0;
  if (err != 0) return std::string("a probe thread could not be started: ") + strerror(err);
  while (sem_wait(&probe.ready) != 0) {
  }

  const uintptr_t self = ThreadPointer();
  const int tid = static_cast<int>(Sys(SYS_gettid));
  int tids = 0;
  int starts = 0;
  for (size_t offset = 0; offset < kMaxThreadBlock; offset += 4) {
    if (At<int>(self, offset) == tid && At<int>(probe.thread_pointer, offset) == probe.tid) {
      layout->tid_offset = offset;
      ++tids;
    }
  }
  for (size_t offset = 0; offset < kMaxThreadBlock; offset += 8) {
    if (At<void* (*)(void*)>(probe.thread_pointer, offset) == ProbeMain &&
        At<void*>(probe.thread_pointer, offset + 8) == &probe) {
      layout->start_offset = offset;
      ++starts;
    }
  }
  const bool block_is_handle = probe.thread_pointer == thread;
  sem_post(&probe.leave);
  pthread_join(thread, nullptr);
  sem_destroy(&probe.ready);
  sem_destroy(&probe.leave);
  if (!block_is_handle) return "pthread_t is not the thread pointer";
  if (tids != 1) return "the thread id was not found in struct pthread";
  if (starts != 1) return "the start routine was not found in struct pthread";
  return {};
}

struct ModuleSearch {
  uintptr_t inside;
  Range found;
};

int VisitModule(dl_phdr_info* info, size_t, void* data) {
  auto* search = static_cast<ModuleSearch*>(data);
  Range range{UINTPTR_MAX, 0};
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) & header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD) continue;
    const uintptr_t begin = info->dlpi_addr + header.p_vaddr;
    if (begin < range.begin) range.begin = begin;
    if (begin + header.p_memsz > range.end) range.end = begin + header.p_memsz;
  }
  if (!range.Has(search->inside)) return 0;
  search->found = range;
  return 1;
}

int FindFreeSignal() {
  for (int signal = SIGRTMAX - 1; signal > SIGRTMIN; --signal) {
    struct sigaction action;
    if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_DFL) return signal;
  }
  return 0;
}

// With shadow stacks the processor refuses a jump into a saved frame.
bool HasShadowStack() {
  constexpr long kArchShstkStatus = 0x5005;
  unsigned long status = 0;
  return Sys(SYS_arch_prctl, kArchShstkStatus, reinterpret_cast<long>(&status)) == 0 && status != 0;
}

std::string Discover(Layout* layout, bool* known) {
  if (HasShadowStack()) return "shadow stacks are switched on";
  std::string reason = FindOffsets(layout, known);
  if (!reason.empty()) return reason;

  layout->node = ModuleOf(reinterpret_cast<uintptr_t>(&uv_run));
  layout->libc = ModuleOf(reinterpret_cast<uintptr_t>(dlsym(RTLD_DEFAULT, "malloc_usable_size")));
  if (void* libc_symbol = dlsym(RTLD_DEFAULT, "gnu_get_libc_version")) {
    layout->libc = ModuleOf(reinterpret_cast<uintptr_t>(libc_symbol));
  }
  layout->loader = ModuleOf(reinterpret_cast<uintptr_t>(dlsym(RTLD_DEFAULT, "_r_debug")));
  if (layout->node.end == 0 || layout->libc.end == 0) return "the modules of Node and libc were not found";

  layout->current_isolate =
      reinterpret_cast<void* (*)()>(dlsym(RTLD_DEFAULT, "_ZN2v87Isolate13TryGetCurrentEv"));
  if (layout->current_isolate == nullptr) return "v8::Isolate::TryGetCurrent is not exported";
  if (layout->current_isolate() == nullptr) return "the calling thread has no isolate";

  layout->park_signal = FindFreeSignal();
  if (layout->park_signal == 0) return "no realtime signal is free";

  const auto* size = static_cast<const unsigned*>(dlsym(RTLD_DEFAULT, "__rseq_size"));
  const auto* offset = static_cast<const ptrdiff_t*>(dlsym(RTLD_DEFAULT, "__rseq_offset"));
  if (size != nullptr && offset != nullptr && *size != 0) {
    layout->rseq_size = *size < 32 ? 32 : *size;
    layout->rseq_offset = *offset;
  }
  return {};
}

}  // namespace

Range ModuleOf(uintptr_t address) {
  ModuleSearch search{address, {}};
  dl_iterate_phdr(VisitModule, &search);
  return search.found;
}

const Layout* GetLayout(std::string* reason) {
  struct Result {
    Layout layout;
    std::string reason;
  };
  static std::mutex mutex;
  static const Result* result = nullptr;
  const std::lock_guard<std::mutex> lock(mutex);
  if (result == nullptr) {
    auto found = std::make_unique<Result>();
    bool known = true;
    found->reason = Discover(&found->layout, &known);
    if (!known) {
      if (reason != nullptr) *reason = found->reason;
      return nullptr;
    }
    result = found.release();
  }
  if (reason != nullptr) *reason = result->reason;
  return &result->layout;
}

}  // namespace prong::fork

#endif
