// What it costs to cross through DLPack: a struct made and deleted, taken and dropped, and both together.
#include <benchmark/benchmark.h>

#include <tessera/tessera.hpp>

#include "core/dlpack_abi.hpp"

namespace {

using namespace tessera;

void export_and_delete(benchmark::State& state, const array& a) {
  for (auto _ : state) {
    DLManagedTensorVersioned* const t = to_dlpack(a);
    benchmark::DoNotOptimize(t->dl_tensor.data);
    t->deleter(t);
  }
}

void export_and_delete_legacy(benchmark::State& state, const array& a) {
  for (auto _ : state) {
    DLManagedTensor* const t = to_dlpack_legacy(a);
    benchmark::DoNotOptimize(t->dl_tensor.data);
    t->deleter(t);
  }
}

/// Of a struct that costs its producer nothing.
void import_and_drop(benchmark::State& state, const array& a) {
  DLManagedTensorVersioned* const t = to_dlpack(a);
  const auto deleter = t->deleter;
  t->deleter = [](DLManagedTensorVersioned*) {};
  for (auto _ : state) benchmark::DoNotOptimize(from_dlpack(t).data());
  deleter(t);
}

void there_and_back(benchmark::State& state, const array& a) {
  for (auto _ : state) benchmark::DoNotOptimize(from_dlpack(to_dlpack(a)).data());
}

using crossing = void (*)(benchmark::State&, const array&);
struct named {
  const char* name;
  crossing run;
};

[[maybe_unused]] const bool registered = [] {
  const named crossings[] = {{"export", export_and_delete},
                             {"export_legacy", export_and_delete_legacy},
                             {"import", import_and_drop},
                             {"round_trip", there_and_back}};
  for (const named& c : crossings) {
    for (const shape& extents : {shape{10}, shape{100000000}, shape{10, 10, 10}, shape::filled(12, 2)}) {
      std::string name = "dlpack/";
      name.append(c.name).append("/float32/");
      for (int axis = 0; axis < extents.size(); ++axis) {
        name.append(axis > 0 ? "x" : "").append(std::to_string(extents[axis]));
      }
      name.append("/cpu");
      // The array is made when it is its turn, and its pages are never touched.
      benchmark::RegisterBenchmark(name.c_str(), [run = c.run, extents](benchmark::State& state) {
        run(state, empty(extents, {.dtype = float32, .device = cpu()}));
      });
    }
  }
  return true;
}();

}  // namespace
