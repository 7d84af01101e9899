#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.h"

namespace posthouse::pop3d {

/// Says what is wrong with a conversation: with the form of what the server said (RFC 1939 §3, RFC 2449 §4, RFC 5034
/// §4), with its answer to each line, and with what became of the messages. It has its own idea of POP3, and none of
/// the server's code. No line of a message may look like a status line or a challenge.
class Judge {
 public:
  /// `messages`: of the maildrop, whose lines end in CRLF or LF.
  explicit Judge(std::vector<std::string> messages) {
    for (const std::string& message : messages) messages_.push_back(asSent(message));
  }

  /// `left`: the numbers of the messages that are there afterwards. Empty: there is nothing to object to.
  std::string objection(std::string_view sent, std::string_view said, const std::vector<std::uint32_t>& left) const {
    try {
      Conversation conversation(messages_, sent);
      conversation.hear(responses(said));
      std::vector<std::uint32_t> expected;
      for (std::uint32_t number = 1; number <= messages_.size(); ++number)
        if (!conversation.removed.contains(number)) expected.push_back(number);
      if (left != expected) throw Wrong("other messages are there than should be");
    } catch (const Wrong& wrong) {
      return wrong.what();
    }
    return {};
  }

 private:
  struct Wrong : std::runtime_error {
    using std::runtime_error::runtime_error;
  };

  struct Response {
    enum class Kind { ok, error, challenge } kind;
    std::optional<std::string> body;  // without the dots that were stuffed
  };

  static std::string asSent(std::string_view message) {
    std::string sent;
    for (const char c : message) {
      if (c == '\n' && !sent.ends_with('\r')) sent += '\r';
      sent += c;
    }
    if (!sent.empty() && !sent.ends_with("\r\n")) sent += "\r\n";
    return sent;
  }

  static std::optional<Response::Kind> kindOf(std::string_view line) {
    if (line == "+OK" || line.starts_with("+OK ")) return Response::Kind::ok;
    if (line == "-ERR" || line.starts_with("-ERR ")) return Response::Kind::error;
    if (line.starts_with("+ ")) return Response::Kind::challenge;
    return std::nullopt;
  }

  static std::string_view takeLine(std::string_view& octets) {
    const std::size_t end = octets.find("\r\n");
    if (end == octets.npos) throw Wrong("a line without an end: " + std::string(octets));
    const std::string_view line = octets.substr(0, end);
    if (line.contains('\r') || line.contains('\n')) throw Wrong("a bare CR or LF: " + std::string(line));
    octets.remove_prefix(end + 2);
    return line;
  }

  static std::vector<Response> responses(std::string_view octets) {
    std::vector<Response> all;
    while (!octets.empty()) {
      const std::string_view line = takeLine(octets);
      const auto kind = kindOf(line);
      if (!kind) throw Wrong("no status line: " + std::string(line));
      if (std::ranges::any_of(line, ascii::isControl)) throw Wrong("a control character: " + std::string(line));
      if (*kind != Response::Kind::challenge && line.size() > 510) throw Wrong("a status line of more than 512 octets");
      all.push_back({*kind, std::nullopt});
      const bool isMultiLine =
          *kind == Response::Kind::ok && !octets.empty() && !kindOf(octets.substr(0, octets.find("\r\n")));
      if (isMultiLine) all.back().body = takeBody(octets);
    }
    return all;
  }

  static std::string takeBody(std::string_view& octets) {
    std::string body;
    for (;;) {
      std::string_view line = takeLine(octets);
      if (line == ".") return body;
      if (line.starts_with('.') && !line.starts_with("..")) throw Wrong("a dot that was not stuffed");
      if (line.starts_with('.')) line.remove_prefix(1);
      body.append(line).append("\r\n");
    }
  }

  /// The conversation so far, as the client must understand it.
  struct Conversation {
    Conversation(const std::vector<std::string>& all, std::string_view sent) : messages(all) {
      for (std::size_t end; (end = sent.find("\r\n")) != sent.npos; sent.remove_prefix(end + 2))
        lines.push_back(sent.substr(0, end));
      unfinished = sent;
    }

    void hear(const std::vector<Response>& responses) {
      if (responses.empty() || responses[0].kind != Response::Kind::ok || responses[0].body) throw Wrong("no greeting");
      for (std::size_t i = 1; i < responses.size(); ++i) {
        if (hasQuit) throw Wrong("a response after that to QUIT");
        if (i - 1 < lines.size()) {
          hear(lines[i - 1], responses[i]);
        } else if (i - 1 > lines.size() || unfinished.size() < 255 || responses[i].kind != Response::Kind::error) {
          throw Wrong("a response to no line");
        }
      }
      const bool answered = responses.size() > lines.size();
      if (!answered && !hasQuit && responses.back().kind != Response::Kind::error)
        throw Wrong("a line without a response");
    }

