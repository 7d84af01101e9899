#pragma once
#include <cstdint>
#include <string>
#include <string_view>

/// What a server says, RFC 3501 §7 and §9. All append to `out`, so that a large response is one buffer.
namespace posthouse::imap {

enum class Condition : std::uint8_t { ok, no, bad };

/// The end of a command: resp-cond-state.
struct Reply {
  Condition condition = Condition::ok;
  std::string code;  ///< without its brackets, maybe empty: "TRYCREATE", "APPENDUID 1 2"
  std::string text;

  static Reply ok(std::string text) { return {Condition::ok, {}, std::move(text)}; }
  static Reply ok(std::string code, std::string text) { return {Condition::ok, std::move(code), std::move(text)}; }
  static Reply no(std::string text) { return {Condition::no, {}, std::move(text)}; }
  static Reply no(std::string code, std::string text) { return {Condition::no, std::move(code), std::move(text)}; }
  static Reply bad(std::string text) { return {Condition::bad, {}, std::move(text)}; }
};

/// "a1 OK [CODE] text" CRLF; `tag` is "*" for an untagged one. Line ends in the text become spaces.
std::string toLine(std::string_view tag, const Reply& reply);

/// Quoted if it can be, otherwise a literal (8-bit octets, line ends, long text).
void appendString(std::string& out, std::string_view octets);
/// An atom where that is possible.
void appendAstring(std::string& out, std::string_view octets);
/// A UTF-8 mailbox name in modified UTF-7, quoted.
void appendMailbox(std::string& out, std::string_view name);

}  // namespace posthouse::imap
