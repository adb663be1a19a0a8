// prong/posix: processes, sessions and descriptors. src/posix checks the arguments.
#include <errno.h>
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>
#include <uv.h>

#include "binding/init.h"
#include "core/process/claims.h"
#include "core/process/close_range.h"
#include "core/process/descriptors.h"
#include "util/error.h"

namespace prong {

namespace {

int Int(const Napi::CallbackInfo& info, size_t i) { return info[i].As<Napi::Number>().Int32Value(); }
bool Bool(const Napi::CallbackInfo& info, size_t i) { return info[i].As<Napi::Boolean>().Value(); }

// For what returns -errno or a result.
Napi::Value NumberOrThrow(Napi::Env env, ssize_t result, const char* syscall) {
  if (result < 0) return ThrowErrno(env, static_cast<int>(-result), syscall);
  return Napi::Number::New(env, static_cast<double>(result));
}

// For what returns -1 and sets errno.
Napi::Value PidOrThrow(Napi::Env env, pid_t result, const char* syscall) {
  return NumberOrThrow(env, result < 0 ? -errno : result, syscall);
}

Napi::Value NothingOrThrow(Napi::Env env, int result, const char* syscall) {
  if (result < 0) return ThrowErrno(env, errno, syscall);
  return env.Undefined();
}

Napi::Value GetPid(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), getpid()); }
Napi::Value GetPpid(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), getppid()); }
Napi::Value GetPgrp(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), getpgrp()); }
Napi::Value GetPgid(const Napi::CallbackInfo& info) {
  return PidOrThrow(info.Env(), getpgid(Int(info, 0)), "getpgid");
}
Napi::Value GetSid(const Napi::CallbackInfo& info) {
  return PidOrThrow(info.Env(), getsid(Int(info, 0)), "getsid");
}
Napi::Value SetSid(const Napi::CallbackInfo& info) { return PidOrThrow(info.Env(), setsid(), "setsid"); }

Napi::Value SetPgid(const Napi::CallbackInfo& info) {
  return NothingOrThrow(info.Env(), setpgid(Int(info, 0), Int(info, 1)), "setpgid");
}

Napi::Value Kill(const Napi::CallbackInfo& info) {
  return NothingOrThrow(info.Env(), kill(Int(info, 0), Int(info, 1)), "kill");
}

Napi::Value Killpg(const Napi::CallbackInfo& info) {
  return NothingOrThrow(info.Env(), killpg(Int(info, 0), Int(info, 1)), "killpg");
}

Napi::Value ExitNow(const Napi::CallbackInfo& info) { _exit(Int(info, 0)); }

Napi::Value Pipe(const Napi::CallbackInfo& info) {
  int ends[2];
  if (const int error = process::Pipe(Bool(info, 0), ends); error != 0)
    return ThrowErrno(info.Env(), -error, "pipe2");
  Napi::Array pair = Napi::Array::New(info.Env(), 2);
  pair.Set(0U, ends[0]);
  pair.Set(1U, ends[1]);
  return pair;
}

Napi::Value Dup(const Napi::CallbackInfo& info) {
  return NumberOrThrow(info.Env(), process::Dup(Int(info, 0), Bool(info, 1)), "dup");
}

Napi::Value Dup2(const Napi::CallbackInfo& info) {
  return NumberOrThrow(info.Env(), process::Dup2(Int(info, 0), Int(info, 1), Bool(info, 2)), "dup2");
}

Napi::Value Close(const Napi::CallbackInfo& info) {
  const int error = process::Close(Int(info, 0));
  if (error != 0) return ThrowErrno(info.Env(), -error, "close");
  return info.Env().Undefined();
}

// (low, high)
Napi::Value CloseRange(const Napi::CallbackInfo& info) {
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(info.Env(), &loop);
  process::CloseRange(Int(info, 0), Int(info, 1),
                      {loop->backend_fd, loop->async_io_watcher.fd, loop->async_wfd, loop->signal_pipefd[0],
                       loop->signal_pipefd[1], loop->inotify_fd, loop->emfile_fd});
  return info.Env().Undefined();
}

// (fd, Uint8Array): how many bytes came.
Napi::Value Read(const Napi::CallbackInfo& info) {
  auto bytes = info[1].As<Napi::Uint8Array>();
  return NumberOrThrow(info.Env(), process::Read(Int(info, 0), bytes.Data(), bytes.ByteLength()), "read");
}

// (fd, Uint8Array): how many bytes went.
Napi::Value Write(const Napi::CallbackInfo& info) {
  const auto bytes = info[1].As<Napi::Uint8Array>();
  return NumberOrThrow(info.Env(), process::Write(Int(info, 0), bytes.Data(), bytes.ByteLength()), "write");
}

Napi::Value Claim(const Napi::CallbackInfo& info) {
  process::Claim(Int(info, 0), process::ClaimKind::kOwned);
  return info.Env().Undefined();
}

Napi::Value Unclaim(const Napi::CallbackInfo& info) {
  process::Unclaim(Int(info, 0), process::ClaimKind::kOwned);
  return info.Env().Undefined();
}

}  // namespace

void InitProcess(Napi::Env env, Napi::Object exports) {
  process::NoteNodePipes();
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("getpid", GetPid);
  add("getppid", GetPpid);
  add("getpgrp", GetPgrp);
  add("getpgid", GetPgid);
  add("setpgid", SetPgid);
  add("getsid", GetSid);
  add("setsid", SetSid);
  add("kill", Kill);
  add("killpg", Killpg);
  add("exitNow", ExitNow);
  add("pipe", Pipe);
  add("dup", Dup);
  add("dup2", Dup2);
  add("close", Close);
  add("closerange", CloseRange);
  add("read", Read);
  add("write", Write);
  add("claim", Claim);
  add("unclaim", Unclaim);
}

}  // namespace prong
