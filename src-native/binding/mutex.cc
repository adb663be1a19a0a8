// prong/posix: Mutex. A mutex goes as its address and serial.
#include "binding/init.h"
#include "core/sync/pthread_mutex.h"
#include "util/error.h"

namespace prong {

namespace {

using sync::MutexRef;

double Double(const Napi::CallbackInfo& info, size_t i) { return info[i].As<Napi::Number>().DoubleValue(); }
bool Bool(const Napi::CallbackInfo& info, size_t i) { return info[i].As<Napi::Boolean>().Value(); }

MutexRef RefOf(const Napi::CallbackInfo& info) {
  return {reinterpret_cast<sync::MutexSlot*>(static_cast<uintptr_t>(Double(info, 0))),
          info[1].As<Napi::Number>().Uint32Value()};
}

// (type, robust, shared, inherit): [at, serial]
Napi::Value Create(const Napi::CallbackInfo& info) {
  sync::MutexOptions options;
  options.type = static_cast<sync::MutexType>(info[0].As<Napi::Number>().Int32Value());
  options.robust = Bool(info, 1);
  options.shared = Bool(info, 2);
  options.inherit = Bool(info, 3);
  MutexRef ref;
  if (const int error = sync::MutexCreate(options, &ref); error != 0) {
    return ThrowErrno(info.Env(), error, "pthread_mutex_init");
  }
  Napi::Array pair = Napi::Array::New(info.Env(), 2);
  pair.Set(0U, static_cast<double>(reinterpret_cast<uintptr_t>(ref.slot)));
  pair.Set(1U, static_cast<double>(ref.serial));
  return pair;
}

Napi::Value Exists(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), sync::MutexExists(RefOf(info)));
}

// These return 0, an errno, or -1 where the mutex is destroyed.
Napi::Value Lock(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), sync::MutexLock(RefOf(info), Double(info, 2)));
}
Napi::Value TryLock(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), sync::MutexTryLock(RefOf(info)));
}
Napi::Value Unlock(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), sync::MutexUnlock(RefOf(info)));
}
Napi::Value Consistent(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), sync::MutexConsistent(RefOf(info)));
}
Napi::Value Destroy(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), sync::MutexDestroy(RefOf(info)));
}

// (errno, call): the error for what one of these returned.
Napi::Value Failure(const Napi::CallbackInfo& info) {
  const std::string call = info[1].As<Napi::String>().Utf8Value();
  return SystemError(info.Env(), info[0].As<Napi::Number>().Int32Value(), call.c_str()).Value();
}

}  // namespace

void InitMutex(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("create", Create);
  add("exists", Exists);
  add("lock", Lock);
  add("tryLock", TryLock);
  add("unlock", Unlock);
  add("consistent", Consistent);
  add("destroy", Destroy);
  add("failure", Failure);
}

}  // namespace prong
