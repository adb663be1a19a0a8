// The tracker itself: runs in a bare copy of a process, where only system calls are safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/memory/tracker.h"

namespace prong::tracker {

enum class Command : uint8_t { kAnnounce = 1, kConfirm = 2, kForget = 3 };

struct Message {
  Command command;
  Kind kind;
  int64_t id;
  uint64_t device;
  uint64_t inode;
  char name[1024];
};

// `arena` is the descriptor whose lock ends with the program, or -1.
[[noreturn]] void RunTracker(int socket, int arena);

}  // namespace prong::tracker
