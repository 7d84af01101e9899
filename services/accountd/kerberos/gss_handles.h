#pragma once
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include <string>
#include <string_view>

namespace posthouse::accountd {

/// What GSS-API gives and wants back.
template <class Handle, auto release>
class GssHandle {
 public:
  GssHandle() = default;
  GssHandle(const GssHandle&) = delete;
  GssHandle& operator=(const GssHandle&) = delete;
  ~GssHandle() {
    OM_uint32 minor = 0;
    if (handle_ != nullptr) release(&minor, &handle_);
  }

  Handle get() const noexcept { return handle_; }
  /// For calls that give one.
  Handle* out() noexcept { return &handle_; }

 private:
  Handle handle_ = nullptr;
};

inline OM_uint32 deleteContext(OM_uint32* minor, gss_ctx_id_t* context) {
  return gss_delete_sec_context(minor, context, GSS_C_NO_BUFFER);
}

using GssName = GssHandle<gss_name_t, gss_release_name>;
using GssCredential = GssHandle<gss_cred_id_t, gss_release_cred>;
using GssContext = GssHandle<gss_ctx_id_t, deleteContext>;

/// Octets that GSS-API made.
class GssBuffer {
 public:
  GssBuffer() = default;
  GssBuffer(const GssBuffer&) = delete;
  GssBuffer& operator=(const GssBuffer&) = delete;
  ~GssBuffer() {
    OM_uint32 minor = 0;
    // MIT Kerberos has an octet for an empty message, too, and releases only what is not empty.
    if (buffer_.value != nullptr && buffer_.length == 0) buffer_.length = 1;
    gss_release_buffer(&minor, &buffer_);
  }

  gss_buffer_t out() noexcept { return &buffer_; }
  std::string octets() const { return {static_cast<const char*>(buffer_.value), buffer_.length}; }

 private:
  gss_buffer_desc buffer_ = GSS_C_EMPTY_BUFFER;
};

/// Octets of ours, which it only reads.
inline gss_buffer_desc gssInput(std::string_view octets) {
  return {octets.size(), const_cast<char*>(octets.data())};
}

}  // namespace posthouse::accountd
