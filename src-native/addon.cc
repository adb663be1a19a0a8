// Registers the bindings. Each lives in binding/<name>.cc and hangs its functions on one object of that name.
#include <napi.h>

#include "binding/init.h"

namespace prong {

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, void (*init)(Napi::Env, Napi::Object)) {
    Napi::Object object = Napi::Object::New(env);
    init(env, object);
    exports.Set(name, object);
  };
  add("arena", InitArena);
  add("daemon", InitDaemon);
  add("fork", InitFork);
  add("random", InitRandom);
  add("sync", InitSync);
  add("queue", InitQueue);
  add("spawn", InitSpawn);
  add("threads", InitThreads);
  add("process", InitProcess);
  add("wait", InitWait);
  add("exec", InitExec);
  add("resources", InitResources);
  add("mutex", InitMutex);
  add("tls", InitTls);
  add("child", InitChild);
  add("connection", InitConnection);
  add("shm", InitShm);
  add("block", InitBlock);
  return exports;
}

NODE_API_MODULE(prong, Init)

}  // namespace prong
