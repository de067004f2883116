// reshaping: a base, steps that make views of it, then one operation: when it is a view, its flags and strides.
#include <map>

#include "conformance/tokens.hpp"

namespace conformance {

using tessera::array;

namespace {

array stepped(const array& v, const json& step) {
  if (step.contains("slice_axis")) {
    std::vector<tessera::subscript> index(step["slice_axis"].get<std::size_t>(), tessera::subscript(tessera::all));
    index.emplace_back(slice_of(step["slice"]));
    return v.view_at(index);
  }
  if (step.contains("newaxis")) return expand_dims(v, tessera::axes(step["newaxis"].get<int>()));
  if (step.contains("transpose")) return transpose(v, tessera::axes(ints_of(step["transpose"])));
  if (step.contains("broadcast_to")) return broadcast_to(v, shape_of(step["broadcast_to"]));
  if (step.contains("reshape")) return reshape(v, shape_of(step["reshape"]));
  if (step.contains("index")) return v.view_at(subscripts_of(step["index"]));
  throw mismatch("the runner does not know the step " + step.dump());
}

tessera::order order_of(const json& arguments) {
  const std::string name = arguments.value("order", "C");
  return name == "F"   ? tessera::order::F
         : name == "A" ? tessera::order::A
         : name == "K" ? tessera::order::K
                       : tessera::order::C;
}

tessera::axes optional_axes(const json& arguments, const char* key) {
  return arguments.contains(key) ? axes_of(arguments[key]) : tessera::axes();
}

// "[v, v[..., ::-1], v]": what is joined.
std::vector<array> joined(const array& v, const json& arguments) {
  const std::string text = arguments.value("note", "[v, v]");
  std::vector<array> result;
  for (std::size_t i = text.find('v'); i != std::string::npos; i = text.find('v', i + 1)) {
    if (text.compare(i, 12, "v[..., ::-1]") == 0) {
      if (v.ndim() == 0) {  // has no last axis to reverse
        result.push_back(v);
        continue;
      }
      result.push_back(v(tessera::ellipsis, tessera::slice(tessera::none, tessera::none, -1)));
    } else if (text[i + 1] == ',' || text[i + 1] == ']') {
      result.push_back(v);
    } else {
      throw mismatch("the runner does not know the operands " + text);
    }
  }
  return result;
}

tessera::pad_width widths_of(const json& width) {
  if (width.is_number_integer()) return {width.get<std::int64_t>()};
  if (width.at(0).is_number_integer()) return {{width.at(0).get<std::int64_t>(), width.at(1).get<std::int64_t>()}};
  return {width.get<std::vector<std::pair<std::int64_t, std::int64_t>>>()};
}

tessera::pad_options pad_options_of(const json& arguments) {
  static const std::map<std::string, tessera::pad_mode> modes = {{"constant", tessera::pad_mode::constant},
                                                                 {"edge", tessera::pad_mode::edge},
                                                                 {"reflect", tessera::pad_mode::reflect},
                                                                 {"symmetric", tessera::pad_mode::symmetric},
                                                                 {"wrap", tessera::pad_mode::wrap},
                                                                 {"maximum", tessera::pad_mode::maximum},
                                                                 {"linear_ramp", tessera::pad_mode::linear_ramp},
                                                                 {"minimum", tessera::pad_mode::minimum},
                                                                 {"mean", tessera::pad_mode::mean}};
  tessera::pad_options result{.mode = modes.at(arguments.value("mode", "constant"))};
  if (arguments.contains("constant_values"))
    result.constant_values = {arguments["constant_values"].get<std::int64_t>()};
  return result;
}

using operation = array (*)(const array&, const json&);

const std::map<std::string, operation> operations = {
    {"flags", [](const array& v, const json&) { return v; }},
    {"reshape", [](const array& v, const json& a) { return reshape(v, shape_of(a["shape"]), order_of(a)); }},
    {"ravel", [](const array& v, const json& a) { return ravel(v, order_of(a)); }},
    {"flatten", [](const array& v, const json& a) { return flatten(v, order_of(a)); }},
    {"transpose", [](const array& v, const json& a) { return transpose(v, optional_axes(a, "axes")); }},
    {"swapaxes",
     [](const array& v, const json& a) {
       const bool list = a.contains("axes");
       return swapaxes(v, (list ? a["axes"][0] : a["axis1"]).get<int>(), (list ? a["axes"][1] : a["axis2"]).get<int>());
     }},
    {"moveaxis",
     [](const array& v, const json& a) { return moveaxis(v, axes_of(a["source"]), axes_of(a["destination"])); }},
    {"squeeze", [](const array& v, const json& a) { return squeeze(v, optional_axes(a, "axis")); }},
    {"expand_dims", [](const array& v, const json& a) { return expand_dims(v, axes_of(a["axis"])); }},
    {"copy", [](const array& v, const json& a) { return v.copy(order_of(a)); }},
    {"ascontiguousarray", [](const array& v, const json&) { return tessera::ascontiguousarray(v); }},
    {"asfortranarray", [](const array& v, const json&) { return tessera::asfortranarray(v); }},
    {"broadcast_to", [](const array& v, const json& a) { return broadcast_to(v, shape_of(a["shape"])); }},
    {"view_dtype", [](const array& v, const json& a) { return v.view(dtype_of(a["dtype"])); }},
    {"concatenate",
     [](const array& v, const json& a) { return tessera::concatenate(joined(v, a), a.value("axis", 0)); }},
    {"stack", [](const array& v, const json& a) { return tessera::stack(joined(v, a), a.value("axis", 0)); }},
    {"flip", [](const array& v, const json& a) { return flip(v, optional_axes(a, "axis")); }},
    {"roll",
     [](const array& v, const json& a) { return tessera::roll(v, shape_of(a["shift"]), optional_axes(a, "axis")); }},
    {"diagonal",
     [](const array& v, const json& a) {
       return diagonal(v, a.value(a.contains("offset") ? "offset" : "k", 0), a.value("axis1", 0), a.value("axis2", 1));
     }},
    {"tile", [](const array& v, const json& a) { return tessera::tile(v, shape_of(a["reps"])); }},
    {"repeat",
     [](const array& v, const json& a) {
       return tessera::repeat(v, a["repeats"].get<std::int64_t>(), optional_axes(a, "axis"));
     }},
    {"pad",
     [](const array& v, const json& a) { return tessera::pad(v, widths_of(a["pad_width"]), pad_options_of(a)); }}};

}  // namespace

void replay_reshaping(const test_case& c) {
  const std::string op = c.text("op"), layout = c.text("layout");
  const auto found = operations.find(op);
  if (found == operations.end()) throw mismatch("the runner does not know the operation " + op);
  const placed base(counted(shape_of(c["shape"]), layout), layout);
  array v = base.array;
  for (const json& step : c["steps"]) v = stepped(v, step);
  const array got = found->second(v, c["args"]);
  c.expect_success(kind_of(got.dtype(), got.shape()));
  c.expect_layout(got, base);
  c.expect_array(got, c["values"]);
}

}  // namespace conformance
