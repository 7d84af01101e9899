#include "net/timeouts.h"

namespace posthouse::net {

Timeouts::List::List() noexcept {
  Entry* self = this;
  // An empty list is a ring of its own head.
  self->previous_ = self;
  self->next_ = self;
}

bool Timeouts::List::empty() const noexcept {
  const Entry* self = this;
  return self->next_ == self;
}

void Timeouts::Entry::disarm() noexcept {
  if (next_ == nullptr || next_ == this) return;
  previous_->next_ = next_;
  next_->previous_ = previous_;
  previous_ = next_ = nullptr;
}

Timeouts::Timeouts(uv_loop_t* loop) {
  uv_timer_init(loop, &ticker_);
  uv_timer_init(loop, &immediate_);
  ticker_.data = immediate_.data = this;
  // The wheel alone keeps no loop alive.
  uv_unref(reinterpret_cast<uv_handle_t*>(&ticker_));
}

void Timeouts::close() {
  uv_close(reinterpret_cast<uv_handle_t*>(&ticker_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&immediate_), nullptr);
}

void Timeouts::link(List& list, Entry& entry) noexcept {
  Entry* head = &list;
  entry.previous_ = head->previous_;
  entry.next_ = head;
  head->previous_->next_ = &entry;
  head->previous_ = &entry;
}

void Timeouts::arm(Entry& entry, std::chrono::milliseconds after) {
  entry.disarm();
  // One more than the quotient: part of the running tick has passed already.
  entry.dueTick_ = now_ + static_cast<std::uint64_t>(after / kTick) + 2;
  link(slots_[entry.dueTick_ % kSlots], entry);
  if (!ticking_) {
    ticking_ = true;
    uv_timer_start(
        &ticker_, [](uv_timer_t* timer) { static_cast<Timeouts*>(timer->data)->tick(); }, kTick.count(), kTick.count());
  }
}

void Timeouts::armNow(Entry& entry) {
  entry.disarm();
  link(dueNow_, entry);
  uv_timer_start(
      &immediate_,
      [](uv_timer_t* timer) {
        auto* self = static_cast<Timeouts*>(timer->data);
        self->fire(self->dueNow_);
      },
      0, 0);
}

void Timeouts::tick() {
  ++now_;
  List& slot = slots_[now_ % kSlots];
  List due;
  Entry* head = &slot;
  for (Entry* entry = head->next_; entry != head;) {
    Entry* next = entry->next_;
    if (entry->dueTick_ <= now_) {
      entry->disarm();
      link(due, *entry);
    }
    entry = next;
  }
  fire(due);
}

void Timeouts::fire(List& due) {
  // Each may destroy or arm others: take them one at a time, and leave what is armed meanwhile to the next turn.
  List batch;
  while (!due.empty()) {
    Entry* entry = static_cast<Entry&>(due).next_;
    entry->disarm();
    link(batch, *entry);
  }
  while (!batch.empty()) {
    Entry* entry = static_cast<Entry&>(batch).next_;
    entry->disarm();
    entry->expired();
  }
}

}  // namespace posthouse::net
