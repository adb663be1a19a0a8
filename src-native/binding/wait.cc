// prong/posix: the wait family.
#include <sys/wait.h>

#include "binding/init.h"
#include "binding/wait_state.h"
#include "util/error.h"

namespace prong {

namespace {

using process::Status;

WaitState& StateOf(const Napi::CallbackInfo& info) { return *static_cast<WaitState*>(info.Data()); }
int Int(const Napi::CallbackInfo& info, size_t i) { return info[i].As<Napi::Number>().Int32Value(); }

// (pid, options): [pid, status], or null where there is nothing to report under WNOHANG. Blocks.
Napi::Value Wait(const Napi::CallbackInfo& info) {
  const WaitState& state = StateOf(info);
  const pid_t pid = Int(info, 0);
  const int options = Int(info, 1);
  Status status;
  const int error = pid > 0 ? process::WaitFor(pid, options, state.Foreign(pid), &status)
                            : process::WaitAny(pid, options, state.Taken(), &status);
  if (error != 0) return ThrowErrno(info.Env(), -error, "waitpid");
  if (status.pid == 0) return info.Env().Null();
  Napi::Array result = Napi::Array::New(info.Env(), 2);
  result.Set(0U, status.pid);
  result.Set(1U, status.status);
  return result;
}

// (pid, options): the id of a wait that reports to the callback.
Napi::Value Start(const Napi::CallbackInfo& info) {
  const int id = StateOf(info).Start(Int(info, 0), Int(info, 1));
  if (id < 0) return ThrowErrno(info.Env(), -id, "waitpid");
  return Napi::Number::New(info.Env(), id);
}

Napi::Value Look(const Napi::CallbackInfo& info) {
  StateOf(info).Look();
  return info.Env().Undefined();
}

Napi::Value SignalWaits(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(StateOf(info).signal_waits()));
}

Napi::Value AfterFork(const Napi::CallbackInfo& info) {
  StateOf(info).AfterFork();
  return info.Env().Undefined();
}

// (errno): the error of a wait that failed later.
Napi::Value Failure(const Napi::CallbackInfo& info) {
  return SystemError(info.Env(), -Int(info, 0), "waitpid").Value();
}

// Gets lists of (id, pid or -errno, status).
Napi::Value OnReports(const Napi::CallbackInfo& info) {
  StateOf(info).callback = Napi::Persistent(info[0].As<Napi::Function>());
  return info.Env().Undefined();
}

}  // namespace

void InitWait(Napi::Env env, Napi::Object exports) {
  auto* state = new WaitState(env);
  napi_add_async_cleanup_hook(
      env, [](napi_async_cleanup_hook_handle hook, void* data) { static_cast<WaitState*>(data)->End(hook); },
      state, nullptr);
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name, state));
  };
  add("wait", Wait);
  add("start", Start);
  add("look", Look);
  add("signalWaits", SignalWaits);
  add("afterFork", AfterFork);
  add("failure", Failure);
  add("onReports", OnReports);
}

}  // namespace prong
