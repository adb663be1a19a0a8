#include "core/process/claims.h"

#include <pthread.h>

#include <unordered_map>

namespace prong::process {

namespace {

struct Counts {
  int owned = 0;
  int waited = 0;
};

// One table for all threads: the children are the process's. Held around a fork, so that the child finds it
// whole.
pthread_mutex_t g_mutex = PTHREAD_MUTEX_INITIALIZER;

std::unordered_map<pid_t, Counts>& Table() {
  static auto* table = [] {
    pthread_atfork([] { pthread_mutex_lock(&g_mutex); }, [] { pthread_mutex_unlock(&g_mutex); },
                   [] {
                     Table().clear();
                     pthread_mutex_unlock(&g_mutex);
                   });
    return new std::unordered_map<pid_t, Counts>;
  }();
  return *table;
}

class Locked {
 public:
  Locked() : table(Table()) { pthread_mutex_lock(&g_mutex); }
  ~Locked() { pthread_mutex_unlock(&g_mutex); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

  std::unordered_map<pid_t, Counts>& table;
};

int& Count(Counts& counts, ClaimKind kind) {
  return kind == ClaimKind::kOwned ? counts.owned : counts.waited;
}

}  // namespace

void Claim(pid_t pid, ClaimKind kind) {
  Locked locked;
  ++Count(locked.table[pid], kind);
}

void Unclaim(pid_t pid, ClaimKind kind) {
  Locked locked;
  const auto found = locked.table.find(pid);
  if (found == locked.table.end()) return;
  int& count = Count(found->second, kind);
  if (count > 0) --count;
  if (found->second.owned == 0 && found->second.waited == 0) locked.table.erase(found);
}

bool IsOwned(pid_t pid) {
  Locked locked;
  const auto found = locked.table.find(pid);
  return found != locked.table.end() && found->second.owned > 0;
}

bool IsClaimed(pid_t pid) {
  Locked locked;
  return locked.table.count(pid) != 0;
}

}  // namespace prong::process
