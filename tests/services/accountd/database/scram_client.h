#pragma once
#include <string>

#include "base/base64.h"
#include "crypto/hash.h"
#include "logins/conversation.h"

namespace posthouse::test {

/// A client of SCRAM-SHA-256 (RFC 5802 §3) that knows one password.
class ScramClient final : public accountd::Conversation {
 public:
  ScramClient(std::string user, std::string password)
      : password_(std::move(password)), bare_("n=" + user + ",r=mine") {}

  std::string first() const { return "n,," + bare_; }
  /// "r=…,s=…,i=…" without the nonce: what a stranger sees of somebody's keys.
  const std::string& salt() const { return salt_; }
  bool wasConvinced() const { return wasConvinced_; }

  Task<std::string> ask(std::string challenge) override {
    if (challenge.starts_with("v=")) {
      const std::string key = crypto::hmac(crypto::Hash::sha256, salted_, "Server Key");
      wasConvinced_ = challenge == "v=" + base64::encode(crypto::hmac(crypto::Hash::sha256, key, auth_));
      co_return std::string();
    }
    const std::size_t salt = challenge.find(",s=");
    const std::size_t iterations = challenge.find(",i=");
    salt_ = challenge.substr(salt + 1);
    const auto octets = base64::decode(challenge.substr(salt + 3, iterations - salt - 3));
    salted_ = crypto::pbkdf2(crypto::Hash::sha256, password_, octets.value(),
                             static_cast<std::uint32_t>(std::stoul(challenge.substr(iterations + 3))), 32);
    const std::string clientKey = crypto::hmac(crypto::Hash::sha256, salted_, "Client Key");
    const std::string final = "c=biws," + challenge.substr(0, salt);
    auth_ = bare_ + "," + challenge + "," + final;
    std::string proof = crypto::hmac(crypto::Hash::sha256, crypto::digest(crypto::Hash::sha256, clientKey), auth_);
    for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ clientKey[i]);
    co_return final + ",p=" + base64::encode(proof);
  }

 private:
  const std::string password_;
  const std::string bare_;
  std::string salt_;
  std::string salted_;
  std::string auth_;
  bool wasConvinced_ = false;
};

}  // namespace posthouse::test
