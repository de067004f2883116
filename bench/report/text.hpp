// Numbers and names as reports write them.
#pragma once
#include <string>
#include <string_view>

namespace bench {

/// Is it a number that says something? What is not known is 0 in a file of results.
bool known(double value);

/// For the text and the attributes of HTML and SVG; characters that XML does not have become U+FFFD.
std::string escaped(std::string_view text);
/// For a cell of a table in Markdown.
std::string markdown_escaped(std::string_view text);

/// Three digits and a unit, "–" if it is not known: "3.98 ms", "43.2 GB/s", "526 GFLOP/s", "4.8 M".
std::string seconds_text(double seconds);
std::string byte_rate(double a_second);
std::string rate_text(double a_second, std::string_view unit);
/// The same without zeros behind the point, for the marks of an axis: "50 GB/s", "1 TB/s".
std::string shortened(std::string text);
/// "32 MiB", "1.5 GB": of what comes in powers of two (caches), and of what does not.
std::string binary_bytes(double bytes);
std::string decimal_bytes(double bytes);
/// "1.67", "12.4", "181": of one time over another.
std::string ratio_text(double ratio);
std::string percent(double part);
/// 4.8e6 as "4.8 M".
std::string count_text(double count);
/// "1 workload", "2 workloads".
std::string number_of(std::size_t count, std::string_view thing);
/// "1 thread", "2 threads"; of a GPU its name.
std::string place_text(std::string_view device, int threads);
/// "2026-11-30 18:00 UTC" of "2026-11-30T18:00:00Z"; other text as it is.
std::string date_text(std::string_view date);

}  // namespace bench
