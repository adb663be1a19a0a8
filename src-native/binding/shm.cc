// Named shared memory and the tracker of names.
#include "core/memory/shm.h"

#include "binding/init.h"
#include "core/memory/tracker.h"
#include "util/error.h"

namespace prong {

namespace {

using tracker::Kind;

int64_t IdArgument(const Napi::CallbackInfo& info, size_t index) {
  return info[index].As<Napi::Number>().Int64Value();
}

// The memory is unmapped when the last that looks at it is gone: close() detaches the buffer, which does it.
Napi::Value Mapped(Napi::Env env, const shm::Segment& segment, int64_t id) {
  napi_value buffer;
  const auto unmap = [](napi_env, void* data, void* size) {
    shm::Unmap(data, reinterpret_cast<size_t>(size));
  };
  if (napi_create_external_arraybuffer(env, segment.data, segment.size, unmap,
                                       reinterpret_cast<void*>(segment.size), &buffer) != napi_ok) {
    shm::Unmap(segment.data, segment.size);
    return ThrowCode(env, "ENOTSUP", "ENOTSUP: this runtime allows no external buffers");
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("buffer", Napi::Value(env, buffer));
  result.Set("id", Napi::Number::New(env, static_cast<double>(id)));
  result.Set("device", Napi::Number::New(env, static_cast<double>(segment.device)));
  result.Set("inode", Napi::Number::New(env, static_cast<double>(segment.inode)));
  return result;
}

// (name, size, track): { buffer, id }
Napi::Value Create(const Napi::CallbackInfo& info) {
  const std::string name = info[0].As<Napi::String>().Utf8Value();
  int64_t id = 0;
  if (info[2].As<Napi::Boolean>().Value()) {
    id = tracker::Announce(Kind::kSharedMemory, name);
    if (id < 0) return ThrowErrno(info.Env(), static_cast<int>(-id), "clone", name, "the tracker of names");
  }
  shm::Segment segment;
  const int error = shm::Create(name, static_cast<size_t>(info[1].As<Napi::Number>().Int64Value()), &segment);
  if (error != 0) {
    if (id > 0) tracker::Forget(id);
    return ThrowErrno(info.Env(), -error, segment.call, name);
  }
  if (id > 0) tracker::Confirm(id, segment.device, segment.inode);
  return Mapped(info.Env(), segment, id);
}

// (name)
Napi::Value Attach(const Napi::CallbackInfo& info) {
  const std::string name = info[0].As<Napi::String>().Utf8Value();
  shm::Segment segment;
  const int error = shm::Attach(name, &segment);
  if (error != 0) return ThrowErrno(info.Env(), -error, segment.call, name);
  return Mapped(info.Env(), segment, 0);
}

Napi::Value Unlink(const Napi::CallbackInfo& info) {
  const std::string name = info[0].As<Napi::String>().Utf8Value();
  const int error = shm::Unlink(name);
  if (error != 0) return ThrowErrno(info.Env(), -error, "shm_unlink", name);
  return info.Env().Undefined();
}

Napi::Value Detach(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), napi_detach_arraybuffer(info.Env(), info[0]) == napi_ok);
}

// (path): a file that is about to be made.
Napi::Value TrackFile(const Napi::CallbackInfo& info) {
  const std::string path = info[0].As<Napi::String>().Utf8Value();
  const int64_t id = tracker::Announce(Kind::kFile, path);
  if (id < 0) return ThrowErrno(info.Env(), static_cast<int>(-id), "clone", path, "the tracker of names");
  return Napi::Number::New(info.Env(), static_cast<double>(id));
}

// (id, device, inode)
Napi::Value Confirm(const Napi::CallbackInfo& info) {
  tracker::Confirm(IdArgument(info, 0), static_cast<uint64_t>(IdArgument(info, 1)),
                   static_cast<uint64_t>(IdArgument(info, 2)));
  return info.Env().Undefined();
}

Napi::Value Forget(const Napi::CallbackInfo& info) {
  tracker::Forget(IdArgument(info, 0));
  return info.Env().Undefined();
}

Napi::Value TrackerFd(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), tracker::Fd()); }

}  // namespace

void InitShm(Napi::Env env, Napi::Object exports) {
  exports.Set("create", Napi::Function::New(env, Create));
  exports.Set("attach", Napi::Function::New(env, Attach));
  exports.Set("unlink", Napi::Function::New(env, Unlink));
  exports.Set("detach", Napi::Function::New(env, Detach));
  exports.Set("trackFile", Napi::Function::New(env, TrackFile));
  exports.Set("confirm", Napi::Function::New(env, Confirm));
  exports.Set("forget", Napi::Function::New(env, Forget));
  exports.Set("trackerFd", Napi::Function::New(env, TrackerFd));
}

}  // namespace prong
