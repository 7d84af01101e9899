#include "net/ticket_keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace posthouse::net {

namespace {

constexpr std::size_t kNameSize = 16;
constexpr std::size_t kSecretSize = 64;

std::string derived(const std::string& secret, std::string_view purpose, std::int64_t period) {
  const std::string message = std::string(purpose) + ' ' + std::to_string(period);
  std::string octets(64, '\0');
  unsigned size = 0;
  HMAC(EVP_sha512(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
       reinterpret_cast<unsigned char*>(octets.data()), &size);
  return octets;
}

std::string randomSecret() {
  std::string octets(kSecretSize, '\0');
  if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(octets.data()), static_cast<int>(octets.size())) != 1)
    throw std::runtime_error("no random octets for the keys of session tickets");
  return octets;
}

void forget(std::string& octets) {
  OPENSSL_cleanse(octets.data(), octets.size());
}

}  // namespace

struct TicketKeys::Key {
  std::string name;     // kNameSize octets, in the clear in each ticket
  std::string secrets;  // 32 octets to encrypt, 32 to authenticate

  Key(const std::string& secret, std::int64_t period)
      : name(derived(secret, "name", period).substr(0, kNameSize)), secrets(derived(secret, "keys", period)) {}
  Key(Key&&) = default;
  Key(const Key&) = delete;
  ~Key() { forget(secrets); }

  unsigned char* cipher() { return reinterpret_cast<unsigned char*>(secrets.data()); }
  unsigned char* mac() { return cipher() + 32; }
};

namespace {

std::int64_t periodOf(std::chrono::system_clock::time_point time) {
  return time.time_since_epoch() / TicketKeys::kLifetime;
}

}  // namespace

/// What OpenSSL calls, RFC 5077 §4's construction.
struct TicketCallback {
  static int call(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                  int seal) {
    auto* keys = static_cast<TicketKeys*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    const auto authenticateWith = [&](TicketKeys::Key& key) {
      char digest[] = "SHA256";
      const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac(), 32),
                                       OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                       OSSL_PARAM_construct_end()};
      return EVP_MAC_CTX_set_params(mac, parameters) == 1;
    };
    constexpr int kFailed = -1;
    constexpr int kUnknown = 0;
    constexpr int kGood = 1;
    constexpr int kGoodButRenew = 2;
    if (seal != 0) {
      TicketKeys::Key key = keys->sealing();
      std::memcpy(name, key.name.data(), kNameSize);
      const bool made = RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1 &&
                        EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher(), iv) == 1 &&
                        authenticateWith(key);
      return made ? kGood : kFailed;
    }
    bool isCurrent = false;
    auto key = keys->opening(std::string_view(reinterpret_cast<const char*>(name), kNameSize), isCurrent);
    if (!key) return kUnknown;
    const bool made =
        EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key->cipher(), iv) == 1 && authenticateWith(*key);
    if (!made) return kFailed;
    // Of TLS 1.3 a client uses a ticket once and needs another (RFC 8446 §C.4).
    return isCurrent && SSL_version(ssl) != TLS1_3_VERSION ? kGood : kGoodButRenew;
  }
};

TicketKeys::TicketKeys(WallClock now) : now_(std::move(now)), secret_{randomSecret(), now_()} {}

TicketKeys::~TicketKeys() {
  forget(secret_.octets);
  if (previous_) forget(previous_->octets);
}

void TicketKeys::replace(std::string octets) {
  if (octets == secret_.octets) return;
  if (previous_) forget(previous_->octets);
  previous_ = std::exchange(secret_, {std::move(octets), now_()});
  previous_->since = secret_.since;
}

void TicketKeys::share(std::string_view secret) {
  isShared_ = true;
  replace(derived(std::string(secret), "posthouse session tickets", 0));
}

void TicketKeys::keepPrivate() {
  if (std::exchange(isShared_, false)) replace(randomSecret());
}

void TicketKeys::useIn(ssl_ctx_st* context) {
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, TicketCallback::call);
  SSL_CTX_set_timeout(context, std::chrono::seconds(kLifetime).count());
}

TicketKeys::Key TicketKeys::sealing() {
  const auto now = now_();
  if (!isShared_ && now - secret_.since >= kLifetime) replace(randomSecret());
  return Key(secret_.octets, periodOf(now));
}

std::optional<TicketKeys::Key> TicketKeys::opening(std::string_view name, bool& isCurrent) {
  const auto now = now_();
  const std::int64_t period = periodOf(now);
  if (previous_ && now - previous_->since >= kLifetime) {
    forget(previous_->octets);
    previous_.reset();
  }
  for (const std::int64_t each : {period, period - 1, period + 1}) {
    if (Key key(secret_.octets, each); key.name == name) {
      isCurrent = each == period;
      return key;
    }
    if (!previous_) continue;
    if (Key key(previous_->octets, each); key.name == name) {
      isCurrent = false;
      return key;
    }
  }
  return std::nullopt;
}

}  // namespace posthouse::net
