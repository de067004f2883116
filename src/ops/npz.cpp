// load_npz and save_npz: .npy files in a ZIP archive.
#include "tessera/npz.hpp"

#include <fcntl.h>

#include <algorithm>
#include <atomic>
#include <limits>

#include "core/access.hpp"
#include "core/zip.hpp"
#include "expr/other_types.hpp"
#include "ops/npy.hpp"

namespace tessera {
namespace detail {
namespace {

std::vector<zip_member> members_of(const opened_file& file, const file_context& on) {
  std::vector<zip_member> members = read_zip_directory(file, on);
  for (std::size_t k = 0; k < members.size(); ++k) {
    try {
      count_code_points(members[k].name, "load_npz", on.where());
    } catch (const value_error&) {
      on.refuse("the name of member " + std::to_string(k) + " is not UTF-8");
    }
  }
  return members;
}

}  // namespace

struct npz_state {
  npz_state(std::string p, const load_npz_options& o, caller where)
      : path(std::move(p)),
        options(o),
        on("load_npz", path, where),
        file(O_RDONLY, on),
        members(members_of(file, on)) {}

  const std::string path;
  const load_npz_options options;
  const file_context on;
  const opened_file file;
  const std::vector<zip_member> members;
  std::atomic<std::int64_t> references{1};
};

void retain(npz_state* state) noexcept { state->references.fetch_add(1, std::memory_order_relaxed); }
void release(npz_state* state) noexcept {
  if (state->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete state;
}

}  // namespace detail

namespace {

using detail::file_context;
using detail::zip_member;

constexpr std::string_view suffix = ".npy";

std::string_view short_name(const zip_member& member) {
  const std::string_view name = member.name;
  return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
}

/// The member of this name, or of this name and ".npy"; null where there is none.
const zip_member* find(const detail::npz_state& state, std::string_view name) noexcept {
  const zip_member* with_suffix = nullptr;
  for (const zip_member& member : state.members) {
    if (member.name == name) return &member;
    if (member.name.size() == name.size() + suffix.size() && short_name(member) == name) with_suffix = &member;
  }
  return with_suffix;
}

[[noreturn]] void refuse_name(const detail::npz_state& state, std::string_view name, caller where) {
  constexpr std::size_t most = 20;
  std::string known;
  for (std::size_t k = 0; k < std::min(state.members.size(), most); ++k)
    known += (k == 0 ? " " : ", ") + detail::printable(short_name(state.members[k]));
  if (state.members.size() > most) known += ", …";
  throw index_error("npz_file: " + state.path + ": has no member \"" + detail::printable(name) + "\"; it has" +
                        (known.empty() ? " none" : known),
                    where);
}

bool is_npy(const detail::npz_state& state, const zip_member& member, const file_context& on) {
  if (member.name.ends_with(suffix)) return true;
  detail::zip_source source(state.file, member, on);
  char first[6];
  return std::string_view(first, source.read(first, sizeof first)) == "\x93NUMPY";
}

array read_bytes(detail::zip_source& source, const file_context& on) {
  array result = detail::access::make({source.nbytes()}, uint8, order::C, cpu(), on.where());
  source.read(detail::access::data(result), static_cast<std::size_t>(source.nbytes()));
  return result;
}

array read_member(const detail::npz_state& state, const zip_member& member, caller where) {
  const std::string place = state.path + ": " + detail::printable(member.name);
  const file_context on("npz_file", place, where);
  const bool elements = is_npy(state, member, on);
  detail::zip_source source(state.file, member, on);
  const array result = elements ? read_npy_elements(source, read_npy_layout(source, on), on) : read_bytes(source, on);
  source.finish();
  return result.to(state.options.device ? *state.options.device : default_device(where), where);
}

/// The name of each array's member, valid and unlike the others.
std::vector<std::string> member_names(const std::vector<named_array>& arrays, caller where) {
  constexpr std::size_t longest = std::numeric_limits<std::uint16_t>::max();
  std::vector<std::string> names;
  for (std::size_t k = 0; k < arrays.size(); ++k) {
    const std::string& name = arrays[k].name;
    detail::count_code_points(name, "save_npz", where);
    if (name.find('\0') != name.npos || name.size() + suffix.size() > longest) {
      throw value_error("save_npz: an archive has no member \"" + detail::printable(name.substr(0, 80)) +
                            "\": names have at most " + std::to_string(longest - suffix.size()) +
                            " bytes, none of them zero",
                        where);
    }
    names.push_back((name.empty() ? "arr_" + std::to_string(k) : name) + std::string(suffix));
  }
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) {
    const std::string_view name = *twice;
    throw value_error(
        "save_npz: two arrays are called \"" + detail::printable(name.substr(0, name.size() - suffix.size())) + "\"",
        where);
  }
  return names;
}

}  // namespace

std::vector<std::string> npz_file::names() const {
  std::vector<std::string> result;
  for (const zip_member& member : state_->members) result.emplace_back(short_name(member));
  return result;
}

std::size_t npz_file::size() const noexcept { return state_->members.size(); }

bool npz_file::contains(std::string_view name) const noexcept { return find(*state_, name) != nullptr; }

array npz_file::load(std::string_view name, caller where) const {
  const zip_member* member = find(*state_, name);
  if (!member) refuse_name(*state_, name, where);
  return read_member(*state_, *member, where);
}

std::vector<named_array> npz_file::load_all(caller where) const {
  std::vector<named_array> result;
  for (const zip_member& member : state_->members)
    result.emplace_back(std::string(short_name(member)), read_member(*state_, member, where));
  return result;
}

npz_file load_npz(const std::string& path, const load_npz_options& options, caller where) {
  return npz_file(new detail::npz_state(path, options, where));
}

void save_npz(const std::string& path, const std::vector<named_array>& arrays, const save_npz_options& options,
              caller where) {
  if (options.level < 1 || options.level > 9) {
    throw value_error("save_npz: the level of compression is 1 to 9, not " + std::to_string(options.level), where);
  }
  const std::vector<std::string> names = member_names(arrays, where);
  const file_context on("save_npz", path, where);
  detail::zip_writer archive(options.compressed ? options.level : 0, on);
  for (std::size_t k = 0; k < arrays.size(); ++k) {
    const detail::npy_image image(arrays[k].value, where);
    archive.begin(names[k], image.nbytes());
    archive.write(image.header.data(), image.header.size());
    archive.write(image.elements.data(), static_cast<std::size_t>(image.elements.nbytes()));
    archive.end();
  }
  archive.commit();
}

}  // namespace tessera
