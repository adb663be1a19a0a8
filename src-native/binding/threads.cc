#include <sys/syscall.h>
#include <unistd.h>

#include "binding/init.h"

namespace prong {

void InitThreads(Napi::Env env, Napi::Object exports) {
  exports.Set("gettid", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
                return Napi::Number::New(info.Env(), static_cast<double>(syscall(SYS_gettid)));
              }));
}

}  // namespace prong
