#include "smtp_client.h"

namespace posthouse::bench {

SmtpClient::Protocol SmtpClient::protocolOf(const std::string& name) {
  if (name == "lmtp") return Protocol::lmtp;
  if (name == "smtp") return Protocol::smtp;
  throw Failure("--protocol is lmtp or smtp");
}

/// One reply, of any number of lines, whose code begins so.
Task<> SmtpClient::expect(char kind) {
  for (;;) {
    const std::string_view line = co_await server_->line();
    if (line.size() < 3 || line[0] != kind) throw Failure("the server said: " + std::string(line));
    if (line.size() == 3 || line[3] != '-') co_return;
  }
}

Task<SmtpClient> SmtpClient::open(net::Loop& loop, const Server& server, Protocol protocol) {
  SmtpClient client(co_await Conversation::open(loop, server), protocol);
  co_await client.expect('2');
  co_await client.server_->send(protocol == Protocol::lmtp ? "LHLO client.test\r\n" : "EHLO client.test\r\n");
  co_await client.expect('2');
  co_return client;
}

Task<> SmtpClient::send(const std::vector<std::string>& recipients, std::string_view mail) {
  std::string commands = "MAIL FROM:<load@client.test>\r\n";
  for (const std::string& recipient : recipients) commands += "RCPT TO:<" + recipient + ">\r\n";
  commands += "DATA\r\n";
  co_await server_->send(commands);
  for (std::size_t replies = recipients.size() + 1; replies > 0; --replies) co_await expect('2');
  co_await expect('3');
  std::string data(mail);
  data += ".\r\n";
  co_await server_->send(data);
  for (std::size_t replies = protocol_ == Protocol::lmtp ? recipients.size() : 1; replies > 0; --replies) {
    co_await expect('2');
  }
}

Task<> SmtpClient::quit() {
  co_await server_->send("QUIT\r\n");
  co_await expect('2');
}

}  // namespace posthouse::bench
