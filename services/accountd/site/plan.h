#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "site/site.h"

namespace posthouse::accountd {

/// One change that leads from a site to another.
struct Step {
  std::string action;                          // as in the audit: "user.add"
  std::string object;                          // the address or domain that it is done to
  std::string what{};                          // what becomes different, for people; may be empty
  std::optional<Refusal> refusal{};            // it cannot be done
  std::optional<NewUser> user = std::nullopt;  // who is to be added; else:
  std::function<Task<std::optional<Refusal>>(Administration&)> perform = nullptr;
};

struct PlanOptions {
  bool prune = false;       // what is not wanted is removed
  bool deleteMail = false;  // also where that removes mail
};

/// The steps from what there is to what is wanted, in an order in which each finds what it needs.
std::vector<Step> plan(const Site& actual, const Site& wanted, const PlanOptions& options);

}  // namespace posthouse::accountd
