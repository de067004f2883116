// The concepts through which C++ values enter the interface: never through bool, T* or const char* parameters.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace tessera {

template <class T>
concept character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
                    std::same_as<T, char16_t> || std::same_as<T, char32_t>;

/// std::complex and its look-alikes, recognised by shape so that <complex> need not be included.
template <class T>
concept complex_like = requires(const T& z) {
  typename T::value_type;
  z.real();
  z.imag();
  T(z.real(), z.imag());
} && std::floating_point<typename T::value_type>;

template <class T> concept scalar = (std::is_arithmetic_v<T> && !character<T>) || complex_like<T>;

/// What can lie in an array; long double is a number only.
template <class T> concept array_element = scalar<T> && sizeof(T) <= (complex_like<T> ? 16 : 8);

template <class T> concept integer = std::integral<T> && !character<T> && !std::same_as<T, bool>;

template <class T>
concept string_like = std::convertible_to<const T&, std::string_view> && !std::same_as<T, std::nullptr_t>;

/// Where a public operation was called; what an exception's where() returns. Last, defaulted parameter of such functions.
/// The members of std::source_location, which clang 14 does not have.
class caller {
 public:
  static constexpr caller current(const char* file = __builtin_FILE(), const char* function = __builtin_FUNCTION(),
                                  unsigned line = __builtin_LINE()) noexcept {
    return {file, function, line};
  }
  constexpr caller() noexcept = default;
  constexpr unsigned line() const noexcept { return line_; }
  constexpr const char* file_name() const noexcept { return file_; }
  constexpr const char* function_name() const noexcept { return function_; }

 private:
  constexpr caller(const char* file, const char* function, unsigned line) noexcept
      : file_(file), function_(function), line_(line) {}
  const char* file_ = "";
  const char* function_ = "";
  unsigned line_ = 0;
};

}  // namespace tessera
