// prong/subprocess: programs started, fed, waited for and ended.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "binding/init.h"
#include "binding/spawn_request.h"
#include "binding/spawn_state.h"
#include "core/spawn/child.h"
#include "core/spawn/tree.h"
#include "util/error.h"

namespace prong {

namespace {

using spawn::Deadline;
using spawn::Exchange;
using Outcome = spawn::Exchange::Outcome;

int Int(const Napi::CallbackInfo& info, size_t i) { return info[i].As<Napi::Number>().Int32Value(); }
double Double(const Napi::CallbackInfo& info, size_t i) { return info[i].As<Napi::Number>().DoubleValue(); }

// (spec, result): fills in pid, pidfd and our ends of the three pipes.
Napi::Value Start(const Napi::CallbackInfo& info) {
  SpawnPlan plan(info[0].As<Napi::Object>());
  spawn::Child child;
  if (!plan.Launch(info.Env(), &child)) return info.Env().Undefined();
  int32_t* result = info[1].As<Napi::Int32Array>().Data();
  result[0] = child.pid;
  result[1] = child.pidfd;
  for (int i = 0; i < 3; ++i) result[2 + i] = plan.stdio.ours[i].release();
  return info.Env().Undefined();
}

int EndTree(SpawnState& state, const spawn::Tree& tree, int signal) {
  std::vector<pid_t> adopted;
  const int reached = spawn::SignalTree(tree, signal, &adopted);
  for (const pid_t pid : adopted) ReapUnheard(state, pid);
  return reached;
}

// Ends what ran out of time or said too much, and takes what it had still written.
void Finish(SpawnState& state, Exchange* exchange, const spawn::Child& child, const SpawnPlan& plan) {
  spawn::Tree tree{
      child.pid,         child.pidfd, true, plan.request.new_session || plan.request.process_group == 0,
      state.only_thread, {}};
  for (int i = 0; i < 3; ++i) tree.our_pipes.push_back(exchange->fd(i));
  EndTree(state, tree, SIGKILL);
  exchange->Feed(nullptr, 0, true);
  exchange->RunSync(Deadline(0));
}

// (spec, input, timeout, limit, result): the whole of runSync. Fills in pid, returncode and outcome; returns
// [stdout, stderr].
Napi::Value Run(const Napi::CallbackInfo& info) {
  SpawnPlan plan(info[0].As<Napi::Object>());
  const Deadline deadline(Double(info, 2));
  plan.request.want_pidfd = !deadline.never();
  spawn::Child child;
  if (!plan.Launch(info.Env(), &child)) return info.Env().Undefined();
  const spawn::Fd pidfd(child.pidfd);
  spawn::Fd* ours = plan.stdio.ours;
  Exchange exchange(ours[0].release(), ours[1].release(), ours[2].release(),
                    static_cast<size_t>(info[3].As<Napi::Number>().Int64Value()));
  if (info[1].IsTypedArray()) {
    const auto input = info[1].As<Napi::Uint8Array>();
    exchange.Feed(reinterpret_cast<const char*>(input.Data()), input.ByteLength(), true);
  } else {
    exchange.Feed(nullptr, 0, true);
  }
  Outcome outcome = exchange.RunSync(deadline);
  int code = spawn::kStillRunning;
  if (outcome == Outcome::kDone) {
    code = spawn::WaitAndReap(child.pid, child.pidfd, deadline);
    if (code == spawn::kStillRunning) outcome = Outcome::kTimeout;
  }
  if (outcome != Outcome::kDone) {
    Finish(StateOf(info), &exchange, child, plan);
    code = spawn::WaitAndReap(child.pid, child.pidfd, Deadline(-1));
  }
  int32_t* result = info[4].As<Napi::Int32Array>().Data();
  result[0] = child.pid;
  result[1] = code;
  result[2] = static_cast<int32_t>(outcome);
  Napi::Array outputs = Napi::Array::New(info.Env(), 2);
  for (int i = 1; i < 3; ++i) {
    if (plan.mode[i] == spawn::kPipe)
      outputs.Set(static_cast<uint32_t>(i - 1), TakeBuffer(info.Env(), exchange.output(i)));
  }
  return outputs;
}

// (pid): the return code, or null while it runs.
Napi::Value CodeOrNull(Napi::Env env, int code) {
  if (code == spawn::kStillRunning) return env.Null();
  return Napi::Number::New(env, code);
}

Napi::Value Reap(const Napi::CallbackInfo& info) { return CodeOrNull(info.Env(), spawn::Reap(Int(info, 0))); }

// (pid, pidfd, timeout)
Napi::Value WaitSync(const Napi::CallbackInfo& info) {
  return CodeOrNull(info.Env(), spawn::WaitAndReap(Int(info, 0), Int(info, 1), Deadline(Double(info, 2))));
}

// (pid, signal)
Napi::Value Kill(const Napi::CallbackInfo& info) {
  if (kill(Int(info, 0), Int(info, 1)) != 0) return ThrowErrno(info.Env(), errno, "kill");
  return info.Env().Undefined();
}

// (pid, pidfd, alive, leadsGroup, signal, exchange, fds...): how many were signalled.
Napi::Value KillTree(const Napi::CallbackInfo& info) {
  const auto flag = [&](size_t i) { return info[i].As<Napi::Boolean>().Value(); };
  spawn::Tree tree{Int(info, 0), Int(info, 1), flag(2), flag(3), StateOf(info).only_thread, {}};
  AddExchangeFds(StateOf(info), info[5].As<Napi::Number>().Uint32Value(), &tree.our_pipes);
  for (size_t i = 6; i < info.Length(); ++i) tree.our_pipes.push_back(Int(info, i));
  return Napi::Number::New(info.Env(), EndTree(StateOf(info), tree, Int(info, 4)));
}

Napi::Value Pidfd(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), spawn::OpenPidfd(Int(info, 0)));
}

