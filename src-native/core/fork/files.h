// After a fork both sides read a file through one shared offset, and a stream that both go on reading is torn.
#pragma once

#include <vector>

namespace prong::fork {

// In the child: gives every file that is open for reading only a description of its own, at the same offset.
void SeparateReadOffsets(const std::vector<int>& fds);

}  // namespace prong::fork
