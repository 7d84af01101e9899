#include "pop3_client.h"

#include <algorithm>
#include <charconv>

namespace posthouse::bench {

Task<Pop3Client> Pop3Client::open(net::Loop& loop, const Server& server) {
  Pop3Client client(co_await Conversation::open(loop, server));
  co_await client.statusLine("connecting");
  co_return client;
}

Task<std::string_view> Pop3Client::statusLine(std::string_view command) {
  const std::string_view line = co_await server_->line();
  if (!line.starts_with("+OK"))
    throw Failure("the server said to " + std::string(command.substr(0, command.find(' '))) + ": " + std::string(line));
  co_return line;
}

Task<std::string> Pop3Client::ask(std::string command) {
  co_await server_->send(command + "\r\n");
  co_return std::string(co_await statusLine(command));
}

Task<> Pop3Client::logIn(const std::string& user, const std::string& password) {
  co_await ask("USER " + user);
  co_await ask("PASS " + password);
}

Task<std::size_t> Pop3Client::messages() {
  const std::string answer = co_await ask("STAT");
  std::size_t count = 0;
  if (answer.size() > 4) std::from_chars(answer.data() + 4, answer.data() + answer.size(), count);
  co_return count;
}

Task<std::size_t> Pop3Client::uniqueIds() {
  co_await ask("UIDL");
  for (std::size_t count = 0;; ++count)
    if (co_await server_->line() == ".") co_return count;
}

Task<std::size_t> Pop3Client::retrieve(std::size_t messages, std::size_t window) {
  std::size_t octets = 0;
  for (std::size_t asked = 0, answered = 0; answered < messages; ++answered) {
    std::string commands;
    while (asked < std::min(messages, answered + window)) commands += "RETR " + std::to_string(++asked) + "\r\n";
    if (!commands.empty()) co_await server_->send(commands);
    co_await statusLine("RETR");
    octets += co_await server_->skipLinesUntilDot();
  }
  co_return octets;
}

Task<> Pop3Client::quit() {
  co_await ask("QUIT");
}

}  // namespace posthouse::bench
