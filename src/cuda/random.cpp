// One kernel a distribution and dtype; everything else is a parameter.
#include "cuda/random.hpp"

#include <fmt/format.h>

#include "cuda/device_text.hpp"
#include "cuda/source.hpp"

namespace tessera::detail::cuda {
namespace {

const char* numbers_of(const random_plan& plan) {
  switch (plan.kind) {
    case distribution::uniform: return "uniform_numbers";
    case distribution::normal: return "normal_numbers";
    default: return plan.words == 2 ? "narrow_integers" : "wide_integers";
  }
}

}  // namespace

void run_random(context& on, const random_plan& plan) {
  if (plan.count <= 0) return;
  const bool keys = plan.kind == distribution::permutation;
  // A bool is made as a byte: any number in range.
  const dtype type = keys ? uint64 : plan.type == bool_ ? uint8 : plan.type;
  const int align = alignment_of(reinterpret_cast<std::uintptr_t>(plan.out), 16);
  const std::string numbers = fmt::format("{}<{}>", numbers_of(plan), type_name(type));
  const std::string key = fmt::format("r{} {}", numbers, align);
  const kernel& k = find_kernel(key, on.capability(), [&]() -> kernel_text {
    const std::string name = fmt::format("tessera_{}_{}", numbers_of(plan), type.name());
    return {name, preamble_of({}, false) + std::string(random_text) +
                      fmt::format("extern \"C\" __global__ void __launch_bounds__(256) {}(const __grid_constant__ "
                                  "tessera::random_params p) {{\n"
                                  "  using namespace tessera;\n  random_fill<{}, {}>(p);\n}}\n",
                                  name, numbers, align)};
  });
  const std::int64_t elements = 4 / plan.words, blocks = (plan.count + elements - 1) / elements;
  parameters values;
  values.add(plan.out);
  values.add(plan.count);
  for (const std::uint64_t x : {plan.seed, plan.stream, plan.counter}) values.add(x);
  for (const double x : {plan.low, plan.width, plan.last}) values.add(x);
  values.add(plan.first);
  values.add(plan.most);
  launch(on, k, {(blocks + 255) / 256}, values, false);
}

}  // namespace tessera::detail::cuda
