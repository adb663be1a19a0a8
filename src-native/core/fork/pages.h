// Node maps V8's pages MADV_DONTFORK, so that a fork for an exec is cheap. A real fork needs them: they are
// made inheritable for its duration, and exactly they are marked again afterwards.
#pragma once

#include <cstdint>
#include <vector>

#include "core/fork/layout.h"
#include "core/fork/thread_ring.h"

namespace prong::fork {

class HeapPages {
 public:
  // Looks at the process's mappings. Nothing else may map or unmap meanwhile. 0 or -errno.
  int Read();
  // Makes the marked mappings inheritable.
  void MakeInheritable() const;
  // Marks them again, in the parent, and in the child (for its own children's sake), before either maps
  // anything: malloc's memory in place of a page of V8's would be missing from what the process spawns.
  void MarkAgain() const;
  // The memory of malloc and of static data.
  std::vector<Range> OrdinaryMemory() const;
  // V8's own memory, as far as it can be written to.
  std::vector<Range> HeapMemory() const;
  // The io_uring mappings seen on the way.
  const std::vector<RingMapping>& rings() const { return rings_; }

 private:
  bool ReadAll();
  bool ReadChanges();
  bool Try();
  void BuildRuns();

  struct Mapping {
    Range range;
    bool plain = false;    // private, anonymous, without a name
    bool special = false;  // madvise refuses it
    bool marked = false;
    bool writable = false;
    bool mallocs = false;  // could be malloc's, by its protection
  };
  int ReadMaps(std::vector<Mapping>* mappings);
  size_t Capacity() const;

  std::vector<Mapping> mappings_;
  std::vector<Mapping> after_;  // as mappings_, once the new ones were tried
  std::vector<Range> tried_;
  std::vector<Range> marked_;        // what is marked, sorted
  std::vector<Range> unmarked_;      // large ones that were tried and are not, sorted
  std::vector<Range> inherit_runs_;  // for DOFORK: may span unmarked mappings
  std::vector<Range> restore_runs_;  // for DONTFORK: marked mappings and holes only
  std::vector<RingMapping> rings_;
  std::vector<char> buffer_;
  bool known_ = false;
};

}  // namespace prong::fork