Napi::Value Close(const Napi::CallbackInfo& info) {
  close(Int(info, 0));
  return info.Env().Undefined();
}

// (fd, size): a Buffer, empty at the end; null where there is nothing now.
Napi::Value Read(const Napi::CallbackInfo& info) {
  const int wanted = Int(info, 1);
  const auto memory = std::make_unique_for_overwrite<char[]>(static_cast<size_t>(wanted));
  ssize_t got;
  do {
    got = read(Int(info, 0), memory.get(), static_cast<size_t>(wanted));
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return info.Env().Null();
  if (got < 0) return ThrowErrno(info.Env(), errno, "read");
  return Napi::Buffer<char>::Copy(info.Env(), memory.get(), static_cast<size_t>(got));
}

// (fd, bytes, offset): how many were written; 0 where none can be now.
Napi::Value Write(const Napi::CallbackInfo& info) {
  const auto bytes = info[1].As<Napi::Uint8Array>();
  const auto offset = static_cast<size_t>(info[2].As<Napi::Number>().Int64Value());
  ssize_t written;
  do {
    written = write(Int(info, 0), bytes.Data() + offset, bytes.ByteLength() - offset);
  } while (written < 0 && errno == EINTR);
  if (written < 0 && errno == EAGAIN) return Napi::Number::New(info.Env(), 0);
  if (written < 0) return ThrowErrno(info.Env(), errno, "write");
  return Napi::Number::New(info.Env(), static_cast<double>(written));
}

template <typename Entry, typename Lookup, typename Field>
Napi::Value LookUp(const Napi::CallbackInfo& info, Lookup lookup, Field field) {
  const std::string name = info[0].As<Napi::String>().Utf8Value();
  std::vector<char> memory(16 * 1024);
  Entry entry;
  Entry* found = nullptr;
  int error;
  while ((error = lookup(name.c_str(), &entry, memory.data(), memory.size(), &found)) == ERANGE) {
    memory.resize(memory.size() * 2);
  }
  if (found == nullptr) return info.Env().Null();
  return Napi::Number::New(info.Env(), field(entry));
}

Napi::Value UserId(const Napi::CallbackInfo& info) {
  return LookUp<passwd>(info, getpwnam_r, [](const passwd& entry) { return entry.pw_uid; });
}

Napi::Value GroupId(const Napi::CallbackInfo& info) {
  return LookUp<group>(info, getgrnam_r, [](const group& entry) { return entry.gr_gid; });
}

// For preexecFn, in a forked child. The plan lives until the process is replaced.
// (spec, stdin, stdout, stderr): up to where preexecFn runs; throws what failed.
Napi::Value PrepareChild(const Napi::CallbackInfo& info) {
  auto* plan = new SpawnPlan(info[0].As<Napi::Object>());
  for (int i = 0; i < 3; ++i) plan->request.stdio[i] = Int(info, 1 + i);
  if (const spawn::Failure failure = spawn::Prepare(plan->request)) {
    plan->Throw(info.Env(), failure);
    delete plan;
    return info.Env().Undefined();
  }
  return Napi::External<SpawnPlan>::New(info.Env(), plan);
}

// (plan, reportFd): throws what failed. `reportFd` closes with the exec.
Napi::Value ExecuteChild(const Napi::CallbackInfo& info) {
  SpawnPlan* plan = info[0].As<Napi::External<SpawnPlan>>().Data();
  const int report = Int(info, 1);
  plan->request.pass_fds.push_back(report);
  std::sort(plan->request.pass_fds.begin(), plan->request.pass_fds.end());
  plan->Throw(info.Env(), spawn::Execute(plan->request));
  return info.Env().Undefined();
}

// (spec): opens the descriptors only: [theirs 0..2, ours 0..2, report read end, report write end].
Napi::Value OpenStdio(const Napi::CallbackInfo& info) {
  SpawnPlan plan(info[0].As<Napi::Object>());
  const char* call = nullptr;
  if (const int error = plan.stdio.Open(plan.mode, plan.pipe_bytes, &call); error != 0) {
    return ThrowErrno(info.Env(), -error, call);
  }
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) return ThrowErrno(info.Env(), errno, "pipe2");
  for (int& end : report) {
    // Where the child puts its standard descriptors it would be overwritten.
    if (end > STDERR_FILENO) continue;
    const int higher = fcntl(end, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (higher >= 0) close(std::exchange(end, higher));
  }
  Napi::Array fds = Napi::Array::New(info.Env());
  uint32_t count = 0;
  const auto add = [&](int fd) { fds.Set(count++, Napi::Number::New(info.Env(), fd)); };
  for (const int fd : plan.stdio.source) add(fd);
  for (spawn::Fd& fd : plan.stdio.ours) add(fd.release());
  for (const int fd : report) add(fd);
  // Which of the sources were opened here, and so are to be closed in the parent.
  for (spawn::Fd& fd : plan.stdio.theirs) add(fd.release());
  return fds;
}

// (bool): whether no Worker can start programs beside this thread.
Napi::Value SetOnlyThread(const Napi::CallbackInfo& info) {
  StateOf(info).only_thread = info[0].As<Napi::Boolean>().Value();
  return info.Env().Undefined();
}

Napi::Value ExitNow(const Napi::CallbackInfo& info) { _exit(Int(info, 0)); }

}  // namespace

