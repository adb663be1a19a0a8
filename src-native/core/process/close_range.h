// Closing many descriptors in a process whose event loop would abort without its own.
#pragma once

#include <vector>

namespace prong::process {

// Remembers the pipes that Node made for itself. To be called before any JavaScript of the user's makes
// pipes.
void NoteNodePipes();

// Closes those from `low` up to but not including `high`, except for `keep` and what Node works by: epoll
// sets, eventfds, rings and libuv's pipe for signals. With `keep_own` prong's shared memory and the pidfds it
// waits by are left, too.
void CloseRange(int low, int high, const std::vector<int>& keep, bool keep_own = false);

}  // namespace prong::process
