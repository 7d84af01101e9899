#include "net/tcp_stream.h"

#include <algorithm>
#include <array>

#include "net/tcp_state.h"
#include "net/wait.h"
#include "net/wait_in_parts.h"

namespace posthouse::net {

namespace {

/// One scratch buffer for all connections of the thread: only what was read is copied out of it. Aligned because the
/// linker (mold 1.10) may put thread-local octets that are not on a page before the one that is made read-only, and
/// such a program does not start.
alignas(64) thread_local std::array<char, 64 * 1024> scratch;

/// A write that libuv has queued, freed by the later of the two: the coroutine that waits for it, or libuv's answer.
struct WriteRequest {
  uv_write_t request;
  Wait* wait = nullptr;  // null when nobody waits any more
  bool answered = false;
  int status = 0;

  static void onWritten(uv_write_t* done, int status) {
    auto* self = static_cast<WriteRequest*>(done->data);
    self->answered = true;
    self->status = status;
    if (self->wait == nullptr) {
      delete self;
    } else {
      self->wait->finish();  // the coroutine frees it
    }
  }
};

}  // namespace

TcpStream::TcpStream(Loop& loop, Handle* handle, Address local, Address peer, Traffic* traffic,
                     std::chrono::milliseconds silence)
    : loop_(loop),
      handle_(handle),
      traffic_(traffic),
      watch_(silence),
      local_(std::move(local)),
      peer_(std::move(peer)) {
  handle_->handle.data = this;
  startReading();
}

void TcpStream::startReading() {
  if (reading_ || handle_ == nullptr || readStatus_ != 0) return;
  reading_ = true;
  uv_read_start(&handle_->stream, allocate, onRead);
}

void TcpStream::stopReading() noexcept {
  if (!reading_) return;
  reading_ = false;
  uv_read_stop(&handle_->stream);
}

/// Much at once for somebody who waits for it; without him only what may be read ahead.
void TcpStream::allocate(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
  const auto* stream = static_cast<const TcpStream*>(handle->data);
  const bool isAwaited = stream == nullptr || stream->reader_ != nullptr;
  const std::size_t most = isAwaited ? scratch.size() : kReadAhead - stream->pending_.size();
  *buffer = uv_buf_init(scratch.data(), static_cast<unsigned>(most));
}

void TcpStream::onRead(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
  if (count != 0 && stream->data != nullptr) static_cast<TcpStream*>(stream->data)->received(count, buffer->base);
}

void TcpStream::received(ssize_t count, const char* octets) {
  if (count < 0) {
    readStatus_ = static_cast<int>(count);
    stopReading();
  } else {
    if (traffic_ != nullptr) traffic_->received(static_cast<std::size_t>(count));
    pending_.append(octets, static_cast<std::size_t>(count));
    if (pending_.size() >= kReadAhead) stopReading();
  }
  if (reader_ != nullptr) std::exchange(reader_, nullptr)->finish();
}

Task<std::size_t> TcpStream::read(std::string& into, Patience patience) {
  if (pending_.empty() && readStatus_ == 0) {
    if (handle_ == nullptr) fail(UV_ECANCELED);
    startReading();
    struct Reader {
      Wait*& slot;
      ~Reader() { slot = nullptr; }
    } const reader{reader_};
    WaitInParts parts(patience, watch_);
    for (bool isOver = false; !isOver;) {
      lookAfterPeer();
      Wait wait(loop_, parts.next());
      reader_ = &wait;
      try {
        co_await wait;
        isOver = true;
      } catch (const Interrupted& interrupted) {
        if (!parts.hasMoreAfter(interrupted)) throw;
      }
    }
  }
  if (!pending_.empty()) {
    const std::size_t count = pending_.size();
    if (into.empty()) {
      into.swap(pending_);
      pending_ = std::string();
    } else {
      into.append(pending_);
      pending_ = std::string();
    }
    startReading();
    co_return count;
  }
  if (readStatus_ == UV_EOF) co_return 0;
  fail(readStatus_);
}

Task<> TcpStream::write(std::string_view octets, Patience patience) {
  if (handle_ == nullptr) fail(UV_ECANCELED);
  while (!octets.empty()) {
    uv_buf_t buffer = uv_buf_init(const_cast<char*>(octets.data()),
                                  static_cast<unsigned>(std::min<std::size_t>(octets.size(), 1u << 30)));
    const int sent = uv_try_write(&handle_->stream, &buffer, 1);
    if (sent > 0) {
      countSent(static_cast<std::size_t>(sent));
      octets.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (sent != UV_EAGAIN && sent != 0) fail(sent);

    // Left before the end (timeout, shutdown, destruction), the octets are no longer ours to send: only closing stops
    // libuv from reading them.
    struct Writer {
      TcpStream& stream;
      WriteRequest* request;
      bool queued = false;
      ~Writer() {
        stream.writer_ = nullptr;
        if (!queued || request->answered) {
          delete request;
        } else {
          request->wait = nullptr;
          stream.close();
        }
      }
    } writer{*this, new WriteRequest{}};
    writer.request->request.data = writer.request;
    const int queued = uv_write(&writer.request->request, &handle_->stream, &buffer, 1, WriteRequest::onWritten);
    if (queued != 0) fail(queued);
    writer.queued = true;
    WaitInParts parts(patience, watch_);
    for (bool isOver = false; !isOver;) {
      lookAfterPeer();
      Wait wait(loop_, parts.next());
      writer.request->wait = writer_ = &wait;
      try {
        co_await wait;
        isOver = true;
      } catch (const Interrupted& interrupted) {
        if (!parts.hasMoreAfter(interrupted)) throw;
      }
    }
    if (handle_ == nullptr) fail(UV_ECANCELED);  // closed meanwhile
    if (writer.request->status != 0) fail(writer.request->status);
    countSent(buffer.len);
    octets.remove_prefix(buffer.len);
  }
}

Task<> TcpStream::shutdown(Patience) {
  if (handle_ == nullptr) co_return;
  // Nothing is queued here (write() returns when all is sent), so this is one system call and need not be awaited.
  auto* request = new uv_shutdown_t;
  isShutDown_ = true;
  if (uv_shutdown(request, &handle_->stream, [](uv_shutdown_t* done, int) { delete done; }) != 0) delete request;
}

void TcpStream::lookAfterPeer() {
  if (watch_.hasPeerGone(descriptor())) fail(UV_ETIMEDOUT);
}

int TcpStream::descriptor() const noexcept {
  uv_os_fd_t descriptor = -1;
  if (handle_ != nullptr) uv_fileno(&handle_->handle, &descriptor);
  return descriptor;
}

bool TcpStream::hasPeerClosed() const noexcept {
  return readStatus_ != 0 || tcp::hasPeerClosed(descriptor());
}

bool TcpStream::isAcknowledged() const noexcept {
  return handle_ != nullptr && handle_->handle.type == UV_TCP && tcp::isAcknowledged(descriptor(), isShutDown_);
}

void TcpStream::close() noexcept {
  if (handle_ == nullptr) return;
  Handle* handle = std::exchange(handle_, nullptr);
  reading_ = false;
  handle->handle.data = nullptr;
  uv_close(&handle->handle, [](uv_handle_t* closed) { delete reinterpret_cast<Handle*>(closed); });
  if (readStatus_ == 0) readStatus_ = UV_ECANCELED;
  // Waits end as after an interruption, so that nobody resumes inside close().
  if (reader_ != nullptr) reader_->cancel();
  if (writer_ != nullptr) writer_->cancel();
}

void TcpStream::fail(int error) const {
  throw ConnectionLost(peer_.text() + ": " + (error == UV_ECANCELED ? "connection closed" : uv_strerror(error)));
}

}  // namespace posthouse::net
