// Rows of text: blocks are cut where rows end, their pieces parsed on all threads, the rows put one after the other.
#include "ops/text_file_rows.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstring>

#include "core/access.hpp"
#include "core/dtype_parts.hpp"
#include "core/text_number.hpp"
#include "core/utf8.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail {
namespace {

constexpr std::int64_t piece_bytes = 128 * 1024;  // with its rows about half of a second-level cache
constexpr std::int64_t pieces_each = 8;           // for each thread in a block

std::string counted(std::int64_t n, const char* what) { return std::to_string(n) + " " + what + (n == 1 ? "" : "s"); }

/// Part of a block: whole rows, and what became of them.
struct piece {
  explicit piece(const text_syntax& syntax) : splitter(syntax) {}
  const char *first = nullptr, *last = nullptr;
  row_splitter splitter;
  std::unique_ptr<std::byte[]> rows;
  std::int64_t capacity = 0, count = 0;
  std::int64_t width = 0;            // of the longest text
  const char* failed_row = nullptr;  // the row behind the last one counted
  std::string failure;
};

class row_reader {
 public:
  row_reader(text_input& in, const text_request& request);
  array read();
  /// The longest text.
  std::int64_t measure();

 private:
  void find_columns();
  /// Cuts a block from `at_` on into pieces; its bytes.
  std::int64_t cut_block();
  std::int64_t cut(std::string_view text, bool text_ends);
  std::int64_t cut_quoted(std::string_view text, bool text_ends);
  void add_piece(const char* first, const char* last);
  void parse(piece& part, std::int64_t most) const;
  void grow(piece& part) const;
  bool read_row(piece& part, std::byte* to) const;
  const char* read_floats(const piece& part, const char* p, std::byte* to) const;
  void measure_row(piece& part) const;
  const row_splitter::field* pick(piece& part, std::int64_t i) const;
  void gather(std::int64_t bytes);
  void reserve(std::int64_t rows, std::int64_t bytes);
  void tell() const;
  template <class Each> void for_blocks(const Each& each);

