// What one environment (the main thread or a Worker) keeps about the programs it runs.
#pragma once

#include <napi.h>

#include <memory>
#include <unordered_map>
#include <vector>

#include "core/spawn/exchange.h"
#include "core/spawn/reactor.h"

namespace prong {

struct AsyncExchange;

struct SpawnState {
  explicit SpawnState(Napi::Env env);

  // To be told to JavaScript at the end of the turn, as (id, value) pairs.
  void Report(uint32_t id, int value) {
    reports.push_back(static_cast<int32_t>(id));
    reports.push_back(value);
  }
  void Deliver();

  Napi::Env env;
  Napi::FunctionReference callback;
  std::unique_ptr<Napi::AsyncContext> context;
  spawn::Reactor reactor;
  std::vector<int32_t> reports;
  bool only_thread = false;
  std::unordered_map<uint32_t, std::shared_ptr<AsyncExchange>> exchanges;
};

// Hands memory over to JavaScript as a Buffer; small outputs are copied.
Napi::Value TakeBuffer(Napi::Env env, spawn::Bytes& bytes);

// Reaps a process whenever it ends, and tells nobody.
void ReapUnheard(SpawnState& state, pid_t pid);

// binding/spawn_loop.cc: watching processes and descriptors on the event loop.
void InitSpawnLoop(Napi::Env env, Napi::Object exports, SpawnState* state);
// binding/spawn_exchange.cc: feeding and collecting without JavaScript.
void InitSpawnExchange(Napi::Env env, Napi::Object exports, SpawnState* state);

// The descriptors of an exchange that are still open are added to `fds`.
void AddExchangeFds(const SpawnState& state, uint32_t id, std::vector<int>* fds);

template <typename Callback>
void Define(Napi::Env env, Napi::Object exports, const char* name, Callback callback, SpawnState* state) {
  exports.Set(name, Napi::Function::New(env, callback, name, state));
}

inline SpawnState& StateOf(const Napi::CallbackInfo& info) { return *static_cast<SpawnState*>(info.Data()); }

}  // namespace prong
