// load_safetensors and save_safetensors.
#include "tessera/safetensors.hpp"

#include <fcntl.h>

#include <algorithm>
#include <atomic>

#include "core/access.hpp"
#include "core/file_access.hpp"
#include "core/safetensors_header.hpp"
#include "core/zip_bytes.hpp"
#include "expr/other_types.hpp"

namespace tessera {
namespace detail {
namespace {

constexpr std::int64_t length_bytes = 8;  // a little-endian number, of the header's bytes

safetensors_header read_header(const opened_file& file, std::int64_t& begin, const file_context& on) {
  if (file.nbytes() < length_bytes) {
    on.refuse("truncated: it should begin with the header's length in 8 bytes, the file has " +
              std::to_string(file.nbytes()));
  }
  std::string first(static_cast<std::size_t>(length_bytes), '\0');
  read_exactly(file.descriptor(), first.data(), first.size(), 0, on);
  const auto length = zip::number<std::uint64_t>(first, 0);
  if (length > static_cast<std::uint64_t>(most_safetensors_header)) {
    on.refuse("header: " + std::to_string(length) + " bytes are too many, at most " +
              std::to_string(most_safetensors_header) + " are read");
  }
  begin = length_bytes + static_cast<std::int64_t>(length);
  if (begin > file.nbytes()) {
    on.refuse("truncated: the header should have " + std::to_string(length) + " bytes, the file holds " +
              std::to_string(file.nbytes() - length_bytes) + " of them");
  }
  std::string text(static_cast<std::size_t>(length), '\0');
  read_exactly(file.descriptor(), text.data(), text.size(), length_bytes, on);
  try {
    safetensors_header header = parse_safetensors_header(text);
    if (begin + header.nbytes() == file.nbytes()) return header;
    const bool less = file.nbytes() - begin < header.nbytes();
    on.refuse(std::string(less ? "truncated: " : "") + "the arrays have " + std::to_string(header.nbytes()) +
              " bytes, the file holds " + std::to_string(file.nbytes() - begin) + " behind its header");
  } catch (const safetensors_header_error& e) {
    on.refuse(e.what());
  }
}

}  // namespace

struct safetensors_state {
  safetensors_state(std::string p, const load_safetensors_options& o, caller where)
      : path(std::move(p)),
        options(o),
        on("load_safetensors", path, where),
        file(options.mmap == mmap_mode::read_write ? O_RDWR : O_RDONLY, on),
        header(read_header(file, begin, on)) {}

