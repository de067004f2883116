// Reading workloads.json, making arrays from inputs, checking results.
#include "workload.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <regex>
#include <stdexcept>

namespace bench {

using nlohmann::json;
using tessera::dtype;
using tessera::shape;

const dtype records = tessera::record(
    {{"name", tessera::str_(20)}, {"price", tessera::float64}, {"volume", tessera::int64}, {"active", tessera::bool_}});

namespace {

struct element_names {
  const char* json;
  element type;
  dtype array_type;
};
const element_names elements[] = {
    {"bool", element::boolean, tessera::bool_},  {"i8", element::int8, tessera::int8},
    {"i32", element::int32, tessera::int32},     {"i64", element::int64, tessera::int64},
    {"f16", element::float16, tessera::float16}, {"bf16", element::bfloat16, tessera::bfloat16},
    {"f32", element::float32, tessera::float32}, {"f64", element::float64, tessera::float64},
    {"records", element::record, records},
};

const std::map<std::string, generator> generators = {
    {"uniform", generator::uniform}, {"bell", generator::bell},     {"int", generator::integer},
    {"bool", generator::boolean},    {"sorted", generator::sorted}, {"const", generator::constant},
    {"records", generator::records},
};

dtype dtype_of(element type) {
  for (const element_names& e : elements) {
    if (e.type == type) return e.array_type;
  }
  throw std::logic_error("an element type without a dtype");
}

const std::map<std::string, array operands::*> operand_names = {
    {"a", &operands::a}, {"b", &operands::b}, {"c", &operands::c}, {"i", &operands::i},
    {"m", &operands::m}, {"o", &operands::o}, {"q", &operands::q}, {"s", &operands::s},
    {"v", &operands::v}, {"x", &operands::x}, {"y", &operands::y}, {"r", &operands::r},
};

/// False if the input's dtype or generator is not known.
bool read_input(const json& row, input& in) {
  const auto kind = generators.find(row.at("gen").get<std::string>());
  const auto type = std::find_if(std::begin(elements), std::end(elements),
                                 [&](const element_names& e) { return e.json == row.at("dtype").get<std::string>(); });
  if (kind == generators.end() || type == std::end(elements)) return false;
  in.extents = row.at("shape").get<std::vector<std::int64_t>>();
  in.type = type->type;
  in.kind = kind->second;
  in.seed = row.value("seed", std::uint64_t{0});
  in.low = row.value("lo", 0.0);
  in.high = row.value("hi", 1.0);
  in.parameter = row.value("p", row.value("value", 0.0));
  in.fortran = row.value("order", "C") == "F";
  in.as_file = row.value("as_file", false);
  return true;
}

/// Where the element with flat C index i lies in an array of the input's memory order.
std::int64_t position(const input& in, std::int64_t i) {
  if (!in.fortran) return i;
  std::int64_t result = 0, stride = in.size();
  for (int axis = static_cast<int>(in.extents.size()) - 1; axis >= 0; --axis) {
    stride /= in.extents[axis];
    result += i % in.extents[axis] * stride;
    i /= in.extents[axis];
  }
  return result;
}

template <class Stored> void fill(const array& flat, const input& in) {
  const std::span<Stored> elements = flat.span<Stored>();
  for (std::int64_t i = 0; i < in.size(); ++i) elements[position(in, i)] = in.stored<Stored>(i);
}

array make_array(const input& in) {
  const array result = tessera::empty(shape(in.extents), {.dtype = dtype_of(in.type),
                                                          .layout = in.fortran ? tessera::order::F : tessera::order::C,
                                                          .device = tessera::cpu()});
  const array flat = in.fortran ? result.T() : result;  // C-contiguous
  switch (in.type) {
    case element::boolean: fill<bool>(flat, in); break;
    case element::int8: fill<std::int8_t>(flat, in); break;
    case element::int32: fill<std::int32_t>(flat, in); break;
    case element::int64: fill<std::int64_t>(flat, in); break;
    case element::float16:
    case element::bfloat16: fill<std::uint16_t>(flat.view(tessera::uint16), in); break;
    case element::float32: fill<float>(flat, in); break;
    case element::float64: fill<double>(flat, in); break;
    case element::record:
      write_records(const_cast<char*>(static_cast<const char*>(flat.data())), in.seed, in.size());
      break;
  }
  return result.to(tessera::default_device());
}

template <class T> T read(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// All flat indices, or the first, the last and others spread by a hash.
std::vector<std::int64_t> sampled(std::int64_t size, int samples) {
  std::vector<std::int64_t> result;
  for (std::int64_t k = 0; k < std::min<std::int64_t>(size, samples); ++k) {
    result.push_back(size <= samples ? k
                     : k == 0        ? 0
                     : k == 1        ? size - 1
                                     : static_cast<std::int64_t>(word(99, k) % static_cast<std::uint64_t>(size)));
  }
  return result;
}

/// Empty if the elements look like independent numbers of the workload's distribution, else what does not.
std::string difference_in_moments(const std::string& distribution, const std::vector<double>& elements) {
  const bool normal = distribution == "normal";
  const double mean = normal ? 0 : 0.5, variance = normal ? 1 : 1.0 / 12, fourth = normal ? 3 : 1.0 / 80;
  double sums[3] = {}, before = 0;  // of deviations from the mean, their squares, products of neighbours
  for (const double element : elements) {
    const double d = element - mean;
    if (!normal && !(element >= 0 && element < 1)) return "element " + std::to_string(element) + " is not in [0, 1)";
    sums[0] += d;
    sums[1] += d * d - variance;
    sums[2] += d * before;
    before = d;
  }
  const double n = static_cast<double>(elements.size());
  const double deviations[3] = {std::sqrt(n * variance), std::sqrt(n * (fourth - variance * variance)),
                                std::sqrt(n) * variance};
  const char* const names[3] = {"the mean", "the variance", "the product of neighbours"};
  for (int k = 0; k < 3; ++k) {
    if (!(std::abs(sums[k]) < 5 * deviations[k])) {
      return std::string(names[k]) + " is " + std::to_string(sums[k] / deviations[k]) + " deviations off";
    }
  }
  return "";
}

}  // namespace

facts read_facts(const json& row) {
  facts work;
  work.name = row.at("name");
  work.group = row.at("group");
  work.formula = row.at("formula");
  work.einsum = row.value("einsum", "");
  work.bound = row.at("bound");
  work.check = row.value("check", "");
  work.bytes = row.at("bytes");
  work.flops = row.at("flops");
  work.items = row.value("items", 0.0);
  work.tolerance = row.at("tol");
  for (const auto& [name, spec] : row.at("inputs").items()) {
    work.supported = read_input(spec, work.inputs[name]) && work.supported;
  }
  return work;
}

std::vector<facts> read_workloads(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  const json document = json::parse(file);
  std::vector<facts> result;
  for (const json& row : document.at("workloads")) result.push_back(read_facts(row));
  return result;
}

operands::operands(const facts& work) : equation(work.einsum), inputs_(work.inputs) {
  for (auto& [name, in] : inputs_) {
    in.prepare();
    if (!in.as_file) {
      this->*operand_names.at(name) = make_array(in);
      continue;
    }
    file = (std::filesystem::temp_directory_path() / ("tessera-bench-" + std::to_string(getpid()))).string();
    std::vector<char> bytes(in.size() * record_bytes);
    write_records(bytes.data(), in.seed, in.size());
    std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
}

const array& operands::named(const std::string& name) const { return this->*operand_names.at(name); }

operands::~operands() {
  if (!file.empty()) std::remove(file.c_str());
}

const entry* find_entry(const facts& work) {
  if (!work.supported) return nullptr;
  for (const std::span<const entry> group :
       {elementwise_entries(), reduction_entries(), selection_entries(), einsum_entries(), pairwise_entries(),
        random_entries(), structured_entries(), file_entries(), tiny_entries()}) {
    for (const entry& how : group) {
      if (std::regex_match(work.name, std::regex(how.names))) return &how;
    }
  }
  return nullptr;
}

double element_at(const array& x, std::int64_t i) {
  const std::byte* from = static_cast<const std::byte*>(x.data());
  for (int axis = x.ndim() - 1; axis >= 0; --axis) {
    from += i % x.shape()[axis] * x.strides()[axis];
    i /= x.shape()[axis];
  }
  if (x.dtype() == tessera::bool_) return read<std::uint8_t>(from);
  if (x.dtype() == tessera::int8) return read<std::int8_t>(from);
  if (x.dtype() == tessera::int32) return read<std::int32_t>(from);
  if (x.dtype() == tessera::int64) return static_cast<double>(read<std::int64_t>(from));
  if (x.dtype() == tessera::float16) return float16_value(read<std::uint16_t>(from));
  if (x.dtype() == tessera::bfloat16) return bfloat16_value(read<std::uint16_t>(from));
  if (x.dtype() == tessera::float32) return read<float>(from);
  if (x.dtype() == tessera::float64) return read<double>(from);
  throw std::runtime_error(std::string("a result of dtype ") + x.dtype().name() + " cannot be checked");
}

expectation::expectation(const facts& work, const entry& how, const operands& in)
    : work_(work), expected_(how.expected(in)) {
  std::int64_t size = 1;
  for (std::int64_t extent : expected_.extents) size *= extent;
  if (!expected_.element) {
    indices_.resize(std::min<std::int64_t>(size, 2000));
    std::iota(indices_.begin(), indices_.end(), 0);
    return;
  }
  indices_ = sampled(size, expected_.samples);
  double largest = 0;
  for (std::int64_t i : indices_) {
    wanted_.push_back(expected_.element(i));
    largest = std::max(largest, std::abs(wanted_.back()));
  }
  const bool by_value = work.check == "take:a";
  if (by_value) picked_from_ = in["a"];
  const bool exact = !by_value && (expected_.type.kind() == 'i' || expected_.type.kind() == 'b');
  allowed_ = exact ? 0 : work.tolerance * largest;
}

std::string expectation::difference(const std::vector<std::int64_t>& shape, const std::vector<double>& values) const {
  if (!(tessera::shape(shape) == expected_.extents)) {
    return "shape " + to_string(tessera::shape(shape)) + " instead of " + to_string(expected_.extents);
  }
  if (!expected_.element) return difference_in_moments(work_.check, values);
  if (values.size() != indices_.size()) {
    return std::to_string(values.size()) + " elements instead of " + std::to_string(indices_.size());
  }
  for (std::size_t k = 0; k < values.size(); ++k) {
    double got = values[k];
    if (picked_from_) {
      if (!(got >= 0 && got < static_cast<double>(picked_from_->size()))) return "index " + std::to_string(got);
      got = (*picked_from_)(static_cast<std::int64_t>(got));
    }
    if (!(std::abs(got - wanted_[k]) <= allowed_)) {  // NaN differs
      return "element " + std::to_string(indices_[k]) + " is " + std::to_string(got) + " instead of " +
             std::to_string(wanted_[k]);
    }
  }
  return "";
}

std::string difference(const facts& work, const entry& how, const operands& in) {
  const expectation expected(work, how, in);
  const array result = how.run(in).to(tessera::cpu());
  if (!(result.dtype() == expected.whole().type)) {
    return std::string("dtype ") + result.dtype().name() + " instead of " + expected.whole().type.name();
  }
  std::vector<std::int64_t> indices = expected.indices();
  if (!expected.whole().element) {  // the more random numbers, the better
    indices.resize(result.size());
    std::iota(indices.begin(), indices.end(), 0);
  }
  std::vector<double> values;
  for (std::int64_t i : indices) values.push_back(i < result.size() ? element_at(result, i) : 0);
  return expected.difference({result.shape().begin(), result.shape().end()}, values);
}

}  // namespace bench
