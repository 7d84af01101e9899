#pragma once
#include <krb5.h>

#include <catch2/catch.hpp>
#include <ctime>
#include <string>
#include <vector>

#include "kerberos/gss_handles.h"
#include "support/child_process.h"

// Exported by libkrb5, and in none of its headers.
extern "C" {
krb5_error_code krb5_encrypt_tkt_part(krb5_context, const krb5_keyblock*, krb5_ticket*);
krb5_error_code encode_krb5_ticket(const krb5_ticket*, krb5_data**);
}

namespace posthouse::accountd {

/// What a KDC would have put into a ticket; times in seconds from now.
struct Forgery {
  std::string client = "alice@EXAMPLE.TEST";
  std::string service = "imap/mail.test@EXAMPLE.TEST";
  std::string named = service;  // in the clear beside what the service's key seals
  int starts = -60;
  int ends = 3600;
};

/// A keytab, and tickets made with its keys instead of by a KDC.
class Forge {
 public:
  Forge() {
    REQUIRE(krb5_init_context(&context_) == 0);
    REQUIRE(krb5_kt_resolve(context_, ("WRFILE:" + keytab()).c_str(), &keytab_) == 0);
  }
  Forge(const Forge&) = delete;
  Forge& operator=(const Forge&) = delete;
  ~Forge() {
    krb5_kt_close(context_, keytab_);
    krb5_free_context(context_);
  }

  std::string keytab() const { return file("keytab"); }
  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }

  void addKey(const std::string& service, krb5_kvno kvno = 1) {
    krb5_keytab_entry entry{};
    entry.principal = parse(service);
    entry.vno = kvno;
    REQUIRE(krb5_c_make_random_key(context_, ENCTYPE_AES256_CTS_HMAC_SHA1_96, &entry.key) == 0);
    REQUIRE(krb5_kt_add_entry(context_, keytab_, &entry) == 0);
    krb5_free_keytab_entry_contents(context_, &entry);
  }

  /// A credential cache, in memory, that holds the ticket; its name. The client believes that it is good.
  std::string ticket(const Forgery& forgery) {
    const auto now = static_cast<krb5_timestamp>(std::time(nullptr));
    krb5_keytab_entry entry{};
    krb5_principal service = parse(forgery.service);
    REQUIRE(krb5_kt_get_entry(context_, keytab_, service, 0, 0, &entry) == 0);
    krb5_keyblock session{};
    REQUIRE(krb5_c_make_random_key(context_, ENCTYPE_AES256_CTS_HMAC_SHA1_96, &session) == 0);

    krb5_enc_tkt_part sealed{};
    sealed.client = parse(forgery.client);
    sealed.session = &session;
    sealed.transited.tr_type = KRB5_DOMAIN_X500_COMPRESS;
    sealed.times = {now + forgery.starts, now + forgery.starts, now + forgery.ends, 0};
    krb5_ticket ticket{};
    ticket.server = parse(forgery.named);
    ticket.enc_part2 = &sealed;
    REQUIRE(krb5_encrypt_tkt_part(context_, &entry.key, &ticket) == 0);
    ticket.enc_part.kvno = entry.vno;
    krb5_data* encoded = nullptr;
    REQUIRE(encode_krb5_ticket(&ticket, &encoded) == 0);

    krb5_creds credentials{};
    credentials.client = sealed.client;
    credentials.server = ticket.server;
    credentials.keyblock = session;
    credentials.times = {now - 60, now - 60, now + 3600, 0};
    credentials.ticket = *encoded;
    krb5_ccache cache = nullptr;
    REQUIRE(krb5_cc_new_unique(context_, "MEMORY", nullptr, &cache) == 0);
    REQUIRE(krb5_cc_initialize(context_, cache, credentials.client) == 0);
    REQUIRE(krb5_cc_store_cred(context_, cache, &credentials) == 0);
    const std::string name = std::string("MEMORY:") + krb5_cc_get_name(context_, cache);
    krb5_cc_close(context_, cache);  // the cache itself stays until the process ends

    krb5_free_data(context_, encoded);
    krb5_free_data_contents(context_, &ticket.enc_part.ciphertext);
    krb5_free_principal(context_, ticket.server);
    krb5_free_principal(context_, sealed.client);
    krb5_free_principal(context_, service);
    krb5_free_keyblock_contents(context_, &session);
    krb5_free_keytab_entry_contents(context_, &entry);
    return name;
  }

 private:
  krb5_principal parse(const std::string& name) {
    krb5_principal principal = nullptr;
    REQUIRE(krb5_parse_name(context_, name.c_str(), &principal) == 0);
    return principal;
  }

  test::TemporaryFolder folder_;
  krb5_context context_ = nullptr;
  krb5_keytab keytab_ = nullptr;
};

/// A client of GSS-API with a forged ticket.
class Initiator {
 public:
  static constexpr OM_uint32 kMutual = GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG;

  Initiator(Forge& forge, const Forgery& forgery, OM_uint32 flags = kMutual) : flags_(flags) {
    const std::string cache = forge.ticket(forgery);
    gss_key_value_element_desc element{"ccache", cache.c_str()};
    const gss_key_value_set_desc store{1, &element};
    OM_uint32 minor = 0;
    REQUIRE(gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, GSS_C_INITIATE, &store,
                                  credential_.out(), nullptr, nullptr) == GSS_S_COMPLETE);
    gss_buffer_desc name = gssInput(forgery.named);
    REQUIRE(gss_import_name(&minor, &name, GSS_KRB5_NT_PRINCIPAL_NAME, target_.out()) == GSS_S_COMPLETE);
  }

  std::string step(const std::string& token = {}) {
    gss_buffer_desc input = gssInput(token);
    GssBuffer output;
    OM_uint32 minor = 0;
    REQUIRE(GSS_ERROR(gss_init_sec_context(&minor, credential_.get(), context_.out(), target_.get(), gss_mech_krb5,
                                           flags_, 0, GSS_C_NO_CHANNEL_BINDINGS, &input, nullptr, output.out(), nullptr,
                                           nullptr)) == 0);
    return output.octets();
  }
  std::string wrap(const std::string& message) {
    gss_buffer_desc input = gssInput(message);
    GssBuffer output;
    OM_uint32 minor = 0;
    REQUIRE(gss_wrap(&minor, context_.get(), 0, GSS_C_QOP_DEFAULT, &input, nullptr, output.out()) == GSS_S_COMPLETE);
    return output.octets();
  }
  std::string unwrap(const std::string& token) {
    gss_buffer_desc input = gssInput(token);
    GssBuffer output;
    OM_uint32 minor = 0;
    REQUIRE(gss_unwrap(&minor, context_.get(), &input, output.out(), nullptr, nullptr) == GSS_S_COMPLETE);
    return output.octets();
  }

 private:
  const OM_uint32 flags_;
  GssCredential credential_;
  GssName target_;
  GssContext context_;
};

}  // namespace posthouse::accountd
