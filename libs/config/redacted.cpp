// What may be shown of a configuration. Everything but what a password stands in, or may stand in.
#include <fmt/core.h>

#include <algorithm>

#include "config/configuration.h"

namespace posthouse::config {

namespace {

constexpr std::string_view kSecret = "<secret>";

/// A URL without its password, and without its query, where one may stand as well.
std::string withoutPassword(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(kSecret);
  const std::size_t start = scheme + 3;
  const std::size_t at = url.rfind('@');
  std::string shown(url.substr(0, start));
  if (at != std::string_view::npos && at >= start) {
    const std::string_view user = url.substr(start, at - start);
    shown += std::string(user.substr(0, user.find_first_of(":/?"))) + "@";
    url.remove_prefix(at + 1);
  } else {
    url.remove_prefix(start);
  }
  return shown + std::string(url.substr(0, url.find('?')));
}

std::string shownText(std::string_view key, const std::string& text) {
  const auto has = [key](std::string_view word) { return key.contains(word); };
  if (has("password") || has("secret") || has("token")) return std::string(kSecret);
  return key.ends_with("url") ? withoutPassword(text) : text;
}

void show(std::string& out, const std::string& key, const Value& value);

struct Shown {
  std::string_view key;

  std::string operator()(const std::string& text) const { return fmt::format("\"{}\"", shownText(key, text)); }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(double number) const { return fmt::format("{}", number); }
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
  std::string operator()(const Array& array) const {
    std::string elements;
    for (const Value& element : array) elements += (elements.empty() ? "" : ", ") + std::visit(*this, element.content);
    return "[" + elements + "]";
  }
  std::string operator()(const Table&) const { return "{}"; }
};

void show(std::string& out, const std::string& key, const Table& table) {
  for (const auto& [name, value] : table.values) show(out, key + "." + name, value);
}

void show(std::string& out, const std::string& key, const Value& value) {
  if (const auto* table = std::get_if<Table>(&value.content)) return show(out, key, *table);
  const auto* array = std::get_if<Array>(&value.content);
  const auto isTable = [](const Value& element) { return std::holds_alternative<Table>(element.content); };
  if (array != nullptr && std::ranges::any_of(*array, isTable)) {
    for (std::size_t i = 0; i < array->size(); ++i) show(out, fmt::format("{}[{}]", key, i), (*array)[i]);
    return;
  }
  const std::string_view name = std::string_view(key).substr(key.rfind('.') + 1);
  const bool isFile = name.ends_with("_file");  // which names where a secret is
  out += fmt::format("{} = {}  # {}\n", key, std::visit(Shown{isFile ? "" : name}, value.content), value.place);
}

}  // namespace

std::string Configuration::redacted() const {
  std::string out;
  for (const auto& [name, section] : root_.values) show(out, name, section);
  return out;
}

}  // namespace posthouse::config
