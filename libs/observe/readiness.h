#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace posthouse::observe {

/// Whether the program can do its work: the answer of /readyz. Used on the loop's thread.
class Readiness {
 public:
  /// Says why not, or nothing. Must answer at once: it looks at what is known, it does not go and ask.
  using Check = std::function<std::optional<std::string>()>;

  void add(std::string name, Check check) { checks_.emplace_back(std::move(name), std::move(check)); }
  /// "database: no answer for 12 s" and so on; empty when ready.
  std::vector<std::string> reasons() const;

 private:
  std::vector<std::pair<std::string, Check>> checks_;
};

}  // namespace posthouse::observe
