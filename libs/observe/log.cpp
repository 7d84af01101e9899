#include "observe/log.h"

#include <fmt/chrono.h>
#include <fmt/core.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <utility>

namespace posthouse::observe {

namespace {

/// How long the end of a program waits for a reader that takes nothing.
constexpr std::chrono::seconds kGiveUpAfter{1};

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
    : dropped_(prometheus::BuildCounter()
                   .Name("posthouse_log_dropped_total")
                   .Help("Log lines lost to back-pressure.")
                   .Register(registry)
                   .Add({})),
      suppressed_(prometheus::BuildCounter()
                      .Name("posthouse_log_suppressed_total")
                      .Help("Log lines left out because many of the same event had been written just before.")
                      .Register(registry)
                      .Add({})) {
  auto& events =
      prometheus::BuildCounter().Name("posthouse_log_events_total").Help("Log lines written.").Register(registry);
  for (std::size_t i = 0; i < std::size(kLevelNames); ++i)
    events_[i] = &events.Add({{"level", std::string(kLevelNames[i])}});
  thread_ = std::thread([buffer = buffer_, descriptor] { run(buffer, descriptor); });
}

LogSink::~LogSink() {
  std::unique_lock lock(buffer_->mutex);
  buffer_->ending = true;
  buffer_->changed.notify_all();
  for (;;) {
    const std::uint64_t before = buffer_->progress;
    if (buffer_->changed.wait_for(lock, kGiveUpAfter, [&] { return buffer_->ended; })) break;
    if (buffer_->progress == before) break;
  }
  const bool ended = buffer_->ended;
  buffer_->isAbandoned = !ended;
  lock.unlock();
  if (ended) {
    thread_.join();
  } else {
    thread_.detach();  // it is inside a write that nobody reads
  }
}

std::optional<std::uint64_t> LogSink::admit(Level level, std::string_view event, Clock::time_point now) {
  if (level < Level::warn) return 0;  // each of these tells of another message or session
  const std::lock_guard lock(recentMutex_);
  auto found = recent_.find(event);
  if (found == recent_.end()) found = recent_.emplace(std::string(event), Recent{now, 0, 0}).first;
  Recent& recent = found->second;
  if (now - recent.began >= kWindow) {
    recent.began = now;
    recent.written = 0;
  }
  if (recent.written == kMostOfOneEvent) {
    ++recent.leftOut;
    suppressed_.Increment();
    return std::nullopt;
  }
  ++recent.written;
  return std::exchange(recent.leftOut, 0);
}

void LogSink::write(Level level, std::string_view line) {
  bool wake = false;
  {
    const std::lock_guard lock(buffer_->mutex);
    if (buffer_->waiting.size() + line.size() > kMostWaiting) {
      dropped_.Increment();
      return;
    }
    buffer_->waiting += line;
    wake = std::exchange(buffer_->idle, false);
  }
  events_[static_cast<std::size_t>(level)]->Increment();
  if (wake) buffer_->changed.notify_one();
}

void LogSink::run(const std::shared_ptr<Buffer>& buffer, int descriptor) {
  sigset_t pipeSignal;  // a reader that went is an error of write(), not the end of the program
  sigemptyset(&pipeSignal);
  sigaddset(&pipeSignal, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipeSignal, nullptr);
  std::string lines;
  std::unique_lock lock(buffer->mutex);
  while (!buffer->ending || !buffer->waiting.empty()) {
    buffer->idle = buffer->waiting.empty();
    buffer->changed.wait(lock, [&] { return !buffer->waiting.empty() || buffer->ending; });
    buffer->idle = false;
    buffer->changed.wait_for(lock, kGather, [&] { return buffer->ending; });
    lines.clear();
    lines.swap(buffer->waiting);
    lock.unlock();
    for (std::string_view rest = lines; !rest.empty();) {
      const ssize_t written = ::write(descriptor, rest.data(), rest.size());
      const int problem = errno;
      {
        const std::lock_guard progressing(buffer->mutex);
        if (buffer->isAbandoned) return;  // the number may already be somebody else's descriptor
        if (written > 0) ++buffer->progress;
      }
      if (written > 0) {
        rest.remove_prefix(static_cast<std::size_t>(written));
      } else if (problem == EAGAIN) {  // somebody else who has this pipe made it so
        pollfd readable{descriptor, POLLOUT, 0};
        poll(&readable, 1, -1);
      } else if (problem != EINTR) {
        break;  // nobody is there to read it
      }
    }
    lock.lock();
  }
  buffer->ended = true;
  buffer->changed.notify_all();
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
  const auto leftOut = sink_->admit(level, event);
  if (!leftOut) return;
  const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(now);
  std::string line = fmt::format(R"({{"ts":"{:%Y-%m-%dT%H:%M:%S}.{:06}Z","level":"{}")",
                                 fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), (now - seconds).count(),
                                 kLevelNames[static_cast<std::size_t>(level)]);
  appendMember(line, {"event", event});
  appendMember(line, {"msg", message});
  line += carried_;
  for (const Field& field : fields) appendMember(line, field);
  if (*leftOut > 0) appendMember(line, {"suppressed", *leftOut});
  line += "}\n";
  sink_->write(level, line);
}

}  // namespace posthouse::observe
