// What the command's output may look like: how wide, and whether with bold letters.
#pragma once
#include <string>
#include <string_view>

namespace tessera_cli {

/// Columns of the terminal: $COLUMNS, else what it says itself; 80 where the output is no terminal.
int terminal_width();

/// In bold, where the output is a terminal and $NO_COLOR is not set.
std::string bold(std::string_view text);

/// Text from outside as it may be shown: what would move the cursor, change colours or turn the direction of writing as
/// \x1b or \u202e, and bytes that are no UTF-8 as \xff. Line ends stay where `lines`. What was shown before stays.
std::string shown(std::string_view text, bool lines = false);

/// "label   text", the text in lines of the terminal's width below each other, behind `indent` columns; the
/// text as `shown`.
std::string labelled(std::string_view label, std::string_view text, int indent = 16);

/// "12 B", "1.5 KiB", "3 GiB"
std::string bytes_text(double bytes);

}  // namespace tessera_cli
