#include "imap_client.h"

#include <charconv>

namespace posthouse::bench {
namespace {

constexpr std::string_view kTag = "a ";  // one command at a time needs no more

std::size_t numberIn(std::string_view text) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// "* 7 FETCH (...": FETCH.
std::string_view wordAfterNumber(std::string_view line) {
  if (line.size() < 4 || line[2] < '0' || line[2] > '9') return {};
  const std::size_t space = line.find(' ', 2);
  return space == std::string_view::npos ? std::string_view()
                                         : line.substr(space + 1, line.find(' ', space + 1) - space - 1);
}

}  // namespace

Task<ImapClient> ImapClient::open(net::Loop& loop, const Server& server) {
  ImapClient client(co_await Conversation::open(loop, server));
  const std::string_view greeting = co_await client.server_->line();
  if (!greeting.starts_with("* OK")) throw Failure("the server greeted with: " + std::string(greeting));
  co_return client;
}

Task<std::size_t> ImapClient::ask(std::string command, std::string_view counted) {
  std::string line(kTag);
  line += command;
  line += "\r\n";
  co_await server_->send(line);
  co_return co_await untilTagged(command, counted);
}

/// A line that ends in {n} goes on after n octets.
Task<> ImapClient::skipLiterals(std::string_view line) {
  while (line.ends_with('}')) {
    co_await server_->skip(numberIn(line.substr(line.rfind('{') + 1)));
    line = co_await server_->line();
  }
}

Task<std::size_t> ImapClient::untilTagged(std::string_view command, std::string_view counted) {
  std::size_t count = 0;
  for (;;) {
    const std::string_view line = co_await server_->line();
    if (line.starts_with(kTag)) {
      if (line.substr(kTag.size()).starts_with("OK")) co_return count;
      throw Failure("the server said to " + std::string(command.substr(0, command.find(' '))) + ": " +
                    std::string(line));
    }
    if (!counted.empty() && wordAfterNumber(line) == counted) ++count;
    if (line.ends_with('}')) co_await skipLiterals(line);
  }
}

Task<std::size_t> ImapClient::messages() {
  co_await server_->send("s STATUS INBOX (MESSAGES)\r\n");
  std::size_t messages = 0;
  for (;;) {
    const std::string_view line = co_await server_->line();
    const std::size_t item = line.find("(MESSAGES ");
    if (item != std::string_view::npos) messages = numberIn(line.substr(item + 10));
    if (line.starts_with("s OK")) co_return messages;
    if (line.starts_with("s ")) throw Failure("the server said to STATUS: " + std::string(line));
  }
}

Task<std::size_t> ImapClient::logIn(const std::string& user, const std::string& password) {
  return ask("LOGIN \"" + user + "\" \"" + password + "\"");
}

Task<bool> ImapClient::isRefused(const std::string& user, const std::string& password) {
  co_await server_->send("n LOGIN \"" + user + "\" \"" + password + "\"\r\n");
  for (;;) {
    const std::string_view line = co_await server_->line();
    if (line.starts_with("n NO")) co_return true;
    if (line.starts_with("* BYE")) co_return false;
    if (line.starts_with("n ")) throw Failure("the server said to a wrong password: " + std::string(line));
  }
}

Task<> ImapClient::idle() {
  co_await server_->send("i IDLE\r\n");
  for (;;) {
    const std::string_view line = co_await server_->line();
    if (line.starts_with('+')) co_return;
    if (line.starts_with("i ")) throw Failure("the server said to IDLE: " + std::string(line));
  }
}

Task<> ImapClient::endIdle() {
  co_await server_->send("DONE\r\n");
  for (;;) {
    const std::string_view line = co_await server_->line();
    if (line.starts_with("i OK")) co_return;
  }
}

Task<std::size_t> ImapClient::exists() {
  for (;;) {
    const std::string_view line = co_await server_->line();
    if (wordAfterNumber(line) == "EXISTS") co_return numberIn(line.substr(2));
  }
}

}  // namespace posthouse::bench
