#include "core/spawn/reactor.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <utility>

namespace prong::spawn {

struct Reactor::Handle {
  uv_poll_t poll;
  Reactor* reactor;
  void (*closed)(void*);
  void* data;
};

Reactor::~Reactor() {
  sources_.clear();
  if (epoll_ >= 0) close(epoll_);
}

uint32_t Reactor::NewId() {
  constexpr uint32_t kLargest = INT32_MAX;
  do {
    next_id_ = next_id_ == kLargest ? 1 : next_id_ + 1;
  } while (sources_.count(next_id_) != 0);
  return next_id_;
}

uint32_t Reactor::Add(std::unique_ptr<Source> source) {
  CheckFork();
  source->id_ = NewId();
  const uint32_t id = source->id_;
  sources_.emplace(id, std::move(source));
  return id;
}

Source* Reactor::Find(uint32_t id) const {
  const auto found = sources_.find(id);
  return found == sources_.end() ? nullptr : found->second.get();
}

void Reactor::Remove(uint32_t id) {
  CheckFork();
  Source* source = Find(id);
  if (source == nullptr) return;
  Hold(source, false);
  Disarm(source);
  sources_.erase(id);
}

int Reactor::Arm(Source* source, uint32_t events) {
  CheckFork();
  if (const int error = Open(); error != 0) return error;
  epoll_event event{};
  event.events = events;
  event.data.u64 = source->id_;
  if (epoll_ctl(epoll_, source->in_set_ ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, source->fd(), &event) != 0)
    return -errno;
  source->in_set_ = true;
  return 0;
}

void Reactor::Disarm(Source* source) {
  if (!source->in_set_) return;
  source->in_set_ = false;
  epoll_event event{};
  epoll_ctl(epoll_, EPOLL_CTL_DEL, source->fd(), &event);
}

void Reactor::Hold(Source* source, bool hold) {
  CheckFork();
  if (source->holds_loop_ == hold) return;
  source->holds_loop_ = hold;
  holds_ += hold ? 1 : -1;
  UpdateReference();
}

void Reactor::UpdateReference() {
  if (handle_ == nullptr) return;
  auto* handle = reinterpret_cast<uv_handle_t*>(&handle_->poll);
  if (holds_ > 0) {
    uv_ref(handle);
  } else {
    uv_unref(handle);
  }
}

int Reactor::Open() {
  if (handle_ != nullptr) return 0;
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return -errno;
  auto* handle = new Handle{};
  handle->reactor = this;
  if (const int error = uv_poll_init(loop_, &handle->poll, epoll_); error != 0) {
    delete handle;
    close(std::exchange(epoll_, -1));
    return error;
  }
  owner_ = getpid();
  handle_ = handle;
  UpdateReference();
  return uv_poll_start(&handle->poll, UV_READABLE,
                       [](uv_poll_t* poll, int, int) { reinterpret_cast<Handle*>(poll)->reactor->Turn(); });
}

void Reactor::Turn() {
  if (owner_ != getpid()) return AfterFork();
  constexpr int kBatch = 128;
  epoll_event events[kBatch];
  const int count = epoll_wait(epoll_, events, kBatch, 0);
  for (int i = 0; i < count; ++i) {
    // Looked up each time: one source may have removed another.
    if (Source* source = Find(static_cast<uint32_t>(events[i].data.u64))) source->OnReady(events[i].events);
  }
  if (count > 0) turn_(data_);
}

void Reactor::CheckFork() {
  if (handle_ != nullptr && owner_ != getpid()) AfterFork();
}

void Reactor::AfterFork() {
  if (handle_ == nullptr || owner_ == getpid()) return;
  for (auto& [id, source] : sources_) {
    source->in_set_ = false;
    source->holds_loop_ = false;
  }
  holds_ = 0;
  Abandon();
}

void Reactor::Forget() {
  AfterFork();
  sources_.clear();
}

void Reactor::Abandon() {
  Handle* handle = std::exchange(handle_, nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&handle->poll), [](uv_handle_t* closing) {
    auto* done = reinterpret_cast<Handle*>(closing);
    if (done->closed != nullptr) done->closed(done->data);
    delete done;
  });
  close(std::exchange(epoll_, -1));
}

void Reactor::Close(void (*closed)(void*), void* data) {
  if (handle_ == nullptr) return closed(data);
  handle_->closed = closed;
  handle_->data = data;
  Abandon();
}

}  // namespace prong::spawn
