#include "core/fork/random_contexts.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/fork/memory.h"
#include "core/fork/xorshift.h"

namespace prong::fork {

namespace {

constexpr size_t kBatch = 64;         // values that V8 makes at a time
constexpr size_t kFunctionWords = 9;  // of a function; one is its context
constexpr size_t kMostWords = 1024;   // of a native context
constexpr size_t kHeader = 2;         // a map and a length

struct StateObject {
  uint64_t map, length;
  XorShift state;
};

struct BatchObject {
  uint64_t map, length;
  double values[kBatch];
};

// V8 has it as a small integer or as a plain one.
size_t LengthOf(uint64_t word) { return (word & 0xffffffff) == 0 ? word >> 32 : word & 0xffffffff; }

bool ReadObject(uint64_t object, void* to, size_t size) {
  return IsObject(object) && ReadMemory(object - kObjectTag, to, size);
}

// The batch's last value was made of the state as it is, the others of the states before it.
bool Explains(XorShift state, const double* values, ValueForm form) {
  for (size_t i = kBatch; i-- > 0; state.StepBack()) {
    if (ValueOf(state, form) != values[i]) return false;
  }
  return true;
}

// What native contexts look like, learned from one whose state explains its batch.
class Shape {
 public:
  // From the context that a function leads to.
  bool Learn(uint64_t function) {
    return std::ranges::any_of(FieldsOf(function), [&](uint64_t field) { return LearnFrom(field); });
  }

  // The context that a function leads to; 0 where it leads to none of this shape.
  uint64_t ContextOf(uint64_t function) const {
    for (const uint64_t field : FieldsOf(function)) {
      if (Fits(field)) return field;
    }
    return 0;
  }

  bool Fits(uint64_t object) const {
    uint64_t head[kHeader];
    StateObject state;
    BatchObject batch;
    return ReadObject(object, head, sizeof(head)) && head[1] == length_ &&
           ReadParts(object, &state, &batch) && state.map == state_map_ && state.length == state_length_ &&
           batch.map == batch_map_ && batch.length == batch_length_;
  }

  static uint64_t Slot(uint64_t context, size_t slot) {
    uint64_t value = 0;
    return ReadMemory(context - kObjectTag + slot * 8, &value, sizeof(value)) ? value : 0;
  }

  bool Renew(uint64_t context) const {
    StateObject state;
    BatchObject batch;
    if (!ReadParts(context, &state, &batch)) return false;
    if (state.state.IsZero()) return true;  // V8 seeds it when it is first drawn from
    if (!Explains(state.state, batch.values, form_)) return false;
    XorShift fresh;
    if (!fresh.Renew()) return false;
    for (double& value : batch.values) {
      fresh.Step();
      value = ValueOf(fresh, form_);
    }
    const uint64_t at = Slot(context, state_slot_) - kObjectTag + offsetof(StateObject, state);
    const uint64_t values = Slot(context, batch_slot_) - kObjectTag + offsetof(BatchObject, values);
    return WriteMemory(at, &fresh, sizeof(fresh)) && WriteMemory(values, batch.values, sizeof(batch.values));
  }

  size_t words() const { return words_; }

 private:
  static std::vector<uint64_t> FieldsOf(uint64_t function) {
    std::vector<uint64_t> fields(kFunctionWords);
    if (!ReadObject(function, fields.data(), kFunctionWords * 8)) fields.clear();
    return fields;
  }

  bool LearnFrom(uint64_t context) {
    uint64_t head[kHeader];
    if (!ReadObject(context, head, sizeof(head))) return false;
    length_ = head[1];
    words_ = kHeader + LengthOf(length_);
    if (words_ > kMostWords) return false;
    std::vector<uint64_t> words(words_);
    if (!ReadObject(context, words.data(), words_ * 8)) return false;
    for (batch_slot_ = kHeader; batch_slot_ < words_; ++batch_slot_) {
      BatchObject batch;
      if (!ReadObject(words[batch_slot_], &batch, kHeader * 8) || LengthOf(batch.length) != kBatch) continue;
      if (!ReadObject(words[batch_slot_], &batch, sizeof(batch))) continue;
      for (state_slot_ = kHeader; state_slot_ < words_; ++state_slot_) {
        StateObject state;
        if (!ReadObject(words[state_slot_], &state, sizeof(state)) || state.state.IsZero()) continue;
        for (const ValueForm form : kValueForms) {
          if (!Explains(state.state, batch.values, form)) continue;
          form_ = form;
          state_map_ = state.map;
          state_length_ = state.length;
          batch_map_ = batch.map;
          batch_length_ = batch.length;
          return true;
        }
      }
    }
    return false;
  }

  bool ReadParts(uint64_t context, StateObject* state, BatchObject* batch) const {
    return ReadObject(Slot(context, state_slot_), state, sizeof(*state)) &&
           ReadObject(Slot(context, batch_slot_), batch, sizeof(*batch));
  }

  uint64_t length_ = 0;
  size_t words_ = 0;
  size_t state_slot_ = 0, batch_slot_ = 0;
  uint64_t state_map_ = 0, state_length_ = 0;
  uint64_t batch_map_ = 0, batch_length_ = 0;
  ValueForm form_ = ValueForm::kUpper52;
};

// The contexts from `newest` on along a slot, or none where that leads elsewhere than through `count` of
// them.
std::vector<uint64_t> Follow(const Shape& shape, uint64_t newest, size_t link, size_t count) {
  std::vector<uint64_t> contexts;
  for (uint64_t at = newest; shape.Fits(at); at = Shape::Slot(at, link)) {
    if (contexts.size() == count || (!contexts.empty() && at == contexts.back())) return {};
    contexts.push_back(at);
  }
  if (contexts.size() != count) contexts.clear();
  return contexts;
}

}  // namespace

bool RenewContexts(uintptr_t main, uintptr_t newest, size_t count) {
  Shape shape;
  if (!shape.Learn(main)) return false;
  const uint64_t from = shape.ContextOf(newest);
  const uint64_t own = shape.ContextOf(main);
  if (from == 0 || own == 0 || from == own) return false;
  for (size_t link = kHeader; link < shape.words(); ++link) {
    const std::vector<uint64_t> contexts = Follow(shape, from, link, count);
    if (std::ranges::find(contexts, own) == contexts.end()) continue;
    bool all = true;
    for (const uint64_t context : contexts) {
      if (context != own && !shape.Renew(context)) all = false;
    }
    return all;
  }
  return false;
}

}  // namespace prong::fork

#endif
