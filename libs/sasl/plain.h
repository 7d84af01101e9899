#pragma once
#include "sasl/exchange.h"

namespace posthouse::sasl {

/// PLAIN: one message with everything in it (RFC 4616).
class Plain final : public Exchange {
 public:
  Step next(std::optional<std::string_view> response) override;
};

}  // namespace posthouse::sasl
