// The tables of a page, in HTML.
#pragma once
#include <string>
#include <vector>

#include "contests.hpp"
#include "svg.hpp"

namespace bench {

/// A name as HTML whose lines may end after underscores.
std::string breakable(const std::string& name);
/// What a table stands in: it scrolls sideways by itself, and is reached by keys. `name` says what it is to who cannot
/// see it.
std::string scrolling(const std::string& name, const std::string& table);
/// "<td class="num" data-v="value">…</td>": what it is sorted by, the number, and smaller text below it; both already
/// HTML.
std::string cell(double value, const std::string& text, const std::string& below = "", const std::string& classes = "");
/// A row of headings from texts that are not HTML yet; the first is of the row's name, the others of numbers.
std::string headings(const std::vector<std::string>& texts);
/// "3.90 to 4.10 ms".
std::string spread_text(double low, double high);

std::string machine_list(const results& all);
std::string standing_table(const results& all);
std::string peak_table(const results& all);
/// Every competitor of one group in one place.
std::string group_table(const std::vector<contest>& rows, const std::string& name);
/// What a GPU's first use costs, and moving data.
std::string device_table(const results& all, const place& where);
std::string model_table(const results& all, const std::string& gpu);
/// Empty without any.
std::string failure_table(const results& all);

}  // namespace bench
