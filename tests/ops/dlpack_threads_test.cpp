// A million crossings through DLPack from eight threads: structs made on one are taken and dropped on another.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "core/access.hpp"
#include "core/dlpack_abi.hpp"
#include "tessera/tessera.hpp"

using namespace tessera;
namespace dlpack = tessera::detail::dlpack;

namespace {

constexpr int threads = 8;
constexpr int crossings = 1'000'000;

/// What another framework would make: elements, shape and struct in one piece that the deleter frees.
template <class Managed> struct foreign {
  Managed tensor = {};
  std::int64_t extent = 2;
  double elements[2] = {1, 2};
  std::atomic<int>* deleted = nullptr;

  static Managed* make(std::atomic<int>& deleted) {
    auto* const mine = new foreign;
    if constexpr (requires { mine->tensor.version; }) mine->tensor.version = {1, 0};
    mine->tensor.dl_tensor = {mine->elements, {dlpack::cpu, 0}, 1, {dlpack::float_, 64, 1}, &mine->extent, nullptr, 0};
    mine->tensor.manager_ctx = mine;
    mine->tensor.deleter = [](Managed* self) {
      auto* const owner = static_cast<foreign*>(self->manager_ctx);
      owner->deleted->fetch_add(1, std::memory_order_relaxed);
      delete owner;
    };
    mine->deleted = &deleted;
    return &mine->tensor;
  }
};

/// Places where one thread leaves something and another one takes it.
template <class T> class exchange {
 public:
  T* swap(unsigned place, T* given) {
    return places_[place % places_.size()].exchange(given, std::memory_order_acq_rel);
  }
  ~exchange() {
    for (auto& place : places_) EXPECT_EQ(place.load(), nullptr);
  }
  static constexpr unsigned size = 64;

 private:
  std::array<std::atomic<T*>, size> places_ = {};
};

struct market {
  exchange<DLManagedTensorVersioned> versioned;
  exchange<DLManagedTensor> legacy;
  exchange<array> arrays;
  std::atomic<int> made{0}, deleted{0}, wrong{0};
};

/// Reads it and leaves it to a thread that comes later; drops what lay there.
void use(market& m, unsigned place, array&& x) {
  const double first = *static_cast<const double*>(x.data());
  if (x.shape() != shape(2) || first != 1) m.wrong.fetch_add(1);
  delete m.arrays.swap(place, new array(std::move(x)));
}

void cross(market& m, const std::vector<array>& sources, unsigned seed) {
  for (unsigned i = 0; i < crossings / threads; ++i) {
    seed = seed * 1664525u + 1013904223u;
    const unsigned random = seed >> 16;
    const array& source = sources[random % sources.size()];
    const bool old = random % 3 == 0 && source.flags().writeable, ours = random % 4 != 0;
    if (!ours) m.made.fetch_add(1, std::memory_order_relaxed);
    if (old) {
      DLManagedTensor* const given = ours ? to_dlpack_legacy(source) : foreign<DLManagedTensor>::make(m.deleted);
      if (auto* const taken = m.legacy.swap(random >> 4, given)) use(m, random >> 2, from_dlpack(taken));
    } else {
      DLManagedTensorVersioned* const given =
          ours ? to_dlpack(source) : foreign<DLManagedTensorVersioned>::make(m.deleted);
      DLManagedTensorVersioned* const taken = m.versioned.swap(random >> 4, given);
      if (taken && random % 5 == 0) taken->deleter(taken);  // a consumer that looked at it only
      else if (taken) use(m, random >> 2, from_dlpack(taken));
    }
  }
}

TEST(dlpack, crosses_a_million_times_from_eight_threads) {
  std::atomic<int> freed{0};
  alignas(64) double memory[2] = {1, 2};
  {
    const array owner = array{1.0, 2.0}, wide = array({{1.0, 2.0}, {3.0, 4.0}});
    const auto count = [](void* n) { static_cast<std::atomic<int>*>(n)->fetch_add(1); };
    const array adopted = from_pointer(memory, {2}, float64, {.free = count, .context = &freed});
    const std::vector<array> sources = {owner, wide(0), owner.readonly(), adopted, from_dlpack(to_dlpack(owner))};
    market m;
    std::vector<std::thread> running;
    for (unsigned t = 0; t < threads; ++t) running.emplace_back([&, t] { cross(m, sources, t); });
    for (std::thread& t : running) t.join();
    for (unsigned place = 0; place < exchange<array>::size; ++place) {
      if (auto* const left = m.versioned.swap(place, nullptr)) from_dlpack(left);
      if (auto* const left = m.legacy.swap(place, nullptr)) from_dlpack(left);
      delete m.arrays.swap(place, nullptr);
    }
    EXPECT_EQ(m.wrong, 0);
    EXPECT_GT(m.made, crossings / 8);
    EXPECT_EQ(m.deleted, m.made) << "tensors of others, each deleted once";
    EXPECT_EQ(detail::access::storage_of(adopted)->use_count(), 2) << "only our own handles are left";
    EXPECT_EQ(freed, 0);
  }
  EXPECT_EQ(freed, 1);
}

}  // namespace
