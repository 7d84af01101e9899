#include "administration/details.h"

#include <nlohmann/json.hpp>

namespace posthouse::accountd {
namespace {

using nlohmann::json;

/// Text that is no UTF-8 must not stop a change.
std::string asText(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

void Details::note(std::string_view name, std::string_view text) {
  values_.insert_or_assign(std::string(name), asText(text));
}

void Details::note(std::string_view name, std::int64_t number) {
  values_.insert_or_assign(std::string(name), asText(number));
}

void Details::note(std::string_view name, bool value) {
  values_.insert_or_assign(std::string(name), asText(value));
}

void Details::note(std::string_view name, const std::vector<std::string>& texts) {
  values_.insert_or_assign(std::string(name), asText(texts));
}

std::string Details::json() const {
  std::string object;
  for (const auto& [name, value] : values_)
    object.append(object.empty() ? "{" : ", ").append(asText(name)).append(": ").append(value);
  return object.empty() ? "{}" : object + "}";
}

}  // namespace posthouse::accountd
