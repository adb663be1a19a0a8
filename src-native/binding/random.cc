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

// findFrom(random: Function, drawn: Float64Array): number
Napi::Value FindFrom(const Napi::CallbackInfo& info) {
  const auto values = info[1].As<Napi::Float64Array>();
  const std::vector<double> drawn(values.Data(), values.Data() + values.ElementLength());
  // A napi_value is the place of a pointer to the object. Were it something else, nothing would be proved.
  uintptr_t function = 0;
  if (!fork::ReadWord(reinterpret_cast<uintptr_t>(static_cast<napi_value>(info[0])), &function)) function = 0;
  const size_t found = function == 0 ? 0 : fork::GetRandomState()->FindFrom(function, drawn);
  return Napi::Number::New(info.Env(), static_cast<double>(found));
}

// holds(drawn: number): boolean
Napi::Value Holds(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), fork::GetRandomState()->Holds(info[0].ToNumber().DoubleValue()));
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
  exports.Set("findFrom", Napi::Function::New(env, FindFrom, "findFrom"));
  exports.Set("holds", Napi::Function::New(env, Holds, "holds"));
  exports.Set("confirm", Napi::Function::New(env, Confirm, "confirm"));
  exports.Set("reseed", Napi::Function::New(env, Reseed, "reseed"));
  exports.Set("isFresh", Napi::Function::New(env, IsFresh, "isFresh"));
}

#else

void InitRandom(Napi::Env, Napi::Object) {}

#endif

}  // namespace prong
