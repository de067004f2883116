// A little of everything a device is asked for, step by step, for tests that make the runtime fail: every failure must come as
// one of the library's exceptions with a text, and leave the host working. Prints the failures; exits with 0 if all is as it
// should be.
#include <cstdio>
#include <functional>

#include "tessera/tessera.hpp"

namespace {

using namespace tessera;

int failures = 0, wrong = 0;

void step(const char* name, const std::function<bool()>& work) {
  try {
    if (work()) return;
    std::printf("%s: wrong result\n", name);
    ++wrong;
  } catch (const out_of_memory& e) {
    ++failures;
    std::printf("%s: out_of_memory %s\n", name, e.what());
  } catch (const device_error& e) {
    ++failures;
    std::printf("%s: device_error %s\n", name, e.what());
  } catch (const std::exception& e) {
    ++wrong;
    std::printf("%s: unexpected exception %s\n", name, e.what());
  }
}

bool is(const array& x, double value) { return bool(all(x.to(cpu()) == value)); }

void use_the_device() {
  const auto filled = [](double value) { return full({1000}, value, {.dtype = float32, .device = cuda()}); };
  step("fill", [&] { return is(filled(2), 2); });
  step("zeros", [] { return is(zeros({10}, {.device = cuda()}), 0); });
  step("small copy", [] { return is(ones({10}).to(cuda()), 1); });
  step("large copy", [] { return is(ones({1'500'000}).to(cuda()), 1); });
  step("strided copy", [] {
    const array x = ones({200, 300});
    return is(x(all, slice(none, none, -2)).to(cuda()).T(), 1);
  });
  step("arithmetic", [&] { return is(filled(2) * 3 + 1, 7); });
  step("reduction", [&] { return sum(filled(2)).item<float>() == 2000; });
  step("item", [&] { return filled(5)(3).item<float>() == 5; });
  step("print", [&] { return str(filled(1)(slice(0, 2))) == "[1. 1.]"; });
  step("streams", [&] {
    const array x = filled(1);
    const stream other(cuda());
    array y;
    {
      const stream_scope on(other);
      y = x + 1;
    }
    const event e = other.record();
    e.wait();
    return is(y, 2);
  });
  step("properties", [] { return properties(cuda()).total_memory > 0; });
  step("statistics", [] { return memory_stats(cuda()).bytes_in_use >= 0; });
  step("synchronize", [] {
    synchronize(cuda());
    return true;
  });
}

}  // namespace

int main() {
  use_the_device();
  step("host", [] { return sum(arange(10)).item<int>() == 45; });
  const int on_host = failures;
  step("host again", [] { return is(ones({1000}) + 1, 2); });
  if (failures != on_host) ++wrong;
  try {
    if (backends()[1].available && memory_stats(cuda()).bytes_in_use != 0) {
      std::printf("memory still in use: %lld bytes\n", static_cast<long long>(memory_stats(cuda()).bytes_in_use));
      ++wrong;
    }
    release_cached_memory(cuda());
  } catch (const device_error&) {  // no device: said before
  }
  std::printf("failures: %d, wrong: %d\n", failures, wrong);
  return wrong == 0 ? 0 : 1;
}
