// Reads blobs and lays arrays out by plain loops, so that nothing here depends on the operations under test.
#include "conformance/data.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

namespace conformance {

using tessera::dtype;
using tessera::shape;

namespace {

constexpr std::byte gap{0xA5};

// Calls f(index, offset in bytes) for every element in C order.
template <class F> void walk(const shape& extents, const shape& strides, F f) {
  std::vector<std::int64_t> at(static_cast<std::size_t>(extents.size()), 0);
  std::int64_t offset = 0;
  const std::int64_t count = count_of(extents);
  for (std::int64_t i = 0; i < count; ++i) {
    f(i, offset);
    for (int axis = extents.size() - 1; axis >= 0; --axis) {
      auto& position = at[static_cast<std::size_t>(axis)];
      offset += strides[axis];
      if (++position < extents[axis]) break;
      offset -= strides[axis] * extents[axis];
      position = 0;
    }
  }
}

shape packed_strides(const shape& extents, std::int64_t itemsize, bool fortran) {
  shape strides = extents;
  const int n = extents.size();
  for (int i = 0; i < n; ++i) {
    const int axis = fortran ? i : n - 1 - i;
    strides[axis] = itemsize;
    itemsize *= std::max<std::int64_t>(1, extents[axis]);
  }
  return strides;
}

double half_value(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const double magnitude = exponent == 31  ? (fraction ? NAN : INFINITY)
                           : exponent == 0 ? std::ldexp(fraction, -24)
                                           : std::ldexp(1024 + fraction, exponent - 25);
  return bits >> 15 ? -magnitude : magnitude;
}

double bfloat16_value(std::uint16_t bits) {
  const std::uint32_t wide = std::uint32_t{bits} << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

template <class T> T load(const std::byte* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

// Reverses the bytes of every number; a complex number is two, a text has one for each character.
void swap_bytes(elements& x) {
  const char kind = x.type.kind();
  const auto size = static_cast<std::size_t>(kind == 'U' ? 4 : x.type.itemsize() / (kind == 'c' ? 2 : 1));
  for (auto p = x.data.begin(); p != x.data.end(); p += static_cast<std::ptrdiff_t>(size)) {
    std::reverse(p, p + static_cast<std::ptrdiff_t>(size));
  }
}

}  // namespace

dtype dtype_of(const json& name) {
  static const std::map<std::string, dtype> known = {{"bool", tessera::bool_},
                                                     {"b1", tessera::bool_},
                                                     {"?", tessera::bool_},
                                                     {"int8", tessera::int8},
                                                     {"i1", tessera::int8},
                                                     {"int16", tessera::int16},
                                                     {"i2", tessera::int16},
                                                     {"int32", tessera::int32},
                                                     {"i4", tessera::int32},
                                                     {"int64", tessera::int64},
                                                     {"i8", tessera::int64},
                                                     {"uint8", tessera::uint8},
                                                     {"u1", tessera::uint8},
                                                     {"uint16", tessera::uint16},
                                                     {"u2", tessera::uint16},
                                                     {"uint32", tessera::uint32},
                                                     {"u4", tessera::uint32},
                                                     {"uint64", tessera::uint64},
                                                     {"u8", tessera::uint64},
                                                     {"float16", tessera::float16},
                                                     {"f2", tessera::float16},
                                                     {"bfloat16", tessera::bfloat16},
                                                     {"float32", tessera::float32},
                                                     {"f4", tessera::float32},
                                                     {"float64", tessera::float64},
                                                     {"f8", tessera::float64},
                                                     {"complex64", tessera::complex64},
                                                     {"c8", tessera::complex64},
                                                     {"complex128", tessera::complex128},
                                                     {"c16", tessera::complex128}};
  if (!name.is_string()) return record_of(name, false);
  std::string code = name.get<std::string>();
  if (!code.empty() && std::string("<>|=").find(code[0]) != std::string::npos) code.erase(0, 1);
  const auto found = known.find(code);
  return found == known.end() ? dtype(code) : found->second;
}

dtype record_of(const json& descr, bool aligned) {
  std::vector<tessera::field> fields;
  std::int64_t offset = 0;
  for (const json& entry : descr) {
    const dtype type = entry[1].is_string() ? dtype(entry[1].get<std::string>()) : record_of(entry[1], aligned);
    tessera::field f(entry[0].get<std::string>(), type, entry.size() > 2 ? shape_of(entry[2]) : shape());
    if (!aligned) f.offset = offset;
    offset += f.nbytes();
    if (!f.name.empty()) fields.push_back(std::move(f));  // else it is padding
  }
  return tessera::record(fields, {.aligned = aligned, .itemsize = aligned ? -1 : offset});
}

shape shape_of(const json& extents) {
  if (extents.is_number_integer()) return shape(extents.get<std::int64_t>());
  return shape(extents.get<std::vector<std::int64_t>>());
}

std::vector<int> ints_of(const json& list) {
  if (list.is_number_integer()) return {list.get<int>()};
  return list.get<std::vector<int>>();
}

tessera::axes axes_of(const json& axis) { return axis.is_null() ? tessera::axes() : tessera::axes(ints_of(axis)); }

bool is_big_endian(const json& reference) {
  return reference.at("dtype").is_string() && reference.at("dtype").get<std::string>()[0] == '>';
}

blob::blob(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
  if (text.size() < 12 || std::memcmp(text.data(), "\x93NUMPY", 6) != 0)
    throw std::runtime_error(path + " is no .npy file");
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(text[i])); };
  const std::size_t begin =
      text[6] == 1 ? 10 + byte(8) + 256 * byte(9) : 12 + byte(8) + 256 * (byte(9) + 256 * (byte(10) + 256 * byte(11)));
  if (begin > text.size()) throw std::runtime_error(path + " is truncated");
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  data_.assign(bytes + begin, bytes + text.size());
}

elements blob::read(const json& reference) const {
  elements result{dtype_of(reference.at("dtype")), shape_of(reference.at("shape")), {}};
  const auto begin = reference.at("at").get<std::size_t>();
  const auto size = static_cast<std::size_t>(count_of(result.extents) * result.type.itemsize());
  if (begin > data_.size() || size > data_.size() - begin)
    throw std::runtime_error("array outside the blob: " + reference.dump());
  result.data.assign(data_.begin() + static_cast<std::ptrdiff_t>(begin),
                     data_.begin() + static_cast<std::ptrdiff_t>(begin + size));
  if (is_big_endian(reference)) swap_bytes(result);
  return result;
}

placed::placed(const elements& values, const std::string& layout) {
  const shape& extents = values.extents;
  const int ndim = extents.size();
  const std::int64_t itemsize = values.type.itemsize();
  shape strides = packed_strides(extents, itemsize, layout == "F" || layout == "T");
  std::int64_t first = 0, nbytes = static_cast<std::int64_t>(values.data.size());
  if (layout == "step2" && ndim > 0) {
    for (int axis = 0; axis < ndim; ++axis) strides[axis] *= 2;
    nbytes *= 2;
  } else if (layout == "reversed0" && ndim > 0) {
    if (extents[0] > 0) first = (extents[0] - 1) * strides[0];
    strides[0] = -strides[0];
  } else if (layout != "C" && layout != "F" && layout != "T" && layout != "step2" && layout != "reversed0") {
    throw std::runtime_error("unknown layout " + layout);
  }
  const std::int64_t guard = 16 * itemsize;  // behind the end, and memory is never empty
  memory_.assign(static_cast<std::size_t>(nbytes + guard), gap);
  std::byte* start = memory_.data() + first;
  walk(extents, strides, [&](std::int64_t i, std::int64_t offset) {
    std::memcpy(start + offset, values.data.data() + i * itemsize, static_cast<std::size_t>(itemsize));
  });
  if (const tessera::device on = tessera::default_device(); on == tessera::cpu()) {
    array = tessera::from_pointer(static_cast<void*>(start), extents, values.type, {.strides = strides});
  } else {
    there_ = tessera::from_pointer(memory_.data(), shape(nbytes + guard), tessera::uint8).to(on);
    const tessera::array from_first = there_.view(values.type)(tessera::slice(first / itemsize, tessera::none));
    array = tessera::as_strided(from_first, extents, strides);
  }
}

std::pair<const std::byte*, std::size_t> placed::range() const {
  const bool on_host = array.device() == tessera::cpu();
  return {on_host ? memory_.data() : static_cast<const std::byte*>(there_.data()), memory_.size()};
}

bool placed::contains(const void* p) const {
  const auto* q = static_cast<const std::byte*>(p);
  const auto [begin, size] = range();
  return q >= begin && q < begin + size;
}

void placed::expect_gaps_untouched() const {
  bytes rest = array.device() == tessera::cpu() ? memory_ : read_back(there_).data;
  const auto first = static_cast<const std::byte*>(array.data()) - range().first;
  walk(array.shape(), array.strides(),
       [&](std::int64_t, std::int64_t offset) { std::fill_n(rest.begin() + first + offset, array.itemsize(), gap); });
  for (const std::byte b : rest) {
    if (b != gap) throw mismatch("bytes between or behind the elements were written");
  }
}

elements counted(const shape& extents, const std::string& layout) {
  elements result{tessera::int32, extents, bytes(static_cast<std::size_t>(count_of(extents)) * 4)};
  walk(extents, packed_strides(extents, 1, layout == "T"), [&](std::int64_t i, std::int64_t position) {
    const auto value = static_cast<std::int32_t>(position);
    std::memcpy(result.data.data() + i * 4, &value, 4);
  });
  return result;
}

elements read_back(const tessera::array& on_device) {
  const tessera::array a = on_device.to(tessera::cpu());
  const auto itemsize = static_cast<std::size_t>(a.itemsize());
  elements result{a.dtype(), a.shape(), bytes(static_cast<std::size_t>(count_of(a.shape())) * itemsize)};
  const auto* start = static_cast<const std::byte*>(a.data());
  walk(a.shape(), a.strides(), [&](std::int64_t i, std::int64_t offset) {
    std::memcpy(result.data.data() + static_cast<std::size_t>(i) * itemsize, start + offset, itemsize);
  });
  return result;
}

std::int64_t count_of(const shape& extents) {
  std::int64_t count = 1;
  for (const std::int64_t extent : extents) count *= extent;
  return count;
}

void parts_of(const elements& x, std::int64_t i, double& real, double& imaginary) {
  using tessera::dtype_code;
  const std::byte* p = x.data.data() + i * x.type.itemsize();
  imaginary = 0;
  switch (x.type.code()) {
    case dtype_code::bool_: real = load<std::uint8_t>(p); break;
    case dtype_code::int8: real = load<std::int8_t>(p); break;
    case dtype_code::int16: real = load<std::int16_t>(p); break;
    case dtype_code::int32: real = load<std::int32_t>(p); break;
    case dtype_code::int64: real = static_cast<double>(load<std::int64_t>(p)); break;
    case dtype_code::uint8: real = load<std::uint8_t>(p); break;
    case dtype_code::uint16: real = load<std::uint16_t>(p); break;
    case dtype_code::uint32: real = load<std::uint32_t>(p); break;
    case dtype_code::uint64: real = static_cast<double>(load<std::uint64_t>(p)); break;
    case dtype_code::float16: real = half_value(load<std::uint16_t>(p)); break;
    case dtype_code::bfloat16: real = bfloat16_value(load<std::uint16_t>(p)); break;
    case dtype_code::float32: real = load<float>(p); break;
    case dtype_code::float64: real = load<double>(p); break;
    case dtype_code::complex64: real = load<float>(p), imaginary = load<float>(p + 4); break;
    case dtype_code::complex128: real = load<double>(p), imaginary = load<double>(p + 8); break;
    default: throw mismatch("elements of " + x.type.name() + " are no numbers");
  }
}

std::string text_of(const elements& x, std::int64_t i) {
  const std::byte* p = x.data.data() + i * x.type.itemsize();
  if (x.type == tessera::int64) return std::to_string(load<std::int64_t>(p));
  if (x.type == tessera::uint64) return std::to_string(load<std::uint64_t>(p));
  char text[80];
  if (!x.type.is_number()) {
    std::string bytes = "bytes";
    for (int byte = 0; byte < x.type.itemsize(); ++byte) {
      std::snprintf(text, sizeof text, " %02x", std::to_integer<unsigned>(p[byte]));
      bytes += text;
    }
    return bytes;
  }
  double real, imaginary;
  parts_of(x, i, real, imaginary);
  if (x.type.kind() == 'c') {
    std::snprintf(text, sizeof text, "%.17g%+.17gj", real, imaginary);
  } else {
    std::snprintf(text, sizeof text, "%.17g", real);
  }
  return text;
}

std::string kind_of(const dtype& type, const shape& extents) {
  return std::string(type.name()) + " " + to_string(extents);
}

}  // namespace conformance
