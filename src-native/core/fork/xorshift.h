// The generator that V8 uses for everything random: xorshift128+. It can be stepped back.
#pragma once

#include <cstdint>

namespace prong::fork {

struct XorShift {
  uint64_t s0 = 0;
  uint64_t s1 = 0;

  bool operator==(const XorShift& other) const { return s0 == other.s0 && s1 == other.s1; }
  bool IsZero() const { return s0 == 0 && s1 == 0; }

  // Fresh entropy of the system's; false where it has none.
  bool Renew();

  void Step() {
    uint64_t x = s0;
    s0 = s1;
    x ^= x << 23;
    x ^= x >> 17;
    x ^= s0;
    x ^= s0 >> 26;
    s1 = x;
  }

  void StepBack() {
    uint64_t x = s1 ^ s0 ^ (s0 >> 26);
    x ^= (x >> 17) ^ (x >> 34) ^ (x >> 51);
    x ^= (x << 23) ^ (x << 46);
    s1 = s0;
    s0 = x;
  }
};

// How V8 makes a value of Math.random of a state; its versions differ.
enum class ValueForm { kUpper52, kUpper53, kSum53 };
constexpr ValueForm kValueForms[] = {ValueForm::kUpper52, ValueForm::kUpper53, ValueForm::kSum53};

inline double ValueOf(const XorShift& state, ValueForm form) {
  switch (form) {
    case ValueForm::kUpper52:
      return static_cast<double>(state.s0 >> 12) * 0x1.0p-52;
    case ValueForm::kUpper53:
      return static_cast<double>(state.s0 >> 11) * 0x1.0p-53;
    case ValueForm::kSum53:
      return static_cast<double>((state.s0 + state.s1) >> 11) * 0x1.0p-53;
  }
  return 0;
}

}  // namespace prong::fork
