// V8's random numbers, for src/posix/repair/math-random.ts and context-random.ts.
#include "core/fork/random.h"

#include <napi.h>

#include "binding/init.h"
#include "core/fork/arch.h"
#include "core/fork/fork.h"
#include "core/fork/memory.h"
#include "core/fork/random_contexts.h"

namespace prong {

#if PRONG_FORK_THREADS

namespace {

// Where V8 has an object (a tagged pointer); 0 where that can't be told. A napi_value is the place of that
// pointer. Were it something else, nothing would be proved.
uintptr_t AddressOf(Napi::Value value) {
  uintptr_t address = 0;
  const auto place = reinterpret_cast<uintptr_t>(static_cast<napi_value>(value));
  return fork::ReadMemory(place, &address, sizeof(address)) ? address : 0;
}

// The numbers by which V8 knows objects that are keys of a collection.
std::vector<uint32_t> HashesOf(Napi::Value value) {
  const auto objects = value.As<Napi::Array>();
  std::vector<uint32_t> hashes(objects.Length());
  for (uint32_t i = 0; i < hashes.size(); ++i) hashes[i] = fork::HashOf(AddressOf(objects.Get(i)));
  return hashes;
}

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
  const uintptr_t function = AddressOf(info[0]);
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

// renewContexts(main: Function, newest: Function, count: number): boolean
Napi::Value RenewContexts(const Napi::CallbackInfo& info) {
  const bool renewed =
      fork::RenewContexts(AddressOf(info[0]), AddressOf(info[1]), info[2].ToNumber().Uint32Value());
  return Napi::Boolean::New(info.Env(), renewed);
}

// findSeeds(keys: object[]): boolean
Napi::Value FindSeeds(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), fork::GetSeedState()->Find(HashesOf(info[0])));
}

// renewSeeds(keys: object[]): boolean
Napi::Value RenewSeeds(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), fork::GetSeedState()->Renew(HashesOf(info[0])));
}

}  // namespace

void InitRandom(Napi::Env env, Napi::Object exports) {
  exports.Set("renewContexts", Napi::Function::New(env, RenewContexts, "renewContexts"));
  exports.Set("findSeeds", Napi::Function::New(env, FindSeeds, "findSeeds"));
  exports.Set("renewSeeds", Napi::Function::New(env, RenewSeeds, "renewSeeds"));
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
