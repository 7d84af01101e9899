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
#include <optional>

#include "base/cursor.h"
#include "config/value.h"

namespace posthouse::config {

namespace {

std::string placeOf(const toml::node& node, const std::string& name) {
  return fmt::format("{}:{}:{}", name, node.source().begin.line, node.source().begin.column);
}

/// A quote that no string can begin with: toml++ reads on past it, to say what is wrong with the word.
bool beginsInWord(std::string_view text, std::size_t i) {
  return i > 0 && std::string_view(" \t\r\n=,.[{").find(text[i - 1]) == std::string_view::npos;
}

/// Where the first octet beyond ASCII stands that is neither in a string nor in a comment. TOML has no place for one,
/// and toml++ 3 does not say so: it runs on where its code cannot go.
std::optional<std::size_t> misplacedOctet(std::string_view text) {
  std::string_view quote;  // that ends the string we are in
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (!quote.empty()) {
      if (rest.starts_with('\\') && quote.front() == '"') {
        ++i;
      } else if (rest.starts_with(quote)) {
        i += quote.size() - 1;
        quote = {};
      } else if (rest.starts_with('\n') && quote.size() == 1) {
        return std::nullopt;  // the string does not end, which toml++ says
      }
    } else if (rest.starts_with('#')) {
      i = std::min(text.find('\n', i), text.size());
    } else if ((rest.starts_with('"') || rest.starts_with('\'')) && !beginsInWord(text, i)) {
      quote = rest.substr(0, rest.starts_with(R"(""")") || rest.starts_with("'''") ? 3 : 1);
      i += quote.size() - 1;
    } else if (ascii::isEightBit(text[i])) {
      return i;
    }
  }
  return std::nullopt;
}

void expectAscii(std::string_view text, const std::string& name) {
  const auto place = misplacedOctet(text);
  if (!place) return;
  const std::string_view before = text.substr(0, *place);
  const std::size_t lineStart = before.rfind('\n') + 1;
  throw SyntaxError(fmt::format("{}:{}:{}: error: what is not ASCII must be in quotes", name,
                                std::ranges::count(before, '\n') + 1, *place - lineStart + 1));
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

}  // namespace

Table parseToml(const std::string& text, const std::string& name) {
  expectAscii(text.starts_with("\xEF\xBB\xBF") ? std::string_view(text).substr(3) : text, name);
  try {
    return convert(toml::parse(text, name), name);
  } catch (const toml::parse_error& error) {
    throw SyntaxError(fmt::format("{}:{}:{}: error: {}", name, error.source().begin.line, error.source().begin.column,
                                  std::string(error.description())));
  } catch (const BrokenAssumption&) {
    throw SyntaxError(name + ": error: this is not TOML; look for control characters and lone brackets");
  }
}

Value parseOverride(const std::string& text, const std::string& place) {
  Value value{text, place, text};
  if (misplacedOctet(text)) return value;
  try {
    const toml::table table = toml::parse("value = " + text);
    if (table.size() == 1) value.content = convert(*table.get("value"), place).content;
  } catch (const toml::parse_error&) {  // not TOML: the text itself
  } catch (const BrokenAssumption&) {
  }
  return value;
}

}  // namespace posthouse::config
