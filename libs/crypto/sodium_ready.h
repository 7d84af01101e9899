#pragma once
#include <sodium.h>

#include <stdexcept>

namespace posthouse::crypto {

/// libsodium asks to be initialised before the first call; more than once and from any thread is fine.
inline void sodiumReady() {
  static const int initialised = sodium_init();
  if (initialised < 0) throw std::runtime_error("libsodium could not be initialised");
}

}  // namespace posthouse::crypto
