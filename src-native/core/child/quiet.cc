#include "core/child/quiet.h"

#ifdef __linux__

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <utility>

extern "C" void NodeRunTimers(uv_timer_t*) __asm__("_ZN4node11Environment9RunTimersEP10uv_timer_s")
    __attribute__((weak));

namespace prong::child {

namespace {

constexpr int kLastStandardFd = 2;

struct Quieting {
  const std::vector<int>& keep;
  const void* own_image;
  int silent = -1;  // the end of a pipe that is never ready and can't be written to
  int error = 0;
};

// The parent's handlers; libuv forgets their numbers when they are closed, and itself only in the loop's next
// turn.
std::vector<std::pair<uv_signal_t*, int>>& Handlers() {
  static auto* handlers = new std::vector<std::pair<uv_signal_t*, int>>;  // the main thread's
  return *handlers;
}

const void* ImageOf(void* address) {
  Dl_info info;
  return address != nullptr && dladdr(address, &info) != 0 ? info.dli_fbase : nullptr;
}

void* CallbackOf(const uv_handle_t* handle) {
  switch (handle->type) {
    case UV_POLL:
      return reinterpret_cast<void*>(reinterpret_cast<const uv_poll_t*>(handle)->poll_cb);
    case UV_TIMER:
      return reinterpret_cast<void*>(reinterpret_cast<const uv_timer_t*>(handle)->timer_cb);
    case UV_SIGNAL:
      return reinterpret_cast<void*>(reinterpret_cast<const uv_signal_t*>(handle)->signal_cb);
    default:
      return nullptr;
  }
}

bool IsOwn(const uv_handle_t* handle, const void* own_image) {
  void* callback = CallbackOf(handle);
  return callback != nullptr && ImageOf(callback) == own_image;
}

void Remove(uv__queue* node) {
  node->prev->next = node->next;
  node->next->prev = node->prev;
  node->next = node->prev = node;
}

// As libuv stops a watcher.
void Unwatch(uv_loop_t* loop, uv__io_t* watcher) {
  watcher->pevents = 0;
  watcher->events = 0;
  Remove(&watcher->watcher_queue);
  const int fd = watcher->fd;
  if (fd < 0 || static_cast<unsigned>(fd) >= loop->nwatchers || loop->watchers[fd] != watcher) return;
  loop->watchers[fd] = nullptr;
  --loop->nfds;
}

// Lays something silent over the child's copy of a descriptor.
void Silence(int fd, Quieting* quieting) {
  if (fd <= kLastStandardFd) return;
  if (quieting->silent < 0) {
    int ends[2];
    // The writing end stays open, or the other one would read as ended.
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
      quieting->error = -errno;
      return;
    }
    quieting->silent = ends[0];
  }
  dup3(quieting->silent, fd, O_CLOEXEC);
}

void QuietWatcher(uv_handle_t* handle, uv__io_t* watcher, Quieting* quieting) {
  const int fd = watcher->fd;
  if (fd >= 0 && std::find(quieting->keep.begin(), quieting->keep.end(), fd) != quieting->keep.end()) return;
  Unwatch(handle->loop, watcher);
  // What waits on stdout and stderr to be called back goes on: the child writes there.
  if (fd < 1 || fd > kLastStandardFd) Remove(&watcher->pending_queue);
  uv_unref(handle);
  if (handle->type == UV_TCP || handle->type == UV_UDP || handle->type == UV_NAMED_PIPE)
    Silence(fd, quieting);
}

void Quiet(uv_handle_t* handle, void* data) {
  auto* quieting = static_cast<Quieting*>(data);
  if (uv_is_closing(handle) || IsOwn(handle, quieting->own_image)) return;
  switch (handle->type) {
    case UV_TCP:
    case UV_NAMED_PIPE:
    case UV_TTY:
      QuietWatcher(handle, &reinterpret_cast<uv_stream_t*>(handle)->io_watcher, quieting);
      break;
    case UV_UDP:
      QuietWatcher(handle, &reinterpret_cast<uv_udp_t*>(handle)->io_watcher, quieting);
      break;
    case UV_POLL:
      QuietWatcher(handle, &reinterpret_cast<uv_poll_t*>(handle)->io_watcher, quieting);
      break;
    case UV_FS_EVENT:
      uv_fs_event_stop(reinterpret_cast<uv_fs_event_t*>(handle));
      break;
    case UV_FS_POLL:
      uv_fs_poll_stop(reinterpret_cast<uv_fs_poll_t*>(handle));
      break;
    case UV_PROCESS:
      uv_unref(handle);
      break;
    case UV_SIGNAL: {
      auto* signal = reinterpret_cast<uv_signal_t*>(handle);
      uv_unref(handle);
      Handlers().emplace_back(signal, signal->signum);
      break;
    }
    case UV_TIMER:
      // Node's own runs the child's timers too; the parent's are taken out of its lists.
      if (NodeRunTimers != nullptr && reinterpret_cast<uv_timer_t*>(handle)->timer_cb != NodeRunTimers) {
        uv_timer_stop(reinterpret_cast<uv_timer_t*>(handle));
      }
      break;
    default:
      break;
  }
}

// Requests whose work is done and whose callbacks have not run.
void DropFinishedWork(uv_loop_t* loop) {
  uv_mutex_lock(&loop->wq_mutex);
  for (auto* list = reinterpret_cast<uv__queue*>(&loop->wq); list->next != list;) {
    Remove(list->next);
    if (loop->active_reqs.count > 0) --loop->active_reqs.count;
  }
  uv_mutex_unlock(&loop->wq_mutex);
}

}  // namespace

int QuietLoop(uv_loop_t* loop, const std::vector<int>& keep) {
  Quieting quieting{keep, ImageOf(reinterpret_cast<void*>(QuietLoop))};
  uv_walk(loop, Quiet, &quieting);
  if (quieting.silent >= 0) close(quieting.silent);
  DropFinishedWork(loop);
  loop->closing_handles = nullptr;
  return quieting.error;
}

void RaiseCaughtSignals() {
  for (const auto& [handle, number] : Handlers()) {
    const bool gone = uv_is_closing(reinterpret_cast<uv_handle_t*>(handle)) != 0;
    if (gone && handle->caught_signals != handle->dispatched_signals) kill(getpid(), number);
  }
  Handlers().clear();
}

}  // namespace prong::child

#else

namespace prong::child {

int QuietLoop(uv_loop_t*, const std::vector<int>&) { return 0; }
void RaiseCaughtSignals() {}

}  // namespace prong::child

#endif
