// Memory for tensors that follows what is in use at the peak, not what was in use at different times.
//
// A training step asks for a few hundred sizes between 32 KB and hundreds of MB, in the same order again
// and again. An allocator that keeps freed memory is fast but ends up with holes that nothing fits into;
// one that gives it back pays for fresh pages at every step. Here the address space is reserved once, far
// more than there is memory; freed pages are kept and used again (best fit). Only when the pages that are
// backed by memory would exceed the largest amount that was ever in use at once by more than 1/32, as many
// free ones as that takes are given back first: the hole moves to where the new tensor is. So the peak is
// within 1/32 of the tensors' own, and in the long run hardly a page is given back.
// Figures: main/docs/2026-11-28-tensor-memory.md.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "free_spans.h"

class TensorMemory {
 public:
  static constexpr size_t kPage = 4096;
  /** What is taken from the system at once, and given back where possible: a huge page of x86-64. */
  static constexpr size_t kChunk = size_t{2} << 20;

  TensorMemory() {
    const size_t physical = static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
    const size_t length = roundUp(8 * physical, kChunk);
    void* memory = mmap(nullptr, length + kChunk, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return;
    begin_ = roundUp(reinterpret_cast<uintptr_t>(memory), kChunk);
    end_ = begin_ + length;
    // A hint: fewer page faults, fewer misses when addresses are translated.
    madvise(reinterpret_cast<void*>(begin_), length, MADV_HUGEPAGE);
    unbacked_.add(begin_, length);
  }

  /** False where the system reserves no more than there is (strict overcommit, `ulimit -v`). */
  bool isReserved() const { return end_ > 0; }

  bool owns(const void* tensor) const {
    const auto address = reinterpret_cast<uintptr_t>(tensor);
    return address >= begin_ && address < end_;
  }

  /** Whole pages for `bytes` > 0; null: the reservation is exhausted. */
  void* allocate(size_t bytes) {
    const size_t length = roundUp(bytes, kPage);
    const std::lock_guard<std::mutex> lock(mutex_);
    peak_ = std::max(peak_, in_use_ + length);
    uintptr_t begin = free_.bestFit(length);
    if (begin == 0) begin = grow(length);
    if (begin == 0) return nullptr;
    free_.take(begin, length);
    lengths_.emplace(begin, length);
    in_use_ += length;
    return reinterpret_cast<void*>(begin);
  }

  /** Of a tensor that it owns. */
  void deallocate(void* tensor) {
    const auto begin = reinterpret_cast<uintptr_t>(tensor);
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto entry = lengths_.find(begin);
    free_.add(begin, entry->second);
    in_use_ -= entry->second;
    lengths_.erase(entry);
  }

 private:
  static size_t roundUp(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

  /** Makes a free span of `length` bytes, where that takes the fewest new pages. */
  uintptr_t grow(size_t length) {
    const size_t backed = in_use_ + free_.bytes() + length;
    const size_t allowed = peak_ + peak_ / 32;
    if (backed > allowed) {
      const size_t given = giveBack(backed - allowed, kChunk);
      if (backed - given > allowed) giveBack(backed - given - allowed, kPage);
    }
    uintptr_t at = 0;
    size_t fewest = SIZE_MAX;
    for (const auto& [begin, available] : unbacked_.byAddress()) {
      const size_t missing = length - std::min(length, free_.before(begin));
      const size_t added = std::min(roundUp(begin + missing, kChunk) - begin, available);
      const size_t beyond = added == available ? free_.after(begin + added) : 0;
      if (added + beyond < missing || added >= fewest) continue;
      at = begin;
      fewest = added;
    }
    if (at == 0) return 0;
    unbacked_.take(at, fewest);
    free_.add(at, fewest);
    return free_.bestFit(length);
  }

  /** At least `bytes` of the longest free spans, in whole `unit`s, if there are as many; returns how many. */
  size_t giveBack(size_t bytes, size_t unit) {
    size_t given = 0;
    while (given < bytes) {
      uintptr_t begin = 0;
      size_t length = 0;
      for (auto span = free_.bySize().rbegin(); span != free_.bySize().rend() && length == 0; ++span) {
        if (span->first < unit) break;
        begin = roundUp(span->second, unit);
        const uintptr_t end = (span->second + span->first) / unit * unit;
        if (end > begin) length = std::min(end - begin, roundUp(bytes - given, unit));
      }
      if (length == 0) break;
      free_.take(begin, length);
      madvise(reinterpret_cast<void*>(begin), length, MADV_DONTNEED);
      unbacked_.add(begin, length);
      given += length;
    }
    return given;
  }

  uintptr_t begin_ = 0;
  uintptr_t end_ = 0;
  std::mutex mutex_;
  /** Backed by memory once used. */
  FreeSpans free_;
  FreeSpans unbacked_;
  std::unordered_map<uintptr_t, size_t> lengths_;
  size_t in_use_ = 0;
  size_t peak_ = 0;
};
