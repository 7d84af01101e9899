#include "site/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

namespace posthouse::accountd {
namespace {

using Perform = decltype(Step::perform);

/// A method of Administration with what it is asked.
template <class T, class... Wanted>
Perform call(Task<Answer<T>> (Administration::*wish)(Wanted...), std::type_identity_t<Wanted>... wanted) {
  return [=](Administration& administration) -> Task<std::optional<Refusal>> {
    auto values = std::make_tuple(wanted...);  // stay for as long as the coroutine
    const Answer<T> answer =
        co_await std::apply([&](const auto&... each) { return (administration.*wish)(each...); }, values);
    if (answer) co_return std::nullopt;
    co_return answer.error();
  };
}

std::vector<std::string> listOf(const Names& names) {
  return {names.begin(), names.end()};
}

Names without(const Names& names, const Names& others) {
  Names rest;
  std::ranges::set_difference(names, others, std::inserter(rest, rest.end()));
  return rest;
}

template <class T>
std::string turn(std::string_view name, const T& from, const T& to) {
  return fmt::format("{} {} -> {}", name, from, to);
}

std::string quoted(const std::string& text) {
  return '"' + text + '"';
}

/// What of the wish is not so already, and in words.
struct Difference {
  DomainChange change;
  std::vector<std::string> words;
};

template <class T>
void compare(Difference& difference, std::string_view name, std::optional<T> DomainChange::* field,
             const DomainChange& actual, const DomainChange& wanted) {
  if (!(wanted.*field)) return;
  const T from = (actual.*field).value_or(T{});
  const T to = *(wanted.*field);
  if (from == to) return;
  difference.change.*field = to;
  if constexpr (std::is_same_v<T, std::string>) {
    difference.words.push_back(turn(name, quoted(from), quoted(to)));
  } else {
    difference.words.push_back(turn(name, from, to));
  }
}

class Planner {
 public:
  Planner(const Site& actual, const Site& wanted, const PlanOptions& options)
      : actual_(actual), wanted_(wanted), options_(options) {}

  std::vector<Step> steps() && {
    for (const auto& [name, domain] : wanted_.domains) addDomain(name, domain);
    clearTheWay();
    for (const auto& [address, user] : wanted_.users) addUser(address, user);
    for (const auto kind : {store::AccountKind::shared, store::AccountKind::group})
      for (const auto& [address, group] : wanted_.groups)
        if (group.kind == kind) addGroup(address, group);
    for (const auto& [address, members] : wanted_.aliases) addAlias(address);
    for (const auto& [address, user] : wanted_.users) setRights(address, user);
    for (const auto& [name, domain] : wanted_.domains) setCatchAll(name, domain);
    if (options_.prune) prune();
    return std::move(steps_);
  }

 private:
  void step(std::string action, const std::string& object, std::string what, Perform perform) {
    steps_.push_back(
        {.action = std::move(action), .object = object, .what = std::move(what), .perform = std::move(perform)});
  }

  void addDomain(const std::string& name, const DomainChange& wanted) {
    const auto found = actual_.domains.find(name);
    const bool isNew = found == actual_.domains.end();
    if (isNew) step("domain.add", name, "", call(&Administration::addDomain, name));
    const DomainChange fresh{.separators = store::DomainSettings{}.separators};
    const DomainChange& actual = isNew ? fresh : found->second;
    Difference difference;
    compare(difference, "separators", &DomainChange::separators, actual, wanted);
    compare(difference, "default_quota_bytes", &DomainChange::defaultQuotaBytes, actual, wanted);
    compare(difference, "max_users", &DomainChange::maxUsers, actual, wanted);
    compare(difference, "max_aliases", &DomainChange::maxAliases, actual, wanted);
    compare(difference, "two_factors_required", &DomainChange::twoFactorsRequired, actual, wanted);
    set(name, difference);
  }

  /// A catch-all has to be somebody, so it comes after those.
  void setCatchAll(const std::string& name, const DomainChange& wanted) {
    const auto found = actual_.domains.find(name);
    Difference difference;
    compare(difference, "catch_all", &DomainChange::catchAll,
            found == actual_.domains.end() ? DomainChange{} : found->second, wanted);
    set(name, difference);
  }

