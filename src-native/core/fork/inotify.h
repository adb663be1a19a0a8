// A forked child shares its parent's inotify instance, and each would take the other's events.
#pragma once

#include <uv.h>

namespace prong::fork {

// Gives the loop an instance of its own under the same descriptor, with the same watches under the same
// numbers. What is gone by now is left out. 0 or -errno.
int RenewInotify(uv_loop_t* loop);

}  // namespace prong::fork
