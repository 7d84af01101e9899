// Secrets that are kept as they are: APOP (RFC 1939 §7) and CRAM-MD5 (RFC 2195).
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "account_admin.h"
#include "base/ascii.h"
#include "crypto/secret.h"
#include "mail/admin/v1/shared_secrets.grpc.pb.h"
#include "password_input.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

using Stub = admin::SharedSecrets::Stub;

const Option kSecretStdin{"secret-stdin", "",
                          "the secret is the first line of standard input (it always is; a terminal asks for it)"};
const Option kOff{"off", "", "turn it off, and forget the secret"};

bool has(const admin::AccountSharedSecrets& user, admin::SharedSecretKind kind) {
  return std::ranges::find(user.kinds(), kind) != user.kinds().end();
}

nlohmann::json asJson(const admin::AccountSharedSecrets& user) {
  return {{"address", user.address()},
          {"apop", has(user, admin::SHARED_SECRET_KIND_APOP)},
          {"cram_md5", has(user, admin::SHARED_SECRET_KIND_CRAM_MD5)}};
}

ExitCode turnOff(Context& context, const std::string& address, admin::SharedSecretKind kind, std::string_view name) {
  admin::RemoveSharedSecretRequest request;
  request.set_address(address);
  request.set_kind(kind);
  const auto user = ask<admin::AccountSharedSecrets>(context, &Stub::RemoveSharedSecret, request);
  context.output().done(fmt::format("{} cannot log in by {} any more.", user.address(), name), asJson(user));
  return ExitCode::done;
}

ExitCode turnOn(Context& context, const std::string& address, admin::SharedSecretKind kind, std::string_view name) {
  admin::SetSharedSecretRequest request;
  request.set_address(address);
  request.set_kind(kind);
  request.set_secret(readPassword("secret", fmt::format("user {} ADDRESS --secret-stdin", ascii::toLower(name))));
  const auto user = ask<admin::AccountSharedSecrets>(context, &Stub::SetSharedSecret, request);
  crypto::wipe(*request.mutable_secret());
  context.output().done(fmt::format("{} can log in by {} with this secret.", user.address(), name), asJson(user));
  return ExitCode::done;
}

ExitCode turn(Context& context, const Arguments& arguments, admin::SharedSecretKind kind, std::string_view name) {
  const std::string& address = arguments.positional[0];
  if (!arguments.has(kOff.name)) return turnOn(context, address, kind, name);
  if (arguments.has(kSecretStdin.name)) throw Failure(ExitCode::usage, "--off takes no secret");
  return turnOff(context, address, kind, name);
}

ExitCode apop(Context& context, const Arguments& arguments) {
  return turn(context, arguments, admin::SHARED_SECRET_KIND_APOP, "APOP");
}
ExitCode cramMd5(Context& context, const Arguments& arguments) {
  return turn(context, arguments, admin::SHARED_SECRET_KIND_CRAM_MD5, "CRAM-MD5");
}

std::vector<admin::AccountSharedSecrets> usersOf(Context& context, const std::string& domain) {
  std::vector<admin::AccountSharedSecrets> users;
  admin::ListSharedSecretsRequest request;
  request.set_domain(domain);
  while (true) {
    const auto page = ask<admin::ListSharedSecretsResponse>(context, &Stub::ListSharedSecrets, request);
    if (page.accounts().empty()) return users;
    users.insert(users.end(), page.accounts().begin(), page.accounts().end());
    request.set_after(users.back().address());
  }
}

ExitCode list(Context& context, const Arguments& arguments) {
  const std::string whose = arguments.positional.empty() ? "" : arguments.positional[0];
  std::vector<admin::AccountSharedSecrets> users;
  if (whose.contains('@')) {
    admin::GetSharedSecretsRequest request;
    request.set_address(whose);
    users.push_back(ask<admin::AccountSharedSecrets>(context, &Stub::GetSharedSecrets, request));
  } else {
    users = usersOf(context, whose);
  }
  const auto onOrOff = [](bool isOn) { return std::string(isOn ? "on" : "off"); };
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto& user : users) {
    json.push_back(asJson(user));
    rows.push_back({user.address(), onOrOff(has(user, admin::SHARED_SECRET_KIND_APOP)),
                    onOrOff(has(user, admin::SHARED_SECRET_KIND_CRAM_MD5))});
  }
  context.output().table({"ADDRESS", "APOP", "CRAM-MD5"}, rows, json);
  return ExitCode::done;
}

}  // namespace

std::vector<Verb> sharedSecretVerbs() {
  return {
      {"user",
       "apop",
       "ADDRESS",
       1,
       1,
       {kSecretStdin, kOff},
       "Let a user log in to POP3 by APOP, with a secret of its own",
       "For clients that have to read mail without TLS, at listeners of pop3d with apop = true. accountd keeps the\n"
       "secret itself, sealed with accountd.sealing_keys: make it long, and another than the password. It stays when\n"
       "the password changes.",
       apop},
      {"user",
       "cram-md5",
       "ADDRESS",
       1,
       1,
       {kSecretStdin, kOff},
       "Let a user log in by CRAM-MD5, with a secret of its own",
       "For clients that know nothing newer, where accountd.mechanisms names CRAM-MD5. accountd keeps the secret\n"
       "itself, sealed with accountd.sealing_keys: make it long, and another than the password. It stays when the\n"
       "password changes.",
       cramMd5},
      {"user", "secrets", "[ADDRESS|DOMAIN]", 0, 1, {}, "Who may log in by APOP or CRAM-MD5", "", list},
  };
}

}  // namespace posthouse::mailctl
