#include <unistd.h>

#include "binding/init.h"

namespace prong {

void InitFork(Napi::Env env, Napi::Object exports) {
  exports.Set("pid", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
                return Napi::Number::New(info.Env(), getpid());
              }));
}

}  // namespace prong
