// Wake-ups for the promises of one environment: its event loop watches the thread's kick socket and, while
// anything is waited for, looks by itself every few milliseconds too, since a wake-up may die with whoever
// was to send it.
#pragma once

#include <napi.h>
#include <uv.h>

namespace prong {

class Kicks {
 public:
  // Lives until the environment is cleaned up. `wake` is called with true when it is to look at every wait,
  // not only at those that were woken.
  static Kicks* Start(Napi::Env env, Napi::Function wake);

  // How many waits there are, and how many of them keep the event loop alive.
  void SetPending(uint32_t all, uint32_t holding);

 private:
  Kicks(Napi::Env env, Napi::Function wake);
  void Fire(bool all);
  void Close();
  static void OnClosed(uv_handle_t* handle);

  Napi::Env env_;
  Napi::FunctionReference wake_;
  Napi::AsyncContext context_;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  uv_poll_t poll_;
  uv_timer_t timer_;
  bool has_poll_ = false;
  uint32_t pending_ = 0;
  int open_ = 0;
};

}  // namespace prong
