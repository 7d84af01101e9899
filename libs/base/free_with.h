#pragma once

namespace posthouse {

/// For std::unique_ptr over what a C library frees: std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>.
template <auto Function>
struct FreeWith {
  template <class T>
  void operator()(T* object) const noexcept {
    Function(object);
  }
};

}  // namespace posthouse
