#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "account_admin.h"
#include "certificate_file.h"
#include "crypto/client_certificate.h"
#include "input_file.h"
#include "mail/admin/v1/certificates.grpc.pb.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

using Stub = admin::CertificateAdmin::Stub;

std::string fingerprintOf(const admin::ClientCertificate& certificate) {
  const auto fingerprint = crypto::parseFingerprint(crypto::hex(certificate.fingerprint()));
  return fingerprint ? crypto::fingerprintText(*fingerprint) : "";
}

nlohmann::json asJson(const admin::ClientCertificate& certificate) {
  return {{"address", certificate.address()},     {"fingerprint", fingerprintOf(certificate)},
          {"label", certificate.label()},         {"subject", certificate.subject()},
          {"not_after", certificate.not_after()}, {"added_at", certificate.added_at()}};
}

ExitCode add(Context& context, const Arguments& arguments) {
  admin::AddCertificateRequest request;
  request.set_address(arguments.positional[0]);
  request.set_certificate(firstCertificate(readInput(arguments.positional[1]), arguments.positional[1]));
  request.set_label(arguments.option("label").value_or(""));
  const auto added = ask<admin::ClientCertificate>(context, &Stub::AddCertificate, request);
  context.output().done(fmt::format("{} logs in with the certificate {} until {}.", added.address(),
                                    fingerprintOf(added), humanTime(added.not_after())),
                        asJson(added));
  return ExitCode::done;
}

ExitCode list(Context& context, const Arguments& arguments) {
  admin::ListCertificatesRequest request;
  request.set_address(arguments.positional[0]);
  const auto response = ask<admin::ListCertificatesResponse>(context, &Stub::ListCertificates, request);
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const admin::ClientCertificate& certificate : response.certificates()) {
    json.push_back(asJson(certificate));
    rows.push_back({certificate.label().empty() ? "-" : certificate.label(), certificate.subject(),
                    humanTime(certificate.not_after()), humanTime(certificate.added_at()), fingerprintOf(certificate)});
  }
  context.output().table({"LABEL", "SUBJECT", "EXPIRES", "ADDED", "SHA-256 FINGERPRINT"}, rows, json);
  return ExitCode::done;
}

ExitCode remove(Context& context, const Arguments& arguments) {
  const std::string& text = arguments.positional[1];
  const auto fingerprint = crypto::parseFingerprint(text);
  if (!fingerprint)
    throw Failure(ExitCode::usage,
                  fmt::format("\"{}\" is no SHA-256 fingerprint; mailctl user certificate list {} shows them", text,
                              arguments.positional[0]));
  admin::RemoveCertificateRequest request;
  request.set_address(arguments.positional[0]);
  request.set_fingerprint(std::string(fingerprint->view()));
  ask<admin::RemoveCertificateResponse>(context, &Stub::RemoveCertificate, request);
  context.output().done(fmt::format("{} logs in with that certificate no more.", arguments.positional[0]),
                        {{"address", arguments.positional[0]}, {"removed", crypto::fingerprintText(*fingerprint)}});
  return ExitCode::done;
}

}  // namespace

std::vector<Verb> certificateVerbs() {
  return {
      {"user",
       "certificate add",
       "ADDRESS FILE",
       2,
       2,
       {{"label", "TEXT", "what to call it: the device that it is on"}},
       "Let a user log in with a certificate",
       "FILE holds the certificate in PEM or DER, \"-\" is standard input; its key is neither needed nor sent. It may "
       "be\n"
       "signed by anybody, also by itself. Clients show it where tls.client_certificates says \"request\", and log in "
       "by\n"
       "SASL EXTERNAL.",
       add},
      {"user", "certificate list", "ADDRESS", 1, 1, {}, "With which certificates a user logs in", "", list},
      {"user",
       "certificate remove",
       "ADDRESS FINGERPRINT",
       2,
       2,
       {},
       "Let a user log in with a certificate no more",
       "FINGERPRINT as the list shows it, or openssl x509 -noout -fingerprint -sha256.",
       remove},
  };
}

}  // namespace posthouse::mailctl
