// Readiness of descriptors, told on the event loop. A watch stays in the epoll set while it is used again and
// again, so that waiting for the next message costs no system call.
#include <sys/epoll.h>

#include "binding/connection_state.h"
#include "util/error.h"

namespace prong {

namespace {

constexpr uint32_t kRead = 1;
constexpr uint32_t kWrite = 2;

uint32_t EventsOf(uint32_t wanted) {
  return ((wanted & kRead) != 0 ? uint32_t{EPOLLIN} : 0) | ((wanted & kWrite) != 0 ? uint32_t{EPOLLOUT} : 0);
}

class Watch : public spawn::Source {
 public:
  Watch(ConnectionState* state, int fd) : state_(state), fd_(fd) {}
  int fd() const override { return fd_; }

  void OnReady(uint32_t events) override {
    uint32_t ready = ((events & EPOLLIN) != 0 ? kRead : 0) | ((events & EPOLLOUT) != 0 ? kWrite : 0);
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) ready = kRead | kWrite;
    if ((ready & wanted_) != 0) {
      state_->reports.push_back(static_cast<int32_t>(id()));
      state_->reports.push_back(static_cast<int32_t>(ready & wanted_));
    } else if (wanted_ == 0) {
      state_->reactor.Disarm(this);
      armed_ = 0;
    } else {
      Arm(wanted_);
    }
  }

  int Want(uint32_t wanted) {
    wanted_ = wanted;
    state_->reactor.Hold(this, wanted != 0);
    if (forks_ != state_->forks) armed_ = 0;
    forks_ = state_->forks;
    return (wanted & ~armed_) == 0 ? 0 : Arm(wanted | armed_);
  }

 private:
  int Arm(uint32_t wanted) {
    const int error = state_->reactor.Arm(this, EventsOf(wanted));
    if (error == 0) armed_ = wanted;
    return error;
  }

  ConnectionState* state_;
  int fd_;
  uint32_t wanted_ = 0;
  uint32_t armed_ = 0;
  uint32_t forks_ = 0;
};

uint32_t Number(const Napi::CallbackInfo& info, size_t index) {
  return info[index].As<Napi::Number>().Uint32Value();
}

Napi::Value OnReady(const Napi::CallbackInfo& info) {
  ConnectionStateOf(info).callback = Napi::Persistent(info[0].As<Napi::Function>());
  return info.Env().Undefined();
}

Napi::Value StartWatch(const Napi::CallbackInfo& info) {
  ConnectionState& state = ConnectionStateOf(info);
  const int fd = info[0].As<Napi::Number>().Int32Value();
  return Napi::Number::New(info.Env(), state.reactor.Add(std::make_unique<Watch>(&state, fd)));
}

// (id, wanted): -errno where it can't be waited for, as with a regular file.
Napi::Value Want(const Napi::CallbackInfo& info) {
  auto* watch = static_cast<Watch*>(ConnectionStateOf(info).reactor.Find(Number(info, 0)));
  return Napi::Number::New(info.Env(), watch == nullptr ? 0 : watch->Want(Number(info, 1)));
}

Napi::Value Unwatch(const Napi::CallbackInfo& info) {
  ConnectionStateOf(info).reactor.Remove(Number(info, 0));
  return info.Env().Undefined();
}

Napi::Value AfterFork(const Napi::CallbackInfo& info) {
  ConnectionState& state = ConnectionStateOf(info);
  state.reports.clear();
  ++state.forks;
  state.reactor.AfterFork();
  return info.Env().Undefined();
}

uv_loop_t* LoopOf(napi_env env) {
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  return loop;
}

}  // namespace

ConnectionState::ConnectionState(Napi::Env napi_env)
    : env(napi_env),
      context(std::make_unique<Napi::AsyncContext>(napi_env, "prong:connection")),
      reactor(LoopOf(napi_env), [](void* self) { static_cast<ConnectionState*>(self)->Deliver(); }, this) {}

void ConnectionState::Deliver() {
  if (reports.empty() || callback.IsEmpty()) return;
  const std::vector<int32_t> told = std::move(reports);
  reports.clear();
  const Napi::HandleScope scope(env);
  // By hand: at the environment's end JavaScript may not run any more, and Napi's classes would end the
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

void InitConnectionLoop(Napi::Env env, Napi::Object exports, ConnectionState* state) {
  exports.Set("onReady", Napi::Function::New(env, OnReady, "onReady", state));
  exports.Set("watch", Napi::Function::New(env, StartWatch, "watch", state));
  exports.Set("want", Napi::Function::New(env, Want, "want", state));
  exports.Set("unwatch", Napi::Function::New(env, Unwatch, "unwatch", state));
  exports.Set("afterFork", Napi::Function::New(env, AfterFork, "afterFork", state));
}

}  // namespace prong
