#define TOML_HEADER_ONLY 1
#include <fmt/core.h>
#include <toml++/toml.h>

#include "base/cursor.h"
#include "config/value.h"

namespace posthouse::config {

namespace {

std::string placeOf(const toml::node& node, const std::string& name) {
  return fmt::format("{}:{}:{}", name, node.source().begin.line, node.source().begin.column);
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
  try {
    return convert(toml::parse(text, name), name);
  } catch (const toml::parse_error& error) {
    throw SyntaxError(fmt::format("{}:{}:{}: error: {}", name, error.source().begin.line, error.source().begin.column,
                                  std::string(error.description())));
  }
}

Value parseOverride(const std::string& text, const std::string& place) {
  Value value{text, place, text};
  try {
    const toml::table table = toml::parse("value = " + text);
    if (table.size() == 1) value.content = convert(*table.get("value"), place).content;
  } catch (const toml::parse_error&) {  // not TOML: the text itself
  }
  return value;
}

}  // namespace posthouse::config
