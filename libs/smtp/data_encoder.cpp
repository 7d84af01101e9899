// Mail data as sent, RFC 5321 §4.1.1.4 and §4.5.2.
#include "smtp/data_encoder.h"

#include <algorithm>
#include <cstddef>

namespace posthouse::smtp {

void DataEncoder::endLine(std::string& wire) {
  wire += "\r\n";
  atLineStart_ = true;
  crPending_ = false;
}

void DataEncoder::encode(std::string_view content, std::string& wire) {
  std::size_t cr = content.find('\r');
  std::size_t lf = content.find('\n');
  for (std::size_t at = 0; at < content.size();) {
    if (at == lf) {
      endLine(wire);  // of CRLF or of a bare LF
      lf = content.find('\n', ++at);
      continue;
    }
    if (crPending_) endLine(wire);  // that CR was bare
    if (at == cr) {
      crPending_ = true;
      cr = content.find('\r', ++at);
      continue;
    }
    const std::string_view run = content.substr(at, std::min(cr, lf) - at);
    if (atLineStart_ && run.starts_with('.')) wire += '.';
    wire += run;
    at += run.size();
    atLineStart_ = false;
  }
}

void DataEncoder::finish(std::string& wire) {
  if (crPending_ || !atLineStart_) endLine(wire);
  wire += ".\r\n";
}

}  // namespace posthouse::smtp
