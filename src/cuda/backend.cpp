// CUDA behind the seam: every call goes to the file of its verb. What is not there is an error that says so.
#include "cuda/module.hpp"

#include <memory>

#include "core/bytes_text.hpp"
#include "cuda/contraction.hpp"
#include "cuda/copies.hpp"
#include "cuda/distances.hpp"
#include "cuda/faults.hpp"
#include "cuda/histogram.hpp"
#include "cuda/index.hpp"
#include "cuda/marks.hpp"
#include "cuda/nearest.hpp"
#include "cuda/random.hpp"
#include "cuda/scan.hpp"
#include "cuda/segments.hpp"
#include "cuda/sort.hpp"
#include "cuda/stages.hpp"
#include "cuda/texts.hpp"
#include "tessera/error.hpp"

namespace tessera::detail::cuda {
namespace {

class cuda_implementation final : public backend {
 public:
  explicit cuda_implementation(context& on) : on_(on), name_("cuda:" + std::to_string(on.index())) {}

  const char* name() const noexcept override { return name_.c_str(); }
  device_properties properties() override {
    const activation here = begin();
    cudaDeviceProp p{};
    check(cudaGetDeviceProperties(&p, on_.index()), "cudaGetDeviceProperties");
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
    return {p.name, static_cast<std::int64_t>(total), static_cast<std::int64_t>(free), p.multiProcessorCount,
            on_.capability()};
  }

  void* allocate(std::int64_t nbytes) override {
    on_.check_usable();
    return on_.allocate(nbytes);
  }
  void free(void* data, std::int64_t nbytes) noexcept override { on_.free(data, nbytes); }
  void fill_zero(void* data, std::int64_t nbytes) override {
    const activation here = begin();
    cuda::fill_zero(on_, data, nbytes);
  }
  void copy(const shape& extents, const strided& from, const strided& to) override {
    const activation here = begin();
    cuda::copy(on_, extents, from, to);
  }
  void read(const void* from, void* to, std::int64_t nbytes) override {
    const activation here = begin();
    cuda::read(on_, from, to, nbytes);
  }
  void upload(const shape& extents, const strided& from, const strided& to) override {
    const activation here = begin();
    cuda::upload(on_, extents, from, to);
  }
  void download(const shape& extents, const strided& from, const strided& to) override {
    const activation here = begin();
    cuda::download(on_, extents, from, to);
  }
  void copy_from(tessera::device other, const shape& extents, const strided& from, const strided& to) override {
    const activation here = begin();
    cuda::copy_from(on_, context_of(other.index()), extents, from, to);
  }

  memory_statistics memory_stats() noexcept override { return on_.memory_stats(); }
  void reset_peak_memory() noexcept override { on_.reset_peak(); }
  std::int64_t set_memory_limit(std::int64_t bytes) noexcept override { return on_.set_memory_limit(bytes); }
  std::int64_t set_cache_limit(std::int64_t bytes) noexcept override { return on_.set_cache_limit(bytes); }
  void release_cached_memory() noexcept override { on_.release_cached(); }
  std::string memory_text() override {
    const memory_statistics memory = on_.memory_stats();
    const auto [free, total] = on_.free_and_total();
    std::string text = ": " + bytes_text(memory.bytes_in_use) + " are in use, " +
                       bytes_text(memory.bytes_in_use + memory.bytes_cached) + " reserved, " + bytes_text(free) +
                       " of " + bytes_text(total) + " free";
    if (memory.memory_limit != INT64_MAX) text += ", the limit is " + bytes_text(memory.memory_limit);
    return text;
  }

  void* take_stream() override {
    const activation here = begin();
    return &on_.take_stream();
  }
  void give_back_stream(void* s) noexcept override { on_.give_back_stream(*static_cast<stream_state*>(s)); }
  void* set_stream(void* s) noexcept override { return on_.set_current_stream(static_cast<stream_state*>(s)); }
  void* native(void* s) noexcept override { return static_cast<stream_state*>(s)->handle; }
  void* native_of_current() override {
    const activation here = begin();
    return on_.current_stream().handle;
  }
  void synchronize(void* s) override {
    if (s == nullptr) on_.synchronize();
    else on_.wait_for(*static_cast<stream_state*>(s));
  }
  void* record(void* s) override {
    const activation here = begin();
    cudaEvent_t made = nullptr;
    check(cudaEventCreateWithFlags(&made, cudaEventDisableTiming), "cudaEventCreateWithFlags");
    const cudaError_t status = cudaEventRecord(made, static_cast<stream_state*>(s)->handle);
    if (status != cudaSuccess) give_back_event(made);
    check(status, "cudaEventRecord");
    return made;
  }
  void give_back_event(void* e) noexcept override {
    if (cudaEventDestroy(static_cast<cudaEvent_t>(e)) != cudaSuccess) cudaGetLastError();
  }
  bool is_done(void* e) override {
    const activation here = begin();
    const cudaError_t status = cudaEventQuery(static_cast<cudaEvent_t>(e));
    if (status == cudaErrorNotReady) {
      cudaGetLastError();
      return false;
    }
    check(status, "cudaEventQuery");
    return true;
  }
  void wait(void* e) override {
    const activation here = begin();
    check(cudaEventSynchronize(static_cast<cudaEvent_t>(e)), "cudaEventSynchronize");
  }
  void wait_on_stream(void* s, void* e) override {
    const activation here = begin();
    check(cudaStreamWaitEvent(static_cast<stream_state*>(s)->handle, static_cast<cudaEvent_t>(e), 0),
          "cudaStreamWaitEvent");
  }

