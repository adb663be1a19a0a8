// Writes that wait in libuv's queues at a fork are the parent's: done on both sides, output would appear
// twice.
#pragma once

#include <uv.h>

namespace prong::fork {

// In the child: ends every queued write of the loop's streams with success and nothing written.
void DropQueuedWrites(uv_loop_t* loop);

}  // namespace prong::fork