  const std::string path;
  const load_safetensors_options options;
  const file_context on;
  const opened_file file;
  std::int64_t begin = 0;  // of the elements
  const safetensors_header header;
  std::atomic<std::int64_t> references{1};
};

void retain(safetensors_state* state) noexcept { state->references.fetch_add(1, std::memory_order_relaxed); }
void release(safetensors_state* state) noexcept {
  if (state->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete state;
}

}  // namespace detail

namespace {

using detail::file_context;
using detail::safetensors_entry;

const safetensors_entry* find(const detail::safetensors_state& state, std::string_view name) noexcept {
  for (const safetensors_entry& entry : state.header.entries)
    if (entry.name == name) return &entry;
  return nullptr;
}

[[noreturn]] void refuse_name(const detail::safetensors_state& state, std::string_view name, caller where) {
  constexpr std::size_t most = 20;
  const auto& entries = state.header.entries;
  std::string known;
  for (std::size_t k = 0; k < std::min(entries.size(), most); ++k)
    known += (k == 0 ? " " : ", ") + detail::printable(entries[k].name);
  if (entries.size() > most) known += ", …";
  throw index_error("safetensors_file: " + state.path + ": has no array \"" + detail::printable(name) + "\"; it has" +
                        (known.empty() ? " none" : known),
                    where);
}

array read_entry(const detail::safetensors_state& state, const safetensors_entry& entry, caller where) {
  const std::string place = state.path + ": " + detail::printable(entry.name);
  const file_context on("safetensors_file", place, where);
  if (!entry.type.is_set()) on.refuse("dtype " + entry.type_name + " is not supported");
  const std::int64_t offset = state.begin + entry.begin;
  const mmap_mode mode = state.options.mmap;
  if (mode != mmap_mode::none) {
    return map_file(state.file.descriptor(), offset, entry.type, entry.extents, order::C, mode == mmap_mode::readonly,
                    mode == mmap_mode::read_write, on);
  }
  const array result = detail::access::make(entry.extents, entry.type, order::C, cpu(), where);
  const auto nbytes = static_cast<std::size_t>(entry.end - entry.begin);
  read_exactly(state.file.descriptor(), detail::access::data(result), nbytes, offset, on);
  return result.to(state.options.device ? *state.options.device : default_device(where), where);
}

void check_text(std::string_view text, caller where) { detail::count_code_points(text, "save_safetensors", where); }

void check_names(const std::vector<named_array>& arrays, const text_pairs& metadata, caller where) {
  std::vector<std::string_view> names, keys;
  for (const named_array& one : arrays) {
    if (one.name.empty()) throw value_error("save_safetensors: each array needs a name", where);
    if (one.name == "__metadata__") {
      throw value_error("save_safetensors: no array can be called \"__metadata__\"", where);
    }
    names.push_back(one.name);
  }
  for (const auto& [key, text] : metadata) {
    check_text(text, where);
    keys.push_back(key);
  }
  for (std::vector<std::string_view>* list : {&names, &keys}) {
    for (const std::string_view name : *list) check_text(name, where);
    std::sort(list->begin(), list->end());
    const auto twice = std::adjacent_find(list->begin(), list->end());
    if (twice == list->end()) continue;
    throw value_error(std::string("save_safetensors: two ") + (list == &names ? "arrays" : "texts") + " are called \"" +
                          detail::printable(*twice) + "\"",
                      where);
  }
}

/// The arrays in the order of the reference implementation: larger numbers first, then by name.
std::vector<const named_array*> in_file_order(const std::vector<named_array>& arrays, caller where) {
  std::vector<const named_array*> sorted;
  for (const named_array& one : arrays) {
    if (!detail::safetensors_name(one.value.dtype())) {
      throw dtype_error(
          "save_safetensors: " + detail::printable(one.name) + ": the format has no " + one.value.dtype().name(),
          where);
    }
    sorted.push_back(&one);
  }
  std::sort(sorted.begin(), sorted.end(), [](const named_array* a, const named_array* b) {
    const int left = detail::safetensors_rank(a->value.dtype()), right = detail::safetensors_rank(b->value.dtype());
    return left != right ? left > right : a->name < b->name;
  });
  return sorted;
}

}  // namespace

std::vector<std::string> safetensors_file::names() const {
  std::vector<std::string> result;
  for (const safetensors_entry& entry : state_->header.entries) result.push_back(entry.name);
  return result;
}

std::size_t safetensors_file::size() const noexcept { return state_->header.entries.size(); }

bool safetensors_file::contains(std::string_view name) const noexcept { return find(*state_, name) != nullptr; }

text_pairs safetensors_file::metadata() const { return state_->header.metadata; }

array safetensors_file::load(std::string_view name, caller where) const {
  const safetensors_entry* entry = find(*state_, name);
  if (!entry) refuse_name(*state_, name, where);
  return read_entry(*state_, *entry, where);
}

std::vector<named_array> safetensors_file::load_all(caller where) const {
  std::vector<named_array> result;
  for (const safetensors_entry& entry : state_->header.entries)
    result.emplace_back(entry.name, read_entry(*state_, entry, where));
  return result;
}

safetensors_file load_safetensors(const std::string& path, const load_safetensors_options& options, caller where) {
  if (options.mmap == mmap_mode::write) throw value_error("load_safetensors: mode write would empty the file", where);
  if (options.mmap != mmap_mode::none && options.device.value_or(cpu()) != cpu()) {
    throw value_error(
        "load_safetensors: a file is mapped into the host's memory only, not " + options.device->name() + "'s", where);
  }
  return safetensors_file(new detail::safetensors_state(path, options, where));
}

void save_safetensors(const std::string& path, const std::vector<named_array>& arrays, const text_pairs& metadata,
                      caller where) {
  check_names(arrays, metadata, where);
  const std::vector<const named_array*> sorted = in_file_order(arrays, where);
  detail::safetensors_header header;
  header.metadata = metadata;
  for (const named_array* one : sorted) {
    safetensors_entry entry;
    entry.name = one->name;
    entry.type_name = detail::safetensors_name(one->value.dtype());
    entry.extents = one->value.shape();
    entry.begin = header.nbytes();
    entry.end = entry.begin + one->value.nbytes();
    header.entries.push_back(std::move(entry));
  }
  const std::string text = detail::write_safetensors_header(header);
  if (static_cast<std::int64_t>(text.size()) > detail::most_safetensors_header) {
    throw value_error("save_safetensors: the header has " + std::to_string(text.size()) + " bytes, more than the " +
                          std::to_string(detail::most_safetensors_header) + " that are read",
                      where);
  }
  const file_context on("save_safetensors", path, where);
  detail::replacement_file file(on);
  std::string length;
  detail::zip::append(length, static_cast<std::uint64_t>(text.size()));
  write_all(file.descriptor(), length.data(), length.size(), on);
  write_all(file.descriptor(), text.data(), text.size(), on);
  for (const named_array* one : sorted) {
    array elements = one->value.to(cpu(), where);
    if (!elements.flags().c_contiguous) elements = elements.copy();
    write_all(file.descriptor(), elements.data(), static_cast<std::size_t>(elements.nbytes()), on);
  }
  file.commit();
}

}  // namespace tessera
