// The isolate's own generator: it seeds Math.random of new vm contexts, and numbers the objects that become
// keys of collections. It lies in the C heap. It is found and proved by the numbers it gave to a few objects.
#pragma once

#include <cstdint>
#include <vector>

namespace prong::fork {

// The number of an object without properties (a tagged pointer) that is a key of a collection; 0 where it has
// none.
uint32_t HashOf(uintptr_t object);

class SeedState {
 public:
  // `hashes`: of objects that were made keys one right after the other, just now. They must be unforgeable: 6
  // or more.
  bool Find(const std::vector<uint32_t>& hashes);

  // Gives the generator new entropy, where it made these.
  bool Renew(const std::vector<uint32_t>& hashes) const;

 private:
  uintptr_t address_ = 0;
};

}  // namespace prong::fork
