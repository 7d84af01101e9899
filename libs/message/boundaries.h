#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace posthouse::message {

/// The boundaries of the multiparts that are open, outermost first, each with its "--" in front.
class Boundaries {
 public:
  void push(std::string boundary);
  /// Closes all but the outermost `count`.
  void resize(std::size_t count);
  std::size_t size() const noexcept { return open_.size(); }
  const std::string& operator[](std::size_t i) const noexcept { return open_[i]; }

  /// Which of them the text begins with: the longest, of equals the innermost. Costs about the same however many are
  /// open, so that lines that nearly are boundaries cost no more than others.
  std::optional<std::size_t> longestPrefixOf(std::string_view text);

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  struct Entry {
    std::string_view text;
    std::size_t index;  // in open_
    std::size_t inner;  // the entry that is the longest proper prefix of this one, or kNone
  };
  void sort();

  std::vector<std::string> open_;
  std::vector<Entry> sorted_;  // by text; of equals only the innermost; empty when it is to be made anew
};

}  // namespace posthouse::message
