// A run's results as a page of HTML that needs nothing else, as Markdown, and in short as JSON.
#pragma once
#include <string>

#include "../results.hpp"

namespace bench {

std::string report_page(const results& all);
std::string report_markdown(const results& all);
/// Each group's geometric means and how often tessera is faster, and each workload's best peer and ratio, place by
/// place.
std::string report_summary(const results& all);

/// A whole page around these sections; text is escaped already but for the title. It is HTML and XML at once.
std::string html_document(const std::string& title, const std::string& body);

/// In page.css and page.js.
extern const char* const page_style;
extern const char* const page_script;

}  // namespace bench
