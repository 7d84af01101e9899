// Values that the environment and the command line give: each is what it reads as in TOML, written as TOML it reads as
// the same, and a key that wants text is given the text. No name is passed over in silence.
#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>

#include "base/utf8.h"
#include "config/configuration.h"
#include "config/value.h"

using namespace posthouse;
using namespace posthouse::config;

namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet == 0x7F) {
      out += fmt::format("\\u{:04X}", octet);
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + '"';
}

std::string written(const Value& value);

struct Writer {
  std::string operator()(const std::string& text) const { return quoted(text); }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
  std::string operator()(double number) const {
    const std::string digits = fmt::format("{}", number);
    return digits.find_first_of(".en") == digits.npos ? digits + ".0" : digits;
  }
  std::string operator()(const Array& array) const {
    std::string out = "[";
    for (const Value& element : array) out += (out.size() > 1 ? "," : "") + written(element);
    return out + ']';
  }
  std::string operator()(const Table& table) const {
    std::string out = "{";
    for (const auto& [key, value] : table.values)
      out += (out.size() > 1 ? "," : "") + quoted(key) + '=' + written(value);
    return out + '}';
  }
};

std::string written(const Value& value) {
  return std::visit(Writer{}, value.content);
}

void values(const std::string& text) {
  const Value value = parseOverride(text, "-o log.level");
  if (value.raw != text || value.place != "-o log.level") std::abort();
  const std::string again = written(value);
  if (again.contains("nan")) return;  // it equals nothing
  if (!utf8::isValid(again)) return;  // nor is it TOML: the text as it is
  if (!(parseOverride(again, "") == value)) std::abort();
}

/// A variable of the environment and an option, each either an error or a key that is set and shown on a line.
void names(const std::string& text) {
  const std::string variable = "POSTHOUSE__" + text.substr(0, text.find('\0'));
  const char* const environment[] = {"HOME=/", variable.c_str(), nullptr};
  const std::size_t equals = std::min(text.find('='), text.size());
  const Configuration::Overrides overrides{{text.substr(0, equals), text.substr(std::min(text.size(), equals + 1))}};
  const Configuration nothing = Configuration::parse("", "file.toml", nullptr, {});
  for (const Configuration& given : {Configuration::parse("", "file.toml", environment, {}),
                                     Configuration::parse("", "file.toml", nullptr, overrides)}) {
    const std::size_t set = given.differences(nothing).size();
    bool refused = false;
    try {
      given.check();
    } catch (const InvalidConfiguration&) {
      refused = true;
    }
    if (set + (refused ? 1 : 0) != 1) std::abort();
  }
}

void texts(const std::string& text) {
  const std::string value = text.substr(0, text.find('\0'));
  const std::string variable = "POSTHOUSE__SMTPD__HOSTNAME=" + value;
  const char* const environment[] = {variable.c_str(), nullptr};
  Configuration configuration = Configuration::parse("", "file.toml", environment, {});
  if (configuration.section("smtpd").text("hostname") != value || !configuration.errors().empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  values(text);
  names(text);
  texts(text);
  return 0;
}
