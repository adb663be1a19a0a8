// prong/posix: ThreadLocal. One real key of thread-specific data holds each thread's table of values.
#include <errno.h>
#include <pthread.h>

#include "binding/init.h"
#include "util/error.h"

namespace prong {

namespace {

struct Table {
  Napi::ObjectReference values;
};

struct Key {
  pthread_key_t key;
  int error;
  // A thread's table goes with its environment, before the thread itself ends: nothing is left to a
  // destructor.
  Key() : error(pthread_key_create(&key, nullptr)) {}
};

const Key& TheKey() {
  static const Key* key = new Key;
  return *key;
}

// This thread's table; undefined where it has none yet.
Napi::Value Get(const Napi::CallbackInfo& info) {
  const auto* table = static_cast<Table*>(pthread_getspecific(TheKey().key));
  return table == nullptr ? info.Env().Undefined() : table->values.Value();
}

// (table): once a thread.
Napi::Value Set(const Napi::CallbackInfo& info) {
  const Key& key = TheKey();
  if (key.error != 0) return ThrowErrno(info.Env(), key.error, "pthread_key_create");
  auto* table = new Table{Napi::Persistent(info[0].As<Napi::Object>())};
  if (const int error = pthread_setspecific(key.key, table); error != 0) {
    delete table;
    return ThrowErrno(info.Env(), error, "pthread_setspecific");
  }
  info.Env().AddCleanupHook([table] {
    pthread_setspecific(TheKey().key, nullptr);
    delete table;
  });
  return info.Env().Undefined();
}

}  // namespace

void InitTls(Napi::Env env, Napi::Object exports) {
  exports.Set("get", Napi::Function::New(env, Get, "get"));
  exports.Set("set", Napi::Function::New(env, Set, "set"));
}

}  // namespace prong
