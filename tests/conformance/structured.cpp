// structured: layouts of records, fields as views, sorting and filtering by fields, and files.
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "conformance/section.hpp"

namespace conformance {
namespace {

using tessera::array;
using tessera::dtype;

/// The only record that cases name.
dtype record_named(const test_case& c) {
  static const json descr =
      json::parse(R"([["name", "<U20"], ["price", "<f8"], ["volume", "<i8"], ["active", "|b1"]])");
  if (c.text("name") != "record") throw skipped("record " + c.text("name"));
  return record_of(descr, c.has("aligned") && c["aligned"].get<bool>());
}

/// Bytes of the blob as elements of another dtype.
elements as_elements(elements raw, const dtype& type) {
  raw.extents = {static_cast<std::int64_t>(raw.data.size()) / type.itemsize()};
  raw.type = type;
  return raw;
}

elements records_of(const test_case& c, const char* key) { return as_elements(c.read(c[key]), record_named(c)); }

void expect_bytes(const std::string& what, const bytes& expected, const bytes& got) {
  if (expected == got) return;
  const auto [first, other] = std::mismatch(expected.begin(), expected.end(), got.begin(), got.end());
  throw mismatch(what + ": " + std::to_string(got.size()) + " bytes, expected " + std::to_string(expected.size()) +
                 "; they differ from byte " + std::to_string(first - expected.begin()) + " on");
}

bytes contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
  bytes result(text.size());
  if (!text.empty()) std::memcpy(result.data(), text.data(), text.size());
  return result;
}

/// What `write` leaves in a file of its own.
template <class F> bytes written(F write) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("tessera-conformance-" + std::to_string(::getpid()));
  write(path);
  bytes result = contents(path);
  std::filesystem::remove(path);
  return result;
}

// ---- dtypes and views

void expect_fields(const test_case& c, const json& expected, const dtype& type) {
  c.expect_equal("number of fields", std::to_string(expected.size()), std::to_string(type.fields().size()));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const tessera::field& f = type.fields()[i];
    const json& e = expected[i];
    c.expect_equal("name", e["name"].get<std::string>(), f.name);
    c.expect_equal("offset of " + f.name, e["offset"].dump(), std::to_string(f.offset));
    c.expect_equal("bytes of " + f.name, e["itemsize"].dump(), std::to_string(f.nbytes()));
    c.expect_equal("shape of " + f.name, to_string(shape_of(e["shape"])), to_string(f.extents));
    if (e["dtype"].is_string()) c.expect_equal("dtype of " + f.name, e["dtype"].get<std::string>(), f.type.str());
    else expect_fields(c, e["dtype"], f.type);
  }
}

void replay_layout(const test_case& c) {
  const dtype type = record_of(c["descr"], c["aligned"].get<bool>());
  c.expect_equal("itemsize", c["itemsize"].dump(), std::to_string(type.itemsize()));
  c.expect_equal("alignment", c["alignment"].dump(), std::to_string(type.alignment()));
  expect_fields(c, c["fields"], type);
  c.expect_equal("the dtype read from its own name", true, dtype(type.name()) == type);
}

void replay_field_view(const test_case& c) {
  const placed a(records_of(c, "raw"), "C");
  const auto step = c["step"].get<std::int64_t>();
  const array rows = a.array(tessera::slice(tessera::none, tessera::none, step)), got = rows[c.text("field")];
  c.expect_equal("dtype", c.text("dtype"), got.dtype().str());
  c.expect_equal("strides", to_string(shape_of(c["strides"])), to_string(got.strides()));
  const auto offset = static_cast<const std::byte*>(got.data()) - static_cast<const std::byte*>(a.array.data());
  c.expect_equal("offset", c["offset"].dump(), std::to_string(offset));
  c.expect_equal("contiguous", c["contiguous"].get<bool>(), got.flags().c_contiguous);
  c.expect_equal("shares memory", true, a.contains(got.data()) && shares_memory(got, a.array));
  c.expect_array(got, c["values"]);
  a.expect_gaps_untouched();
}

// ---- Sorting, filtering

void replay_sort_order(const test_case& c) {
  const placed a(records_of(c, "raw"), "C");
  const tessera::names order(c["order"].get<std::vector<std::string>>());
  c.expect_array(argsort(a.array, {.order = order}), c["argsort"]);
  expect_values(records_of(c, "sorted"), read_back(sort(a.array, {.order = order})));
}

