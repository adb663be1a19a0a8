// What one environment keeps about its connections: the descriptors it waits for on its event loop.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "core/ipc/channel.h"
#include "core/spawn/reactor.h"

namespace prong {

struct ConnectionState {
  explicit ConnectionState(Napi::Env env);
  void Deliver();

  Napi::Env env;
  Napi::FunctionReference callback;
  // Where short messages arrive: JavaScript's memory, one for all connections of a thread.
  Napi::Reference<Napi::Uint8Array> scratch;
  char* scratch_data = nullptr;
  std::unique_ptr<Napi::AsyncContext> context;
  spawn::Reactor reactor;
  std::vector<int32_t> reports;
  uint32_t forks = 0;
};

// binding/connection_loop.cc
void InitConnectionLoop(Napi::Env env, Napi::Object exports, ConnectionState* state);
// binding/connection_address.cc
void InitConnectionAddress(Napi::Env env, Napi::Object exports);

inline ConnectionState& ConnectionStateOf(const Napi::CallbackInfo& info) {
  return *static_cast<ConnectionState*>(info.Data());
}

}  // namespace prong
