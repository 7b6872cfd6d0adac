// Free address ranges: neighbours are joined, the smallest one that is large enough is found in log n.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <utility>

class FreeSpans {
 public:
  using Map = std::map<uintptr_t, size_t>;

  const Map& byAddress() const { return by_address_; }
  /** (length, begin), shortest first. */
  const std::set<std::pair<size_t, uintptr_t>>& bySize() const { return by_size_; }
  size_t bytes() const { return bytes_; }

  /** The lowest of the shortest spans of at least `length` bytes; 0: there is none. */
  uintptr_t bestFit(size_t length) const {
    const auto found = by_size_.lower_bound({length, 0});
    return found == by_size_.end() ? 0 : found->second;
  }

  /** Length of the span that ends at `address`. */
  size_t before(uintptr_t address) const {
    const auto next = by_address_.lower_bound(address);
    if (next == by_address_.begin()) return 0;
    const auto span = std::prev(next);
    return span->first + span->second == address ? span->second : 0;
  }

  /** Length of the span that begins at `address`. */
  size_t after(uintptr_t address) const {
    const auto span = by_address_.find(address);
    return span == by_address_.end() ? 0 : span->second;
  }

  void add(uintptr_t begin, size_t length) {
    if (length == 0) return;
    const size_t left = before(begin);
    const size_t right = after(begin + length);
    if (left > 0) erase(begin - left, left);
    if (right > 0) erase(begin + length, right);
    insert(begin - left, left + length + right);
  }

  /** [begin, begin + length), which lies in one span; what is left of that span stays. */
  void take(uintptr_t begin, size_t length) {
    const auto [start, whole] = *std::prev(by_address_.upper_bound(begin));
    erase(start, whole);
    insert(start, begin - start);
    insert(begin + length, start + whole - begin - length);
  }

 private:
  void insert(uintptr_t begin, size_t length) {
    if (length == 0) return;
    by_address_.emplace(begin, length);
    by_size_.emplace(length, begin);
    bytes_ += length;
  }

  void erase(uintptr_t begin, size_t length) {
    by_address_.erase(begin);
    by_size_.erase({length, begin});
    bytes_ -= length;
  }

  Map by_address_;
  std::set<std::pair<size_t, uintptr_t>> by_size_;
  size_t bytes_ = 0;
};