void replay_filter(const test_case& c) {
  const placed placed_records(records_of(c, "raw"), "C");
  const array& a = placed_records.array;
  const tessera::expr mask = (a["price"] > 0.5) & a["active"];
  c.expect_array(mask, c["mask"]);
  const array kept = a[mask];
  expect_values(records_of(c, "result"), read_back(kept));
  c.expect_equal("kept", c["kept"].dump(), std::to_string(kept.size()));
  const double price_sum = sum(a["price"]).item<double>(), volume_mean = mean(a["volume"]).item<double>();
  c.expect_equal("price_sum", true, std::abs(price_sum - c["price_sum"].get<double>()) < 1e-12 * std::abs(price_sum));
  c.expect_equal("volume_mean", true, std::abs(volume_mean - c["volume_mean"].get<double>()) < 1e-12);
}

// ---- Files

void replay_raw_file(const test_case& c) {
  const dtype type = c.has("dtype") ? dtype(c.text("dtype")) : record_named(c);
  const array x = tessera::fromfile(c.file(), {.dtype = type});
  c.expect_equal("count", c["count"].dump(), std::to_string(x.size()));
  bytes expected = c.read(c["raw"]).data;
  if (!type.is_native()) {
    const auto size = static_cast<std::ptrdiff_t>(type.itemsize());
    for (auto p = expected.begin(); p != expected.end(); p += size) std::reverse(p, p + size);
  }
  expect_bytes("elements", expected, read_back(x).data);
  expect_bytes("tofile", expected, written([&](const std::string& path) { tofile(x, path); }));
  expect_bytes("tobytes", expected, tobytes(x));
}

void expect_offsets(const test_case& c, const dtype& type) {
  if (c["offsets"].is_null()) return;
  std::vector<std::int64_t> got;
  for (const tessera::field& f : type.fields()) got.push_back(f.offset);
  c.expect_equal("offsets", c["offsets"].dump(), json(got).dump());
}

void replay_npy_file(const test_case& c) {
  const json& reference = c["array"];
  const array x = tessera::load(c.file());
  c.expect_equal("itemsize", c["itemsize"].dump(), std::to_string(x.itemsize()));
  expect_offsets(c, x.dtype());
  if (reference.contains("true_shape")) {
    c.expect_equal("shape", to_string(shape_of(reference["true_shape"])), to_string(x.shape()));
    expect_bytes("elements", c.read(reference).data, read_back(x).data);
  } else {
    c.expect_array(x, reference);
  }
  const bool fortran = x.flags().f_contiguous && !x.flags().c_contiguous;
  if (x.size() > 0) c.expect_equal("fortran_order", c["fortran_order"].get<bool>() && x.ndim() > 1, fortran);
  // A version that NumPy would not have chosen, or the other byte order, is not written again.
  const bool chosen = c["version"][0] == 1 || !x.dtype().is_number();
  const bool as_numpy = c.text("note", "").find("not as NumPy writes it") == std::string::npos;
  if (!chosen || !as_numpy || is_big_endian(reference)) return;
  expect_bytes("saved", contents(c.file()), written([&](const std::string& path) { save(path, x); }));
}

void replay_npz_file(const test_case& c) {
  const tessera::npz_file archive = tessera::load_npz(c.file());
  c.expect_equal("members", std::to_string(c["members"].size()), std::to_string(archive.size()));
  for (const auto& [name, reference] : c["members"].items()) c.expect_array(archive[name], reference);
}

void replay_bad_file(const test_case& c) {
  const array x = tessera::load(c.file());
  c.expect_success(kind_of(x.dtype(), x.shape()));
}

const std::map<std::string, replay_function> operations = {
    {"layout", replay_layout},     {"field_view", replay_field_view}, {"sort_order", replay_sort_order},
    {"filter", replay_filter},     {"raw_file", replay_raw_file},     {"npy_file", replay_npy_file},
    {"npz_file", replay_npz_file}, {"bad_file", replay_bad_file}};

}  // namespace

void replay_structured(const test_case& c) {
  const auto found = operations.find(c.text("op"));
  if (found == operations.end()) throw skipped(c.text("op"));
  found->second(c);
}

}  // namespace conformance
