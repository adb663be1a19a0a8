#include "core/fork/random.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <sys/random.h>

#include <unordered_set>

#include "core/fork/memory.h"

namespace prong::fork {

namespace {

constexpr size_t kBlock = 262144;
constexpr size_t kFunctionWords = 9;   // of the Math.random function; one is its context
constexpr size_t kContextWords = 512;  // of a native context that are looked at
constexpr size_t kStateWords = 5;      // a map, a length, the state
constexpr size_t kLeastProof = 3;      // values in a row that a place must explain

// A filter for "one of the drawn values": some of the bits that every form makes a value of.
size_t Slot(uint64_t word) { return (word >> 20) & 0xffff; }

}  // namespace

bool XorShift::Renew() { return getrandom(this, sizeof(*this), 0) == sizeof(*this) && !IsZero(); }

// V8 makes kBatch values and hands them out last first: what follows a value is what was made before it.
bool RandomState::Explains(XorShift state, const std::vector<double>& drawn, size_t at,
                           ValueForm form) const {
  if (drawn.size() - at < kLeastProof) return false;
  for (size_t i = at; i < drawn.size(); ++i) {
    if (ValueOf(state, form) != drawn[i]) return false;
    state.StepBack();
  }
  return true;
}

void RandomState::Consider(uintptr_t address, const XorShift& state, const std::vector<double>& drawn) {
  for (size_t first = 0; first + kLeastProof <= drawn.size(); ++first) {
    for (const ValueForm form : kValueForms) {
      if (!Explains(state, drawn, first, form)) continue;
      form_ = form;
      places_.push_back({address, state});
    }
  }
}

size_t RandomState::FindFrom(uintptr_t function, const std::vector<double>& drawn) {
  places_.clear();
  uint64_t fields[kFunctionWords];
  if (!IsObject(function) || !ReadMemory(function - kObjectTag, fields, sizeof(fields))) return 0;
  std::vector<uint64_t> context(kContextWords);
  std::unordered_set<uint64_t> seen;
  std::unordered_set<uint64_t> contexts;
  for (const uint64_t field : fields) {
    if (!IsObject(field) || !contexts.insert(field).second) continue;
    if (!ReadMemory(field - kObjectTag, context.data(), kContextWords * 8)) continue;
    for (const uint64_t slot : context) {
      uint64_t words[kStateWords];
      if (!IsObject(slot) || !seen.insert(slot).second ||
          !ReadMemory(slot - kObjectTag, words, sizeof(words)))
        continue;
      for (size_t i = 1; i + 1 < kStateWords; ++i)
        Consider(slot - kObjectTag + i * 8, {words[i], words[i + 1]}, drawn);
      if (!places_.empty()) return places_.size();
    }
  }
  return 0;
}

bool RandomState::Holds(double drawn) const {
  XorShift now;
  return places_.size() == 1 && ReadMemory(places_[0].address, &now, sizeof(now)) && Made(now, drawn);
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
      if (!ReadMemory(at, block.data(), size)) continue;
      for (size_t i = 0; i + 1 < size / 8; ++i) {
        const XorShift state{block[i], block[i + 1]};
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
    XorShift next = place.state;
    for (size_t i = 0; i < kBatch; ++i) next.Step();
    XorShift now;
    if (ReadMemory(place.address, &now, sizeof(now)) && now == next) {
      live.push_back({place.address, now});
    }
  }
  places_ = live;
  return places_.size() == 1;
}

bool RandomState::Made(XorShift state, double value) const {
  for (size_t i = 0; i < kBatch; ++i) {
    if (ValueOf(state, form_) == value) return true;
    state.StepBack();
  }
  return false;
}

bool RandomState::Reseed(double drawn) {
  if (places_.size() != 1) return false;
  XorShift now;
  if (!ReadMemory(places_[0].address, &now, sizeof(now)) || !Made(now, drawn)) return false;
  return fresh_.Renew() && WriteMemory(places_[0].address, &fresh_, sizeof(fresh_));
}

bool RandomState::IsFresh(double drawn) const {
  XorShift state = fresh_;
  for (size_t i = 0; i < kBatch; ++i) state.Step();
  return Made(state, drawn);
}

}  // namespace prong::fork

#endif
