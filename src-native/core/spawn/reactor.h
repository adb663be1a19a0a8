// Watches any number of descriptors (pidfds, pipes) through one epoll set that hangs as one handle on an
// event loop: a child costs a single system call to watch, not a libuv handle.
#pragma once

#include <sys/types.h>
#include <uv.h>

#include <cstdint>
#include <memory>
#include <unordered_map>

namespace prong::spawn {

class Reactor;

// Something that waits for a descriptor. `OnReady` runs on the loop's thread and calls no JavaScript.
class Source {
 public:
  virtual ~Source() = default;
  virtual int fd() const = 0;
  virtual void OnReady(uint32_t events) = 0;
  uint32_t id() const { return id_; }

 private:
  friend class Reactor;
  uint32_t id_ = 0;
  bool in_set_ = false;
  bool holds_loop_ = false;
};

class Reactor {
 public:
  // `turn` is called after each batch of OnReady calls.
  Reactor(uv_loop_t* loop, void (*turn)(void*), void* data) : loop_(loop), turn_(turn), data_(data) {}
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // A number that no source has: for what reports on its own.
  uint32_t NewId();
  uint32_t Add(std::unique_ptr<Source> source);
  Source* Find(uint32_t id) const;
  // Forgets the source and destroys it.
  void Remove(uint32_t id);

  // Starts or renews the wait for EPOLLIN, EPOLLOUT... Returns 0 or -errno.
  int Arm(Source* source, uint32_t events);
  void Disarm(Source* source);

  // A source that holds the loop keeps the process running.
  void Hold(Source* source, bool hold);

  // In a forked child: the set is shared with the parent, so it is left to it. Everything is disarmed.
  void AfterFork();

  // Destroys all sources: for a forked child that has no use for them.
  void Forget();

  // The handle is closed when `closed` is called; at once if there is none.
  void Close(void (*closed)(void*), void* data);

 private:
  struct Handle;
  int Open();
  void Abandon();
  void CheckFork();
  void UpdateReference();
  void Turn();

  uv_loop_t* loop_;
  void (*turn_)(void*);
  void* data_;
  Handle* handle_ = nullptr;
  int epoll_ = -1;
  pid_t owner_ = -1;
  int holds_ = 0;
  uint32_t next_id_ = 1;
  std::unordered_map<uint32_t, std::unique_ptr<Source>> sources_;
};

}  // namespace prong::spawn
