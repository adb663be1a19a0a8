// Who is who: each thread that uses the arena holds a slot in it for as long as it lives. The slot's robust
// mutex is locked by the thread from beginning to end, so that the kernel itself says when the thread is
// gone, however it went: no pid to be reused, no time to be compared.
//
// An identity is a slot's number and how often the slot has been given out. A lock's word holds one.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/sync/robust_mutex.h"

namespace prong {

constexpr uint32_t kSlotBits = 12;
constexpr uint32_t kSlotMask = (1u << kSlotBits) - 1;
constexpr uint32_t kIdBits = 29;
constexpr uint32_t kIdMask = (1u << kIdBits) - 1;

struct alignas(64) ThreadSlot {
  RobustMutex alive;
  std::atomic<uint32_t> id;    // the present identity; 0 where nobody has the slot
  std::atomic<uint32_t> uses;  // how often it was given out
  std::atomic<int32_t> pid;
  std::atomic<int32_t> tid;
  std::atomic<uint32_t> kicked;  // a wake-up for its event loop is under way
  std::atomic<uint32_t> ready;   // the mutex has been initialized
  // For the detection of deadlocks: the lock this thread is blocked on.
  std::atomic<uint64_t> waiting_on;
  std::atomic<uint32_t> spare[4];
  char name[48];
};

namespace self {

// This thread's identity; the first call in a thread takes a slot, and after a fork the child takes its own.
// 0 where all slots are taken.
uint32_t Id();

// As Id, but says only what is there.
uint32_t PeekId();

// The word that JavaScript reads the identity from; it is this thread's as long as the thread lives.
uint32_t* IdWord();

// Gives the slot back: locks it still holds count as held by a dead thread from here on.
void Leave();

ThreadSlot* Slot();

// Runs in the child of a fork after the forking thread has its new slot.
void OnFork(void (*hook)());

}  // namespace self

// Whether the thread of this identity is alive. Never wrong about a dead one; one just ending may still count
// as alive.
bool IsAlive(uint32_t id);

// Sends a wake-up to the event loop of a thread; never blocks.
void Kick(uint32_t id);

// The socket that wake-ups arrive on, made on the first call; -errno where there is none to be had. Whoever
// is to be woken has it before it enters a queue.
int KickFd();

// Takes what has arrived on it.
void DrainKicks();

}  // namespace prong
