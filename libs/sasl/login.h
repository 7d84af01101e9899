#pragma once
#include "sasl/exchange.h"

namespace posthouse::sasl {

/// LOGIN: the name, then the password, as old clients know it (draft-murchison-sasl-login).
class Login final : public Exchange {
 public:
  /// A name may come as the initial response: there are clients that send it so.
  Step next(std::optional<std::string_view> response) override;

 private:
  Step finish(std::string_view password);

  std::optional<std::string> name_;
};

}  // namespace posthouse::sasl
