// The state of Math.random, for src/posix/repair/math-random.ts.
#include "core/fork/random.h"

#include <napi.h>

#include "binding/init.h"
#include "core/fork/arch.h"
#include "core/fork/fork.h"

namespace prong {

#if PRONG_FORK_THREADS

namespace {

// find(drawn: Float64Array): number
Napi::Value Find(const Napi::CallbackInfo& info) {
  const auto values = info[0].As<Napi::Float64Array>();
  const std::vector<double> drawn(values.Data(), values.Data() + values.ElementLength());
  return Napi::Number::New(info.Env(), static_cast<double>(fork::FindRandomState(drawn)));
}

// confirm(): boolean
Napi::Value Confirm(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), fork::GetRandomState()->Confirm());
}

// reseed(drawn: number): boolean
Napi::Value Reseed(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), fork::GetRandomState()->Reseed(info[0].ToNumber().DoubleValue()));
}

// isFresh(drawn: number): boolean
Napi::Value IsFresh(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), fork::GetRandomState()->IsFresh(info[0].ToNumber().DoubleValue()));
}

}  // namespace

void InitRandom(Napi::Env env, Napi::Object exports) {
  exports.Set("find", Napi::Function::New(env, Find, "find"));
  exports.Set("confirm", Napi::Function::New(env, Confirm, "confirm"));
  exports.Set("reseed", Napi::Function::New(env, Reseed, "reseed"));
  exports.Set("isFresh", Napi::Function::New(env, IsFresh, "isFresh"));
}

#else

void InitRandom(Napi::Env, Napi::Object) {}

#endif

}  // namespace prong
