#pragma once
#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <utility>
#include <vector>

#include "async/completion.h"
#include "async/task.h"

namespace posthouse {

/// What coroutines hand on to one other, in order, all on one thread. Who takes gets all that came meanwhile: the
/// slower he is, the more at a time. Holds as much as is put: a bound is for who puts.
template <class T>
class Handover {
 public:
  /// Resumes the taker, if he waits, inside this call.
  void put(T item) {
    items_.push_back(std::move(item));
    changed_.set();
  }

  /// Nothing more will be put.
  void close() {
    closed_ = true;
    changed_.set();
  }

  /// The first items, `most` at most, when there are any. None: it is closed, and all were taken. One taker at a time.
  Task<std::vector<T>> take(std::size_t most) {
    while (items_.empty() && !closed_) {
      changed_.reset();
      co_await changed_;
    }
    const auto end = items_.begin() + static_cast<std::ptrdiff_t>(std::min(most, items_.size()));
    std::vector<T> taken(std::make_move_iterator(items_.begin()), std::make_move_iterator(end));
    items_.erase(items_.begin(), end);
    co_return taken;
  }

 private:
  std::deque<T> items_;
  bool closed_ = false;
  Event changed_;
};

}  // namespace posthouse
