// The errors of SCRAM, server-error of RFC 5802 §7.
#include "sasl/scram_error.h"

namespace posthouse::sasl {

std::string_view toString(ScramError error) noexcept {
  switch (error) {
    case ScramError::invalidEncoding:
      return "invalid-encoding";
    case ScramError::extensionsNotSupported:
      return "extensions-not-supported";
    case ScramError::invalidProof:
      return "invalid-proof";
    case ScramError::channelBindingsDontMatch:
      return "channel-bindings-dont-match";
    case ScramError::serverDoesSupportChannelBinding:
      return "server-does-support-channel-binding";
    case ScramError::channelBindingNotSupported:
      return "channel-binding-not-supported";
    case ScramError::unsupportedChannelBindingType:
      return "unsupported-channel-binding-type";
    case ScramError::unknownUser:
      return "unknown-user";
    case ScramError::invalidUsernameEncoding:
      return "invalid-username-encoding";
    case ScramError::noResources:
      return "no-resources";
    case ScramError::otherError:
      break;
  }
  return "other-error";
}

std::string serverErrorMessage(ScramError error) {
  return "e=" + std::string(toString(error));
}

}  // namespace posthouse::sasl
