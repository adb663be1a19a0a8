#include "core/fork/random.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>

#include <unordered_set>

namespace prong::fork {

namespace {

constexpr size_t kBlock = 262144;
constexpr uint64_t kTag = 1;           // of a pointer to an object in V8's heap
constexpr size_t kFunctionWords = 9;   // of the Math.random function; one is its context
constexpr size_t kContextWords = 512;  // of a native context that are looked at
constexpr size_t kStateWords = 5;      // a map, a length, the state
constexpr size_t kLeastProof = 3;      // values in a row that a place must explain

bool Read(uintptr_t from, void* to, size_t size) {
  iovec local{to, size};
  iovec remote{reinterpret_cast<void*>(from), size};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(size);
}

bool Write(uintptr_t to, const void* from, size_t size) {
  iovec local{const_cast<void*>(from), size};
  iovec remote{reinterpret_cast<void*>(to), size};
  return process_vm_writev(getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(size);
}

bool IsObject(uint64_t word) { return (word & 3) == kTag && word > 0xffff && word >> 47 == 0; }

// A filter for "one of the drawn values": some of the bits that every form makes a value of.
size_t Slot(uint64_t word) { return (word >> 20) & 0xffff; }

}  // namespace

bool ReadWord(uintptr_t from, uintptr_t* word) { return Read(from, word, sizeof(*word)); }

// xorshift128+, as V8 has it.
void RandomState::Step(State* state) {
  uint64_t s1 = state->s0;
  const uint64_t s0 = state->s1;
  state->s0 = s0;
  s1 ^= s1 << 23;
  s1 ^= s1 >> 17;
  s1 ^= s0;
  s1 ^= s0 >> 26;
  state->s1 = s1;
}

void RandomState::StepBack(State* state) {
  const uint64_t s0 = state->s0;  // the earlier s1
  uint64_t x = state->s1 ^ s0 ^ (s0 >> 26);
  x ^= (x >> 17) ^ (x >> 34) ^ (x >> 51);
  x ^= (x << 23) ^ (x << 46);
  state->s1 = s0;
  state->s0 = x;
}

double RandomState::Value(const State& state, Form form) {
  switch (form) {
    case Form::kUpper52:
      return static_cast<double>(state.s0 >> 12) * 0x1.0p-52;
    case Form::kUpper53:
      return static_cast<double>(state.s0 >> 11) * 0x1.0p-53;
    case Form::kSum53:
      return static_cast<double>((state.s0 + state.s1) >> 11) * 0x1.0p-53;
  }
  return 0;
}

// V8 makes kBatch values and hands them out last first: what follows a value is what was made before it.
bool RandomState::Explains(State state, const std::vector<double>& drawn, size_t at, Form form) const {
  if (drawn.size() - at < kLeastProof) return false;
  for (size_t i = at; i < drawn.size(); ++i) {
    if (Value(state, form) != drawn[i]) return false;
    StepBack(&state);
  }
  return true;
}

void RandomState::Consider(uintptr_t address, const State& state, const std::vector<double>& drawn) {
  for (size_t first = 0; first + kLeastProof <= drawn.size(); ++first) {
    for (const Form form : {Form::kUpper52, Form::kUpper53, Form::kSum53}) {
      if (!Explains(state, drawn, first, form)) continue;
      form_ = form;
      places_.push_back({address, state});
    }
  }
}

size_t RandomState::FindFrom(uintptr_t function, const std::vector<double>& drawn) {
  places_.clear();
  uint64_t fields[kFunctionWords];
  if (!IsObject(function) || !Read(function - kTag, fields, sizeof(fields))) return 0;
  std::vector<uint64_t> context(kContextWords);
  std::unordered_set<uint64_t> seen;
  std::unordered_set<uint64_t> contexts;
  for (const uint64_t field : fields) {
    if (!IsObject(field) || !contexts.insert(field).second) continue;
    if (!Read(field - kTag, context.data(), kContextWords * 8)) continue;
    for (const uint64_t slot : context) {
      uint64_t words[kStateWords];
      if (!IsObject(slot) || !seen.insert(slot).second || !Read(slot - kTag, words, sizeof(words))) continue;
      for (size_t i = 1; i + 1 < kStateWords; ++i)
        Consider(slot - kTag + i * 8, {words[i], words[i + 1]}, drawn);
      if (!places_.empty()) return places_.size();
    }
  }
  return 0;
}

bool RandomState::Holds(double drawn) const {
  State now;
  return places_.size() == 1 && Read(places_[0].address, &now, sizeof(now)) && Made(now, drawn);
}

size_t RandomState::Find(const std::vector<double>& drawn, const std::vector<Range>& memory) {
  places_.clear();
  // The state's s0 made the first value handed out since; which of the drawn ones that is, is not known.
  std::vector<bool> filter(65536);
  for (const double value : drawn) filter[Slot(static_cast<uint64_t>(value * 0x1.0p52) << 12)] = true;
  std::vector<uint64_t> block(kBlock / 8 + 1);
  for (const Range& range : memory) {
    for (uintptr_t at = range.begin; at < range.end; at += kBlock) {
      const size_t rest = range.end - at;
      const size_t size = rest < kBlock + 8 ? rest : kBlock + 8;
      if (!Read(at, block.data(), size)) continue;
      for (size_t i = 0; i + 1 < size / 8; ++i) {
        const State state{block[i], block[i + 1]};
        if (!filter[Slot(state.s0)] && !filter[Slot(state.s0 + state.s1)]) continue;
        Consider(at + i * 8, state, drawn);
      }
    }
  }
  return places_.size();
}

bool RandomState::Confirm() {
  std::vector<Place> live;
  for (const Place& place : places_) {
    State next = place.state;
    for (size_t i = 0; i < kBatch; ++i) Step(&next);
    State now;
    if (Read(place.address, &now, sizeof(now)) && now.s0 == next.s0 && now.s1 == next.s1) {
      live.push_back({place.address, now});
    }
  }
  places_ = live;
  return places_.size() == 1;
}

bool RandomState::Made(State state, double value) const {
  for (size_t i = 0; i < kBatch; ++i) {
    if (Value(state, form_) == value) return true;
    StepBack(&state);
  }
  return false;
}

bool RandomState::Reseed(double drawn) {
  if (places_.size() != 1) return false;
  State now;
  if (!Read(places_[0].address, &now, sizeof(now)) || !Made(now, drawn)) return false;
  if (getrandom(&fresh_, sizeof(fresh_), 0) != sizeof(fresh_) || (fresh_.s0 == 0 && fresh_.s1 == 0))
    return false;
  return Write(places_[0].address, &fresh_, sizeof(fresh_));
}

bool RandomState::IsFresh(double drawn) const {
  State state = fresh_;
  for (size_t i = 0; i < kBatch; ++i) Step(&state);
  return Made(state, drawn);
}

}  // namespace prong::fork

#endif
