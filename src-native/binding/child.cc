// A Process's child: how it leaves its parent's frames and handles behind. src/multiprocessing/process says
// in which order.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include <vector>

#include "binding/init.h"
#include "core/child/ground.h"
#include "core/child/quiet.h"
#include "util/error.h"

namespace prong {

namespace {

class Scopes {
 public:
  explicit Scopes(napi_env env) : env_(env) {}

  void Open() {
    napi_value resource;
    napi_create_object(env_, &resource);
    if (context_ == nullptr) {
      napi_value name;
      napi_create_string_utf8(env_, "prong", NAPI_AUTO_LENGTH, &name);
      napi_async_init(env_, resource, name, &context_);
    }
    napi_callback_scope scope;
    napi_open_callback_scope(env_, resource, context_, &scope);
    open_.push_back(scope);
  }

  void Close() {
    napi_close_callback_scope(env_, open_.back());
    open_.pop_back();
  }

  ~Scopes() {
    if (context_ != nullptr) napi_async_destroy(env_, context_);
  }

 private:
  napi_env env_;
  napi_async_context context_ = nullptr;
  std::vector<napi_callback_scope> open_;
};

// undefined where a child can be made, otherwise the reason why not.
Napi::Value WhyNot(const Napi::CallbackInfo& info) {
  Scopes scopes(info.Env());
  const child::ScopeProbe probe{[](void* data) { static_cast<Scopes*>(data)->Open(); },
                                [](void* data) { static_cast<Scopes*>(data)->Close(); }, &scopes};
  std::string why;
  if (child::FindGround(probe, &why)) return info.Env().Undefined();
  return Napi::String::New(info.Env(), why);
}

uv_loop_t* LoopOf(napi_env env) {
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  return loop;
}

// (fds): handles over these stay alive.
Napi::Value Quiet(const Napi::CallbackInfo& info) {
  const auto list = info[0].As<Napi::Array>();
  std::vector<int> keep;
  for (uint32_t i = 0; i < list.Length(); ++i) keep.push_back(list.Get(i).As<Napi::Number>().Int32Value());
  const int error = child::QuietLoop(LoopOf(info.Env()), keep);
  if (error != 0) return ThrowErrno(info.Env(), -error, "pipe2");
  return info.Env().Undefined();
}

// (main): calls it as if from the event loop, and runs the loop. It does not return.
Napi::Value Begin(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  child::RaiseCaughtSignals();
  child::StandOnGround(LoopOf(env));
  {
    const Napi::HandleScope scope(env);
    const Napi::AsyncContext context(env, "prong.Process");
    napi_value ignored;
    napi_make_callback(env, context, env.Global(), info[0], 0, nullptr, &ignored);
    napi_value error;
    bool pending = false;
    napi_is_exception_pending(env, &pending);
    if (pending && napi_get_and_clear_last_exception(env, &error) == napi_ok)
      napi_fatal_exception(env, error);
  }
  _exit(child::RunLoop());
}

// (parent): this process ends with it, however that ends.
Napi::Value DieWithParent(const Napi::CallbackInfo& info) {
  const auto parent = info[0].As<Napi::Number>().Int32Value();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // It may have ended before that.
  if (getppid() != parent) _exit(128 + SIGKILL);
  return info.Env().Undefined();
}

// A file without a name, for what a child has to say at its end.
Napi::Value OpenReport(const Napi::CallbackInfo& info) {
  const int fd = memfd_create("prong-report", MFD_CLOEXEC);
  if (fd < 0) return ThrowErrno(info.Env(), errno, "memfd_create");
  return Napi::Number::New(info.Env(), fd);
}

// (fd): what is in it, undefined where that is nothing. Closes it.
Napi::Value TakeReport(const Napi::CallbackInfo& info) {
  const int fd = info[0].As<Napi::Number>().Int32Value();
  struct stat file;
  size_t size = 0;
  if (fstat(fd, &file) == 0) size = static_cast<size_t>(file.st_size);
  if (size == 0) {
    close(fd);
    return info.Env().Undefined();
  }
  auto buffer = Napi::Buffer<char>::New(info.Env(), size);
  size_t at = 0;
  while (at < size) {
    const ssize_t got = pread(fd, buffer.Data() + at, size - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    at += static_cast<size_t>(got);
  }
  close(fd);
  return at == size ? Napi::Value(buffer) : info.Env().Undefined();
}

Napi::Value ReplaceStdin(const Napi::CallbackInfo& info) {
  const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (fd > 0) {
    dup2(fd, 0);
    close(fd);
  }
  return info.Env().Undefined();
}

}  // namespace

void InitChild(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("whyNot", WhyNot);
  add("quiet", Quiet);
  add("begin", Begin);
  add("dieWithParent", DieWithParent);
  add("openReport", OpenReport);
  add("takeReport", TakeReport);
  add("replaceStdin", ReplaceStdin);
}

}  // namespace prong
