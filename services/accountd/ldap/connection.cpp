#include "ldap/connection.h"

#include <fmt/format.h>
#include <ldap.h>
#include <openldap.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/ascii.h"
#include "ldap/socket.h"

namespace posthouse::accountd::ldap {
namespace {

template <class Owner>
LDAP* raw(const Owner& handle) {
  return static_cast<LDAP*>(handle.get());
}

template <class Owner>
LDAPMessage* answerOf(const Owner& message) {
  return static_cast<LDAPMessage*>(message.get());
}

timeval asTimeval(std::chrono::microseconds duration) {
  return {.tv_sec = duration.count() / 1'000'000, .tv_usec = duration.count() % 1'000'000};
}

/// What the codes of the transport mean is for the connection, all others are the server's (RFC 4511 appendix A).
bool isLost(int code) {
  return code < 0 || code == LDAP_BUSY || code == LDAP_UNAVAILABLE;
}

/// What a server says of an account that is not let in, whatever the password: locked, disabled, without a password.
bool isRefusal(int code) {
  switch (code) {
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_INSUFFICIENT_ACCESS:
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_UNWILLING_TO_PERFORM:
    case LDAP_CONSTRAINT_VIOLATION:
    case LDAP_INVALID_DN_SYNTAX:
      return true;
    default:
      return false;
  }
}

int asLdap(Scope scope) {
  return scope == Scope::base ? LDAP_SCOPE_BASE : scope == Scope::one ? LDAP_SCOPE_ONELEVEL : LDAP_SCOPE_SUBTREE;
}

std::string_view advice(int code) {
  switch (code) {
    case LDAP_SERVER_DOWN:
    case LDAP_CONNECT_ERROR:
      return "; see that it runs, that a firewall lets this host through, and that its certificate is good for the "
             "host "
             "in the URL and issued by one of ca_file";
    case LDAP_CONFIDENTIALITY_REQUIRED:
    case LDAP_STRONG_AUTH_REQUIRED:
      return "; it wants TLS: use ldaps:// or starttls";
    case LDAP_INVALID_CREDENTIALS:
      return "; correct bind_dn and bind_password";
    case LDAP_INSUFFICIENT_ACCESS:
      return "; let bind_dn search under base";
    case LDAP_NO_SUCH_OBJECT:
      return "; correct base, or let bind_dn see it";
    default:
      return "";
  }
}

}  // namespace

const std::vector<std::string>& Entry::operator[](std::string_view attribute) const {
  static const std::vector<std::string> kNone;
  const auto found = values.find(ascii::toLower(attribute));
  return found == values.end() ? kNone : found->second;
}

void Connection::Close::operator()(void* handle) const noexcept {
  ldap_unbind_ext(static_cast<LDAP*>(handle), nullptr, nullptr);
}

void Connection::FreeMessage::operator()(void* message) const noexcept {
  ldap_msgfree(static_cast<LDAPMessage*>(message));
}

Connection::Connection(const Settings& settings, const std::string& url, Deadline deadline) : url_(url) {
  const bool isLocal = url.starts_with("ldapi:");
  int socket = -1;
  try {
    socket = connectTo(url, deadline);
  } catch (const std::runtime_error& error) {
    throw Lost(fmt::format("{}: cannot be reached: {}{}", url, error.what(), advice(LDAP_CONNECT_ERROR)));
  }
  LDAP* handle = nullptr;
  const int code = ldap_init_fd(socket, isLocal ? LDAP_PROTO_IPC : LDAP_PROTO_TCP, url.c_str(), &handle);
  handle_.reset(handle);
  if (code != LDAP_SUCCESS) {
    if (handle == nullptr) ::close(socket);
    fail(code, "cannot be used");
  }
  configure(settings, deadline);
  if (url.starts_with("ldap://") && settings.startTls) askForTls(deadline);
  if (!isLocal && (url.starts_with("ldaps:") || settings.startTls)) beginTls(deadline);
  makeBlocking(socket, settings.timeout);
}

/// Everything that ldap.conf or the environment could have set otherwise is set here.
void Connection::configure(const Settings& settings, Deadline deadline) {
  const timeval patience = asTimeval(left(deadline));
  const int version = LDAP_VERSION3;
  const int demand = LDAP_OPT_X_TLS_DEMAND;
  const int oldestTls = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
  const int never = LDAP_DEREF_NEVER;
  const int unlimited = LDAP_NO_LIMIT;
  const int client = 0;
  bool isSet = true;
  const auto set = [&](int option, const void* value) {
    isSet = isSet && ldap_set_option(raw(handle_), option, value) == LDAP_OPT_SUCCESS;
  };
  set(LDAP_OPT_PROTOCOL_VERSION, &version);
  set(LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
  set(LDAP_OPT_RESTART, LDAP_OPT_ON);
  set(LDAP_OPT_DEREF, &never);
  set(LDAP_OPT_SIZELIMIT, &unlimited);
  set(LDAP_OPT_TIMELIMIT, &unlimited);
  set(LDAP_OPT_NETWORK_TIMEOUT, &patience);
  set(LDAP_OPT_TIMEOUT, &patience);
  set(LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
  set(LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldestTls);
  set(LDAP_OPT_X_TLS_CACERTFILE, settings.caFile.c_str());
  if (!url_.starts_with("ldapi:") && (settings.startTls || url_.starts_with("ldaps:")))
    set(LDAP_OPT_X_TLS_NEWCTX, &client);
  if (!isSet) throw Failed(url_ + ": libldap does not take its options; is ca_file readable, and in PEM?");
}

void Connection::askForTls(Deadline deadline) {
  int id = 0;
  const int code = ldap_start_tls(raw(handle_), nullptr, nullptr, &id);
  if (code != LDAP_SUCCESS) fail(code, "StartTLS");
  const Message message = answer(id, deadline, "StartTLS");
  int result = LDAP_OTHER;
  const int parsed = ldap_parse_result(raw(handle_), answerOf(message), &result, nullptr, nullptr, nullptr, nullptr, 0);
  if (parsed != LDAP_SUCCESS || result != LDAP_SUCCESS) fail(result, "refuses StartTLS");
}

/// Only what libldap takes for an asynchronous connection does it give up waiting for.
void Connection::beginTls(Deadline deadline) {
  const timeval patience = asTimeval(left(deadline));
  ldap_set_option(raw(handle_), LDAP_OPT_NETWORK_TIMEOUT, &patience);
  ldap_set_option(raw(handle_), LDAP_OPT_CONNECT_ASYNC, LDAP_OPT_ON);
  const int code = ldap_install_tls(raw(handle_));
  ldap_set_option(raw(handle_), LDAP_OPT_CONNECT_ASYNC, LDAP_OPT_OFF);
  if (code != LDAP_SUCCESS) fail(code, "no TLS");
}

bool Connection::bind(const std::string& name, const std::string& password, Deadline deadline) {
  assert(!name.empty() && !password.empty());
  berval secret{.bv_len = password.size(), .bv_val = const_cast<char*>(password.data())};
  int id = 0;
  int code = ldap_sasl_bind(raw(handle_), name.c_str(), LDAP_SASL_SIMPLE, &secret, nullptr, nullptr, &id);
  if (code != LDAP_SUCCESS) fail(code, "bind");
  const Message message = answer(id, deadline, "bind");
  char* said = nullptr;
  const int parsed = ldap_parse_result(raw(handle_), answerOf(message), &code, nullptr, &said, nullptr, nullptr, 0);
  const std::string text = said == nullptr ? "" : said;
  ldap_memfree(said);
  if (parsed != LDAP_SUCCESS) fail(parsed, "bind");
  if (code == LDAP_SUCCESS) return true;
  if (isRefusal(code)) return false;
  fail(code, "bind", text);
}

std::vector<Entry> Connection::search(const Search& search, Deadline deadline, bool* wasCut) {
  std::vector<char*> attributes;
  for (const std::string& attribute : search.attributes) attributes.push_back(const_cast<char*>(attribute.c_str()));
  attributes.push_back(nullptr);
  int id = 0;
  int code = ldap_search_ext(raw(handle_), search.base.c_str(), asLdap(search.scope), search.filter.c_str(),
                             attributes.data(), 0, nullptr, nullptr, nullptr, search.most, &id);
  if (code != LDAP_SUCCESS) fail(code, "search");
  const Message message = answer(id, deadline, "search");
  char* said = nullptr;
  const int parsed = ldap_parse_result(raw(handle_), answerOf(message), &code, nullptr, &said, nullptr, nullptr, 0);
  const std::string text = said == nullptr ? "" : said;
  ldap_memfree(said);
  if (parsed != LDAP_SUCCESS) fail(parsed, "search");
  if (wasCut != nullptr) *wasCut = code == LDAP_SIZELIMIT_EXCEEDED;
  if (code == LDAP_NO_SUCH_OBJECT && search.mayBeAbsent) return {};
  if (code != LDAP_SUCCESS && code != LDAP_SIZELIMIT_EXCEEDED) fail(code, "search under " + search.base, text);
  std::vector<Entry> entries;
  for (LDAPMessage* one = ldap_first_entry(raw(handle_), answerOf(message)); one != nullptr;
       one = ldap_next_entry(raw(handle_), one))
    entries.push_back(read(one));
  return entries;
}

Entry Connection::read(void* found) const {
  auto* const message = static_cast<LDAPMessage*>(found);
  Entry entry;
  if (char* name = ldap_get_dn(raw(handle_), message)) {
    entry.name = name;
    ldap_memfree(name);
  }
  BerElement* place = nullptr;
  for (char* attribute = ldap_first_attribute(raw(handle_), message, &place); attribute != nullptr;
       attribute = ldap_next_attribute(raw(handle_), message, place)) {
    std::vector<std::string>& texts = entry.values[ascii::toLower(attribute)];
    if (berval** values = ldap_get_values_len(raw(handle_), message, attribute)) {
      for (berval** value = values; *value != nullptr; ++value) texts.emplace_back((*value)->bv_val, (*value)->bv_len);
      ldap_value_free_len(values);
    }
    ldap_memfree(attribute);
  }
  ber_free(place, 0);
  return entry;
}

/// All of it, entries and the result.
Connection::Message Connection::answer(int id, Deadline deadline, std::string_view what) {
  timeval patience = asTimeval(left(deadline));
  LDAPMessage* received = nullptr;
  const int kind = ldap_result(raw(handle_), id, LDAP_MSG_ALL, &patience, &received);
  Message message(received);
  if (kind > 0) return message;
  int code = LDAP_TIMEOUT;
  if (kind < 0) ldap_get_option(raw(handle_), LDAP_OPT_RESULT_CODE, &code);
  fail(code, what);
}

void Connection::fail(int code, std::string_view what, const std::string& said) const {
  const std::string text = fmt::format("{}: {}: {}{}", url_, what, reason(code, said), advice(code));
  if (isLost(code)) throw Lost(text);
  throw Failed(text);
}

/// libldap's words, and what it or the server has to say beside.
std::string Connection::reason(int code, const std::string& said) const {
  std::string text = ldap_err2string(code);
  std::string more = said;
  char* diagnostic = nullptr;
  if (more.empty() && handle_ &&
      ldap_get_option(raw(handle_), LDAP_OPT_DIAGNOSTIC_MESSAGE, &diagnostic) == LDAP_OPT_SUCCESS &&
      diagnostic != nullptr) {
    more = diagnostic;
    ldap_memfree(diagnostic);
  }
  return more.empty() ? text : fmt::format("{} ({})", text, more);
}

}  // namespace posthouse::accountd::ldap
