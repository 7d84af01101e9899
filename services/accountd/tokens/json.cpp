#include "tokens/json.h"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/cursor.h"

namespace posthouse::accountd {
namespace {

using nlohmann::json;

constexpr int kDeepest = 16;

/// Watches the parser: the names of each object that is open.
class Watch {
 public:
  bool operator()(int depth, json::parse_event_t event, json& parsed) {
    switch (event) {
      case json::parse_event_t::object_start:
      case json::parse_event_t::array_start:
        if (depth >= kDeepest) throw SyntaxError("JSON nests too deeply");
        if (event == json::parse_event_t::object_start) names_.emplace_back();
        break;
      case json::parse_event_t::object_end:
        names_.pop_back();
        break;
      case json::parse_event_t::key:
        if (!names_.back().insert(parsed.get<std::string>()).second) throw SyntaxError("a member of JSON comes twice");
        break;
      default:
        break;
    }
    return true;
  }

 private:
  std::vector<std::set<std::string>> names_;
};

}  // namespace

json parseJsonObject(std::string_view text) try {
  Watch watch;
  json parsed = json::parse(
      text, [&watch](int depth, json::parse_event_t event, json& value) { return watch(depth, event, value); });
  if (!parsed.is_object()) throw SyntaxError("not an object of JSON");
  return parsed;
} catch (const json::exception&) {
  throw SyntaxError("not JSON");
}

}  // namespace posthouse::accountd
