#pragma once
#include <cstddef>

namespace posthouse::net {

/// Told of the octets that go over connections, those of TLS included. On the loop's thread.
class Traffic {
 public:
  virtual ~Traffic() = default;
  virtual void received(std::size_t octets) = 0;
  virtual void sent(std::size_t octets) = 0;
};

}  // namespace posthouse::net
