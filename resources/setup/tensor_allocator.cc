// Puts tensor_memory.h behind TensorFlow's CPU kernels and compiled programs, where the JavaScript interface
// has no way to: an allocator with a higher priority than TensorFlow's own, registered when this addon is
// loaded, before TensorFlow asks for one. Only what kernels use is here: TensorFlow's C++ headers need
// those of four other libraries, its wheel's layout changes, and the virtual functions of these classes,
// in the order of xla/tsl/framework/allocator.h of 2.21 (whose library is pinned by hash), are all that
// crosses the border.
#include <cstdlib>
#include <optional>
#include <string>

#include "tensor_memory.h"

namespace tsl {

struct AllocationAttributes;
struct AllocatorStats;
enum class AllocatorMemoryType;
class SubAllocator;

class Allocator {
 public:
  virtual ~Allocator();
  virtual std::string Name() = 0;
  virtual void* AllocateRaw(size_t alignment, size_t bytes) = 0;
  virtual void* AllocateRaw(size_t alignment, size_t bytes, const AllocationAttributes&);
  virtual void DeallocateRaw(void* tensor) = 0;
  virtual void DeallocateRaw(void* tensor, size_t alignment, size_t bytes);
  virtual bool TracksAllocationSizes() const;
  virtual bool AllocatesOpaqueHandle() const;
  virtual size_t RequestedSize(const void* tensor) const;
  virtual size_t AllocatedSize(const void* tensor) const;
  virtual int64_t AllocationId(const void* tensor) const;
  virtual size_t AllocatedSizeSlow(const void* tensor) const;
  virtual std::optional<AllocatorStats> GetStats();
  virtual bool ClearStats();
  virtual void SetSafeFrontier(uint64_t count);
  virtual void SetStreamAndPreallocateMemory(void* stream);
  virtual AllocatorMemoryType GetMemoryType() const;
};

class AllocatorFactory {
 public:
  virtual ~AllocatorFactory() = default;
  virtual bool NumaEnabled() { return false; }
  virtual Allocator* CreateAllocator() = 0;
  virtual SubAllocator* CreateSubAllocator(int numa_node) = 0;
};

class AllocatorFactoryRegistry {
 public:
  static AllocatorFactoryRegistry* singleton();
  void Register(const char* file, int line, const std::string& name, int priority, AllocatorFactory*);
};

}  // namespace tsl

namespace {

/** Below this, the system's allocator wastes less than whole pages do. */
constexpr size_t kSmall = 32768;
/** TensorFlow's own has 200. */
constexpr int kPriority = 300;

class TensorAllocator : public tsl::Allocator {
 public:
  explicit TensorAllocator(TensorMemory* memory) : memory_(memory) {}

  std::string Name() override { return "tensor_memory"; }

  void* AllocateRaw(size_t alignment, size_t bytes) override {
    if (bytes >= kSmall && alignment <= TensorMemory::kPage) return memory_->allocate(bytes);
    void* tensor = nullptr;
    return posix_memalign(&tensor, std::max(alignment, sizeof(void*)), bytes) == 0 ? tensor : nullptr;
  }

  void DeallocateRaw(void* tensor) override {
    if (memory_->owns(tensor)) memory_->deallocate(tensor);
    else free(tensor);
  }

 private:
  TensorMemory* memory_;
};

class TensorAllocatorFactory : public tsl::AllocatorFactory {
 public:
  explicit TensorAllocatorFactory(TensorMemory* memory) : memory_(memory) {}
  tsl::Allocator* CreateAllocator() override { return new TensorAllocator(memory_); }
  tsl::SubAllocator* CreateSubAllocator(int) override { return nullptr; }

 private:
  TensorMemory* memory_;
};

// Never destroyed: TensorFlow's own statics free tensors when the process ends.
[[maybe_unused]] const bool registered = [] {
  auto* memory = new TensorMemory;
  if (!memory->isReserved()) return false;
  tsl::AllocatorFactoryRegistry::singleton()->Register(__FILE__, __LINE__, "TensorAllocator", kPriority,
                                                       new TensorAllocatorFactory(memory));
  return true;
}();

}  // namespace
