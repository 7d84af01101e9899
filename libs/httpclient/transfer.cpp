#include "httpclient/transfer.h"

#include <new>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "httpclient/url.h"

namespace posthouse::httpclient {
namespace {

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  if (const CURLcode error = curl_easy_setopt(handle, option, value); error != CURLE_OK)
    throw std::runtime_error(std::string("libcurl: ") + curl_easy_strerror(error));
}

Failed::Why reason(CURLcode result) {
  switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return Failed::Why::unreachable;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CERTPROBLEM:
      return Failed::Why::untrusted;
    case CURLE_OPERATION_TIMEDOUT:
      return Failed::Why::timeout;
    case CURLE_FILESIZE_EXCEEDED:
      return Failed::Why::tooLarge;
    default:
      return Failed::Why::brokenOff;
  }
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

}  // namespace

Transfer::Transfer(Multi& multi, const Request& request, const ClientOptions& options, net::Wait& wait)
    : multi_(multi), request_(request), wait_(wait), handle_(curl_easy_init()) {
  if (!handle_) throw std::bad_alloc();
  prepare(options);
  prepareRequest();
  multi_.add(handle_.get());
}

Transfer::~Transfer() {
  multi_.remove(handle_.get());
}

void Transfer::prepare(const ClientOptions& options) {
  CURL* handle = handle_.get();
  set(handle, CURLOPT_PRIVATE, this);
  set(handle, CURLOPT_NOSIGNAL, 1L);
  // Whoever gives up does not wait for the thread that looks a name up.
  set(handle, CURLOPT_QUICK_EXIT, 1L);
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  set(handle, CURLOPT_USERAGENT, options.userAgent.c_str());
  set(handle, CURLOPT_ERRORBUFFER, error_.data());
  set(handle, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request_.maxBody));
  if (!options.caFile.empty()) {
    set(handle, CURLOPT_CAINFO, options.caFile.c_str());
    set(handle, CURLOPT_CAPATH, nullptr);
  }
  if (isLoopback(request_.url)) set(handle, CURLOPT_PROXY, "");
  set(handle, CURLOPT_HEADERFUNCTION, &Transfer::onHeader);
  set(handle, CURLOPT_HEADERDATA, this);
  set(handle, CURLOPT_WRITEFUNCTION, &Transfer::onBody);
  set(handle, CURLOPT_WRITEDATA, this);
}

void Transfer::prepareRequest() {
  CURL* handle = handle_.get();
  set(handle, CURLOPT_URL, request_.url.c_str());
  if (request_.method == Request::Method::post) {
    set(handle, CURLOPT_POST, 1L);
    set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    set(handle, CURLOPT_POSTFIELDS, request_.body.c_str());
    addHeader("Expect:");  // no waiting for "100 Continue" before a body that is small
  }
  for (const Header& header : request_.headers) addHeader(header.name + ": " + header.value);
  set(handle, CURLOPT_HTTPHEADER, headers_.get());
}

void Transfer::addHeader(const std::string& line) {
  curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(headers_.release());
  headers_.reset(longer);
}

std::size_t Transfer::onHeader(const char* line, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view text(line, size);
  transfer.headerOctets_ += size;
  if (transfer.headerOctets_ > kMaxHeaders) {
    transfer.isTooLarge_ = true;
    return 0;
  }
  const std::size_t colon = text.find(':');
  if (text.starts_with("HTTP/")) {
    transfer.response_.headers.clear();  // of an answer before the last one: 1xx, or a proxy's
  } else if (colon != std::string_view::npos) {
    transfer.response_.headers.push_back(
        {std::string(trimmed(text.substr(0, colon))), std::string(trimmed(text.substr(colon + 1)))});
  }
  return size;
}

std::size_t Transfer::onBody(const char* octets, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  std::string& body = transfer.response_.body;
  if (size > transfer.request_.maxBody - body.size()) {
    transfer.isTooLarge_ = true;
    return 0;
  }
  body.append(octets, size);
  return size;
}

void Transfer::finish(CURLcode result) {
  result_ = result;
  wait_.finish();
}

std::string Transfer::location() const {
  const char* url = nullptr;
  curl_easy_getinfo(handle_.get(), CURLINFO_REDIRECT_URL, &url);
  return url == nullptr ? "" : url;
}

Response Transfer::takeResponse() {
  if (isTooLarge_) throw Failed(Failed::Why::tooLarge, request_.url + ": the answer is too large");
  if (result_ != CURLE_OK) {
    const char* detail = error_[0] != '\0' ? error_.data() : curl_easy_strerror(result_);
    throw Failed(reason(result_), request_.url + ": " + detail);
  }
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  return std::move(response_);
}

}  // namespace posthouse::httpclient
