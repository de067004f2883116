// The protocol with competitors, as the run sees it.
#include "competitor.hpp"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace bench {
namespace {

using nlohmann::json;

/// What is not finite comes as null.
std::vector<double> numbers(const json& list) {
  std::vector<double> result;
  for (const json& number : list) {
    result.push_back(number.is_null() ? std::numeric_limits<double>::quiet_NaN() : number.get<double>());
  }
  return result;
}

}  // namespace

competitor::competitor(contender who, std::vector<launch> launches, time_limits limits, std::string log)
    : who_(std::move(who)), launches_(std::move(launches)), limits_(limits), log_(std::move(log)) {}

void competitor::start() {
  if (running_ || launches_.empty()) return;
  running_ = std::make_unique<process>(launches_.front().command, launches_.front().environment, log_);
  is_ready_ = false;
}

void competitor::stop() { running_.reset(); }

json competitor::answer(double seconds) {
  const std::string line = running_->read_line(seconds);
  json said = json::parse(line, nullptr, false);
  if (!said.is_object()) throw process_error("said \"" + line.substr(0, 60) + "\", which is no answer");
  return said;
}

bool competitor::ready() {
  while (!launches_.empty()) {
    if (running_ && is_ready_) return true;
    try {
      start();
      const json said = answer(limits_.start);
      if (said.contains("ready")) {
        version_ = said.value("version", "");
        missing_.clear();  // what another launch lacked
        return is_ready_ = true;
      }
      missing_ = said.value("missing", said.dump());
    } catch (const process_error& error) {
      missing_ = std::string("does not start: ") + error.what();
    }
    running_.reset();
    launches_.erase(launches_.begin());
  }
  return false;
}

outcome competitor::ask(const json& request, const expectation& expected) {
  outcome result;
  const auto failed = [&result](const json& said) {
    if (!said.contains("error")) return false;
    result.error = said.at("error");
    result.known = result.error != "unknown";
    return true;
  };
  running_->write_line(request.dump(), limits_.first);
  json said = answer(limits_.first);
  if (failed(said)) return result;
  result.error = expected.difference(said.at("shape"), numbers(said.at("values")));
  if (said.contains("dtype") && said.at("dtype") != expected.whole().type.name()) {
    result.error = "dtype " + said.at("dtype").get<std::string>() + " instead of " + expected.whole().type.name();
  }
  running_->write_line(json{{"go", result.error.empty()}}.dump(), limits_.timing);
  if (!result.error.empty()) return result;
  result.first = said.at("first");
  result.to_device = said.value("to_device", 0.0);
  result.from_device = said.value("from_device", 0.0);
  said = answer(limits_.timing);
  if (failed(said)) return result;
  result.samples = numbers(said.at("samples"));
  bool sound = !result.samples.empty();
  for (double seconds : result.samples) sound = sound && seconds >= 0 && std::isfinite(seconds);
  if (!sound) throw process_error("said \"" + said.dump().substr(0, 60) + "\", which are no times");
  return result;
}

outcome competitor::compete(const json& request, const expectation& expected) {
  outcome result;
  if (!ready()) {
    result.error = missing_;
    return result;
  }
  try {
    return ask(request, expected);
  } catch (const process_error& error) {
    result.error = error.what();
  } catch (const json::exception& error) {
    result.error = std::string("an answer that cannot be read: ") + error.what();
  }
  stop();
  return result;
}

}  // namespace bench
