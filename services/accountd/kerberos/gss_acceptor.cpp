// A GSS-API acceptor of Kerberos V5 (RFC 2743 §2.2, RFC 4121), as RFC 4752 §3.2 asks for one.
#include "kerberos/gss_acceptor.h"

#include <vector>

#include "kerberos/files.h"
#include "kerberos/gss_handles.h"
#include "logins/mechanism.h"

namespace posthouse::accountd {
namespace {

/// All that a status code says. On the thread that got it: that is where Kerberos keeps its words.
std::string textOf(OM_uint32 code, int type) {
  std::string text;
  OM_uint32 minor = 0;
  OM_uint32 more = 0;
  do {
    GssBuffer sentence;
    if (GSS_ERROR(gss_display_status(&minor, code, type, gss_mech_krb5, &more, sentence.out())) != 0) break;
    text.append(text.empty() ? "" : "; ").append(sentence.octets());
  } while (more != 0);
  return text;
}

/// Of a failure that GSS-API has no words for, only what Kerberos says.
std::string textOf(OM_uint32 major, OM_uint32 minor) {
  const std::string kerberos = minor == 0 ? std::string() : textOf(minor, GSS_C_MECH_CODE);
  if (GSS_ROUTINE_ERROR(major) == GSS_S_FAILURE && !kerberos.empty() && kerberos != "Success") return kerberos;
  const std::string general = textOf(major, GSS_C_GSS_CODE);
  return kerberos.empty() || kerberos == "Success" ? general : general + ": " + kerberos;
}

/// The credential is of Kerberos alone: to want another is to want another mechanism.
bool isMalformed(OM_uint32 major) {
  const OM_uint32 error = GSS_ROUTINE_ERROR(major);
  return GSS_CALLING_ERROR(major) != 0 || error == GSS_S_DEFECTIVE_TOKEN || error == GSS_S_BAD_MECH ||
         error == GSS_S_NO_CRED;
}

Rejection rejection(OM_uint32 major, OM_uint32 minor) {
  return {.isMalformed = isMalformed(major), .reason = textOf(major, minor)};
}

class GssSecurityContext final : public SecurityContext {
 public:
  GssSecurityContext(const std::string& keytab, const std::string& replayCache, std::string service)
      : keytab_(keytab), replayCache_(replayCache), service_(std::move(service)) {}

  std::expected<Accepted, Rejection> accept(std::string_view token) override {
    if (credential_.get() == nullptr) acquire();
    gss_buffer_desc input = gssInput(token);
    GssBuffer output;
    gss_OID mechanism = GSS_C_NO_OID;
    OM_uint32 minor = 0;
    // Without channel bindings (RFC 4752 §5): those of clients that send some all the same are not looked at.
    const OM_uint32 major =
        gss_accept_sec_context(&minor, context_.out(), credential_.get(), &input, GSS_C_NO_CHANNEL_BINDINGS,
                               initiator_.out(), &mechanism, output.out(), nullptr, nullptr, nullptr);
    if (GSS_ERROR(major) != 0 && isOfFiles(static_cast<krb5_error_code>(minor)))
      throw MechanismUnavailable("keytab or replay cache cannot be used: " + textOf(major, minor));
    if (GSS_ERROR(major) != 0) return std::unexpected(rejection(major, minor));
    const bool isComplete = (major & GSS_S_CONTINUE_NEEDED) == 0;
    if (isComplete && gss_oid_equal(mechanism, gss_mech_krb5) == 0)
      return std::unexpected(Rejection{.isMalformed = true, .reason = "a mechanism of GSS-API other than Kerberos"});
    return Accepted{output.octets(), isComplete};
  }

  std::string initiator() override {
    GssBuffer name;
    OM_uint32 minor = 0;
    const OM_uint32 major = gss_display_name(&minor, initiator_.get(), name.out(), nullptr);
    return GSS_ERROR(major) == 0 ? name.octets() : std::string();
  }

  std::expected<std::string, Rejection> wrap(std::string_view message) override {
    gss_buffer_desc input = gssInput(message);
    GssBuffer output;
    OM_uint32 minor = 0;
    const OM_uint32 major = gss_wrap(&minor, context_.get(), 0, GSS_C_QOP_DEFAULT, &input, nullptr, output.out());
    if (major != GSS_S_COMPLETE) return std::unexpected(rejection(major, minor));
    return output.octets();
  }

  std::expected<std::string, Rejection> unwrap(std::string_view token) override {
    gss_buffer_desc input = gssInput(token);
    GssBuffer output;
    OM_uint32 minor = 0;
    const OM_uint32 major = gss_unwrap(&minor, context_.get(), &input, output.out(), nullptr, nullptr);
    if (major != GSS_S_COMPLETE) return std::unexpected(rejection(major, minor));  // RFC 4752 §3
    return output.octets();
  }

  bool hasExpired() override {
    OM_uint32 minor = 0;
    OM_uint32 seconds = 0;
    return gss_context_time(&minor, context_.get(), &seconds) != GSS_S_COMPLETE;
  }

 private:
  /// The right to accept for the service, by whatever host name (a host-based name without one): a ticket for another
  /// service cannot be decrypted with it.
  void acquire() {
    requireReadable(keytab_);  // Kerberos would say so, too, and lose some memory each time
    gss_buffer_desc text = gssInput(service_);
    GssName name;
    OM_uint32 minor = 0;
    OM_uint32 major = gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, name.out());
    if (GSS_ERROR(major) != 0) throw MechanismUnavailable(textOf(major, minor));
    std::vector<gss_key_value_element_desc> elements{{"keytab", keytab_.c_str()}};
    if (!replayCache_.empty()) elements.push_back({"rcache", replayCache_.c_str()});
    const gss_key_value_set_desc store{static_cast<OM_uint32>(elements.size()), elements.data()};
    gss_OID_set_desc kerberosOnly{1, gss_mech_krb5};
    major = gss_acquire_cred_from(&minor, name.get(), GSS_C_INDEFINITE, &kerberosOnly, GSS_C_ACCEPT, &store,
                                  credential_.out(), nullptr, nullptr);
    if (GSS_ERROR(major) != 0)
      throw MechanismUnavailable("no key of " + service_ + " in " + keytab_ + ": " + textOf(major, minor));
  }

  const std::string& keytab_;
  const std::string& replayCache_;
  const std::string service_;
  GssCredential credential_;
  GssContext context_;
  GssName initiator_;
};

}  // namespace

std::unique_ptr<SecurityContext> GssAcceptor::begin(std::string service) {
  return std::make_unique<GssSecurityContext>(keytab_, replayCache_, std::move(service));
}

}  // namespace posthouse::accountd
