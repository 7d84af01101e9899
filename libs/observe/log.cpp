#include "observe/log.h"

#include <fmt/chrono.h>
#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <utility>

namespace posthouse::observe {

namespace {

constexpr std::string_view kLevelNames[] = {"debug", "info", "warn", "error"};

/// The length of the well-formed UTF-8 sequence that `text` begins with, 0 if there is none (RFC 3629 §4).
std::size_t utf8Length(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto tail = [&](std::size_t i, unsigned least = 0x80, unsigned most = 0xbf) {
    return at(i) >= least && at(i) <= most;
  };
  const unsigned first = at(0);
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    return tail(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) && tail(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    return tail(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

void appendMember(std::string& json, const Field& field) {
  json += ',';
  appendJsonString(json, field.name);
  json += ':';
  std::visit(
      [&json](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::string_view>) {
          appendJsonString(json, value);
        } else if constexpr (std::is_same_v<T, double>) {
          json += std::isfinite(value) ? fmt::format("{}", value) : "null";
        } else {
          json += fmt::format("{}", value);
        }
      },
      field.value);
}

}  // namespace

std::optional<Level> parseLevel(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kLevelNames); ++i) {
    if (kLevelNames[i] == name) return static_cast<Level>(i);
  }
  return std::nullopt;
}

void appendJsonString(std::string& json, std::string_view text) {
  json += '"';
  while (!text.empty()) {
    const char c = text.front();
    if (static_cast<unsigned char>(c) >= 0x80) {
      const std::size_t length = utf8Length(text);
      if (length == 0) {
        json += "\xef\xbf\xbd";
        text.remove_prefix(1);
      } else {
        json += text.substr(0, length);
        text.remove_prefix(length);
      }
      continue;
    }
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (c == '\n') {
      json += "\\n";
    } else if (c == '\r') {
      json += "\\r";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      json += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      json += c;
    }
    text.remove_prefix(1);
  }
  json += '"';
}

LogSink::LogSink(int descriptor, prometheus::Registry& registry)
    : descriptor_(descriptor),
      dropped_(prometheus::BuildCounter()
                   .Name("posthouse_log_dropped_total")
                   .Help("Log lines lost to back-pressure.")
                   .Register(registry)
                   .Add({})) {
  auto& events =
      prometheus::BuildCounter().Name("posthouse_log_events_total").Help("Log lines written.").Register(registry);
  for (std::size_t i = 0; i < std::size(kLevelNames); ++i)
    events_[i] = &events.Add({{"level", std::string(kLevelNames[i])}});
  thread_ = std::thread([this] { run(); });
}

LogSink::~LogSink() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void LogSink::write(Level level, std::string_view line) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() + line.size() > kMost) {
      dropped_.Increment();
      return;
    }
    waiting_ += line;
    wake = std::exchange(idle_, false);
  }
  events_[static_cast<std::size_t>(level)]->Increment();
  if (wake) changed_.notify_one();
}

void LogSink::run() {
  std::string lines;
  for (bool ending = false; !ending;) {
    {
      std::unique_lock lock(mutex_);
      idle_ = waiting_.empty();
      changed_.wait(lock, [this] { return !waiting_.empty() || ending_; });
      idle_ = false;
      changed_.wait_for(lock, kGather, [this] { return ending_; });
      lines.clear();
      lines.swap(waiting_);
      ending = ending_;
    }
    for (std::string_view rest = lines; !rest.empty();) {
      const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
      if (written < 0 && errno != EINTR && errno != EAGAIN) break;  // nobody is there to read it
      if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }
}

Log::Log(LogSink& sink, std::string_view service, std::string_view instance) : sink_(&sink) {
  appendMember(carried_, {"service", service});
  appendMember(carried_, {"instance", instance});
}

Log Log::with(Fields fields) const {
  Log more = *this;
  for (const Field& field : fields) appendMember(more.carried_, field);
  return more;
}

void Log::write(Level level, std::string_view event, std::string_view message, Fields fields) const {
  if (!writes(level)) return;
  const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(now);
  std::string line = fmt::format(R"({{"ts":"{:%Y-%m-%dT%H:%M:%S}.{:06}Z","level":"{}")",
                                 fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), (now - seconds).count(),
                                 kLevelNames[static_cast<std::size_t>(level)]);
  appendMember(line, {"event", event});
  appendMember(line, {"msg", message});
  line += carried_;
  for (const Field& field : fields) appendMember(line, field);
  line += "}\n";
  sink_->write(level, line);
}

}  // namespace posthouse::observe
