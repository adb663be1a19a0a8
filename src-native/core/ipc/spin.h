// A short wait before a sleep: in a stream of messages the next one is there before the system could have put
// the thread to sleep and woken it.
#pragma once

#include "core/ipc/queue.h"

namespace prong {

// True where something seems to have come. Longer where that has helped lately, and hardly at all where it
// hasn't; on a single processor it lets others run instead.
bool SpinForItems(const QueueCore* queue);

}  // namespace prong
