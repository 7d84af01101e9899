#include "authorship.h"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "message/address.h"
#include "message/header.h"

namespace posthouse::smtpd {
namespace {

constexpr std::size_t kMaxAuthors = 100;  // each may be a question to accountd

struct Author {
  std::string field;
  std::string address;
};

/// The mailboxes of all fields by these names: one that comes twice is read by some programs, and not by others.
std::vector<Author> authors(const message::Header& header, const std::array<std::string_view, 2>& names) {
  std::vector<Author> found;
  for (const std::string_view name : names) {
    for (const message::Field& field : header.findAll(name)) {
      for (const message::Address& address : message::parseAddressList(field.value, kMaxAuthors + 1)) {
        if (address.kind != message::Address::Kind::mailbox) continue;
        found.push_back({std::string(name), message::formatAddrSpec(address.localPart, address.domain)});
      }
    }
  }
  return found;
}

std::string notYours(const Author& author) {
  return fmt::format("{}: {} is not yours: write from your own address, or ask to be allowed this one", author.field,
                     author.address.empty() ? "a name without an address" : author.address);
}

Task<bool> isElsewhere(directory::Directory& directory, std::string address) {
  const directory::Resolution resolution = co_await directory.resolve(std::move(address));
  co_return resolution.result == directory::Resolution::Result::notLocal;
}

}  // namespace

Task<std::optional<std::string>> objectionToAuthors(directory::Directory& directory, std::int64_t account,
                                                    std::string_view content) {
  const message::Header header = message::Header::of(content);
  const std::vector<Author> senders = authors(header, {"Resent-From", "Resent-Sender"});
  const std::vector<Author> writers = authors(header, {"From", "Sender"});
  if (senders.size() + writers.size() > kMaxAuthors) co_return "more than 100 addresses in From and Sender";
  for (const Author& sender : senders) {
    if (!co_await directory.maySendAs(account, sender.address)) co_return notYours(sender);
  }
  for (const Author& writer : writers) {
    if (co_await directory.maySendAs(account, writer.address)) continue;
    const bool isSentOn = !senders.empty() && co_await isElsewhere(directory, writer.address);
    if (!isSentOn) co_return notYours(writer);
  }
  co_return std::nullopt;
}

}  // namespace posthouse::smtpd
