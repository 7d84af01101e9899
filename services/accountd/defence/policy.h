#pragma once
#include <chrono>
#include <cstddef>

#include "defence/rules.h"

namespace posthouse::accountd {

/// What is known when somebody wants to log in. Failures are wrong logins of late, the old ones less.
struct Standing {
  double network = 0;            // failures from this network, whoever they were to be
  double neighbourhood = 0;      // from the larger network around it
  double account = 0;            // of this name, from anywhere
  double pair = 0;               // of this name from this network
  bool isKnownHere = false;      // the account logged in from this network lately
  bool isKnownNearby = false;    // or from the larger one
  std::size_t accountsHere = 0;  // how many accounts logged in from this network lately
  bool isNameless = false;       // who they want to be is not known: `pair` is all of the network that say no name
  bool isHidden = false;         // all clients seem to be at this address: it says nothing of who they are
};

enum class Cause { none, network, neighbourhood, account, pair };

struct Delay {
  std::chrono::milliseconds wait{0};
  Cause cause = Cause::none;
};

/// How long a login has to wait. What comes from where an account is at home waits only for failures of this very
/// account there: a stranger can neither lock it out nor slow it.
Delay delayFor(const Standing& standing, const DefenceRules& rules);

struct DueBans {
  bool network = false;  // but for the accounts that are known there
  bool neighbourhood = false;
  bool pair = false;
};

/// What is to be banned after another failure. An account alone never is.
DueBans bansFor(const Standing& standing, const DefenceRules& rules);

/// Of the ban that is the `times`th in a row.
std::chrono::milliseconds banTime(int times, const DefenceRules& rules);

}  // namespace posthouse::accountd
