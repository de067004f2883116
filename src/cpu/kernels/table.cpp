// Chooses the instruction set and keeps its table of kernels.
#include "cpu/kernels/table.hpp"

#include <hwy/targets.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "cpu/kernels/chain.hpp"
#include "cpu/kernels/families.hpp"

namespace tessera::detail {

void enter_chain_32bit(chain_kernels& table);
void enter_chain_64bit(chain_kernels& table);

namespace {

/// What one instruction set has.
struct instruction_set : kernel_table {
  chain_kernels chains_32bit, chains_64bit;
};

class kernel_tables {
 public:
  /// Never destroyed: kernels may run until the process ends.
  static kernel_tables& instance() {
    static kernel_tables* const tables = new kernel_tables;
    return *tables;
  }

  const instruction_set& current() const { return *current_.load(std::memory_order_acquire); }

  /// For the best of these Highway targets. Earlier tables are kept, they may be in use.
  void choose_among(std::int64_t targets) {
    const std::lock_guard lock(mutex_);
    hwy::GetChosenTarget().Update(targets);
    auto& table = tables_.emplace_back(std::make_unique<instruction_set>());
#define TESSERA_ROW(name) enter_##name(*table);
    TESSERA_KERNEL_FAMILIES(TESSERA_ROW)
#undef TESSERA_ROW
    enter_chain_32bit(table->chains_32bit);
    enter_chain_64bit(table->chains_64bit);
    current_.store(table.get(), std::memory_order_release);
  }

 private:
  // Highway asks the processor on the first call and forgets earlier choices then: it has to come before ours.
  kernel_tables() { choose_among(hwy::SupportedTargets()); }

  std::mutex mutex_;
  std::vector<std::unique_ptr<instruction_set>> tables_;
  std::atomic<const instruction_set*> current_ = nullptr;
};

}  // namespace

kernel find_kernel(op code, dtype loop) {
  return kernel_tables::instance().current().elementwise[static_cast<int>(code)][static_cast<int>(loop.code())];
}

kernel find_cast(dtype from, dtype to) {
  return kernel_tables::instance().current().casts[static_cast<int>(from.code())][static_cast<int>(to.code())];
}

const chain_kernels* find_chain_kernels(int itemsize) {
  const instruction_set& current = kernel_tables::instance().current();
  const chain_kernels& chains = itemsize == 4 ? current.chains_32bit : current.chains_64bit;
  return (itemsize == 4 || itemsize == 8) && chains.group != 0 ? &chains : nullptr;
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
