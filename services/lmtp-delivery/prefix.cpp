#include "prefix.h"

#include "message/builder.h"
#include "message/trace.h"

namespace posthouse::lmtp_delivery {

std::string prefix(std::string_view reversePath, std::string_view account) {
  return message::renderReturnPath(reversePath) + message::HeaderBuilder().structured("Delivered-To", account).octets();
}

}  // namespace posthouse::lmtp_delivery
