// Replaces this process, as a fresh program expects to find it, or leaves it as it was.
#pragma once

#include <vector>

namespace prong::process {

struct Program {
  std::vector<const char*> candidates;  // files to try, in this order
  char* const* argv;                    // ends with nullptr
  char* const* envp;                    // ends with nullptr
};

// Returns only on failure: -errno, with everything put back.
int Exec(const Program& program);

}  // namespace prong::process
