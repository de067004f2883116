// What the C++ peers share: a table of statements, served over stdin and stdout by the protocol of bench/run/competitor.hpp.
//
// A statement reads its operands once and hands `run` a function that makes the result anew. All sizes are the request's.
#pragma once
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <regex>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace peer {

using json = nlohmann::json;
using shape = std::vector<std::int64_t>;

inline std::int64_t size_of(const shape& extents) {
  return std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies<>());
}

/// One operand: the bytes of its .npy file behind the header, which repeats what the request says of it.
class operand {
 public:
  operand(const json& facts, const std::string& path) : extents(facts.at("shape").get<shape>()) {
    const std::string type = facts.at("dtype");
    const std::size_t bits = type == "bool" ? 8 : std::stoul(type.substr(type.find_first_of("0123456789")));
    bytes_ = static_cast<std::size_t>(size()) * bits / 8;
    data_.reset(static_cast<char*>(std::aligned_alloc(64, bytes_ / 64 * 64 + 64)));
    std::ifstream file(path, std::ios::binary);
    unsigned char head[12] = {};  // "\x93NUMPY", version, length of the header: 2 bytes, from version 2 on 4
    file.read(reinterpret_cast<char*>(head), sizeof head);
    const int wide = head[6] >= 2;
    file.seekg(head[8] + 256 * head[9] + (wide ? 65536 * head[10] + 12 : 10));
    if (!file.read(data_.get(), static_cast<std::streamsize>(bytes_))) throw std::runtime_error("cannot read " + path);
  }

  const shape extents;
  std::int64_t size() const { return size_of(extents); }
  template <class T> T* data() const { return reinterpret_cast<T*>(data_.get()); }

 private:
  std::size_t bytes_;
  std::unique_ptr<char, decltype(&std::free)> data_{nullptr, &std::free};
};

/// The compiler must suppose that somebody reads the value here, and that memory changes.
template <class T> void keep(T& value) { asm volatile("" : : "r"(&value) : "memory"); }

/// How a result is looked at, `value` by its flat C index. Here for numbers; a peer adds its arrays.
template <class Result> struct access {
  static shape extents(const Result&) { return {}; }
  static double value(const Result& number, std::int64_t) { return static_cast<double>(number); }
};

/// Elements in C order whose extents only the caller knows.
template <class T> using block = std::unique_ptr<T[]>;
template <class T> struct access<block<T>> {
  static double value(const block<T>& result, std::int64_t i) { return static_cast<double>(result[i]); }
};

inline void say(const json& line) { std::cout << line.dump() << std::endl; }

inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// One request.
class task {
 public:
  explicit task(const json& request) : request_(request), facts_(request.at("workload")), name_(facts_.at("name")) {}

  const std::string& name() const { return name_; }
  bool named(const char* part) const { return name_.find(part) != std::string::npos; }
  double constant(const char* letter) const { return facts_.at("consts").at(letter); }
  double bytes() const { return facts_.at("bytes"); }
  std::string dtype() const {
    const json& inputs = facts_.at("inputs");
    return inputs.empty() ? "" : inputs.front().at("dtype");
  }
  bool column_major(const char* letter) const { return facts_.at("inputs").at(letter).value("order", "C") == "F"; }

  const operand& in(const std::string& letter) {
    auto found = operands_.find(letter);
    if (found == operands_.end())
      found = operands_.try_emplace(letter, facts_.at("inputs").at(letter), request_.at("inputs").at(letter)).first;
    return found->second;
  }

  /// Answers the request with what `call` returns, and with its times if that is right.
  template <class Call> void run(Call call, const std::optional<shape>& extents = {}) {
    const double begin = now();
    double first;
    {
      auto&& result = call();
      keep(result);
      first = now() - begin;
      using access = peer::access<std::remove_cvref_t<decltype(result)>>;
      json values = json::array();
      shape its_extents;
      if constexpr (requires { access::extents(result); }) its_extents = access::extents(result);
      if (extents) its_extents = *extents;
      const std::int64_t size = size_of(its_extents);
      for (std::int64_t i : request_.at("indices"))
        if (i < size) values.push_back(access::value(result, i));
      say({{"shape", its_extents}, {"values", values}, {"first", first}});
    }
    std::string line;
    if (std::getline(std::cin, line) && json::parse(line).at("go").get<bool>()) time(call, first);
  }

