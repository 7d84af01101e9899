#include "config/section.h"

#include <fmt/core.h>

#include <fstream>
#include <iterator>

#include "config/units.h"

namespace posthouse::config {

namespace {

/// Levenshtein's distance: how many letters one must change, add or drop.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

void Errors::add(const std::string& place, const std::string& key, const std::string& message) {
  lines_.push_back(fmt::format("{}: error: {}: {}", place, key, message));
}

Section::Section(std::string path, std::string place, const Table* table, Errors& errors)
    : path_(std::move(path)), place_(std::move(place)), table_(table), errors_(&errors) {}

bool Section::has(std::string_view key) const {
  return table_ != nullptr && table_->values.contains(std::string(key));
}

bool Section::isInteger(std::string_view key) const {
  return has(key) && std::holds_alternative<std::int64_t>(table_->values.at(std::string(key)).content);
}

const Value* Section::find(std::string_view key) {
  asked_.emplace(key);
  if (table_ == nullptr) return nullptr;
  const auto found = table_->values.find(std::string(key));
  return found == table_->values.end() ? nullptr : &found->second;
}

template <class T>
const T* Section::get(std::string_view key, const char* expected) {
  const Value* value = find(key);
  if (value == nullptr) return nullptr;
  if (const T* content = std::get_if<T>(&value->content)) return content;
  errors_->add(value->place, full(key), fmt::format("expected {}", expected));
  return nullptr;
}

void Section::fail(std::string_view key, const std::string& message) {
  const Value* value = find(key);
  errors_->add(value != nullptr ? value->place : place_, full(key), message);
}

std::optional<std::string> Section::optionalText(std::string_view key) {
  const Value* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->raw.empty()) return value->raw;
  const std::string* text = get<std::string>(key, "text in quotes");
  return text != nullptr ? std::optional(*text) : std::nullopt;
}

std::string Section::text(std::string_view key) {
  if (find(key) == nullptr) errors_->add(place_, full(key), "is required");
  return optionalText(key).value_or("");
}

std::string Section::text(std::string_view key, std::string_view otherwise) {
  return optionalText(key).value_or(std::string(otherwise));
}

std::string Section::secret(std::string_view key, std::string_view otherwise) {
  const std::string fileKey = std::string(key) + "_file";
  const auto direct = optionalText(key);
  const auto file = optionalText(fileKey);
  if (!file) return direct.value_or(std::string(otherwise));
  if (direct) fail(fileKey, fmt::format("give {} or {}, not both", key, fileKey));
  std::ifstream stream(*file, std::ios::binary);
  if (!stream) {
    fail(fileKey, fmt::format("cannot read {}", *file));
    return std::string(otherwise);
  }
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

std::string Section::choice(std::string_view key, const std::vector<std::string_view>& among,
                            std::string_view otherwise) {
  std::string chosen = text(key, otherwise);
  if (std::find(among.begin(), among.end(), chosen) != among.end()) return chosen;
  std::string all;
  for (const std::string_view each : among) all += (all.empty() ? "" : ", ") + std::string(each);
  fail(key, fmt::format("\"{}\" is none of: {}", chosen, all));
  return std::string(otherwise);
}

std::int64_t Section::integer(std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
  const std::int64_t* value = get<std::int64_t>(key, "an integer");
  if (value == nullptr) return otherwise;
  if (*value < least || *value > most) {
    fail(key, fmt::format("{} is not between {} and {}", *value, least, most));
    return otherwise;
  }
  return *value;
}

double Section::number(std::string_view key, double otherwise) {
  const Value* value = find(key);
  if (value == nullptr) return otherwise;
  if (const auto* whole = std::get_if<std::int64_t>(&value->content)) return static_cast<double>(*whole);
  const double* real = get<double>(key, "a number");
  return real != nullptr ? *real : otherwise;
}

bool Section::flag(std::string_view key, bool otherwise) {
  const bool* value = get<bool>(key, "true or false");
  return value != nullptr ? *value : otherwise;
}

std::uint64_t Section::bytes(std::string_view key, std::uint64_t otherwise) {
  if (find(key) == nullptr) return otherwise;
  const auto text = optionalText(key);
  if (!text) return otherwise;
  if (const auto octets = parseBytes(*text)) return *octets;
  fail(key, fmt::format("\"{}\" is not a size; write it with its unit, as \"25MiB\"", *text));
  return otherwise;
}

std::chrono::milliseconds Section::duration(std::string_view key, std::chrono::milliseconds otherwise) {
  const auto text = optionalText(key);
  if (!text) return otherwise;
  if (const auto duration = parseDuration(*text)) return *duration;
  fail(key, fmt::format("\"{}\" is not a duration; write it with its unit, as \"30s\" or \"5m\"", *text));
  return otherwise;
}

std::vector<std::string> Section::list(std::string_view key, std::vector<std::string> otherwise) {
  const Value* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->raw.empty() && !std::holds_alternative<Array>(value->content)) {
    // An override may give the elements with commas between them.
    std::vector<std::string> elements;
    for (std::string_view rest = value->raw; !rest.empty();) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      elements.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return elements;
  }
  const Array* array = get<Array>(key, "a list");
  if (array == nullptr) return otherwise;
  std::vector<std::string> elements;
  for (const Value& element : *array) {
    if (const auto* text = std::get_if<std::string>(&element.content)) {
      elements.push_back(*text);
    } else {
      errors_->add(element.place, full(key), "expected text in quotes");
    }
  }
  return elements;
}

std::vector<std::chrono::milliseconds> Section::durations(std::string_view key,
                                                          std::vector<std::chrono::milliseconds> otherwise) {
  if (find(key) == nullptr) return otherwise;
  std::vector<std::chrono::milliseconds> parsed;
  for (const std::string& text : list(key)) {
    if (const auto duration = parseDuration(text)) {
      parsed.push_back(*duration);
    } else {
      fail(key, fmt::format("\"{}\" is not a duration; write it with its unit, as \"30s\" or \"5m\"", text));
    }
  }
  return parsed;
}

std::vector<Section> Section::tables(std::string_view key) {
  std::vector<Section> sections;
  const Array* array = get<Array>(key, "tables ([[...]])");
  if (array == nullptr) return sections;
  for (const Value& element : *array) {
    if (const auto* table = std::get_if<Table>(&element.content)) {
      sections.emplace_back(full(key), element.place, table, *errors_);
    } else {
      errors_->add(element.place, full(key), "expected a table");
    }
  }
  return sections;
}

void Section::rejectUnread() {
  if (table_ == nullptr) return;
  for (const auto& [key, value] : table_->values) {
    if (asked_.contains(key)) continue;
    const auto nearest = std::min_element(asked_.begin(), asked_.end(), [&](const auto& a, const auto& b) {
      return distance(key, a) < distance(key, b);
    });
    const bool similar = nearest != asked_.end() && distance(key, *nearest) <= 1 + key.size() / 3;
    errors_->add(value.place, full(key),
                 similar ? fmt::format("unknown key; did you mean {}?", *nearest) : "unknown key");
  }
}

}  // namespace posthouse::config