    void hear(std::string_view line, const Response& response) {
      if (std::exchange(inAuth, response.kind == Response::Kind::challenge)) {
        if (response.body) throw Wrong("a body after AUTH");
        if (response.kind == Response::Kind::ok) logIn();
        return;
      }
      const std::size_t blank = std::min(line.find_first_of(" \t"), line.size());
      const std::string word = ascii::toUpper(line.substr(0, blank));
      const std::string argument(ascii::trimBlanks(line.substr(blank)));
      if (response.kind == Response::Kind::challenge && (word != "AUTH" || isLoggedIn))
        throw Wrong("a challenge to " + word);
      if (response.kind == Response::Kind::ok) accepted(word, argument, response.body);
      if (response.kind == Response::Kind::error && isLoggedIn && isThere(line))
        throw Wrong("refused: " + std::string(line));
    }

    void accepted(const std::string& word, const std::string& argument, const std::optional<std::string>& body) {
      const bool lists = word == "LIST" || word == "UIDL";
      const bool wantsBody = word == "CAPA" || word == "RETR" || word == "TOP" ||
                             ((word == "AUTH" || word == "LANG") && argument.empty()) || (lists && argument.empty());
      if (wantsBody != body.has_value()) throw Wrong(wantsBody ? "no body after " + word : "a body after " + word);
      if (word == "CAPA" || word == "LANG") return;
      if (word == "QUIT") return quit();
      const bool beforeLogin = word == "USER" || word == "PASS" || word == "APOP" || word == "AUTH" || word == "UTF8";
      if (beforeLogin == isLoggedIn) throw Wrong(word + " in the wrong state");
      if (beforeLogin) {
        if (word == "PASS" || word == "APOP" || (word == "AUTH" && !body)) logIn();
        return;
      }
      if (word == "RSET") {
        marked.clear();
      } else if (word == "DELE") {
        marked.insert(number(argument));
      } else if (word == "RETR") {
        if (*body != messages[number(argument) - 1]) throw Wrong("another message than was asked for");
      } else if (word == "TOP") {
        if (!messages[number(argument) - 1].starts_with(*body)) throw Wrong("another top than was asked for");
      } else if (lists) {
        if (!body) number(argument);
        const auto count = static_cast<std::size_t>(std::ranges::count(body.value_or(""), '\n'));
        if (body && count != messages.size() - marked.size()) throw Wrong("a list of " + std::to_string(count));
      } else if (word != "STAT" && word != "NOOP") {
        throw Wrong("unknown, and accepted: " + word);
      }
    }

    /// Whether it is RETR of a message that is there and not marked, and nothing else.
    bool isThere(std::string_view line) const {
      const std::string_view digits = line.substr(std::min<std::size_t>(line.size(), 5));
      if (!ascii::toUpper(line).starts_with("RETR ") || digits.empty() || digits.size() > 9) return false;
      if (!std::ranges::all_of(digits, ascii::isDigit)) return false;
      const auto value = static_cast<std::uint32_t>(std::stoul(std::string(digits)));
      return value != 0 && value <= messages.size() && !marked.contains(value);
    }

    /// Of a message that is there and not marked.
    std::uint32_t number(const std::string& argument) const {
      std::string digits = argument.substr(0, argument.find_first_of(" \t"));
      digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
      if (digits.empty() || digits.size() > 18 || !std::ranges::all_of(digits, ascii::isDigit))
        throw Wrong("accepted as a number: " + argument);
      const unsigned long long value = std::stoull(digits);
      if (value == 0 || value > messages.size()) throw Wrong("accepted as the number of a message: " + argument);
      if (marked.contains(static_cast<std::uint32_t>(value)))
        throw Wrong("accepted for a deleted message: " + argument);
      return static_cast<std::uint32_t>(value);
    }

    void logIn() {
      if (std::exchange(isLoggedIn, true)) throw Wrong("a second login");
    }

    void quit() {
      hasQuit = true;
      removed = marked;
    }

    const std::vector<std::string>& messages;
    std::vector<std::string_view> lines;
    std::string_view unfinished;
    bool isLoggedIn = false;
    bool inAuth = false;
    bool hasQuit = false;
    std::set<std::uint32_t> marked;
    std::set<std::uint32_t> removed;
  };

  std::vector<std::string> messages_;
};

}  // namespace posthouse::pop3d
