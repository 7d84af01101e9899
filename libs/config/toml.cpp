#define TOML_HEADER_ONLY 1
namespace {
/// An assumption of toml++ that its input has broken: "[[" before a control character does.
struct BrokenAssumption {};
}  // namespace
// A configuration that is wrong is told so, not ended by abort().
#define TOML_ASSERT(assumption) static_cast<void>((assumption) || (throw BrokenAssumption{}, false))

#include <fmt/core.h>
#include <toml++/toml.h>

#include <algorithm>
#include <ranges>

#include "base/cursor.h"
#include "config/value.h"

namespace posthouse::config {

namespace {

std::string placeOf(const toml::node& node, const std::string& name) {
  return fmt::format("{}:{}:{}", name, node.source().begin.line, node.source().begin.column);
}

/// The text with "?" for each octet beyond ASCII. Where that is not TOML, neither is the text, and toml++ 3 runs on
/// where its code cannot go when it meets such an octet outside of strings and comments: so this is read first.
std::string asAscii(std::string_view text) {
  std::string plain(text);
  std::ranges::replace_if(plain, ascii::isEightBit, '?');
  return plain;
}

Table convert(const toml::table& table, const std::string& name);

Value convert(const toml::node& node, const std::string& name) {
  Value value;
  value.place = placeOf(node, name);
  if (const auto* text = node.as_string()) {
    value.content = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.content = integer->get();
  } else if (const auto* real = node.as_floating_point()) {
    value.content = real->get();
  } else if (const auto* flag = node.as_boolean()) {
    value.content = flag->get();
  } else if (const auto* array = node.as_array()) {
    Array elements;
    for (const toml::node& element : *array) elements.push_back(convert(element, name));
    value.content = std::move(elements);
  } else if (const auto* table = node.as_table()) {
    value.content = convert(*table, name);
  } else {
    throw SyntaxError(value.place + ": error: dates and times have no meaning here");
  }
  return value;
}

Table convert(const toml::table& table, const std::string& name) {
  Table converted;
  for (const auto& [key, node] : table) converted.values.emplace(std::string(key.str()), convert(node, name));
  return converted;
}

/// The line whose octets break the assumption: the reader goes from the first octet to the last, so that the beginnings
/// of the text are taken up to some line, and none from there on.
std::size_t lineOfBrokenAssumption(std::string_view text) {
  const auto breaks = [text](std::size_t lines) {
    std::size_t end = 0;
    for (; lines > 0 && end < text.size(); --lines) end = std::min(text.find('\n', end), text.size() - 1) + 1;
    try {
      static_cast<void>(toml::parse(text.substr(0, end)));
    } catch (const BrokenAssumption&) {
      return true;
    } catch (const toml::parse_error&) {
    }
    return false;
  };
  const auto all = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  return *std::ranges::partition_point(std::views::iota(std::size_t{1}, all),
                                       [&breaks](std::size_t lines) { return !breaks(lines); });
}

}  // namespace

Table parseToml(const std::string& text, const std::string& name) {
  try {
    if (std::ranges::any_of(text, ascii::isEightBit)) {
      const bool isMarked = text.starts_with("\xEF\xBB\xBF");
      static_cast<void>(toml::parse(asAscii(std::string_view(text).substr(isMarked ? 3 : 0)), name));
    }
    return convert(toml::parse(text, name), name);
  } catch (const toml::parse_error& error) {
    throw SyntaxError(fmt::format("{}:{}:{}: error: {}", name, error.source().begin.line, error.source().begin.column,
                                  std::string(error.description())));
  } catch (const BrokenAssumption&) {
    throw SyntaxError(fmt::format("{}:{}:1: error: this is not TOML; look for control characters and lone brackets",
                                  name, lineOfBrokenAssumption(asAscii(text))));
  }
}

Value parseOverride(const std::string& text, const std::string& place) {
  Value value{text, place, text};
  try {
    static_cast<void>(toml::parse("value = " + asAscii(text)));
    const toml::table table = toml::parse("value = " + text);
    if (table.size() == 1) value.content = convert(*table.get("value"), place).content;
  } catch (const toml::parse_error&) {  // not TOML: the text itself
  } catch (const SyntaxError&) {        // a date: meant as a text
  } catch (const BrokenAssumption&) {
  }
  return value;
}

}  // namespace posthouse::config
