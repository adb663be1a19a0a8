// The generator behind Math.random: its state lies in V8's heap, and a fork copies it. It is found by its
// output, proved by predicting the next values, and given new entropy in the child.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/fork/layout.h"
#include "core/fork/xorshift.h"

namespace prong::fork {

class RandomState {
 public:
  // How many values V8 makes at a time.
  static constexpr size_t kBatch = 64;

  // `drawn`: the last kBatch values of Math.random, oldest first. Remembers every place in `memory` that
  // could be the state that made them; answers how many.
  size_t Find(const std::vector<double>& drawn, const std::vector<Range>& memory);

  // As Find, but looks only at what the object at `function` (tagged, as V8 has it) leads to: Math.random's
  // context holds the state. It costs the same in any heap.
  size_t FindFrom(uintptr_t function, const std::vector<double>& drawn);

  // Whether the state still is where it was found. `drawn` is the value drawn last.
  bool Holds(double drawn) const;

  // After exactly kBatch more were drawn: true where one and only one of the places went on as the state
  // does.
  bool Confirm();

  // Gives the state new entropy. `drawn` is the value drawn last: it proves that the state still is where it
  // was. What V8 has made already (up to kBatch values) is still to be drawn before the new ones come.
  bool Reseed(double drawn);

  // Whether `drawn` is among the first kBatch values that the new state makes.
  bool IsFresh(double drawn) const;

 private:
  struct Place {
    uintptr_t address;
    XorShift state;
  };

  bool Made(XorShift state, double value) const;
  // Remembers `address` if the state there explains the last of the drawn values.
  void Consider(uintptr_t address, const XorShift& state, const std::vector<double>& drawn);
  bool Explains(XorShift state, const std::vector<double>& drawn, size_t at, ValueForm form) const;

  std::vector<Place> places_;
  ValueForm form_ = ValueForm::kUpper52;
  XorShift fresh_;
};

}  // namespace prong::fork
