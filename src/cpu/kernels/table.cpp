// Chooses the instruction set and keeps its table of kernels.
#include "cpu/kernels/table.hpp"

#include <hwy/targets.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "cpu/kernels/families.hpp"

namespace tessera::detail {
namespace {

class kernel_tables {
 public:
  /// Never destroyed: kernels may run until the process ends.
  static kernel_tables& instance() {
    static kernel_tables* const tables = new kernel_tables;
    return *tables;
  }

  const kernel_table& current() const { return *current_.load(std::memory_order_acquire); }

  /// For the best of these Highway targets. Earlier tables are kept, they may be in use.
  void choose_among(std::int64_t targets) {
    const std::lock_guard lock(mutex_);
    hwy::GetChosenTarget().Update(targets);
    auto& table = tables_.emplace_back(std::make_unique<kernel_table>());
#define TESSERA_ROW(name) enter_##name(*table);
    TESSERA_KERNEL_FAMILIES(TESSERA_ROW)
#undef TESSERA_ROW
    current_.store(table.get(), std::memory_order_release);
  }

 private:
  // Highway asks the processor on the first call and forgets earlier choices then: it has to come before ours.
  kernel_tables() { choose_among(hwy::SupportedTargets()); }

  std::mutex mutex_;
  std::vector<std::unique_ptr<kernel_table>> tables_;
  std::atomic<const kernel_table*> current_ = nullptr;
};

}  // namespace

kernel find_kernel(op code, dtype loop) {
  return kernel_tables::instance().current().elementwise[static_cast<int>(code)][static_cast<int>(loop.code())];
}

kernel find_cast(dtype from, dtype to) {
  return kernel_tables::instance().current().casts[static_cast<int>(from.code())][static_cast<int>(to.code())];
}

const char* simd_target() { return kernel_tables::instance().current().target; }

std::vector<std::string> simd_targets() {
  std::vector<std::string> names;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) names.emplace_back(hwy::TargetName(target));
  return names;
}

void use_simd_target(const std::string& name) {
  auto& tables = kernel_tables::instance();
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets())
    if (name == hwy::TargetName(target)) tables.choose_among(target);
}

}  // namespace tessera::detail
