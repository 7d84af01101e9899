#pragma once
#include <krb5.h>

#include <stdexcept>
#include <string>

namespace posthouse::accountd {

/// What libkrb5 said no to, in its words.
class Krb5Error : public std::runtime_error {
 public:
  Krb5Error(krb5_error_code errorCode, const std::string& text) : std::runtime_error(text), code(errorCode) {}
  const krb5_error_code code;
};

/// libkrb5's state, for one thread at a time. Making one reads krb5.conf.
class Krb5Context {
 public:
  Krb5Context() {
    if (const krb5_error_code code = krb5_init_context(&context_)) check(code);
  }
  Krb5Context(const Krb5Context&) = delete;
  Krb5Context& operator=(const Krb5Context&) = delete;
  ~Krb5Context() { krb5_free_context(context_); }

  operator krb5_context() const noexcept { return context_; }

  /// Throws Krb5Error unless the code is 0.
  void check(krb5_error_code code) const {
    if (code == 0) return;
    const char* text = krb5_get_error_message(context_, code);
    const std::string copy = text;
    krb5_free_error_message(context_, text);
    throw Krb5Error(code, copy);
  }

  std::string nameOf(krb5_const_principal principal) const {
    char* text = nullptr;
    check(krb5_unparse_name(context_, principal, &text));
    const std::string name = text;
    krb5_free_unparsed_name(context_, text);
    return name;
  }

 private:
  krb5_context context_ = nullptr;
};

}  // namespace posthouse::accountd