 private:
  /// Samples by the rule in bench/run/competitor.hpp.
  template <class Call> void time(Call& call, double first) const {
    const auto mean_of = [&](std::int64_t calls) {
      const double begin = now();
      for (std::int64_t i = 0; i < calls; ++i) {
        auto&& result = call();
        keep(result);
      }
      return (now() - begin) / static_cast<double>(calls);
    };
    constexpr double shortest = 5e-4;  // seconds of a sample
    const auto calls_in = [](double seconds, double of_one) {
      return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(seconds / std::max(of_one, 1e-9))));
    };
    const double budget = request_.at("budget"), cap = request_.at("cap");
    const std::size_t few = request_.at("least"), many = request_.at("repetitions");
    const double once = first > 3 * cap ? first : mean_of(1);
    std::int64_t batch = 1;
    std::vector<double> samples;
    if (once > cap) {
      samples = {once};
    } else {
      if (once < shortest) batch = calls_in(shortest, mean_of(calls_in(shortest, once)));  // the first is slower
      double spent = 0;
      while (samples.size() < many && (spent < budget || (samples.size() < few && spent < cap))) {
        samples.push_back(mean_of(batch));
        spent += samples.back() * static_cast<double>(batch);
      }
    }
    say({{"samples", samples}, {"batch", batch}});
  }

  const json& request_;
  const json& facts_;
  const std::string name_;
  std::map<std::string, operand> operands_;
};

/// How the workloads whose names start as `names`, a regular expression, are done.
struct row {
  const char* names;
  std::function<void(task&)> run;
};

/// Thrown where a row's types are not those of the workload's operands.
struct unknown : std::exception {};

template <class T> constexpr const char* dtype_name = "";
template <> inline constexpr const char* dtype_name<bool> = "bool";
template <> inline constexpr const char* dtype_name<std::int32_t> = "i32";
template <> inline constexpr const char* dtype_name<std::int64_t> = "i64";
template <> inline constexpr const char* dtype_name<float> = "f32";
template <> inline constexpr const char* dtype_name<double> = "f64";

/// The statement for each of these types, chosen by that of the first operand.
template <class... Types, class Statement> std::function<void(task&)> of_types(Statement statement) {
  return [statement](task& t) {
    const std::string dtype = t.dtype();
    const bool found = ((dtype == dtype_name<Types> && (statement.template operator()<Types>(t), true)) || ...);
    if (!found) throw unknown();
  };
}

/// The statement `make` of the operands of these letters, each read as As<T> by the peer's `read`; T: one of these types.
template <template <class> class As, class... Types, std::size_t N, class Make>
std::function<void(task&)> on(const char (&letters)[N], Make make) {
  const std::string named = letters;
  return of_types<Types...>([named, make]<class T>(task& t) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      const std::tuple operands{read(t, std::string(1, named[I]), std::type_identity<As<T>>())...};
      t.run([&] { return std::apply(make, operands); });
    }(std::make_index_sequence<N - 1>());
  });
}

/// The first argument, else OMP_NUM_THREADS, else all.
inline int wanted_threads(int argc, char** argv) {
  const char* variable = std::getenv("OMP_NUM_THREADS");
  const int wanted = std::atoi(argc > 1 ? argv[1] : variable ? variable : "0");
  return wanted > 0 ? wanted : static_cast<int>(std::thread::hardware_concurrency());
}

/// Answers requests until the input ends.
inline int serve(const char* name, const std::string& version, int threads, std::span<const row> rows) {
  say({{"ready", name}, {"version", version}, {"threads", threads}, {"device", "cpu"}});
  for (std::string line; std::getline(std::cin, line);) {
    try {
      const json request = json::parse(line);
      task asked(request);
      const row* found = nullptr;
      for (const row& each : rows)
        if (!found && std::regex_search(asked.name(), std::regex(each.names), std::regex_constants::match_continuous))
          found = &each;
      if (!found) throw unknown();
      found->run(asked);
    } catch (const unknown&) {
      say({{"error", "unknown"}});
    } catch (const std::exception& error) {
      say({{"error", error.what()}});
    }
  }
  return 0;
}

}  // namespace peer
