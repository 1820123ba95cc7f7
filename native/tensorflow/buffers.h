// Memory of tensors. A training asks for the same sizes at every step: what is given back is kept for the next one that
// fits, because fresh memory costs a page fault for every 4 KiB (about a quarter of a millisecond per MiB).
#pragma once

#include <cstddef>
#include <cstdint>

// At least `bytes` bytes, aligned to 64. Never null: throws Failure when the system has no more.
void* takeBuffer(size_t bytes);
void releaseBuffer(void* buffer);
// Bytes that are kept for later.
size_t keptBytes();
// Gives everything that is kept back to the system.
void dropKeptBuffers();

// Memory for the time of a scope.
class Scratch {
 public:
  explicit Scratch(size_t floats) : data_(static_cast<float*>(takeBuffer(floats * sizeof(float)))) {}
  ~Scratch() { releaseBuffer(data_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  float* get() const { return data_; }

 private:
  float* data_;
};
