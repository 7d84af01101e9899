#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace posthouse::accountd {

/// What an administrative change was, for the audit: a JSON object. No secret goes in here.
class Details {
 public:
  void note(std::string_view name, std::string_view text);
  void note(std::string_view name, const char* text) { note(name, std::string_view(text)); }
  void note(std::string_view name, std::int64_t number);
  void note(std::string_view name, bool value);
  void note(std::string_view name, const std::vector<std::string>& texts);

  /// {"from": …, "to": …}, if they differ.
  template <class T>
  void noteChange(std::string_view name, const T& from, const T& to) {
    if (from == to) return;
    Details change;
    change.note("from", from);
    change.note("to", to);
    values_.insert_or_assign(std::string(name), change.json());
  }

  std::string json() const;

 private:
  std::map<std::string, std::string> values_;  // as JSON
};

}  // namespace posthouse::accountd
