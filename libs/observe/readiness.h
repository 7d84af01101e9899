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
  /// `tell` hears of every answer, so that who says the same elsewhere (gRPC's health service) never lags behind it.
  void onAnswer(std::function<void(bool isReady)> tell) { tell_ = std::move(tell); }
  /// "database: no answer for 12 s" and so on; empty when ready.
  std::vector<std::string> reasons() const;

 private:
  std::vector<std::pair<std::string, Check>> checks_;
  std::function<void(bool)> tell_ = [](bool) {};
};

}  // namespace posthouse::observe
