// Takes names away when their makers have died, however they died. A process of its own, copied from this one
// without a Node in it, keeps the list; it notices the end of the socket that all forks of the program share,
// then waits until the last process that shares the arena has ended, and unlinks what is still there.
//
// It runs only while there is something in the list of a process that started it.
#pragma once

#include <cstdint>
#include <string>

namespace prong::tracker {

enum class Kind : uint8_t { kSharedMemory = 1, kFile = 2 };

// Announces a name that is about to be made. Returns a number above 0, or -errno.
int64_t Announce(Kind kind, const std::string& name);
// It has been made, and this is it; nothing else under its name is ever taken away.
void Confirm(int64_t id, uint64_t device, uint64_t inode);
// It was not made, or is gone.
void Forget(int64_t id);

// The tracker's socket, or -1: for tests and for who starts other programs.
int Fd();

}  // namespace prong::tracker
