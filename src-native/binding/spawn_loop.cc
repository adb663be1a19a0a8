#include <errno.h>
#include <sys/epoll.h>

#include "binding/spawn_state.h"
#include "core/spawn/spawn.h"
#include "core/spawn/stdio.h"
#include "core/spawn/wait.h"
#include "util/error.h"

namespace prong {

namespace {

// Reaps one process when it ends.
class ChildWatch : public spawn::Source {
 public:
  ChildWatch(SpawnState* state, pid_t pid, int pidfd) : state_(state), pid_(pid), pidfd_(pidfd) {}
  int fd() const override { return pidfd_.get(); }
  void OnReady(uint32_t) override {
    const int code = spawn::Reap(pid_);
    if (code == spawn::kStillRunning) return;
    state_->Report(id(), code);
    state_->reactor.Remove(id());  // destroys this
  }

 private:
  SpawnState* state_;
  pid_t pid_;
  spawn::Fd pidfd_;
};

// Tells once for each time it is armed. The descriptor stays JavaScript's.
class FdWatch : public spawn::Source {
 public:
  FdWatch(SpawnState* state, int fd) : state_(state), fd_(fd) {}
  int fd() const override { return fd_; }
  void OnReady(uint32_t) override {
    state_->reactor.Hold(this, false);
    state_->Report(id(), 0);
  }

 private:
  SpawnState* state_;
  int fd_;
};

uint32_t IdArgument(const Napi::CallbackInfo& info) { return info[0].As<Napi::Number>().Uint32Value(); }

Napi::Value Failed(Napi::Env env, SpawnState& state, uint32_t id, int error) {
  state.reactor.Remove(id);
  return ThrowErrno(env, -error, "epoll_ctl");
}

Napi::Value OnReports(const Napi::CallbackInfo& info) {
  StateOf(info).callback = Napi::Persistent(info[0].As<Napi::Function>());
  return info.Env().Undefined();
}

// (pid, pidfd): the pidfd is the watch's from now on.
Napi::Value WatchChild(const Napi::CallbackInfo& info) {
  SpawnState& state = StateOf(info);
  const auto pid = static_cast<pid_t>(info[0].As<Napi::Number>().Int32Value());
  const int pidfd = info[1].As<Napi::Number>().Int32Value();
  const uint32_t id = state.reactor.Add(std::make_unique<ChildWatch>(&state, pid, pidfd));
  spawn::Source* source = state.reactor.Find(id);
  if (const int error = state.reactor.Arm(source, EPOLLIN); error != 0)
    return Failed(info.Env(), state, id, error);
  state.reactor.Hold(source, true);
  return Napi::Number::New(info.Env(), id);
}

Napi::Value WatchFd(const Napi::CallbackInfo& info) {
  SpawnState& state = StateOf(info);
  const int fd = info[0].As<Napi::Number>().Int32Value();
  if (const int error = spawn::SetNonBlocking(fd); error != 0) return ThrowErrno(info.Env(), -error, "fcntl");
  return Napi::Number::New(info.Env(), state.reactor.Add(std::make_unique<FdWatch>(&state, fd)));
}

// (id, writable, hold)
Napi::Value ArmFd(const Napi::CallbackInfo& info) {
  SpawnState& state = StateOf(info);
  spawn::Source* source = state.reactor.Find(IdArgument(info));
  if (source == nullptr) return info.Env().Undefined();
  const uint32_t events = info[1].As<Napi::Boolean>().Value() ? EPOLLOUT : EPOLLIN;
  if (const int error = state.reactor.Arm(source, events | EPOLLONESHOT); error != 0) {
    return ThrowErrno(info.Env(), -error, "epoll_ctl");
  }
  state.reactor.Hold(source, info[2].As<Napi::Boolean>().Value());
  return info.Env().Undefined();
}

Napi::Value Unwatch(const Napi::CallbackInfo& info) {
  StateOf(info).reactor.Remove(IdArgument(info));
  return info.Env().Undefined();
}

Napi::Value Hold(const Napi::CallbackInfo& info) {
  SpawnState& state = StateOf(info);
  if (spawn::Source* source = state.reactor.Find(IdArgument(info))) {
    state.reactor.Hold(source, info[1].As<Napi::Boolean>().Value());
  }
  return info.Env().Undefined();
}

Napi::Value AfterFork(const Napi::CallbackInfo& info) {
  StateOf(info).reactor.AfterFork();
  return info.Env().Undefined();
}

uv_loop_t* LoopOf(napi_env env) {
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  return loop;
}

}  // namespace

SpawnState::SpawnState(Napi::Env napi_env)
    : env(napi_env),
      context(std::make_unique<Napi::AsyncContext>(napi_env, "prong:subprocess")),
      reactor(LoopOf(napi_env), [](void* self) { static_cast<SpawnState*>(self)->Deliver(); }, this) {}

void SpawnState::Deliver() {
  if (reports.empty() || callback.IsEmpty()) return;
  const std::vector<int32_t> told = std::move(reports);
  reports.clear();
  const Napi::HandleScope scope(env);
  // By hand: where JavaScript may not run any more, at the environment's end, Napi's own classes end the
  // process.
  napi_value list;
  if (napi_create_array_with_length(env, told.size(), &list) != napi_ok) return;
  for (size_t i = 0; i < told.size(); ++i) {
    napi_value number;
    if (napi_create_int32(env, told[i], &number) != napi_ok) return;
    if (napi_set_element(env, list, static_cast<uint32_t>(i), number) != napi_ok) return;
  }
  napi_value ignored;
  if (napi_make_callback(env, *context, env.Global(), callback.Value(), 1, &list, &ignored) == napi_ok)
    return;
  napi_value error;
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) != napi_ok || !pending) return;
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
}

void ReapUnheard(SpawnState& state, pid_t pid) {
  const int pidfd = spawn::OpenPidfd(pid);
  if (pidfd < 0) return;
  const uint32_t id = state.reactor.Add(std::make_unique<ChildWatch>(&state, pid, pidfd));
  if (state.reactor.Arm(state.reactor.Find(id), EPOLLIN) != 0) state.reactor.Remove(id);
}

void InitSpawnLoop(Napi::Env env, Napi::Object exports, SpawnState* state) {
  Define(env, exports, "onReports", OnReports, state);
  Define(env, exports, "watchChild", WatchChild, state);
  Define(env, exports, "watchFd", WatchFd, state);
  Define(env, exports, "armFd", ArmFd, state);
  Define(env, exports, "unwatch", Unwatch, state);
  Define(env, exports, "hold", Hold, state);
  Define(env, exports, "afterFork", AfterFork, state);
}

}  // namespace prong
