// Math.random in every vm context of the program. V8 keeps its native contexts on a list, newest first; each
// has the state of its generator and the batch of values that it made last in the same two slots.
#pragma once

#include <cstddef>
#include <cstdint>

namespace prong::fork {

// Gives the generator of each context but the main one new entropy, and makes its batch anew. `main` and
// `newest` are the Math.random functions (tagged pointers) of the main context, which must have been drawn
// from, and of the newest one; there are `count` contexts. Nothing is written to a state that does not
// explain each value of its batch. Answers whether all of them were dealt with.
bool RenewContexts(uintptr_t main, uintptr_t newest, size_t count);

}  // namespace prong::fork
