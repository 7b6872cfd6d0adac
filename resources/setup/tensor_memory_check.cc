// A program for tensor-memory.test.ts: three phases of random tensors, each of sizes for which the holes
// of the phase before are too small, every byte written and looked at again. Prints as JSON the largest
// amount in use at once and the largest resident memory, in bytes, and the tensors that were overwritten.
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "tensor_memory.h"

struct Tensor {
  unsigned char* bytes;
  size_t length;
  unsigned char content;
};

static size_t residentBytes() {
  long total = 0, resident = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  if (!file || fscanf(file, "%ld %ld", &total, &resident) != 2) return 0;
  fclose(file);
  return static_cast<size_t>(resident) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

static bool isIntact(const Tensor& tensor) {
  for (size_t index = 0; index < tensor.length; index += 64) {
    if (tensor.bytes[index] != tensor.content) return false;
  }
  return tensor.bytes[tensor.length - 1] == tensor.content;
}

int main() {
  TensorMemory memory;
  std::mt19937 random(7);
  std::vector<Tensor> tensors;
  const size_t before = residentBytes();
  size_t inUse = 0, peakInUse = 0, peakResident = 0, overwritten = 0;
  const auto drop = [&](size_t index) {
    Tensor& tensor = tensors[index];
    if (!isIntact(tensor)) overwritten++;
    memory.deallocate(tensor.bytes);
    inUse -= tensor.length;
    tensor = tensors.back();
    tensors.pop_back();
  };
  for (const size_t largest : {150'000u, 1'500'000u, 15'000'000u}) {
    std::uniform_int_distribution<size_t> lengths(largest / 4, largest);
    for (int step = 0; step < 1500; step++) {
      const size_t length = lengths(random);
      while (inUse + length > 100'000'000) drop(random() % tensors.size());
      auto* bytes = static_cast<unsigned char*>(memory.allocate(length));
      const auto content = static_cast<unsigned char>(step % 255 + 1);
      memset(bytes, content, length);
      tensors.push_back({bytes, length, content});
      inUse += length;
      peakInUse = std::max(peakInUse, inUse);
      if (step % 50 == 0) peakResident = std::max(peakResident, residentBytes() - before);
    }
  }
  while (!tensors.empty()) drop(0);
  printf("{\"inUse\": %zu, \"resident\": %zu, \"overwritten\": %zu}\n", peakInUse, peakResident, overwritten);
}
