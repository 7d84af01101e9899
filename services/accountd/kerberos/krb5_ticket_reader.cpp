// The server's side of the AP exchange, RFC 4120 §3.2.3 and §3.2.4, as krb5_recvauth does it.
#include "kerberos/krb5_ticket_reader.h"

#include <fmt/format.h>

#include "crypto/digest.h"
#include "kerberos/files.h"
#include "kerberos/krb5_context.h"
#include "logins/mechanism.h"

namespace posthouse::accountd {
namespace {

/// What libkrb5 gives and wants back.
template <class Handle, auto release>
class Owned {
 public:
  explicit Owned(const Krb5Context& context) : context_(context) {}
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    if (handle_ != nullptr) release(context_, handle_);
  }

  Handle get() const noexcept { return handle_; }
  Handle* out() noexcept { return &handle_; }

 private:
  const Krb5Context& context_;
  Handle handle_ = nullptr;
};

using Principal = Owned<krb5_principal, krb5_free_principal>;
using Keytab = Owned<krb5_keytab, krb5_kt_close>;
using AuthContext = Owned<krb5_auth_context, krb5_auth_con_free>;
using Ticket = Owned<krb5_ticket*, krb5_free_ticket>;
using AuthenticatorHandle = Owned<krb5_authenticator*, krb5_free_authenticator>;

/// Octets that libkrb5 made.
class Krb5Octets {
 public:
  explicit Krb5Octets(const Krb5Context& context) : context_(context) {}
  Krb5Octets(const Krb5Octets&) = delete;
  Krb5Octets& operator=(const Krb5Octets&) = delete;
  ~Krb5Octets() { krb5_free_data_contents(context_, &data_); }

  krb5_data* out() noexcept { return &data_; }
  std::string octets() const { return {data_.data, data_.length}; }

 private:
  const Krb5Context& context_;
  krb5_data data_{};
};

/// Octets of ours, which it only reads.
krb5_data dataOf(std::string_view octets) {
  return {
      .magic = KV5M_DATA, .length = static_cast<unsigned int>(octets.size()), .data = const_cast<char*>(octets.data())};
}

/// A service on any host, in any realm: what krb5_sname_match knows as a matching principal.
void anyHost(const Krb5Context& context, const std::string& service, Principal& principal) {
  context.check(krb5_parse_name(context, (service + "/@").c_str(), principal.out()));
  principal.get()->type = KRB5_NT_SRV_HST;
}

/// Kerberos has its codes, and libkrb5 more of its own.
std::int32_t protocolCode(krb5_error_code code) {
  constexpr krb5_error_code kLast = 127;
  const krb5_error_code offset = code - ERROR_TABLE_BASE_krb5;
  return offset > 0 && offset <= kLast ? offset : kGenericError;
}

/// Without what a context adds, such as names of principals and versions of keys.
std::string generalText(krb5_error_code code) {
  return krb5_get_error_message(nullptr, code);
}

bool isMalformed(krb5_error_code code) {
  constexpr krb5_error_code kTable = 256;
  const krb5_error_code offset = code - ERROR_TABLE_BASE_asn1;
  return (offset >= 0 && offset < kTable) || code == KRB5_BADMSGTYPE || code == KRB5KRB_AP_ERR_BADVERSION ||
         code == KRB5KRB_AP_ERR_MSG_TYPE;
}

/// GSS-API has its own checksum in place of one (RFC 4121 §4.1.1). Its AP-REQ proves little there: more follows under
/// a key. Whoever has heard it must not get in with it here, where nothing follows.
bool isOfGssApi(const krb5_authenticator& authenticator) {
  constexpr krb5_cksumtype kChecksum = 0x8003;
  return authenticator.checksum != nullptr && authenticator.checksum->checksum_type == kChecksum;
}

/// The authenticator is sealed, and names its client and when it was made (RFC 4120 §3.2.3). What stands around it may
/// be spelled in more than one way.
std::string proofOf(const Krb5Context& context, const krb5_authenticator& authenticator) {
  const std::string made = fmt::format("{} {} {} {}", authenticator.ctime, authenticator.cusec,
                                       authenticator.seq_number, context.nameOf(authenticator.client));
  return std::string(crypto::sha256(made).view());
}

}  // namespace

std::expected<ShownTicket, BadTicket> Krb5TicketReader::read(const std::string& service, std::string_view request) try {
  requireReadable(keytab_);
  const Krb5Context context;
  Keytab keytab(context);
  context.check(krb5_kt_resolve(context, keytab_.c_str(), keytab.out()));
  Principal server(context);
  anyHost(context, service, server);
  AuthContext exchange(context);
  context.check(krb5_auth_con_init(context, exchange.out()));
  context.check(krb5_auth_con_setflags(context, exchange.get(), 0));  // KRB5_AUTH_CONTEXT_DO_TIME: the replay cache
  const krb5_data input = dataOf(request);
  krb5_flags options = 0;
  Ticket ticket(context);
  context.check(krb5_rd_req(context, exchange.out(), &input, server.get(), keytab.get(), &options, ticket.out()));
  AuthenticatorHandle authenticator(context);
  context.check(krb5_auth_con_getauthenticator(context, exchange.get(), authenticator.out()));
  if (isOfGssApi(*authenticator.get()))
    return std::unexpected(BadTicket{.isMalformed = false,
                                     .code = kGenericError,
                                     .text = "An AP-REQ of GSS-API",
                                     .reason = "an AP-REQ that was made for GSS-API"});
  ShownTicket shown{.principal = context.nameOf(ticket.get()->enc_part2->client),
                    .reply = {},
                    .proof = proofOf(context, *authenticator.get())};
  if ((options & AP_OPTS_MUTUAL_REQUIRED) != 0) {
    Krb5Octets reply(context);
    context.check(krb5_mk_rep(context, exchange.get(), reply.out()));
    shown.reply = reply.octets();
  }
  return shown;
} catch (const Krb5Error& error) {
  if (isOfFiles(error.code)) throw MechanismUnavailable(std::string("the keytab cannot be used: ") + error.what());
  return std::unexpected(BadTicket{.isMalformed = isMalformed(error.code),
                                   .code = protocolCode(error.code),
                                   .text = generalText(error.code),
                                   .reason = error.what()});
}

std::string Krb5TicketReader::refusal(const std::string& service, std::int32_t code, const std::string& text) {
  const Krb5Context context;
  Principal server(context);
  anyHost(context, service, server);
  krb5_error error{};
  context.check(krb5_us_timeofday(context, &error.stime, &error.susec));
  error.error = static_cast<krb5_ui_4>(code);
  error.server = server.get();
  // Clients print it as it is in memory: with its NUL, as krb5_recvauth sends it.
  error.text = dataOf(std::string_view(text.c_str(), text.size() + 1));
  Krb5Octets encoded(context);
  context.check(krb5_mk_error(context, &error, encoded.out()));
  return encoded.octets();
}

}  // namespace posthouse::accountd