  text_input& in_;
  const text_request& request_;
  std::vector<text_column> columns_;
  bool homogeneous_, plain_, measuring_ = false;
  std::int64_t fields_ = -1;  // of a row of the result
  std::int64_t row_bytes_ = 0;
  std::int64_t begin_ = 0, at_ = 0, block_;
  std::vector<std::unique_ptr<piece>> pieces_;
  std::size_t used_ = 0;
  array bytes_;
  std::int64_t rows_ = 0, capacity_ = 0, most_;
};

row_reader::row_reader(text_input& in, const text_request& request)
    : in_(in),
      request_(request),
      columns_(text_columns(request.type, in.name(), in.where())),
      homogeneous_(!request.type.has_fields()),
      plain_(request.type == float64 && request.usecols.empty() && request.syntax.quote.empty()),
      block_(piece_bytes * pieces_each * cpu::thread_count()),
      most_(request.max_rows.value_or(std::numeric_limits<std::int64_t>::max())) {
  begin_ = in.begin();
  for (std::int64_t i = 0; i < request.skiprows && begin_ < in.size(); ++i) {
    for (std::int64_t count = 4096;; count *= 2) {
      const std::string_view text = in.view(begin_, count);
      const bool ends = begin_ + static_cast<std::int64_t>(text.size()) == in.size();
      const char* const next = find_line_end(text.data(), text.data() + text.size(), ends);
      if (next == nullptr && !ends) continue;
      begin_ += next ? next - text.data() : static_cast<std::int64_t>(text.size());
      break;
    }
  }
  at_ = begin_;
  find_columns();
}

void row_reader::find_columns() {
  if (!request_.usecols.empty()) fields_ = static_cast<std::int64_t>(request_.usecols.size());
  else if (!homogeneous_) fields_ = static_cast<std::int64_t>(columns_.size());
  row_splitter splitter(request_.syntax);
  while (fields_ < 0 && most_ > 0 && at_ < in_.size()) {
    const std::int64_t bytes = cut_block();
    for (std::size_t k = 0; k < used_ && fields_ < 0; ++k) {
      for (const char* p = pieces_[k]->first; p < pieces_[k]->last && fields_ < 0;) {
        p = splitter.split(p, pieces_[k]->last);
        if (splitter.size() > 0) fields_ = splitter.size();
      }
    }
    at_ += bytes;
  }
  fields_ = std::max<std::int64_t>(fields_, 1);
  at_ = begin_;
  row_bytes_ = request_.type.itemsize() * (homogeneous_ ? fields_ : 1);
  if (!homogeneous_ && fields_ != static_cast<std::int64_t>(columns_.size())) {
    throw value_error(std::string(in_.name()) + ": usecols names " + counted(fields_, "column") + ", the dtype has " +
                          std::to_string(columns_.size()),
                      in_.where());
  }
}

void row_reader::add_piece(const char* first, const char* last) {
  if (first == last) return;
  if (used_ == pieces_.size()) pieces_.push_back(std::make_unique<piece>(request_.syntax));
  piece& part = *pieces_[used_++];
  part.first = first;
  part.last = last;
}

std::int64_t row_reader::cut_block() {
  for (std::int64_t count = block_;; count *= 2) {  // a row may be as long as the text
    const std::string_view text = in_.view(at_, count);
    const bool ends = at_ + static_cast<std::int64_t>(text.size()) == in_.size();
    used_ = 0;
    const std::int64_t bytes = request_.syntax.quote.empty() ? cut(text, ends) : cut_quoted(text, ends);
    if (bytes > 0) return bytes;
  }
}

std::int64_t row_reader::cut(std::string_view text, bool text_ends) {
  const char* const first = text.data();
  const char* last = first + text.size();
  if (!text_ends) {
    if (last > first && last[-1] == '\r') --last;  // perhaps half of a line end
    while (last > first && last[-1] != '\n' && last[-1] != '\r') --last;
  }
  for (const char* p = first; p < last;) {
    const char* const next = last - p > piece_bytes ? find_line_end(p + piece_bytes, last, true) : last;
    add_piece(p, next ? next : last);
    p = next ? next : last;
  }
  return last - first;
}

std::int64_t row_reader::cut_quoted(std::string_view text, bool text_ends) {
  row_splitter splitter(request_.syntax);
  const char *begin = text.data(), *last = begin + text.size(), *p = begin;
  while (p < last) {
    const char* next = splitter.find_row_end(p, last, text_ends);
    if (next == nullptr && text_ends) next = last;
    if (next == nullptr) break;
    p = next;
    if (p - begin < piece_bytes) continue;
    add_piece(begin, p);
    begin = p;
  }
  add_piece(begin, p);
  return p - text.data();
}

/// Column i of the result in the row that was split; null where the row has no such column.
const row_splitter::field* row_reader::pick(piece& part, std::int64_t i) const {
  const std::int64_t size = part.splitter.size();
  std::int64_t column = i;
  if (!request_.usecols.empty()) {
    const std::int64_t wanted = request_.usecols[static_cast<std::size_t>(i)];
    column = wanted < 0 ? wanted + size : wanted;
    if (column < 0 || column >= size) {
      part.failure = " has " + counted(size, "column") + ", usecols asks for column " + std::to_string(wanted);
      return nullptr;
    }
  }
  return &part.splitter[column];
}

bool row_reader::read_row(piece& part, std::byte* to) const {
  const std::int64_t size = part.splitter.size();
  if (request_.usecols.empty() && size != fields_) {
    part.failure = " has " + counted(size, "column") + (homogeneous_ ? ", the rows before it " : ", the dtype needs ") +
                   std::to_string(fields_) + "; usecols picks some of them";
    return false;
  }
  for (std::int64_t i = 0; i < fields_; ++i) {
    const row_splitter::field* const field = pick(part, i);
    if (field == nullptr) return false;
    const text_column& column = columns_[homogeneous_ ? 0 : static_cast<std::size_t>(i)];
    const std::int64_t offset = homogeneous_ ? i * column.type.itemsize() : column.offset;
    if (column.read(field->first, field->last, to + offset, column.type)) continue;
    part.failure = ", column " + std::to_string(field - &part.splitter[0] + 1) + ": could not convert " +
                   quoted_field(field->text()) + " to " + column.type.name();
    return false;
  }
  return true;
}

/// A row of nothing but float64, the usual case: three times as fast as splitting it first.
const char* row_reader::read_floats(const piece& part, const char* p, std::byte* to) const {
  return part.splitter.read(p, part.last, fields_, [to](std::int64_t i, const char* first, const char* last) {
    double value = 0;
    const char* const end = scan_float(first, last, value);
    std::memcpy(to + i * 8, &value, 8);
    return end;
  });
}

void row_reader::measure_row(piece& part) const {
  const std::int64_t count = request_.usecols.empty() ? part.splitter.size() : fields_;
  for (std::int64_t i = 0; i < count; ++i) {
    const row_splitter::field* const field = pick(part, i);
    if (field == nullptr) return;  // said when it is read
    part.width = std::max(part.width, count_characters(field->text()));
  }
}

void row_reader::grow(piece& part) const {
  const std::int64_t capacity = std::max(2 * part.capacity, std::max<std::int64_t>(1, 4096 / row_bytes_));
  std::unique_ptr<std::byte[]> rows(new std::byte[static_cast<std::size_t>(capacity * row_bytes_)]);
  if (part.count > 0) std::memcpy(rows.get(), part.rows.get(), static_cast<std::size_t>(part.count * row_bytes_));
  part.rows = std::move(rows);
  part.capacity = capacity;
}

void row_reader::parse(piece& part, std::int64_t most) const {
  part.count = 0;
  part.failed_row = nullptr;
  const char* const invalid = find_invalid_utf8(part.first, part.last);
  for (const char* p = part.first; p < part.last && part.count < most;) {
    if (!measuring_ && part.count == part.capacity) grow(part);
    std::byte* const to = part.rows.get() + part.count * row_bytes_;
    if (plain_ && invalid == nullptr) {
      if (const char* const next = read_floats(part, p, to)) {
        p = next;
        ++part.count;
        continue;
      }
    }
    const char* const next = part.splitter.split(p, part.last);
    bool done = invalid == nullptr || next <= invalid;
    if (!done) part.failure = ": byte " + std::to_string(invalid - p) + " of the row is not UTF-8";
    if (done && part.splitter.size() > 0) {
      if (!homogeneous_ && !measuring_)
        std::memset(to, 0, static_cast<std::size_t>(row_bytes_));  // bytes between fields
      if (measuring_) measure_row(part);
      else done = read_row(part, to);
      part.count += done;
    }
    if (!done) {
      part.failed_row = p;
      return;
    }
    p = next;
  }
}

void row_reader::reserve(std::int64_t rows, std::int64_t bytes) {
  if (rows_ + rows <= capacity_) return;
  // As many rows in each byte as so far; a text that is otherwise makes another copy.
  const double each = static_cast<double>(rows_ + rows) / static_cast<double>(at_ + bytes - begin_);
  const auto guess = static_cast<std::int64_t>(each * 1.02 * static_cast<double>(in_.size() - begin_)) + 64;
  capacity_ = std::min(std::max(guess, rows_ + rows), most_);
  const array larger =
      access::make({std::max<std::int64_t>(capacity_ * row_bytes_, 1)}, uint8, order::C, tessera::cpu(), in_.where());
  if (rows_ > 0) std::memcpy(access::data(larger), access::data(bytes_), static_cast<std::size_t>(rows_ * row_bytes_));
  bytes_ = larger;
}

void row_reader::gather(std::int64_t bytes) {
  std::int64_t rows = 0;
  std::vector<std::int64_t> begins;
  const piece* failed = nullptr;
  for (std::size_t k = 0; k < used_ && failed == nullptr; ++k) {
    piece& part = *pieces_[k];
    begins.push_back(rows_ + rows);
    part.count = std::min(part.count, most_ - rows_ - rows);
    rows += part.count;
    if (part.failed_row && rows_ + rows < most_) failed = &part;
  }
  if (failed) {
    const std::int64_t offset = at_ + (failed->failed_row - pieces_[0]->first);
    const std::string failure = failed->failure;  // the block goes when lines are counted
    in_.refuse("line " + std::to_string(in_.line_of(offset)) + " (row " + std::to_string(rows_ + rows + 1) + ")" +
               failure);
  }
  if (rows > 0) reserve(rows, bytes);
  std::byte* const to = access::data(bytes_);
  cpu::parallel_for(
      static_cast<std::int64_t>(begins.size()), piece_bytes / 16, [&](std::int64_t first, std::int64_t last, int) {
        for (std::int64_t k = first; k < last; ++k) {
          const piece& part = *pieces_[static_cast<std::size_t>(k)];
          const std::int64_t begin = begins[static_cast<std::size_t>(k)];
          if (part.count > 0)
            std::memcpy(to + begin * row_bytes_, part.rows.get(), static_cast<std::size_t>(part.count * row_bytes_));
        }
      });
  rows_ += rows;
}

void row_reader::tell() const {
  if (!request_.progress) return;
  const std::int64_t of = (in_.size() + block_ - 1) / block_;
  const std::int64_t done = at_ >= in_.size() || rows_ >= most_ ? of : at_ / block_;
  if (request_.progress(done, of)) return;
  throw cancelled(
      std::string(in_.name()) + ": cancelled after " + std::to_string(done) + " of " + std::to_string(of) + " blocks",
      in_.where());
}

template <class Each> void row_reader::for_blocks(const Each& each) {
  at_ = begin_;
  while (at_ < in_.size() && rows_ < most_) {
    const std::int64_t bytes = cut_block();
    cpu::parallel_for(static_cast<std::int64_t>(used_), piece_bytes, [&](std::int64_t first, std::int64_t last, int) {
      for (std::int64_t k = first; k < last; ++k) parse(*pieces_[static_cast<std::size_t>(k)], most_ - rows_);
    });
    each(bytes);
    at_ += bytes;
  }
}

std::int64_t row_reader::measure() {
  std::int64_t width = 0;
  measuring_ = true;
  for_blocks([&](std::int64_t) {
    for (std::size_t k = 0; k < used_; ++k) {
      width = std::max(width, pieces_[k]->width);
      rows_ += std::min(pieces_[k]->count, most_ - rows_);
    }
  });
  return width;
}

array row_reader::read() {
  tell();
  for_blocks([&](std::int64_t bytes) {
    gather(bytes);
    const std::int64_t begin = at_;
    at_ += bytes;
    tell();
    at_ = begin;
  });
  const shape extents = homogeneous_ ? shape{rows_, fields_} : shape{rows_};
  const dtype type = request_.type;
  if (rows_ == 0) return access::make(extents, type, order::C, tessera::cpu(), in_.where());
  if (capacity_ - rows_ > rows_ / 8) {  // the guess was bad: not more than is needed stays
    const array fit = access::make({rows_ * row_bytes_}, uint8, order::C, tessera::cpu(), in_.where());
    std::memcpy(access::data(fit), access::data(bytes_), static_cast<std::size_t>(rows_ * row_bytes_));
    bytes_ = fit;
  }
  const shape strides = homogeneous_ ? shape{row_bytes_, type.itemsize()} : shape{row_bytes_};
  return access::retyped(std::move(bytes_), type, extents, strides);
}

}  // namespace

