#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "body.h"
#include "maildrop.h"

namespace posthouse::pop3d {

/// A line for each message that is not marked as deleted: the answers to LIST and UIDL. The maildrop must outlive it.
class Listing final : public Body {
 public:
  using Describe = std::function<std::string(pop3::MessageNumber)>;  // what stands behind the number and a space

  Listing(const Maildrop& maildrop, Describe describe) : maildrop_(maildrop), describe_(std::move(describe)) {}

  Task<std::string> next() override;

 private:
  const Maildrop& maildrop_;
  Describe describe_;
  std::uint32_t next_ = 1;
  bool ended_ = false;
};

}  // namespace posthouse::pop3d