void InitSpawn(Napi::Env env, Napi::Object exports) {
  auto* state = new SpawnState(env);
  // Asynchronous: the handle on the loop is closed before the environment goes.
  napi_add_async_cleanup_hook(
      env,
      [](napi_async_cleanup_hook_handle handle, void* data) {
        auto* ending = static_cast<SpawnState*>(data);
        ending->exchanges.clear();
        ending->callback.Reset();
        ending->context.reset();
        struct Last {
          napi_async_cleanup_hook_handle handle;
          SpawnState* state;
        };
        ending->reactor.Close(
            [](void* data) {
              auto* last = static_cast<Last*>(data);
              napi_remove_async_cleanup_hook(last->handle);
              delete last->state;
              delete last;
            },
            new Last{handle, ending});
      },
      state, nullptr);
  InitSpawnLoop(env, exports, state);
  InitSpawnExchange(env, exports, state);
  Define(env, exports, "start", Start, state);
  Define(env, exports, "run", Run, state);
  Define(env, exports, "reap", Reap, state);
  Define(env, exports, "waitSync", WaitSync, state);
  Define(env, exports, "kill", Kill, state);
  Define(env, exports, "killTree", KillTree, state);
  Define(env, exports, "pidfd", Pidfd, state);
  Define(env, exports, "close", Close, state);
  Define(env, exports, "read", Read, state);
  Define(env, exports, "write", Write, state);
  Define(env, exports, "userId", UserId, state);
  Define(env, exports, "groupId", GroupId, state);
  Define(env, exports, "openStdio", OpenStdio, state);
  Define(env, exports, "prepareChild", PrepareChild, state);
  Define(env, exports, "executeChild", ExecuteChild, state);
  Define(env, exports, "setOnlyThread", SetOnlyThread, state);
  Define(env, exports, "exitNow", ExitNow, state);
}

}  // namespace prong
