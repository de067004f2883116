// Threads that do the same at the same time, and how long they take.
#pragma once
#include <functional>

namespace bench {

/// Runs `pass(thread)` on `threads` threads at once, again and again for `seconds` and at least three times; returns
/// the shortest time from the first start to the last end. `prepare(thread)` is run once before on each, so that memory
/// which it touches first lies near.
double shortest_pass(int threads, double seconds, const std::function<void(int)>& prepare,
                     const std::function<void(int)>& pass);

}  // namespace bench
