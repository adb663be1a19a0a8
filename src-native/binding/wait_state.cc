#include "binding/wait_state.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "core/process/claims.h"
#include "core/spawn/stdio.h"

namespace prong {

namespace {

using process::ClaimKind;
using process::Status;

uv_loop_t* LoopOf(napi_env env) {
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  return loop;
}

// The end of one process.
class PidWait : public spawn::Source {
 public:
  PidWait(WaitState* state, spawn::Reactor* reactor, pid_t pid, int pidfd)
      : state_(state), reactor_(reactor), pid_(pid), pidfd_(pidfd) {
    process::Claim(pid_, ClaimKind::kWaited);
  }
  ~PidWait() override { process::Unclaim(pid_, ClaimKind::kWaited); }

  int fd() const override { return pidfd_.get(); }

  void OnReady(uint32_t) override {
    Status status;
    // libuv hears of SIGCHLD only after us in the same turn, so that a status which is its own is still
    // there.
    const int error = process::WaitFor(pid_, WNOHANG, state_->Foreign(pid_), &status);
    if (error == 0 && status.pid == 0) return;
    state_->Report(id(), error, status);
    reactor_->Remove(id());  // destroys this
  }

 private:
  WaitState* state_;
  spawn::Reactor* reactor_;
  pid_t pid_;
  spawn::Fd pidfd_;
};

void CloseSignal(uv_signal_t* signal) {
  uv_close(reinterpret_cast<uv_handle_t*>(signal),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_signal_t*>(handle); });
}

}  // namespace

WaitState::WaitState(Napi::Env env)
    : env_(env),
      context_(std::make_unique<Napi::AsyncContext>(env, "prong:waitpid")),
      loop_(LoopOf(env)),
      reactor_(loop_, [](void* self) { static_cast<WaitState*>(self)->Deliver(); }, this) {}

int WaitState::Start(pid_t pid, int options) {
  if (pid > 0 && options == 0) {
    if (const int pidfd = process::OpenPidfd(pid); pidfd >= 0) return StartPidfd(pid, pidfd);
  }
  return StartSignal(pid, options);
}

int WaitState::StartPidfd(pid_t pid, int pidfd) {
  const uint32_t id = reactor_.Add(std::make_unique<PidWait>(this, &reactor_, pid, pidfd));
  spawn::Source* source = reactor_.Find(id);
  if (const int error = reactor_.Arm(source, EPOLLIN); error != 0) {
    reactor_.Remove(id);
    return error;
  }
  reactor_.Hold(source, true);
  return static_cast<int>(id);
}

int WaitState::StartSignal(pid_t pid, int options) {
  if (signal_ == nullptr) {
    auto* signal = new uv_signal_t{};
    if (const int error = uv_signal_init(loop_, signal); error != 0) {
      delete signal;
      return error;
    }
    signal->data = this;
    const auto look = [](uv_signal_t* handle, int) {
      if (handle->data != nullptr) static_cast<WaitState*>(handle->data)->Look();
    };
    if (const int error = uv_signal_start(signal, look, SIGCHLD); error != 0) {
      CloseSignal(signal);
      return error;
    }
    signal_ = signal;
  }
  const uint32_t id = reactor_.NewId();
  signal_waits_.push_back({id, pid, options});
  if (pid > 0) process::Claim(pid, ClaimKind::kWaited);
  return static_cast<int>(id);
}

int WaitState::Try(const SignalWait& wait, Status* status) const {
  const int options = wait.options | WNOHANG;
  if (wait.pid > 0) return process::WaitFor(wait.pid, options, Foreign(wait.pid), status);
  return process::WaitAny(wait.pid, options, Taken(), status);
}

void WaitState::Look() {
  std::vector<SignalWait> left;
  for (const SignalWait& wait : std::exchange(signal_waits_, {})) {
    Status status;
    const int error = Try(wait, &status);
    if (error == 0 && status.pid == 0) {
      left.push_back(wait);
      continue;
    }
    if (wait.pid > 0) process::Unclaim(wait.pid, ClaimKind::kWaited);
    Report(wait.id, error, status);
  }
  signal_waits_ = std::move(left);
  if (signal_waits_.empty()) StopSignal();
  Deliver();
}

void WaitState::StopSignal() {
  if (signal_ == nullptr) return;
  signal_->data = nullptr;
  CloseSignal(std::exchange(signal_, nullptr));
}

void WaitState::AfterFork() {
  reactor_.Forget();
  signal_waits_.clear();
  reports_.clear();
  StopSignal();
}

std::vector<pid_t> WaitState::LoopChildren() const {
  std::vector<pid_t> children;
  uv_walk(
      loop_,
      [](uv_handle_t* handle, void* data) {
        if (uv_handle_get_type(handle) != UV_PROCESS || uv_is_active(handle) == 0) return;
        const pid_t pid = uv_process_get_pid(reinterpret_cast<uv_process_t*>(handle));
        static_cast<std::vector<pid_t>*>(data)->push_back(pid);
      },
      &children);
  return children;
}

bool WaitState::Foreign(pid_t pid) const {
  if (process::IsOwned(pid)) return true;
  const std::vector<pid_t> children = LoopChildren();
  return std::find(children.begin(), children.end(), pid) != children.end();
}

process::IsForeign WaitState::Taken() const {
  return [children = LoopChildren()](pid_t pid) {
    return process::IsClaimed(pid) || std::find(children.begin(), children.end(), pid) != children.end();
  };
}

void WaitState::Report(uint32_t id, int error, const Status& status) {
  reports_.insert(reports_.end(),
                  {static_cast<double>(id), static_cast<double>(error < 0 ? error : status.pid),
                   static_cast<double>(status.status)});
}

void WaitState::Deliver() {
  if (reports_.empty() || callback.IsEmpty()) return;
  const Napi::HandleScope scope(env_);
  Napi::Array list = Napi::Array::New(env_, reports_.size());
  for (size_t i = 0; i < reports_.size(); ++i) {
    list.Set(static_cast<uint32_t>(i), Napi::Number::New(env_, reports_[i]));
  }
  reports_.clear();
  callback.MakeCallback(env_.Global(), {list}, *context_);
  if (env_.IsExceptionPending()) {
    const Napi::Error error = env_.GetAndClearPendingException();
    napi_fatal_exception(env_, error.Value());
  }
}

void WaitState::End(napi_async_cleanup_hook_handle hook) {
  StopSignal();
  for (const SignalWait& wait : signal_waits_) {
    if (wait.pid > 0) process::Unclaim(wait.pid, ClaimKind::kWaited);
  }
  callback.Reset();
  context_.reset();
  struct Last {
    napi_async_cleanup_hook_handle hook;
    WaitState* state;
  };
  reactor_.Close(
      [](void* data) {
        auto* last = static_cast<Last*>(data);
        napi_remove_async_cleanup_hook(last->hook);
        delete last->state;
        delete last;
      },
      new Last{hook, this});
}

}  // namespace prong
