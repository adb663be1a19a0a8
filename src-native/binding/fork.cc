// fork() and what belongs to it. The order of the JavaScript around it is src/posix/fork.ts's.
#include "core/fork/fork.h"

#include <errno.h>
#include <napi.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "binding/init.h"
#include "util/error.h"

namespace prong {

namespace {

// undefined where fork() works here; otherwise the reason. Throws where that can't be found out just now.
Napi::Value WhyNot(const Napi::CallbackInfo& info) {
  std::string reason;
  const int err = fork::CanFork(&reason);
  if (err == 0) return info.Env().Undefined();
  if (err != ENOTSUP) return ThrowErrno(info.Env(), err, "fork", {}, reason);
  return Napi::String::New(info.Env(), reason);
}

Napi::Value Fork(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  fork::Options options;
  options.abandon_workers = info[0].ToBoolean();
  options.keep_paths = info[1].ToBoolean();
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return ThrowCode(env, "ENOTSUP", "fork: no event loop");
  const fork::Result result = fork::Fork(loop, options);
  if (result.pid >= 0) return Napi::Number::New(env, result.pid);
  if (result.live_worker) {
    return ThrowCode(
        env, "ERR_LIVE_WORKER",
        "fork() would copy a process with a live Worker, whose thread would not exist in the child. "
        "Terminate it first, or call fork({ workers: 'abandon' })");
  }
  return ThrowErrno(env, result.err, "fork", {}, result.why);
}

// Free memory of malloc's goes back to the system; what fork() must find out once is found out.
Napi::Value Warmup(const Napi::CallbackInfo& info) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  std::string reason;
  fork::CanFork(&reason);
  return info.Env().Undefined();
}

// 32 random bits of the system's.
Napi::Value Entropy(const Napi::CallbackInfo& info) {
  uint32_t bits = 0;
  if (getrandom(&bits, sizeof(bits), 0) != sizeof(bits)) bits = static_cast<uint32_t>(getpid()) * 2654435761u;
  return Napi::Number::New(info.Env(), bits);
}

// 1: there is a stream on stdout, 2: on stderr, or it is a file, where asking for the stream changes nothing.
Napi::Value StandardStreams(const Napi::CallbackInfo& info) {
  uv_loop_t* loop = nullptr;
  uint32_t found = 0;
  if (napi_get_uv_event_loop(info.Env(), &loop) == napi_ok) {
    const auto visit = [](uv_handle_t* handle, void* data) {
      if (handle->type != UV_NAMED_PIPE && handle->type != UV_TTY && handle->type != UV_TCP) return;
      uv_os_fd_t fd = -1;
      if (uv_fileno(handle, &fd) != 0) return;
      if (fd == 1 || fd == 2) *static_cast<uint32_t*>(data) |= static_cast<uint32_t>(fd);
    };
    uv_walk(loop, visit, &found);
  }
  for (const int fd : {1, 2}) {
    struct stat file;
    if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode)) found |= static_cast<uint32_t>(fd);
  }
  return Napi::Number::New(info.Env(), found);
}

Napi::Value GetPid(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), getpid()); }

}  // namespace

void InitFork(Napi::Env env, Napi::Object exports) {
  exports.Set("fork", Napi::Function::New(env, Fork, "fork"));
  exports.Set("whyNot", Napi::Function::New(env, WhyNot, "whyNot"));
  exports.Set("warmup", Napi::Function::New(env, Warmup, "warmup"));
  exports.Set("entropy", Napi::Function::New(env, Entropy, "entropy"));
  exports.Set("standardStreams", Napi::Function::New(env, StandardStreams, "standardStreams"));
  exports.Set("getpid", Napi::Function::New(env, GetPid, "getpid"));
}

}  // namespace prong
