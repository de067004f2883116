// One kernel a distribution or sampler and dtype; everything else is a parameter.
#include "cuda/random.hpp"

#include <fmt/format.h>

#include "cuda/device_text.hpp"
#include "cuda/source.hpp"
#include "samplers/list.hpp"

namespace tessera::detail::cuda {
namespace {

const char* numbers_of(const random_plan& plan) {
  switch (plan.kind) {
    case distribution::uniform: return "uniform_numbers";
    case distribution::normal: return "normal_numbers";
    case distribution::exponential: return "exponential_numbers";
    default: return plan.words == 2 ? "narrow_integers" : "wide_integers";
  }
}

kernel_text text_of(std::string name, const std::string& functions, const char* params, const std::string& call) {
  std::string text = preamble_of({}, false) + std::string(random_text) + functions +
                     fmt::format(
                         "extern \"C\" __global__ void __launch_bounds__(256) {}(const __grid_constant__ "
                         "tessera::{} p) {{\n  using namespace tessera;\n  {}(p);\n}}\n",
                         name, params, call);
  return {std::move(name), std::move(text)};
}

/// What the samplers share and one of them, in the words of device/samplers.cuh.
std::string sampler_text(sampler_code which) {
  std::string text(samplers_text);
  text += "#define TESSERA_SAMPLER TESSERA_DEVICE\nnamespace tessera::samplers {\n";
  text += sampler_base_text;
  const std::string_view all[] = {
#define X(name, file, columns) sampler_##file##_text,
      TESSERA_SAMPLERS(X)
#undef X
  };
  text += all[static_cast<int>(which)];
  return text + "}  // namespace tessera::samplers\n";
}

void run_sampler(context& on, const random_plan& plan) {
  for (const sampler_parameter& p : plan.parameters)
    if (p.values) on.use(p.values, false);
  const char* const sampler = info_of(plan.sampler).name;
  const kernel& k = find_kernel(fmt::format("rs{} {}", sampler, plan.type.name()), on.capability(), [&] {
    return text_of(fmt::format("tessera_{}_{}", sampler, plan.type.name()), sampler_text(plan.sampler),
                   "sampler_params", fmt::format("sampler_fill<samplers::{}, {}>", sampler, type_name(plan.type)));
  });
  parameters values;
  values.add(plan.out);
  values.add(plan.count);
  for (const std::uint64_t x : {plan.seed, plan.stream, plan.counter}) values.add(x);
  for (const sampler_parameter& p : plan.parameters) values.add(p.values);
  for (const sampler_parameter& p : plan.parameters) values.add(p.value);
  launch(on, k, {(plan.count + 255) / 256}, values, false);
}

}  // namespace

void run_random(context& on, const random_plan& plan) {
  if (plan.count <= 0) return;
  if (plan.kind == distribution::sampler) return run_sampler(on, plan);
  const bool keys = plan.kind == distribution::permutation;
  // A bool is made as a byte: any number in range.
  const dtype type = keys ? uint64 : plan.type == bool_ ? uint8 : plan.type;
  const int align = alignment_of(reinterpret_cast<std::uintptr_t>(plan.out), 16);
  const std::string numbers = fmt::format("{}<{}>", numbers_of(plan), type_name(type));
  const kernel& k = find_kernel(fmt::format("r{} {}", numbers, align), on.capability(), [&] {
    return text_of(fmt::format("tessera_{}_{}", numbers_of(plan), type.name()), "", "random_params",
                   fmt::format("random_fill<{}, {}>", numbers, align));
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
