// Commands as a client writes them, RFC 5321 §4.1.1.
#include "base/base64.h"
#include "smtp/command.h"

namespace posthouse::smtp {
namespace {

std::string withArgument(const std::string& verb, const std::string& argument) {
  return argument.empty() ? verb : verb + ' ' + argument;
}

struct Writer {
  std::string operator()(const Helo& helo) const { return "HELO " + helo.domain; }
  std::string operator()(const Ehlo& ehlo) const { return "EHLO " + ehlo.domain; }
  std::string operator()(const Lhlo& lhlo) const { return "LHLO " + lhlo.domain; }
  std::string operator()(const Mail& mail) const {
    return "MAIL FROM:<" + mail.reversePath + '>' + text(mail.parameters);
  }
  std::string operator()(const Rcpt& rcpt) const {
    return "RCPT TO:<" + rcpt.forwardPath + '>' + text(rcpt.parameters);
  }
  std::string operator()(const Data&) const { return "DATA"; }
  std::string operator()(const Rset&) const { return "RSET"; }
  std::string operator()(const Noop&) const { return "NOOP"; }
  std::string operator()(const Quit&) const { return "QUIT"; }
  std::string operator()(const StartTls&) const { return "STARTTLS"; }
  std::string operator()(const Help& help) const { return withArgument("HELP", help.topic); }
  std::string operator()(const Vrfy& vrfy) const { return withArgument("VRFY", vrfy.argument); }
  std::string operator()(const Expn& expn) const { return withArgument("EXPN", expn.argument); }
  std::string operator()(const Auth& auth) const {
    std::string line = "AUTH " + auth.mechanism;
    if (!auth.initialResponse) return line;
    return line + ' ' + (auth.initialResponse->empty() ? "=" : base64::encode(*auth.initialResponse));
  }
};

}  // namespace

std::string text(const Command& command) {
  return std::visit(Writer{}, command);
}

}  // namespace posthouse::smtp
