#include "core/fork/writes.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace prong::fork {

namespace {

bool IsEmpty(const uv__queue* queue) { return queue->next == queue; }

void Remove(uv__queue* node) {
  node->prev->next = node->next;
  node->next->prev = node->prev;
}

void InsertTail(uv__queue* queue, uv__queue* node) {
  node->next = queue;
  node->prev = queue->prev;
  node->prev->next = node;
  queue->prev = node;
}

// A shutdown that waits behind writes would now go out at once, over the connection that the parent still
// writes to. It gets an end of a dead one under the same number; the child had no more use of it for output.
void DivertShutdown(uv_stream_t* stream) {
  const int fd = stream->io_watcher.fd;
  if (stream->shutdown_req == nullptr || fd < 0) return;
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) return;
  dup3(pair[0], fd, O_CLOEXEC);
  close(pair[0]);
  close(pair[1]);
}

// As libuv does with a write that went through: to the completed ones, whose callbacks the loop's next turn
// runs.
void Drop(uv_stream_t* stream) {
  if (IsEmpty(&stream->write_queue)) return;
  DivertShutdown(stream);
  while (!IsEmpty(&stream->write_queue)) {
    uv__queue* node = stream->write_queue.next;
    auto* request =
        reinterpret_cast<uv_write_t*>(reinterpret_cast<uintptr_t>(node) - offsetof(uv_write_t, queue));
    Remove(node);
    request->error = 0;
    InsertTail(&stream->write_completed_queue, node);
  }
  uv__io_t* watcher = &stream->io_watcher;
  if (IsEmpty(&watcher->pending_queue)) InsertTail(&stream->loop->pending_queue, &watcher->pending_queue);
}

void Visit(uv_handle_t* handle, void*) {
  switch (handle->type) {
    case UV_NAMED_PIPE:
    case UV_TCP:
    case UV_TTY:
      Drop(reinterpret_cast<uv_stream_t*>(handle));
      break;
    default:
      break;
  }
}

}  // namespace

void DropQueuedWrites(uv_loop_t* loop) { uv_walk(loop, Visit, nullptr); }

}  // namespace prong::fork

#endif