  void set(const std::string& name, const Difference& difference) {
    if (difference.words.empty()) return;
    step("domain.set", name, fmt::format("{}", fmt::join(difference.words, ", ")),
         call(&Administration::setDomain, name, difference.change));
  }

  /// An address can be one thing only.
  void clearTheWay() {
    const auto isWantedElse = [this](const std::string& address, bool asUser, const SiteGroup* asGroup, bool asAlias) {
      const auto group = wanted_.groups.find(address);
      const bool isGroup = group != wanted_.groups.end() && (!asGroup || group->second.kind != asGroup->kind);
      return (!asUser && wanted_.users.contains(address)) || isGroup || (!asAlias && wanted_.aliases.contains(address));
    };
    for (const auto& [address, members] : actual_.aliases)
      if (isWantedElse(address, false, nullptr, true)) removeAlias(address, InTheWay::yes);
    for (const auto& [address, group] : actual_.groups)
      if (isWantedElse(address, false, &group, false)) removeGroup(address, group, InTheWay::yes);
    for (const auto& [address, user] : actual_.users)
      if (isWantedElse(address, true, nullptr, false)) removeUser(address, user, InTheWay::yes);
  }

  void addUser(const std::string& address, const SiteUser& wanted) {
    const auto found = actual_.users.find(address);
    if (found == actual_.users.end()) {
      const bool hasSecret = !wanted.password.empty() || !wanted.passwordHash.empty();
      steps_.push_back({.action = "user.add",
                        .object = address,
                        .what = hasSecret ? "" : "without a password",
                        .user = NewUser{.address = address,
                                        .password = wanted.password,
                                        .quotaBytes = wanted.quotaBytes,
                                        .passwordHash = wanted.passwordHash,
                                        .withoutPassword = !hasSecret}});
      if (!wanted.enabled.value_or(true)) setEnabled(address, false);
      return;
    }
    const SiteUser& actual = found->second;
    if (wanted.enabled && *wanted.enabled != actual.enabled.value_or(true)) setEnabled(address, *wanted.enabled);
    setQuota(address, actual.quotaBytes, wanted.quotaBytes);
  }

  void setEnabled(const std::string& address, bool enabled) {
    step(enabled ? "user.enable" : "user.disable", address, "", call(&Administration::setEnabled, address, enabled));
  }

  void setQuota(const std::string& address, const std::optional<std::int64_t>& actual,
                const std::optional<std::int64_t>& wanted) {
    if (!wanted || *wanted == actual.value_or(0)) return;
    step("quota.set", address, turn("quota_bytes", actual.value_or(0), *wanted),
         call(&Administration::setQuota, address, *wanted));
  }

  void addGroup(const std::string& address, const SiteGroup& wanted) {
    const auto found = actual_.groups.find(address);
    if (found == actual_.groups.end() || found->second.kind != wanted.kind) {
      const Names members = wanted.members.value_or(Names{});
      step("group.add", address, fmt::format("members {}", fmt::join(members, ", ")),
           call(&Administration::addGroup, NewGroup{.kind = wanted.kind,
                                                    .address = address,
                                                    .members = listOf(members),
                                                    .membersOnly = wanted.membersOnly.value_or(false),
                                                    .quotaBytes = wanted.quotaBytes}));
      return;
    }
    const SiteGroup& actual = found->second;
    if (wanted.membersOnly && *wanted.membersOnly != actual.membersOnly.value_or(false))
      step("group.set", address, turn("members_only", !*wanted.membersOnly, *wanted.membersOnly),
           call(&Administration::setMembersOnly, address, *wanted.membersOnly));
    if (wanted.kind == store::AccountKind::shared) setQuota(address, actual.quotaBytes, wanted.quotaBytes);
    if (wanted.members)
      exchange(address, "member", actual.members.value_or(Names{}), *wanted.members, &Administration::addMembers,
               &Administration::removeMembers);
  }

  /// Adds first, so that nothing is empty in between.
  template <class Added, class Removed>
  void exchange(const std::string& address, const std::string& noun, const Names& actual, const Names& wanted,
                Task<Answer<Added>> (Administration::*add)(std::string, std::vector<std::string>),
                Task<Answer<Removed>> (Administration::*remove)(std::string, std::vector<std::string>)) {
    if (const Names more = without(wanted, actual); !more.empty())
      step(noun + ".add", address, fmt::format("{}", fmt::join(more, ", ")), call(add, address, listOf(more)));
    if (const Names less = without(actual, wanted); !less.empty())
      step(noun + ".remove", address, fmt::format("{}", fmt::join(less, ", ")), call(remove, address, listOf(less)));
  }

