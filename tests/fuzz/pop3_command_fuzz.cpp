// Any line is a command or a refusal of one line; a command printed is parsed back to the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "pop3/command.h"

using namespace posthouse::pop3;

namespace {

std::string decimal(MessageNumber message) {
  return std::to_string(static_cast<std::uint32_t>(message));
}
std::string optionalDecimal(std::optional<MessageNumber> message) {
  return message ? " " + decimal(*message) : "";
}

struct Arguments {
  std::string operator()(const User& user) const { return " " + user.name; }
  std::string operator()(const Pass& pass) const { return " " + pass.password; }
  std::string operator()(const Apop& apop) const { return " " + apop.name + " " + apop.digest; }
  std::string operator()(const Auth& auth) const {
    return " " + auth.mechanism + (auth.initialResponse ? " " + *auth.initialResponse : "");
  }
  std::string operator()(const List& list) const { return optionalDecimal(list.message); }
  std::string operator()(const Uidl& uidl) const { return optionalDecimal(uidl.message); }
  std::string operator()(const Retr& retr) const { return " " + decimal(retr.message); }
  std::string operator()(const Dele& dele) const { return " " + decimal(dele.message); }
  std::string operator()(const Top& top) const { return " " + decimal(top.message) + " " + std::to_string(top.lines); }
  std::string operator()(const Lang& lang) const { return lang.range ? " " + *lang.range : ""; }
  template <class WithoutArguments>
  std::string operator()(const WithoutArguments&) const {
    return "";
  }
};

std::string print(const Command& command) {
  return std::string(keyword(command)) + std::visit(Arguments{}, command);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto command = parseCommand({reinterpret_cast<const char*>(data), size});
  if (!command) {
    const std::string line = command.error().line();
    if (line.size() > kMaxReplyLine || line.find('\r') != line.size() - 2) std::abort();
    return 0;
  }
  const std::string printed = print(*command);
  const auto again = parseCommand(printed);
  if (!again || again->index() != command->index() || print(*again) != printed) std::abort();
  return 0;
}
