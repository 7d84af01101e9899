#pragma once
#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include "httpclient/client.h"
#include "httpclient/message.h"
#include "httpclient/multi.h"
#include "net/wait.h"

namespace posthouse::httpclient {

/// One request, and its answer as far as it has come; libcurl's easy handle. With libcurl for as long as it lives.
class Transfer {
 public:
  /// `wait` ends when there is no more to come. All must outlive this.
  Transfer(Multi& multi, const Request& request, const ClientOptions& options, net::Wait& wait);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer();

  /// Called by Multi, once. Resumes who waits inside.
  void finish(CURLcode result);

  /// Absolute; empty if the answer is no redirection.
  std::string location() const;
  /// Throws Failed.
  Response takeResponse();

 private:
  struct FreeHandle {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };
  static constexpr std::size_t kMaxHeaders = 64 * 1024;  // octets

  void prepare(const ClientOptions& options);
  void prepareRequest();
  void addHeader(const std::string& line);
  static std::size_t onHeader(const char* line, std::size_t one, std::size_t size, void* self);
  static std::size_t onBody(const char* octets, std::size_t one, std::size_t size, void* self);

  Multi& multi_;
  const Request& request_;
  net::Wait& wait_;
  std::unique_ptr<CURL, FreeHandle> handle_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  Response response_;
  std::size_t headerOctets_ = 0;
  bool isTooLarge_ = false;
  CURLcode result_ = CURLE_OK;
  std::array<char, CURL_ERROR_SIZE> error_{};
};

}  // namespace posthouse::httpclient
