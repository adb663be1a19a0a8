// What one environment (the main thread or a Worker) waits for: single processes through their pidfds, which
// stand in one epoll set on the loop; everything else by looking whenever SIGCHLD comes.
#pragma once

#include <napi.h>
#include <uv.h>

#include <memory>
#include <vector>

#include "core/process/wait.h"
#include "core/spawn/reactor.h"

namespace prong {

class WaitState {
 public:
  explicit WaitState(Napi::Env env);

  // Starts a wait and returns its id, or -errno.
  int Start(pid_t pid, int options);

  // Looks at what SIGCHLD announces. JavaScript hears of it before this returns.
  void Look();

  // How many waits depend on SIGCHLD.
  size_t signal_waits() const { return signal_waits_.size(); }

  // In a forked child: forgets everything. The children are the parent's.
  void AfterFork();

  // Whether libuv or another part of prong waits for this child.
  bool Foreign(pid_t pid) const;
  // The same and those for which a waitpid of ours waits.
  process::IsForeign Taken() const;

  void Report(uint32_t id, int error, const process::Status& status);

  // At the end of the environment; deletes this.
  void End(napi_async_cleanup_hook_handle hook);

  Napi::FunctionReference callback;

 private:
  struct SignalWait {
    uint32_t id;
    pid_t pid;
    int options;
  };

  int StartPidfd(pid_t pid, int pidfd);
  int StartSignal(pid_t pid, int options);
  int Try(const SignalWait& wait, process::Status* status) const;
  void StopSignal();
  std::vector<pid_t> LoopChildren() const;
  void Deliver();

  Napi::Env env_;
  std::unique_ptr<Napi::AsyncContext> context_;
  uv_loop_t* loop_;
  spawn::Reactor reactor_;
  uv_signal_t* signal_ = nullptr;
  std::vector<SignalWait> signal_waits_;
  std::vector<double> reports_;
};

}  // namespace prong