  std::intptr_t hand_over(const void* data, std::intptr_t stream) override {
    const activation here = begin();
    return on_.hand_over(data, stream_of(stream));
  }
  void take_back(const void* data, std::intptr_t handed) noexcept override { on_.take_back(data, handed); }
  void adopt(const void* data, std::int64_t nbytes, std::optional<std::intptr_t> stream) override {
    const activation here = begin();
    on_.adopt(data, nbytes, stream ? std::optional(stream_of(*stream)) : std::nullopt);
  }
  void forget(const void* data, std::int64_t) noexcept override { on_.forget(data); }
  void finish(std::intptr_t stream) override {
    const activation here = begin();
    check(cudaStreamSynchronize(stream_of(stream)), "cudaStreamSynchronize");
  }

  void run(const stage& s) override {
    const activation here = begin();
    run_stage(on_, s);
  }
  void run(const flat_operation&) override { missing("an operation without a plan"); }  // made for host arrays only
  void run(const flat_fold&) override { missing("a fold without a plan"); }
  void run_rows(std::span<const stage> group) override { run_all(group); }
  void run_all(std::span<const stage> all) override {
    const activation here = begin();
    run_stages(on_, all);
  }
  bool contracts(const contraction_plan& plan) override { return cuda::contracts(plan); }
  void contract(const contraction_plan& plan) override {
    const activation here = begin();
    run_contraction(on_, plan);
  }
  std::string contraction_text(const contraction_plan& plan) override { return contraction_calls(plan); }
  void distances(const distance_plan& plan) override {
    const activation here = begin();
    run_distances(on_, plan);
  }
  void nearest(const nearest_plan& plan) override {
    const activation here = begin();
    run_nearest(on_, plan);
  }

  void scan(const scan_plan& plan) override {
    const activation here = begin();
    on_.use(plan.in.data, false);
    on_.use(plan.out.data, true);
    run_scan(on_, plan);
  }
  void sort(const sort_plan& plan) override {
    const activation here = begin();
    run_sort(on_, plan);
  }
  void search(const search_plan& plan) override {
    const activation here = begin();
    run_search(on_, plan);
  }
  void reduce_segments(const segment_plan& plan) override {
    const activation here = begin();
    run_segments(on_, plan);
  }
  void histogram(const histogram_plan& plan) override {
    const activation here = begin();
    run_histogram(on_, plan);
  }
  void compare_texts(const text_plan& plan) override {
    const activation here = begin();
    run_texts(on_, plan);
  }
  void random(const random_plan& plan) override {
    const activation here = begin();
    if (plan.kind == distribution::permutation) return run_permutation(on_, plan);
    on_.use(plan.out, true);
    run_random(on_, plan);
  }
  std::int64_t check_indices(std::int64_t* positions, std::int64_t count, std::int64_t extent) override {
    const activation here = begin();
    return cuda::check_indices(on_, positions, count, extent);
  }
  void gather(const index_plan& plan) override {
    const activation here = begin();
    cuda::gather(on_, plan);
  }
  void scatter(const index_plan& plan) override {
    const activation here = begin();
    cuda::scatter(on_, plan);
  }
  void accumulate(const index_plan& plan, op code) override {
    const activation here = begin();
    cuda::accumulate(on_, plan, code);
  }
  std::int64_t mark(const stage& s, const mark_bits& to) override {
    const activation here = begin();
    return cuda::mark(on_, s, to);
  }
  void compress(const compress_plan& plan) override {
    const activation here = begin();
    cuda::compress(on_, plan);
  }
  void expand(const compress_plan& plan) override {
    const activation here = begin();
    cuda::expand(on_, plan);
  }
  void positions(const mark_bits& bits, const shape& extents, std::int64_t* const* out) override {
    const activation here = begin();
    cuda::positions(on_, bits, extents, out);
  }

 private:
  activation begin() const {
    on_.check_usable();
    return activation(on_.index());
  }
  /// The runtime's handles of the default streams are DLPack's numbers.
  static cudaStream_t stream_of(std::intptr_t number) {
    static_assert(sizeof(cudaStream_t) == sizeof number);
    return reinterpret_cast<cudaStream_t>(number);
  }
  [[noreturn]] void missing(const char* operation) const {
    throw device_error(std::string(operation) + ": not available on " + name_ + " yet", caller());
  }

  context& on_;
  const std::string name_;
};

}  // namespace

backend& backend_for(int device) {
  static std::mutex mutex;
  static auto& all = *new std::map<int, std::unique_ptr<cuda_implementation>>;
  context& on = context_of(device);
  const std::lock_guard lock(mutex);
  std::unique_ptr<cuda_implementation>& mine = all[device];
  if (mine == nullptr) mine = std::make_unique<cuda_implementation>(on);
  return *mine;
}

}  // namespace tessera::detail::cuda
