#include "ldap/person.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/ascii.h"
#include "base/cursor.h"

namespace posthouse::accountd::ldap {
namespace {

constexpr int kMostMembers = 1'000;  // of an alias or a group

/// What directories keep of when an entry, or its password, was changed: OpenLDAP and its kin, then Active Directory.
constexpr const char* kVersions[] = {"entryCSN",   "modifyTimestamp", "pwdChangedTime",
                                     "pwdLastSet", "whenChanged",     "uSNChanged"};

const std::string* firstOf(const Entry& entry, std::string_view attribute) {
  const std::vector<std::string>& values = entry[attribute];
  return attribute.empty() || values.empty() ? nullptr : &values.front();
}

std::string versionOf(const Entry& entry) {
  std::string version;
  for (const char* const attribute : kVersions)
    if (const std::string* value = firstOf(entry, attribute))
      version.append(attribute).append("=").append(*value) += ' ';
  return version;
}

Search searchFor(const Settings& settings, const Address& address, const Pattern& filter,
                 std::vector<std::string> attributes, int most) {
  return {settings.base.asName(address), settings.scope, filter.asFilter(address), std::move(attributes), most};
}

/// A filter of its own, because only the server knows how its attributes compare.
bool matches(Connection& connection, const std::string& entry, const std::string& filter, Deadline deadline) {
  return !connection.search({entry, Scope::base, filter, {"1.1"}, 1, true}, deadline).empty();
}

Person personOf(const Settings& settings, const Entry& entry) {
  Person person{.name = entry.name};
  for (const std::string& text : entry[settings.addressAttribute]) {
    std::optional<Address> address = parseAddress(text);
    if (address && !address->text().starts_with('"') &&
        std::ranges::find(settings.domains, address->domain) != settings.domains.end())
      person.addresses.push_back(*std::move(address));
  }
  if (const std::string* quota = firstOf(entry, settings.quotaAttribute))
    person.quotaBytes = parseQuota(*quota, settings.quotaUnit);
  person.version = versionOf(entry);
  return person;
}

void append(const std::vector<std::string>& more, std::vector<std::string>& members) {
  for (const std::string& one : more)
    if (parseAddress(one)) members.push_back(one);
}

std::vector<std::string> aliasMembers(Connection& connection, const Settings& settings, const Address& address,
                                      Deadline deadline) {
  bool wasCut = false;
  const Search search = searchFor(settings, address, settings.aliasFilter, {settings.addressAttribute}, kMostMembers);
  std::vector<std::string> members;
  for (const Entry& entry : connection.search(search, deadline, &wasCut)) {
    // An entry may have several addresses, and is one mailbox.
    const auto& addresses = entry[settings.addressAttribute];
    const auto own =
        std::ranges::find_if(addresses, [](const std::string& one) { return parseAddress(one).has_value(); });
    if (own != addresses.end()) members.push_back(*own);
  }
  if (wasCut) throw Failed("more than 1000 entries match alias_filter for " + address.text());
  return members;
}

/// A member is an address, or the name of an entry that has one.
void appendMember(Connection& connection, const Settings& settings, const std::string& member, Deadline deadline,
                  std::vector<std::string>& members) {
  if (parseAddress(member)) {
    members.push_back(member);
    return;
  }
  const Search search{member, Scope::base, "(objectClass=*)", {settings.addressAttribute}, 1, true};
  for (const Entry& entry : connection.search(search, deadline)) {
    std::vector<std::string> addresses;
    append(entry[settings.addressAttribute], addresses);
    if (!addresses.empty()) members.push_back(addresses.front());
  }
}

std::vector<std::string> groupMembers(Connection& connection, const Settings& settings, const Address& address,
                                      Deadline deadline) {
  const Search search = searchFor(settings, address, settings.groupFilter, {settings.memberAttribute}, kMostMembers);
  const std::string range = ascii::toLower(settings.memberAttribute) + ";range=";  // of those that do not fit, in AD
  std::vector<std::string> members;
  for (const Entry& entry : connection.search(search, deadline)) {
    const auto& named = entry[settings.memberAttribute];
    const bool hasMore =
        std::ranges::any_of(entry.values, [&](const auto& one) { return one.first.starts_with(range); });
    if (hasMore || named.size() > kMostMembers)
      throw Failed(address.text() + " has more than 1000 members: make groups of it");
    for (const std::string& member : named) appendMember(connection, settings, member, deadline, members);
  }
  return members;
}

}  // namespace

std::optional<std::int64_t> parseQuota(std::string_view text, std::int64_t unit) try {
  Cursor in(text);
  const auto number = in.number<std::uint64_t>();
  std::uint64_t factor = 1;
  if (in.atEnd()) {
    factor = static_cast<std::uint64_t>(unit);
  } else if (in.take("S")) {
    if (!in.atEnd()) in.expect(",");
  } else {
    const std::size_t power = std::string_view("BKMGT").find(ascii::toUpper(in.takeOctets(1).front()));
    if (power == std::string_view::npos) return std::nullopt;
    factor = std::uint64_t{1} << (10 * power);
    if (power > 0 && !in.take("iB")) in.take("B");
    if (!in.atEnd()) return std::nullopt;
  }
  if (number > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
  return static_cast<std::int64_t>(number * factor);
} catch (const SyntaxError&) {
  return std::nullopt;
}

std::optional<Person> findPerson(Connection& connection, const Settings& settings, const Address& address,
                                 Deadline deadline) {
  std::vector<std::string> attributes{settings.addressAttribute};
  if (!settings.quotaAttribute.empty()) attributes.push_back(settings.quotaAttribute);
  attributes.insert(attributes.end(), std::begin(kVersions), std::end(kVersions));
  const std::vector<Entry> found =
      connection.search(searchFor(settings, address, settings.userFilter, std::move(attributes), 2), deadline);
  if (found.size() > 1)
    throw Failed(fmt::format("{} is several users: {} and {}; user_filter must match one", address.text(),
                             found[0].name, found[1].name));
  // The root of a directory has no name, and whoever binds without one is let in as nobody (RFC 4513 §5.1.1).
  if (found.empty() || found.front().name.empty()) return std::nullopt;
  Person person = personOf(settings, found.front());
  if (person.addresses.empty()) return std::nullopt;
  if (!settings.enabledFilter.empty())
    person.enabled = matches(connection, person.name, settings.enabledFilter, deadline);
  return person;
}

std::vector<std::string> findMembers(Connection& connection, const Settings& settings, const Address& address,
                                     Deadline deadline) {
  std::vector<std::string> members;
  if (!settings.aliasFilter.empty()) append(aliasMembers(connection, settings, address, deadline), members);
  if (!settings.groupFilter.empty()) append(groupMembers(connection, settings, address, deadline), members);
  return members;
}

}  // namespace posthouse::accountd::ldap
