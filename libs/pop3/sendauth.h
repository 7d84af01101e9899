#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// KPOP: what comes before POP3 where a client shows a Kerberos ticket. No RFC has it; this is the framing of MIT
/// Kerberos's krb5_sendauth and krb5_recvauth, which KPOP's clients use:
///   C: message(kVersion) message(kApplication)
///   S: one octet, a Verdict; other than `good`, it is the last
///   C: message(AP-REQ)
///   S: message() and, if the AP-REQ asks for it, message(AP-REP); or message(KRB-ERROR), which is the last
namespace posthouse::pop3::sendauth {

inline constexpr std::string_view kVersion{"KRB5_SENDAUTH_V1.0\0", 19};  // with its NUL, as it is sent
inline constexpr std::string_view kApplication{"KPOPV1.0\0", 9};

/// Octets: before each message stands its length, most significant octet first.
inline constexpr std::size_t kLengthSize = 4;
inline constexpr std::size_t kMaxVersion = 64;         // of a version that a client may say; not of ours
inline constexpr std::size_t kMaxRequest = 64 * 1024;  // of an AP-REQ; tickets of large organisations hold many groups

/// The length of a message in the kLengthSize octets before it; nothing if it is more than `most`.
std::optional<std::size_t> messageLength(std::string_view octets, std::size_t most);

/// A message with its length. At most 2^32 - 1 octets.
std::string message(std::string_view octets = {});

enum class Verdict : std::uint8_t { good = 0, badVersion = 1, badApplication = 2 };
/// Of the two versions as the client said them.
Verdict judge(std::string_view version, std::string_view application);
/// As it is sent.
std::string octetOf(Verdict verdict);

/// Whether who begins like this speaks POP3 or another protocol of lines instead: no length that is allowed begins with
/// a letter.
bool looksLikeText(std::string_view octets);

}  // namespace posthouse::pop3::sendauth