text_input::text_input(const char* name, const std::string& path, caller where) : name_(name), where_(where) {
  on_.emplace(name, path, where);
  file_.emplace(O_RDONLY, *on_);
  size_ = file_->nbytes();
}

std::string_view text_input::view(std::int64_t begin, std::int64_t count) {
  count = std::min(count, size_ - begin);
  if (!file_) return text_.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(count));
  if (count > capacity_) {
    block_.reset(new char[static_cast<std::size_t>(count)]);
    capacity_ = count;
  }
  read_exactly(file_->descriptor(), block_.get(), static_cast<std::size_t>(count), begin, *on_);
  return {block_.get(), static_cast<std::size_t>(count)};
}

std::int64_t text_input::begin() {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  return view(0, 3) == mark ? 3 : 0;
}

std::int64_t text_input::line_of(std::int64_t offset) {
  std::int64_t lines = 1;
  constexpr std::int64_t block = std::int64_t{1} << 20;
  bool after_return = false;
  for (std::int64_t at = 0; at < offset; at += block) {
    for (const char c : view(at, std::min(block, offset - at))) {
      lines += c == '\r' || (c == '\n' && !after_return);
      after_return = c == '\r';
    }
  }
  return lines;
}

void text_input::refuse(const std::string& what) const {
  if (on_) on_->refuse(what);
  throw value_error(std::string(name_) + ": " + what, where_);
}

array read_rows(text_input& in, const text_request& request) {
  if (!is_text(request.type) || request.type.itemsize() > 0) return row_reader(in, request).read();
  text_request sized = request;
  sized.type = with_width(request.type, row_reader(in, request).measure());
  return row_reader(in, sized).read();
}

std::string quoted_field(std::string_view text) {
  constexpr std::size_t longest = 100;
  std::size_t length = std::min(text.size(), longest);
  while (length < text.size() && length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) --length;
  return "'" + printable(text.substr(0, length)) + (length < text.size() ? "…'" : "'");
}

}  // namespace tessera::detail
