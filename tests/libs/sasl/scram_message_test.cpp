#include "sasl/scram_message.h"

#include <catch2/catch.hpp>

#include "base/base64.h"

using namespace posthouse;
using namespace posthouse::sasl;
using namespace std::string_literals;

TEST_CASE("SCRAM: the client's first message is read", "[sasl]") {
  const auto first = parseScramClientFirst("p=tls-exporter,a=a=2Cdmin,n=us=3Der,r=no=nce,x=ext=ension,Y=\xC3\xA9");
  REQUIRE(first);
  CHECK(first->header == Gs2Header{ChannelBindingFlag::required, "tls-exporter", "a,dmin"});
  CHECK(first->username == "us=er");
  CHECK(first->nonce == "no=nce");
  CHECK(first->headerText == "p=tls-exporter,a=a=2Cdmin,");
  CHECK(first->bare == "n=us=3Der,r=no=nce,x=ext=ension,Y=\xC3\xA9");
}

TEST_CASE("SCRAM: a header writes what it was read from", "[sasl]") {
  const std::string text =
      GENERATE("n,,", "y,,", "p=tls-server-end-point,,", "n,a=ad=3Dmin,", "y,a==2C=3D=2C,", "p=x.Y-9,a=\xC3\xA9,");
  Cursor in(text);
  CHECK(toString(gs2Header(in)) == text);
  CHECK(in.atEnd());
}

TEST_CASE("SCRAM: what is no first message is refused", "[sasl]") {
  const auto [message, error] = GENERATE(table<std::string, ScramError>({
      {"", ScramError::invalidEncoding},
      {"n", ScramError::invalidEncoding},
      {"n,", ScramError::invalidEncoding},
      {"n,,", ScramError::invalidEncoding},
      {"n,,n=user", ScramError::invalidEncoding},
      {"n,,n=user,", ScramError::invalidEncoding},
      {"n,,n=user,r=", ScramError::invalidEncoding},
      {"n,,n=user,r=abc,", ScramError::invalidEncoding},
      {"n,,r=abc,n=user", ScramError::invalidEncoding},
      {"n,,r=abc", ScramError::invalidEncoding},
      {"n,n=user,r=abc", ScramError::invalidEncoding},
      {",,n=user,r=abc", ScramError::invalidEncoding},
      {"N,,n=user,r=abc", ScramError::invalidEncoding},
      {"n,,N=user,r=abc", ScramError::invalidEncoding},
      {"n,,n=user,R=abc", ScramError::invalidEncoding},
      {" n,,n=user,r=abc", ScramError::invalidEncoding},
      {"x,,n=user,r=abc", ScramError::invalidEncoding},
      {"F,n,,n=user,r=abc", ScramError::invalidEncoding},
      {"n=,,n=user,r=abc", ScramError::invalidEncoding},
      {"p,,n=user,r=abc", ScramError::invalidEncoding},
      {"p=,,n=user,r=abc", ScramError::invalidEncoding},
      {"p=tls_unique,,n=user,r=abc", ScramError::invalidEncoding},
      {"n,user,n=user,r=abc", ScramError::invalidEncoding},
      {"n,a=,n=user,r=abc", ScramError::invalidEncoding},
      {"n,a=a=b,n=user,r=abc", ScramError::invalidEncoding},
      {"n,a=\xFF,n=user,r=abc", ScramError::invalidEncoding},
      {"n,,n=user,r=a c", ScramError::invalidEncoding},
      {"n,,n=user,r=\xC3\xA9", ScramError::invalidEncoding},
      {"n,,n=user,r=a\0c"s, ScramError::invalidEncoding},
      {"n,,n=user,r=abc\n", ScramError::invalidEncoding},
      {"n,,n=user,r=abc,x", ScramError::invalidEncoding},
      {"n,,n=user,r=abc,x=", ScramError::invalidEncoding},
      {"n,,n=user,r=abc,1=x", ScramError::invalidEncoding},
      {"n,,n=user,r=abc,x=a,,y=b", ScramError::invalidEncoding},
      {"n,,n=user,r=abc,x=\xFF", ScramError::invalidEncoding},
      {"n,,n=user,r=abc,x=\0"s, ScramError::invalidEncoding},
      {"n,,n=user,r=abc,r=def", ScramError::invalidEncoding},
      {"n,,n=user,r=abc,n=admin", ScramError::invalidEncoding},
      {"n,,n=user,r=abc,p=cHJvb2Y=", ScramError::invalidEncoding},
      {"n,,n=user,n=user,r=abc", ScramError::invalidEncoding},
      {"n,,n=,r=abc", ScramError::invalidUsernameEncoding},
      {"n,,n=us=er,r=abc", ScramError::invalidUsernameEncoding},
      {"n,,n=user=,r=abc", ScramError::invalidUsernameEncoding},
      {"n,,n=user=2,r=abc", ScramError::invalidUsernameEncoding},
      {"n,,n=user=2c,r=abc", ScramError::invalidUsernameEncoding},
      {"n,,n=user=3d,r=abc", ScramError::invalidUsernameEncoding},
      {"n,,n=user=00,r=abc", ScramError::invalidUsernameEncoding},
      {"n,,n=us\xFF"s + "er,r=abc", ScramError::invalidUsernameEncoding},
      {"n,,n=us\xC0\x80"s + "er,r=abc", ScramError::invalidUsernameEncoding},
      {"n,,n=us\xED\xA0\x80"s + "er,r=abc", ScramError::invalidUsernameEncoding},
      {"n,,n=us\0er,r=abc"s, ScramError::invalidEncoding},
      {"n,,m=x,n=user,r=abc", ScramError::extensionsNotSupported},
      {"n,,m=,n=user,r=abc", ScramError::extensionsNotSupported},
      {"n,,n=user,r=abc,m=x", ScramError::extensionsNotSupported},
      {"n,,n=user,r=abc,x=y,m=x", ScramError::extensionsNotSupported},
      {"n,,n=" + std::string(ScramClientFirst::kMaxSize, 'u') + ",r=abc", ScramError::invalidEncoding},
      {"n,,n=user,r=" + std::string(ScramClientFirst::kMaxSize, 'r'), ScramError::invalidEncoding},
  }));
  CAPTURE(message);
  CHECK(parseScramClientFirst(message) == std::unexpected(error));
}

