// Included before every source file (binding.gyp, CMakeLists.txt): keeps a binary that is built on a new
// glibc loadable on 2.28. glibc 2.34 moved libpthread and libdl into libc and gave their functions new
// versions; the old ones are the same code under the number every glibc has. scripts/check-glibc.js fails
// when something newer slips in.
#pragma once
#include <features.h>

#if defined(__GLIBC__) && (defined(__x86_64__) || defined(__aarch64__))

#if defined(__x86_64__)
#define PRONG_OLD(name, version) __asm__(".symver " #name "," #name "@GLIBC_" version)
#else
// The first glibc for aarch64 is 2.17: all that is older has that number there.
#define PRONG_OLD(name, version) __asm__(".symver " #name "," #name "@GLIBC_2.17")
#endif

PRONG_OLD(dladdr, "2.2.5");
PRONG_OLD(dlclose, "2.2.5");
PRONG_OLD(dlerror, "2.2.5");
PRONG_OLD(dlopen, "2.2.5");
PRONG_OLD(dlsym, "2.2.5");
PRONG_OLD(pthread_attr_getstack, "2.2.5");
PRONG_OLD(pthread_attr_setstack, "2.2.5");
PRONG_OLD(pthread_attr_setstacksize, "2.2.5");
PRONG_OLD(pthread_create, "2.2.5");
PRONG_OLD(pthread_detach, "2.2.5");
PRONG_OLD(pthread_getattr_np, "2.2.5");
PRONG_OLD(pthread_getspecific, "2.2.5");
PRONG_OLD(pthread_join, "2.2.5");
PRONG_OLD(pthread_key_delete, "2.2.5");
PRONG_OLD(pthread_kill, "2.2.5");
PRONG_OLD(pthread_mutex_consistent, "2.12");
PRONG_OLD(pthread_mutex_timedlock, "2.2.5");
PRONG_OLD(pthread_mutex_trylock, "2.2.5");
PRONG_OLD(pthread_mutexattr_destroy, "2.2.5");
PRONG_OLD(pthread_mutexattr_init, "2.2.5");
PRONG_OLD(pthread_mutexattr_setprotocol, "2.4");
PRONG_OLD(pthread_mutexattr_setpshared, "2.2.5");
PRONG_OLD(pthread_mutexattr_setrobust, "2.12");
PRONG_OLD(pthread_mutexattr_settype, "2.2.5");
PRONG_OLD(pthread_setname_np, "2.12");
PRONG_OLD(pthread_getname_np, "2.12");
PRONG_OLD(pthread_setspecific, "2.2.5");
PRONG_OLD(pthread_sigmask, "2.2.5");
PRONG_OLD(pthread_rwlock_rdlock, "2.2.5");
PRONG_OLD(pthread_rwlock_unlock, "2.2.5");
PRONG_OLD(pthread_rwlock_wrlock, "2.2.5");
PRONG_OLD(sem_destroy, "2.2.5");
PRONG_OLD(sem_init, "2.2.5");
PRONG_OLD(sem_post, "2.2.5");
PRONG_OLD(sem_timedwait, "2.2.5");
PRONG_OLD(sem_trywait, "2.2.5");
PRONG_OLD(sem_wait, "2.2.5");
PRONG_OLD(shm_open, "2.2.5");
PRONG_OLD(shm_unlink, "2.2.5");

#undef PRONG_OLD
#endif
