// What of the event loop is the parent's falls silent in a Process's child: nothing that the program waited
// for is heard of, and its connections are let go, so that they end when the parent ends them.
#pragma once

#include <uv.h>

#include <vector>

namespace prong::child {

// In the child. Handles over a descriptor in `keep` stay as they are, and so do the addon's own. 0 or -errno.
int QuietLoop(uv_loop_t* loop, const std::vector<int>& keep);

// In the child, once the parent's handlers are gone: a signal that they caught since the fork was meant for
// the child, and does now what it does without them.
void RaiseCaughtSignals();

}  // namespace prong::child
