// A Process's child begins in the middle of whatever its parent was doing: frames of JavaScript, of Node and
// of libuv lie below it. It never returns to them. Instead they become its ground: Node and V8 are made to
// believe that nothing is running, and the event loop is run anew on top. What this writes to has no public
// name; it is found by experiment, and proved, before the first fork.
#pragma once

#include <uv.h>

#include <string>

namespace prong::child {

// Opens and closes one of Node's callback scopes; they nest.
struct ScopeProbe {
  void (*open)(void* data);
  void (*close)(void* data);
  void* data;
};

// In the parent, once: true where it can be done; otherwise the reason.
bool FindGround(const ScopeProbe& probe, std::string* why);

// In the child: forgets the parent's microtasks, and that any are being run; Node's callbacks count as
// outermost again; the loop has all its handles even if it stood in the middle of a walk over them.
void StandOnGround(uv_loop_t* loop);

// Node's own event loop, with all that it does at its end. Call it after StandOnGround(). The exit code.
int RunLoop();

}  // namespace prong::child