  /// After the aliases that it leads to; a circle is for Administration to refuse.
  void addAlias(const std::string& address) {
    if (!visited_.insert(address).second) return;
    const Names& members = wanted_.aliases.at(address);
    for (const std::string& member : members)
      if (wanted_.aliases.contains(member)) addAlias(member);
    const auto found = actual_.aliases.find(address);
    exchange(address, "alias", found == actual_.aliases.end() ? Names{} : found->second, members,
             &Administration::addAlias, &Administration::removeAlias);
  }

  void setRights(const std::string& address, const SiteUser& wanted) {
    const auto found = actual_.users.find(address);
    const SiteUser actual = found == actual_.users.end() ? SiteUser{} : found->second;
    if (wanted.sendAs)
      exchange(address, "send-as", actual.sendAs.value_or(Names{}), *wanted.sendAs, &Administration::addSendAs,
               &Administration::removeSendAs);
    if (!wanted.administers) return;
    const Names theirs = actual.administers.value_or(Names{});
    const auto nameOf = [](const std::string& domain) { return domain.empty() ? "everything" : domain; };
    for (const std::string& domain : without(*wanted.administers, theirs))
      step("admin.add", address, nameOf(domain), call(&Administration::addAdministrator, address, domain));
    for (const std::string& domain : without(theirs, *wanted.administers))
      step("admin.remove", address, nameOf(domain), call(&Administration::removeAdministrator, address, domain));
  }

  void prune() {
    for (const auto& [address, members] : actual_.aliases)
      if (!isWanted(address)) removeAlias(address, InTheWay::no);
    for (const auto& [address, group] : actual_.groups)
      if (!isWanted(address)) removeGroup(address, group, InTheWay::no);
    for (const auto& [address, user] : actual_.users)
      if (!isWanted(address) && !user.isExternal) removeUser(address, user, InTheWay::no);
    for (const std::string& name : actual_.domains | std::views::keys)
      if (!wanted_.domains.contains(name)) step("domain.remove", name, "", call(&Administration::removeDomain, name));
  }

  bool isWanted(const std::string& address) const {
    return wanted_.users.contains(address) || wanted_.groups.contains(address) || wanted_.aliases.contains(address);
  }

  enum class InTheWay { no, yes };  // of something else by the same name

  void removeAlias(const std::string& address, InTheWay inTheWay) {
    remove("alias.remove", address, 0, inTheWay,
           call(&Administration::removeAlias, address, std::vector<std::string>{}));
  }
  void removeGroup(const std::string& address, const SiteGroup& group, InTheWay inTheWay) {
    remove("group.remove", address, group.messages, inTheWay, call(&Administration::removeGroup, address));
  }
  void removeUser(const std::string& address, const SiteUser& user, InTheWay inTheWay) {
    remove("user.remove", address, user.messages, inTheWay, call(&Administration::removeUser, address));
  }

  void remove(std::string action, const std::string& address, std::int64_t messages, InTheWay inTheWay,
              Perform perform) {
    step(std::move(action), address, messages == 0 ? "" : fmt::format("with {} messages", messages),
         std::move(perform));
    if (inTheWay == InTheWay::yes && !options_.prune)
      steps_.back().refusal =
          Refusal{Refusal::Kind::exists, address + " is something else now; --prune removes it first"};
    if (messages > 0 && !options_.deleteMail)
      steps_.back().refusal =
          Refusal{Refusal::Kind::inUse,
                  fmt::format("{} holds {} messages; --delete-mail removes them, too", address, messages)};
  }

  const Site& actual_;
  const Site& wanted_;
  const PlanOptions options_;
  std::vector<Step> steps_;
  Names visited_;
};

}  // namespace

std::vector<Step> plan(const Site& actual, const Site& wanted, const PlanOptions& options) {
  return Planner(actual, wanted, options).steps();
}

}  // namespace posthouse::accountd
