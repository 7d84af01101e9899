#include "arguments.h"

#include <charconv>

namespace posthouse::bench {

Arguments::Arguments(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (!words[i].starts_with("--")) throw Failure("expected --key value, not " + words[i]);
    if (i + 1 == words.size()) throw Failure(words[i] + " wants a value");
    given_.emplace(words[i].substr(2), words[i + 1]);
  }
}

std::string Arguments::text(const std::string& key, const std::string& otherwise) {
  read_.insert(key);
  const auto found = given_.find(key);
  return found == given_.end() ? otherwise : found->second;
}

std::string Arguments::text(const std::string& key) {
  const std::string value = text(key, "");
  if (value.empty()) throw Failure("--" + key + " is missing");
  return value;
}

std::size_t Arguments::number(const std::string& key, std::size_t otherwise) {
  const std::string value = text(key, std::to_string(otherwise));
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size()) throw Failure("--" + key + " wants a number");
  return number;
}

std::size_t Arguments::positive(const std::string& key, std::size_t otherwise) {
  const std::size_t value = number(key, otherwise);
  if (value == 0) throw Failure("--" + key + " wants a number above 0");
  return value;
}

std::vector<std::string> Arguments::all(const std::string& key) {
  read_.insert(key);
  std::vector<std::string> values;
  for (auto [each, end] = given_.equal_range(key); each != end; ++each) values.push_back(each->second);
  return values;
}

void Arguments::rejectUnread() const {
  for (const auto& [key, value] : given_) {
    if (!read_.contains(key)) throw Failure("no such option for this verb: --" + key);
  }
}

}  // namespace posthouse::bench
