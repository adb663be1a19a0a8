// prong/daemon and prong/prefork. src/daemon checks the arguments.
#include "core/daemon/daemon.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>
#include <uv.h>

#include <string>
#include <vector>

#include "binding/init.h"
#include "core/process/close_range.h"
#include "core/process/wait.h"
#include "util/error.h"

namespace prong {

namespace {

int Int(const Napi::CallbackInfo& info, size_t i) { return info[i].As<Napi::Number>().Int32Value(); }
std::string String(const Napi::CallbackInfo& info, size_t i) {
  return info[i].As<Napi::String>().Utf8Value();
}

Napi::Value NumberOrThrow(Napi::Env env, int result, const char* syscall, const std::string& path = {}) {
  if (result < 0) return ThrowErrno(env, -result, syscall, path);
  return Napi::Number::New(env, result);
}

// (fd): 0 where the file is ours now, or the pid of who has it.
Napi::Value LockFile(const Napi::CallbackInfo& info) {
  pid_t holder = 0;
  const int error = daemon::LockFile(Int(info, 0), &holder);
  // The holder may have ended between the two calls.
  if (error == -EAGAIN) return Napi::Number::New(info.Env(), holder == 0 ? -1 : holder);
  return NumberOrThrow(info.Env(), error, "fcntl");
}

Napi::Value LockHolder(const Napi::CallbackInfo& info) {
  pid_t holder = 0;
  const int error = daemon::LockHolder(Int(info, 0), &holder);
  return NumberOrThrow(info.Env(), error != 0 ? error : holder, "fcntl");
}

Napi::Value ListenUnix(const Napi::CallbackInfo& info) {
  const std::string path = String(info, 0);
  return NumberOrThrow(info.Env(), daemon::ListenUnix(path, SOMAXCONN), "bind", path);
}

// (fd): [pid, uid, gid] of the other end.
Napi::Value PeerOf(const Napi::CallbackInfo& info) {
  daemon::Peer peer;
  if (const int error = daemon::PeerOf(Int(info, 0), &peer); error != 0)
    return ThrowErrno(info.Env(), -error, "getsockopt");
  Napi::Array three = Napi::Array::New(info.Env(), 3);
  three.Set(0U, peer.pid);
  three.Set(1U, peer.uid);
  three.Set(2U, peer.gid);
  return three;
}

Napi::Value PidfdOpen(const Napi::CallbackInfo& info) {
  return NumberOrThrow(info.Env(), process::OpenPidfd(Int(info, 0)), "pidfd_open");
}

Napi::Value HasEnded(const Napi::CallbackInfo& info) {
  const int result = daemon::HasEnded(Int(info, 0), Int(info, 1));
  if (result < 0) return ThrowErrno(info.Env(), -result, "poll");
  return Napi::Boolean::New(info.Env(), result > 0);
}

// (list of descriptors): the index of the first that can be read.
Napi::Value FirstReadable(const Napi::CallbackInfo& info) {
  const auto given = info[0].As<Napi::Array>();
  std::vector<int> fds;
  for (uint32_t i = 0; i < given.Length(); ++i) fds.push_back(given.Get(i).As<Napi::Number>().Int32Value());
  return NumberOrThrow(info.Env(), daemon::FirstReadable(fds), "poll");
}

Napi::Value ChangeRoot(const Napi::CallbackInfo& info) {
  const std::string path = String(info, 0);
  return NumberOrThrow(info.Env(), daemon::ChangeRoot(path), "chroot", path);
}

Napi::Value SendDatagram(const Napi::CallbackInfo& info) {
  const std::string address = String(info, 0);
  return NumberOrThrow(info.Env(), daemon::SendDatagram(address, String(info, 1)), "sendto", address);
}

// [real, effective, saved user; real, effective, saved group]
Napi::Value IdentityOf(const Napi::CallbackInfo& info) {
  daemon::Identity identity;
  if (const int error = daemon::IdentityOf(&identity); error != 0)
    return ThrowErrno(info.Env(), -error, "getresuid");
  Napi::Array six = Napi::Array::New(info.Env(), 6);
  for (uint32_t i = 0; i < 3; ++i) {
    six.Set(i, identity.uids[i]);
    six.Set(i + 3, identity.gids[i]);
  }
  return six;
}

// (pid): [PSS, private] in bytes.
Napi::Value MemoryOf(const Napi::CallbackInfo& info) {
  double pss = 0;
  double own = 0;
  if (const int error = daemon::MemoryOf(Int(info, 0), &pss, &own); error != 0)
    return ThrowErrno(info.Env(), -error, "open", "smaps_rollup");
  Napi::Array pair = Napi::Array::New(info.Env(), 2);
  pair.Set(0U, pss);
  pair.Set(1U, own);
  return pair;
}

Napi::Value Silence(const Napi::CallbackInfo& info) {
  return NumberOrThrow(info.Env(), daemon::Silence(Int(info, 0)), "pipe2");
}

struct Handles {
  std::vector<int> all;
  std::vector<int> terminals;
};

Handles HandlesOf(Napi::Env env) {
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  Handles found;
  found.all = {loop->backend_fd,       loop->async_io_watcher.fd, loop->async_wfd, loop->signal_pipefd[0],
               loop->signal_pipefd[1], loop->inotify_fd,          loop->emfile_fd};
  uv_walk(
      loop,
      [](uv_handle_t* handle, void* data) {
        uv_os_fd_t fd = -1;
        if (uv_fileno(handle, &fd) != 0) return;
        auto* list = static_cast<Handles*>(data);
        list->all.push_back(fd);
        if (handle->type == UV_TTY) list->terminals.push_back(fd);
      },
      &found);
  return found;
}

// (low, list of descriptors): closes all from `low` but those, and what the event loop and prong itself use.
Napi::Value CloseOthers(const Napi::CallbackInfo& info) {
  std::vector<int> keep = HandlesOf(info.Env()).all;
  const auto given = info[1].As<Napi::Array>();
  for (uint32_t i = 0; i < given.Length(); ++i) {
    keep.push_back(given.Get(i).As<Napi::Number>().Int32Value());
  }
  process::CloseRange(Int(info, 0), INT_MAX, keep, true);
  return info.Env().Undefined();
}

// The descriptors by which the event loop's handles know a terminal.
Napi::Value Terminals(const Napi::CallbackInfo& info) {
  const std::vector<int> fds = HandlesOf(info.Env()).terminals;
  Napi::Array list = Napi::Array::New(info.Env(), fds.size());
  for (uint32_t i = 0; i < fds.size(); ++i) list.Set(i, fds[i]);
  return list;
}

}  // namespace

void InitDaemon(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("lockFile", LockFile);
  add("lockHolder", LockHolder);
  add("listenUnix", ListenUnix);
  add("peerOf", PeerOf);
  add("pidfdOpen", PidfdOpen);
  add("hasEnded", HasEnded);
  add("firstReadable", FirstReadable);
  add("changeRoot", ChangeRoot);
  add("sendDatagram", SendDatagram);
  add("identityOf", IdentityOf);
  add("memoryOf", MemoryOf);
  add("silence", Silence);
  add("closeOthers", CloseOthers);
  add("terminals", Terminals);
}

}  // namespace prong