TEST_CASE("SCRAM: a first message may be as long as it may be, and no longer", "[sasl]") {
  const std::string most = "n,,n=user,r=" + std::string(ScramClientFirst::kMaxSize - 12, 'r');
  CHECK(parseScramClientFirst(most));
  CHECK_FALSE(parseScramClientFirst(most + "r"));
}

TEST_CASE("SCRAM: the client's last message is read", "[sasl]") {
  const auto final = parseScramClientFinal("c=biws,r=no=nce,x=ext,y=\xC3\xA9,p=cHJvb2Y=");
  REQUIRE(final);
  CHECK(final->channelBinding == "n,,");
  CHECK(final->nonce == "no=nce");
  CHECK(final->proof == "proof");
  CHECK(final->withoutProof == "c=biws,r=no=nce,x=ext,y=\xC3\xA9");
}

TEST_CASE("SCRAM: what is no last message is refused", "[sasl]") {
  const auto [message, error] = GENERATE(table<std::string, ScramError>({
      {"", ScramError::invalidEncoding},
      {"c=biws", ScramError::invalidEncoding},
      {"c=biws,r=abc", ScramError::invalidEncoding},
      {"c=biws,r=abc,x=y", ScramError::invalidEncoding},
      {"c=biws,p=cHJvb2Y=", ScramError::invalidEncoding},
      {"r=abc,p=cHJvb2Y=", ScramError::invalidEncoding},
      {"r=abc,c=biws,p=cHJvb2Y=", ScramError::invalidEncoding},
      {"c=biws,p=cHJvb2Y=,r=abc", ScramError::invalidEncoding},
      {"C=biws,r=abc,p=cHJvb2Y=", ScramError::invalidEncoding},
      {"c=biws,r=abc,P=cHJvb2Y=", ScramError::invalidEncoding},
      {"c=biws,r=abc,p=cHJvb2Y=,x=y", ScramError::invalidEncoding},
      {"c=biws,r=abc,p=cHJvb2Y=,p=cHJvb2Y=", ScramError::invalidEncoding},
      {"c=biws,r=abc,c=biws,p=cHJvb2Y=", ScramError::invalidEncoding},
      {"c=biws,r=abc,p=cHJvb2Y", ScramError::invalidEncoding},
      {"c=biws,r=abc,p=cHJvb2Z=", ScramError::invalidEncoding},  // bits that no octet has
      {"c=biws,r=abc,p=cHJv\nb2Y=", ScramError::invalidEncoding},
      {"c=biws,r=abc,p=cHJvb2Y=\0"s, ScramError::invalidEncoding},
      {"c=biw,r=abc,p=cHJvb2Y=", ScramError::invalidEncoding},
      {"c=n,,,r=abc,p=cHJvb2Y=", ScramError::invalidEncoding},
      {"c=biws,r=,p=cHJvb2Y=", ScramError::invalidEncoding},
      {"c=biws,r=\xFF,p=cHJvb2Y=", ScramError::invalidEncoding},
      {"m=x,c=biws,r=abc,p=cHJvb2Y=", ScramError::extensionsNotSupported},
      {"c=biws,r=abc,m=x,p=cHJvb2Y=", ScramError::extensionsNotSupported},
      {"c=biws,r=abc,x=" + std::string(ScramClientFinal::kMaxSize, 'x') + ",p=cHJvb2Y=", ScramError::invalidEncoding},
  }));
  CAPTURE(message);
  CHECK(parseScramClientFinal(message) == std::unexpected(error));
}

TEST_CASE("SCRAM: every first message that is read can be answered with a last one", "[sasl]") {
  const std::string header = "n,a=" + std::string(ScramClientFirst::kMaxSize - 17, 'a') + ",";
  REQUIRE(parseScramClientFirst(header + "n=user,r=abc"));
  const std::string nonce(ScramClientFirst::kMaxSize, 'r');
  CHECK(parseScramClientFinal("c=" + base64::encode(header + std::string(64, 'x')) + ",r=" + nonce + ",p=cHJvb2Y="));
}
