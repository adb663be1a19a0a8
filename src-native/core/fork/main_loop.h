// The event loop of the forking thread: what the child must repair in it, around uv_loop_fork().
#pragma once

#include <uv.h>

namespace prong::fork {

// In the child. 0 or a negative errno.
int RepairLoopInChild(uv_loop_t* loop);

// In the child: closing a listening socket no longer unlinks its path, which is the parent's.
void LeavePaths(uv_loop_t* loop);

}  // namespace prong::fork
