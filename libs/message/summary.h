#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/date.h"
#include "message/mime.h"

namespace posthouse::message {

/// What is kept beside a message so that lists, threads and searches need not read it: computed once, at delivery.
struct Summary {
  std::string envelope;                  // as renderEnvelope
  std::string bodyStructure;             // as renderBodyStructure
  std::size_t size = 0;                  // octets
  std::size_t headerSize = 0;            // octets, with the empty line
  bool hasAttachment = false;            // a part that a reader would list below the text
  std::optional<std::string> messageId;  // without angle brackets
  std::vector<std::string>
      references;              // ids of References, then those of In-Reply-To that are new; without angle brackets
  std::optional<Date> sentAt;  // Date, if it can be read
  std::string subject;         // decoded, UTF-8
  std::string baseSubject;     // RFC 5256 §2.1
};

Summary summarize(std::string_view message, const MimeLimits& limits = {});
/// The same from a tree that was parsed already.
Summary summarize(std::string_view message, const Part& root);

}  // namespace posthouse::message
