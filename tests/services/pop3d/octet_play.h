#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "judge.h"
#include "octet_client.h"
#include "play.h"

namespace posthouse::pop3d {

/// Plays conversations of any octets over a maildrop that is the same before each, and judges them.
class OctetPlay {
 public:
  OctetPlay() { stage_.timestamp = "<1896.697170952@dbc.mtview.ca.us>"; }

  /// What is wrong with how it went; empty: nothing.
  std::string objection(const std::string& sent, std::size_t segment) {
    const std::string said = play(sent, segment);
    std::string wrong = judge_.objection(sent, said, stage_.store.uids());
    if (!wrong.empty()) wrong += "\nsent:\n" + sent + "\nsaid:\n" + said;
    return wrong;
  }

  /// What the session said, without its id.
  std::string play(const std::string& sent, std::size_t segment) {
    std::string said;
    stage_.store = MemoryStore(kMessages);
    const Surroundings around = stage_.surroundings();
    Session session(std::make_unique<OctetClient>(sent, segment, said), nullptr, around, stage_.timestamp);
    stage_.loop.runUntilDone(session.run());
    hideSessionIds(said);
    return said;
  }

  Stage& stage() { return stage_; }

 private:
  /// Whatever could be one, in refusals of every language: each session has another.
  static void hideSessionIds(std::string& said) {
    constexpr std::size_t kSize = 12;
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (std::size_t line = said.find("\r\n-ERR "); line != said.npos; line = said.find("\r\n-ERR ", line + 2)) {
      for (std::size_t word = said.find_first_of(kAlphabet, line + 7); word < said.find('\r', line + 2);) {
        const std::size_t end = said.find_first_not_of(kAlphabet, word);
        if (end - word == kSize) said.replace(word, kSize, kSize, '?');
        word = said.find_first_of(kAlphabet, end);
      }
    }
  }

  inline static const std::vector<std::string> kMessages = {
      "Subject: one\r\n\r\nHello\r\n",
      "Subject: dots\r\n\r\n.\r\n..\r\n.\n...x\r\n.",
      "Subject: header alone\r\n\r\n",
      "Subject: bare\n\nLF\nand no end",
      "Subject: long\r\n\r\n" + std::string(300'000, 'x') + "\r\n",
      ""};

  Stage stage_;
  Judge judge_{kMessages};
};

/// Sessions as clients have them, to be changed.
inline const std::vector<std::string> kValidSessions = {
    "CAPA\r\nUSER alice@example.org\r\nPASS secret\r\nSTAT\r\nLIST\r\nUIDL\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n",
    "AUTH PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==\r\nLIST 2\r\nUIDL 2\r\nTOP 2 0\r\nTOP 2 3\r\nDELE 2\r\nDELE "
    "3\r\nRSET\r\nDELE "
    "4\r\nNOOP\r\nQUIT\r\n",
    "AUTH\r\nAUTH PLAIN\r\nAGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==\r\nRETR 2\r\nRETR 3\r\nRETR 4\r\nRETR 6\r\nDELE "
    "6\r\nQUIT\r\n",
    "AUTH LOGIN\r\nYWxpY2VAZXhhbXBsZS5vcmc=\r\nc2VjcmV0\r\nRETR 5\r\nTOP 5 1\r\nDELE 5\r\nSTAT\r\nQUIT\r\n",
    "APOP alice@example.org 3f18b52881e44c0cc6067f46e0ced7bc\r\nDELE 1\r\nDELE 2\r\nDELE 3\r\nDELE 4\r\nDELE 5\r\nDELE "
    "6\r\nLIST\r\nUIDL\r\n"
    "QUIT\r\n",
    "STLS\r\nAUTH GSSAPI\r\n*\r\nAUTH PLAIN\r\n*\r\nUSER nobody\r\nPASS wrong\r\nUSER alice@example.org\r\nPASS "
    "secret\r\nDELE 1\r\nRETR "
    "2\r\n",
    "LANG\r\nLANG de\r\nUTF8\r\nUSER alice@example.org\r\nPASS secret\r\nLANG ja\r\nRETR 1\r\nDELE 1\r\nRETR 1\r\nLANG "
    "en\r\nQUIT\r\n",
    "USER alice@example.org\r\nPASS secret\r\nDELE 3\r\nRSET\r\nDELE 2\r\nLIST 2\r\nQUIT\r\n",
};

}  // namespace posthouse::pop3d
