// Texts as a stage of characters: where each pair and its result lie; device/texts.cuh compares them.
#include "cuda/texts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cuda/device_text.hpp"
#include "cuda/source.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr std::int64_t block_threads = 256;

dtype character_of(const text_plan& plan) { return plan.left.type.code() == dtype_code::str_ ? uint32 : uint8; }

stage stage_of(const text_plan& plan) {
  stage s;
  s.extents = plan.extents;
  for (int axis = 0; axis < plan.extents.size(); ++axis) s.folded.push_back(false);
  for (const strided* text : {&plan.left, &plan.right}) {
    strided first = *text;
    first.type = character_of(plan);
    s.inputs.push_back(first);
  }
  s.results.push_back({0, fold::none, plan.out, no_reg});
  return s;
}

const char* holds_text(op code) {
  switch (code) {
    case op::equal: return "order == 0";
    case op::not_equal: return "order != 0";
    case op::less: return "order < 0";
    case op::less_equal: return "order <= 0";
    case op::greater: return "order > 0";
    default: return "order >= 0";
  }
}

class text_kernel {
 public:
  explicit text_kernel(const text_plan& plan) : plan_(plan), s_(stage_of(plan)), g_(geometry_of(s_)) {
    choose_vectors(g_, 1);
    make_strided(g_);
    for (operand_view& x : g_.operands) x.align = std::min(x.align, itemsize_of(x.type));
    g_.wide = needs_wide_offsets(g_);
    indirect_ = needs_indirect(s_, g_);
  }

  void run(context& on) const {
    std::string key = "x";
    key += static_cast<char>(plan_.code);
    stage_source(s_, g_, indirect_).append_key(key);
    const kernel& k = find_kernel(key, on.capability(), [this] { return text(); });
    const std::int64_t size = itemsize_of(g_.operands[0].type);
    const std::int64_t left = plan_.left.type.itemsize() / size, right = plan_.right.type.itemsize() / size;
    for_each_slab(g_, false, [&](const slab& part) {
      const std::int64_t units = units_of(g_, part.extents, false);
      parameters values;
      stage_source(s_, g_, indirect_).add_params(values, part);
      values.add(static_cast<std::uint32_t>(units));
      for (const std::int64_t width : {std::min(left, right), left, right}) values.add(width);
      launch(on, k, {divide_up(units, block_threads)}, values, indirect_);
    });
  }

  kernel_text text() const {
    const stage_source source(s_, g_, indirect_);
    std::string body = std::string(types_text) + std::string(texts_text) + "using namespace tessera;\n";
    body += source.params("  u32 units;\n  i64 both, left, right;\n");
    body += fmt::format(
        "struct program {{\n  static constexpr int operands = 3, left_align = {}, right_align = {}, out_align = {};\n"
        "  using character = {};\n  static TESSERA_DEVICE bool holds(int order) {{ return {}; }}\n",
        g_.operands[0].align, g_.operands[1].align, g_.operands[2].align, type_name(g_.operands[0].type),
        holds_text(plan_.code));
    body += place_text(g_, false) + "};\n";
    const std::string name = fmt::format("tessera_texts_{}_{}", info(plan_.code).name, g_.operands[0].type.name());
    return {name, body + source.entry(name, "compare_texts<program>")};
  }

 private:
  const text_plan& plan_;
  const stage s_;
  geometry g_;
  bool indirect_ = false;
};

}  // namespace

void run_texts(context& on, const text_plan& plan) {
  on.use(plan.left.data, false);
  on.use(plan.right.data, false);
  on.use(plan.out.data, true);
  text_kernel(plan).run(on);
}

kernel_text texts_text_of(const text_plan& plan) { return text_kernel(plan).text(); }

}  // namespace tessera::detail::cuda
