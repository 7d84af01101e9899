#include "kerberos/ticket_login.h"

#include <utility>

#include "kerberos/holder_outcome.h"

namespace posthouse::accountd {
namespace {

using Result = Outcome::Result;

constexpr std::size_t kMaxRequest = std::size_t{64} * 1024;  // octets; tickets of large organisations hold many groups

std::string textOf(const Outcome& outcome) {
  if (!outcome.text.empty()) return outcome.text;
  if (outcome.result == Result::disabled) return "This account is disabled";
  if (outcome.result == Result::throttled) return "Too many failed logins, try again later";
  return "Refused";
}

}  // namespace

TicketLogin::TicketLogin(const TicketParts* parts, std::string_view protocol)
    : parts_(parts), service_(parts == nullptr ? std::string() : parts->settings.serviceOf(protocol).value_or("")) {}

Task<Outcome> TicketLogin::judge(std::string_view request) {
  if (service_.empty()) co_return Outcome{.result = Result::noSuchMechanism};
  if (request.size() > kMaxRequest)
    co_return Outcome{.result = Result::malformed, .text = "An AP-REQ of more than 64 KiB"};
  const auto read = [&] { return parts_->reader.read(service_, request); };
  auto shown = co_await parts_->workers.run(read);
  if (!shown) {
    code_ = shown.error().code;
    co_return Outcome{.result = shown.error().isMalformed ? Result::malformed : Result::badTicket,
                      .text = std::move(shown.error().text),
                      .detail = std::move(shown.error().reason)};
  }
  const bool isNew = co_await parts_->seen.note(std::move(shown->proof));
  if (!isNew) {
    code_ = kRepeatError;
    co_return Outcome{.result = Result::badTicket, .text = "Request is a replay", .detail = "Request is a replay"};
  }
  acceptance_ = std::move(shown->reply);
  Outcome outcome = outcomeFor(co_await parts_->principals.find(shown->principal));
  // Who has proved to be a principal may know that it is nobody's.
  if (outcome.result == Result::noSuchUser) outcome.text = "No account here has your principal";
  outcome.claimedName = printable(std::move(shown->principal));
  co_return outcome;
}

Task<std::string> TicketLogin::reply(const Outcome& outcome) {
  if (outcome.result == Result::ok) co_return std::move(acceptance_);
  if (service_.empty()) co_return std::string();
  const auto refuse = [&] { return parts_->reader.refusal(service_, code_, textOf(outcome)); };
  co_return co_await parts_->workers.run(refuse);
}

}  // namespace posthouse::accountd
