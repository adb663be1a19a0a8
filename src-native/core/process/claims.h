// Whose child is whose: who waits for "any child" must not take a status that somebody else in this process
// waits for.
#pragma once

#include <sys/types.h>

namespace prong::process {

enum class ClaimKind {
  kOwned,   // started and reaped by a part of prong: others may look at its status, never take it
  kWaited,  // somebody waits for just this one
};

// Counted. Holds until Unclaim; a forked child starts with none.
void Claim(pid_t pid, ClaimKind kind);
void Unclaim(pid_t pid, ClaimKind kind);

bool IsOwned(pid_t pid);
bool IsClaimed(pid_t pid);

}  // namespace prong::process
