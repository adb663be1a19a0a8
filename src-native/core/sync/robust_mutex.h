// A process-shared robust pthread mutex: the lock of last resort, under which the arena and the wait queues
// are changed.
#pragma once

#include <errno.h>
#include <pthread.h>

namespace prong {

class RobustMutex {
 public:
  void Init() {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&mutex_, &attributes);
    pthread_mutexattr_destroy(&attributes);
  }

  // True where the last holder died with it. The mutex is consistent again then; what it guards may need
  // repair.
  bool Lock() { return Settle(pthread_mutex_lock(&mutex_)); }

  // 0: taken; EOWNERDEAD: taken, and its last holder died; EBUSY: somebody alive holds it.
  int TryLock() {
    const int err = pthread_mutex_trylock(&mutex_);
    Settle(err);
    return err;
  }

  void Unlock() { pthread_mutex_unlock(&mutex_); }

 private:
  bool Settle(int err) {
    if (err == EOWNERDEAD) pthread_mutex_consistent(&mutex_);
    return err == EOWNERDEAD;
  }

  pthread_mutex_t mutex_;
};

}  // namespace prong
