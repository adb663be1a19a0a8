// What glibc has only since 2.32 and later under any version, and what the linked-in libstdc++ and libgcc ask
// for under a new one. These stand in for it inside the addon alone.
#include <features.h>

#if defined(__GLIBC__)
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PRONG_INSIDE extern "C" __attribute__((visibility("hidden")))

// Asked by shared_ptr; "no" is always safe.
extern "C" {
__attribute__((visibility("hidden"))) char __libc_single_threaded = 0;
}

PRONG_INSIDE int fstatat64(int directory, const char* path, struct stat64* result, int flags) noexcept {
  return static_cast<int>(syscall(SYS_newfstatat, directory, path, result, flags));
}

PRONG_INSIDE int fstat64(int fd, struct stat64* result) noexcept {
  return static_cast<int>(syscall(SYS_fstat, fd, result));
}

PRONG_INSIDE int stat64(const char* path, struct stat64* result) noexcept {
  return fstatat64(AT_FDCWD, path, result, 0);
}

PRONG_INSIDE int lstat64(const char* path, struct stat64* result) noexcept {
  return fstatat64(AT_FDCWD, path, result, AT_SYMLINK_NOFOLLOW);
}

#if defined(__x86_64__)
#define PRONG_OLDEST "GLIBC_2.2.5"
#else
#define PRONG_OLDEST "GLIBC_2.17"
#endif

extern "C" int prong_pthread_once(pthread_once_t*, void (*)(void));
__asm__(".symver prong_pthread_once,pthread_once@" PRONG_OLDEST);
PRONG_INSIDE int pthread_once(pthread_once_t* control, void (*run)(void)) {
  return prong_pthread_once(control, run);
}

extern "C" int prong_pthread_key_create(pthread_key_t*, void (*)(void*));
__asm__(".symver prong_pthread_key_create,pthread_key_create@" PRONG_OLDEST);
PRONG_INSIDE int pthread_key_create(pthread_key_t* key, void (*destroy)(void*)) noexcept {
  return prong_pthread_key_create(key, destroy);
}
PRONG_INSIDE int __pthread_key_create(pthread_key_t* key, void (*destroy)(void*)) noexcept {
  return prong_pthread_key_create(key, destroy);
}

// libgcc's unwinder goes on with dl_iterate_phdr when this finds nothing. Nothing here throws.
PRONG_INSIDE int _dl_find_object(void*, void*) { return -1; }

// Asked by std::random_device, which is linked in and not used.
PRONG_INSIDE uint32_t arc4random(void) {
  uint32_t value = 0;
  while (getrandom(&value, sizeof value, 0) != sizeof value) {
  }
  return value;
}
#endif
