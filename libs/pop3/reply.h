#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "pop3/language.h"
#include "pop3/text.h"

namespace posthouse::pop3 {

/// The first line of any response, CRLF included, is at most this long (RFC 2449 §4).
inline constexpr std::size_t kMaxReplyLine = 512;

/// What a client can read from a refusal whatever language it is in.
enum class ResponseCode {
  inUse,           // [IN-USE]: the maildrop is locked (RFC 2449 §8.1.2)
  loginDelay,      // [LOGIN-DELAY]: too soon after the last login (RFC 2449 §8.1.1)
  systemTemp,      // [SYS/TEMP]: our failure, likely to pass (RFC 3206 §4)
  systemPerm,      // [SYS/PERM]: our failure, somebody must mend it (RFC 3206 §4)
  authentication,  // [AUTH]: the credentials are the problem (RFC 3206 §5)
  utf8             // [UTF8]: the message wants a client in UTF-8 mode (RFC 6856 §5)
};

/// The status line of a response (RFC 2449 §3, single-line). For people it has a text of the catalogue, and is put into
/// words when it is sent:
///
///     Reply::error("Message {0} is deleted", number)
class Reply {
 public:
  template <class... Arguments>
  using WordingFor = Wording<std::type_identity_t<Arguments>...>;

  static Reply ok() { return Reply(true); }
  template <class... Arguments>
  static Reply ok(WordingFor<Arguments...> text, Arguments&&... arguments) {
    return Reply(true, std::nullopt, text.text(), {}, std::forward<Arguments>(arguments)...);
  }
  template <class... Arguments>
  static Reply error(WordingFor<Arguments...> text, Arguments&&... arguments) {
    return Reply(false, std::nullopt, text.text(), {}, std::forward<Arguments>(arguments)...);
  }
  template <class... Arguments>
  static Reply error(ResponseCode code, WordingFor<Arguments...> text, Arguments&&... arguments) {
    return Reply(false, code, text.text(), {}, std::forward<Arguments>(arguments)...);
  }

  /// What programs read: the same in every language.
  static Reply data(std::string words) { return Reply(true, std::nullopt, std::nullopt, std::move(words)); }
  /// That, a space, and a text behind it.
  static Reply data(std::string words, Text text) { return Reply(true, std::nullopt, text, std::move(words += ' ')); }
  /// A refusal in the English words of others, of the catalogue where it has them.
  static Reply errorSaying(std::string english) {
    if (const auto text = Text::find(english)) return error(*text);
    return Reply(false, std::nullopt, std::nullopt, std::move(english));
  }

  bool isOk() const noexcept { return ok_; }
  std::optional<ResponseCode> code() const noexcept { return code_; }
  /// What stands behind the response code.
  std::string text(const Language& language = english()) const;

  /// The line with its CRLF, whatever the text holds: control characters become '?', text that begins with '[' is kept
  /// from looking like a response code (RFC 2449 §6.4), and what does not fit kMaxReplyLine is cut between characters.
  std::string line(const Language& language = english()) const;

 private:
  static constexpr std::size_t kMaxArguments = 3;

  template <class... Arguments>
  explicit Reply(bool ok, std::optional<ResponseCode> code = {}, std::optional<Text> text = {}, std::string words = {},
                 Arguments&&... arguments)
      : ok_(ok),
        code_(code),
        text_(text),
        words_(std::move(words)),
        arguments_{Argument(std::forward<Arguments>(arguments))...} {
    static_assert(sizeof...(Arguments) <= kMaxArguments);
  }

  bool ok_;
  std::optional<ResponseCode> code_;
  std::optional<Text> text_;
  std::string words_;  // in front of the text
  std::array<Argument, kMaxArguments> arguments_;
};

/// A server challenge of a SASL exchange: "+ " and base 64 (RFC 5034 §4), CRLF included.
std::string challengeLine(std::string_view challenge);

}  // namespace posthouse::pop3
