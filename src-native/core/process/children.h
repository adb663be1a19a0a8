#pragma once

#include <sys/types.h>

#include <vector>

namespace prong::process {

// The children of this process, zombies included, of all its threads.
std::vector<pid_t> Children();

}  // namespace prong::process
