#include "binding/kicks.h"

#include "core/sync/thread_slot.h"

namespace prong {

namespace {
constexpr uint64_t kLookMs = 20;
// Where no socket can be had, looking is all there is.
constexpr uint64_t kBlindLookMs = 2;
}  // namespace

Kicks::Kicks(Napi::Env env, Napi::Function wake)
    : env_(env), wake_(Napi::Persistent(wake)), context_(env, "prong.wait") {}

Kicks* Kicks::Start(Napi::Env env, Napi::Function wake) {
  uv_loop_t* loop;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return nullptr;
  Kicks* kicks = new Kicks(env, wake);
  uv_timer_init(loop, &kicks->timer_);
  kicks->timer_.data = kicks;
  uv_unref(reinterpret_cast<uv_handle_t*>(&kicks->timer_));
  kicks->open_ = 1;
  const int fd = KickFd();
  if (fd >= 0 && uv_poll_init(loop, &kicks->poll_, fd) == 0) {
    kicks->poll_.data = kicks;
    kicks->has_poll_ = true;
    kicks->open_ = 2;
    uv_poll_start(&kicks->poll_, UV_READABLE, [](uv_poll_t* handle, int, int) {
      DrainKicks();
      static_cast<Kicks*>(handle->data)->Fire(false);
    });
    uv_unref(reinterpret_cast<uv_handle_t*>(&kicks->poll_));
  }
  napi_add_async_cleanup_hook(
      env,
      [](napi_async_cleanup_hook_handle handle, void* data) {
        Kicks* self = static_cast<Kicks*>(data);
        self->cleanup_ = handle;
        self->Close();
      },
      kicks, &kicks->cleanup_);
  return kicks;
}

void Kicks::SetPending(uint32_t all, uint32_t holding) {
  uv_handle_t* timer = reinterpret_cast<uv_handle_t*>(&timer_);
  if (all == 0) {
    uv_timer_stop(&timer_);
  } else if (pending_ == 0) {
    const uint64_t interval = has_poll_ ? kLookMs : kBlindLookMs;
    uv_timer_start(
        &timer_, [](uv_timer_t* handle) { static_cast<Kicks*>(handle->data)->Fire(true); }, interval,
        interval);
  }
  // The timer alone keeps the loop alive: it runs whenever something is waited for.
  if (holding > 0) {
    uv_ref(timer);
  } else {
    uv_unref(timer);
  }
  pending_ = all;
}

void Kicks::Fire(bool all) {
  Napi::HandleScope scope(env_);
  // Without the wrapper: while the environment is being torn down the loop still turns, and this call may
  // fail.
  napi_value argument = Napi::Boolean::New(env_, all);
  napi_make_callback(env_, context_, Napi::Object::New(env_), wake_.Value(), 1, &argument, nullptr);
}

void Kicks::Close() {
  uv_timer_stop(&timer_);
  if (has_poll_) uv_poll_stop(&poll_);
  wake_.Reset();
  uv_close(reinterpret_cast<uv_handle_t*>(&timer_), OnClosed);
  if (has_poll_) uv_close(reinterpret_cast<uv_handle_t*>(&poll_), OnClosed);
}

void Kicks::OnClosed(uv_handle_t* handle) {
  Kicks* self = static_cast<Kicks*>(handle->data);
  if (--self->open_ > 0) return;
  napi_remove_async_cleanup_hook(self->cleanup_);
  delete self;
}

}  // namespace prong
