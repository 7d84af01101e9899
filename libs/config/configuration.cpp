#include "config/configuration.h"

#include <fmt/core.h>

#include <fstream>
#include <iterator>

#include "base/ascii.h"
#include "base/cursor.h"

namespace posthouse::config {

namespace {

constexpr std::string_view kSections[] = {
    "accountd",      "auth", "common",  "database",     "dns",   "events", "filterd", "grpc", "imapd", "limits",
    "lmtp-delivery", "log",  "mailctl", "managesieved", "pop3d", "relayd", "smtpd",   "tls",  "webd"};
constexpr std::string_view kPrefix = "POSTHOUSE__";

bool isSection(std::string_view name) {
  return std::find(std::begin(kSections), std::end(kSections), name) != std::end(kSections);
}

/// LMTP_DELIVERY is lmtp-delivery: hyphens are written as underscores in the environment.
std::string sectionOf(std::string_view upper) {
  std::string name = ascii::toLower(upper);
  for (const std::string_view known : kSections) {
    std::string underscored(known);
    std::replace(underscored.begin(), underscored.end(), '-', '_');
    if (underscored == name) return std::string(known);
  }
  return name;
}

}  // namespace

Configuration Configuration::load(const std::string& path, const char* const* environment, const Overrides& overrides) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw InvalidConfiguration(
        fmt::format("{}: error: cannot read the configuration; name it with --config FILE", path));
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return parse(text, path, environment, overrides);
}

Configuration Configuration::parse(const std::string& text, const std::string& name, const char* const* environment,
                                   const Overrides& overrides) {
  Configuration configuration;
  configuration.name_ = name;
  try {
    configuration.root_ = parseToml(text, name);
  } catch (const SyntaxError& error) {
    throw InvalidConfiguration(error.what());
  }
  for (const auto& [key, value] : configuration.root_.values) {
    if (!isSection(key) || !std::holds_alternative<Table>(value.content))
      configuration.errors_.add(value.place, key, "unknown section");
  }
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const std::string_view entry(*environment);
    if (!entry.starts_with(kPrefix)) continue;
    const std::size_t equals = entry.find('=');
    const std::string_view variable = entry.substr(0, equals);
    const std::string_view path = variable.substr(kPrefix.size());
    const std::size_t split = path.find("__");
    const std::string place = fmt::format("{} in the environment", variable);
    if (split == std::string_view::npos || equals == std::string_view::npos) {
      configuration.errors_.add(place, std::string(variable), "not of the form POSTHOUSE__SECTION__KEY");
      continue;
    }
    configuration.set(sectionOf(path.substr(0, split)), ascii::toLower(path.substr(split + 2)),
                      parseOverride(std::string(entry.substr(equals + 1)), place), place);
  }
  for (const auto& [path, value] : overrides) {
    const std::string place = "-o " + path;
    const std::size_t dot = path.find('.');
    if (dot == std::string::npos) {
      configuration.errors_.add(place, path, "not of the form section.key=value");
      continue;
    }
    configuration.set(path.substr(0, dot), path.substr(dot + 1), parseOverride(value, place), place);
  }
  return configuration;
}

void Configuration::set(const std::string& section, const std::string& key, Value value, const std::string& place) {
  if (!isSection(section)) {
    errors_.add(place, section, "unknown section");
    return;
  }
  Value& table = root_.values.try_emplace(section, Value{Table{}, place, ""}).first->second;
  if (auto* values = std::get_if<Table>(&table.content)) values->values.insert_or_assign(key, std::move(value));
}

Section Configuration::section(std::string_view name) {
  const auto found = root_.values.find(std::string(name));
  const Table* table = found == root_.values.end() ? nullptr : std::get_if<Table>(&found->second.content);
  return Section(std::string(name), table != nullptr ? found->second.place : name_, table, errors_);
}

std::vector<std::string> Configuration::differences(const Configuration& other) const {
  std::vector<std::string> keys;
  const auto collect = [&keys](const Table& ours, const Table& theirs, bool common) {
    for (const auto& [section, value] : ours.values) {
      const auto* table = std::get_if<Table>(&value.content);
      const auto found = theirs.values.find(section);
      const auto* counterpart = found == theirs.values.end() ? nullptr : std::get_if<Table>(&found->second.content);
      if (table == nullptr) continue;
      for (const auto& [key, setting] : table->values) {
        const Value* there = nullptr;
        if (counterpart != nullptr && counterpart->values.contains(key)) there = &counterpart->values.at(key);
        if (there == nullptr || (common && !(*there == setting))) keys.push_back(section + "." + key);
      }
    }
  };
  collect(root_, other.root_, true);
  collect(other.root_, root_, false);
  std::sort(keys.begin(), keys.end());
  return keys;
}

void Configuration::check() const {
  if (errors_.empty()) return;
  std::string all;
  for (const std::string& line : errors_.lines()) all += (all.empty() ? "" : "\n") + line;
  throw InvalidConfiguration(all);
}

}  // namespace posthouse::config
