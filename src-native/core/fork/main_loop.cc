#include "core/fork/main_loop.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <vector>

#include "core/fork/inotify.h"

namespace prong::fork {

namespace {

template <typename T>
T* FromQueue(const uv__queue* node, size_t offset) {
  return reinterpret_cast<T*>(reinterpret_cast<uintptr_t>(node) - offset);
}

// The handles whose callback was on its way; uv_loop_fork() forgets them.
std::vector<uv_async_t*> PendingAsyncs(uv_loop_t* loop) {
  std::vector<uv_async_t*> pending;
  for (const uv__queue* node = loop->async_handles.next; node != &loop->async_handles; node = node->next) {
    auto* handle = FromQueue<uv_async_t>(node, offsetof(uv_async_t, queue));
    if (handle->pending != 0) pending.push_back(handle);
  }
  return pending;
}

// Signals that were caught and not yet dispatched are the parent's: the child's pipe is new, and a count that
// says otherwise keeps a closed handle waiting for ever (libuv 3483).
void ForgetCaughtSignals(uv_loop_t* loop) {
  const auto forget = [](uv_handle_t* handle, void*) {
    if (handle->type != UV_SIGNAL) return;
    auto* signal = reinterpret_cast<uv_signal_t*>(handle);
    signal->caught_signals = 0;
    signal->dispatched_signals = 0;
  };
  uv_walk(loop, forget, nullptr);
  loop->child_watcher.caught_signals = 0;
  loop->child_watcher.dispatched_signals = 0;
}

// Takes every free descriptor below `limit`, so that what is closed next is what is opened next.
class LowDescriptors {
 public:
  explicit LowDescriptors(int limit) {
    for (;;) {
      const int fd = fcntl(limit, F_DUPFD_CLOEXEC, 0);
      if (fd < 0) return;
      if (fd > limit) {
        close(fd);
        return;
      }
      taken_.push_back(fd);
    }
  }
  ~LowDescriptors() {
    for (const int fd : taken_) close(fd);
  }
  LowDescriptors(const LowDescriptors&) = delete;
  LowDescriptors& operator=(const LowDescriptors&) = delete;

 private:
  std::vector<int> taken_;
};

}  // namespace

int RepairLoopInChild(uv_loop_t* loop) {
  const std::vector<uv_async_t*> pending = PendingAsyncs(loop);
  ForgetCaughtSignals(loop);
  const int backend = loop->backend_fd;

  // libuv would move the watches to new numbers while it may stand in the middle of walking them.
  const int inotify = loop->inotify_fd;
  void* watchers = loop->inotify_watchers;
  loop->inotify_fd = -1;
  loop->inotify_watchers = nullptr;
  int err;
  {
    // uv__io_poll() keeps the number of the epoll set on its stack.
    const LowDescriptors low(backend);
    err = uv_loop_fork(loop);
  }
  loop->inotify_fd = inotify;
  loop->inotify_watchers = watchers;
  if (err != 0) return err;
  if (loop->backend_fd != backend) return -EBADF;
  if (inotify >= 0) {
    err = RenewInotify(loop);
    if (err != 0) return err;
  }

  for (uv_async_t* handle : pending) uv_async_send(handle);
  if (loop->wq.next != &loop->wq) uv_async_send(&loop->wq_async);
  return 0;
}

void LeavePaths(uv_loop_t* loop) {
  const auto leave = [](uv_handle_t* handle, void*) {
    if (handle->type != UV_NAMED_PIPE) return;
    auto* pipe = reinterpret_cast<uv_pipe_t*>(handle);
    // The text is libuv's; a few bytes that are never freed are better than the wrong allocator.
    pipe->pipe_fname = nullptr;
  };
  uv_walk(loop, leave, nullptr);
}

}  // namespace prong::fork

#endif
