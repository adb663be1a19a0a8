// Ends a program and everything that it started.
#pragma once

#include <sys/types.h>

#include <vector>

namespace prong::spawn {

struct Tree {
  pid_t root;
  int root_pidfd;    // -1 where there is none
  bool root_alive;   // false: it has ended and been reaped, only its orphans are looked for
  bool leads_group;  // the root was started as the leader of a session or process group
  bool only_thread;  // no other thread of this process starts programs
  std::vector<int>
      our_pipes;  // our ends of its pipes: who holds the other end belongs to it, orphaned or not
};

// Stops all, so that nobody can fork away, then sends the signal to all (and lets them run again if it isn't
// SIGKILL). With SIGKILL it also waits, briefly, and reaps the descendants; the root is left to its owner.
// Returns how many processes were signalled. Orphans of other programs that became our children meanwhile are
// added to `adopted`: they are ours to reap when they end.
int SignalTree(const Tree& tree, int signal, std::vector<pid_t>* adopted);

}  // namespace prong::spawn
