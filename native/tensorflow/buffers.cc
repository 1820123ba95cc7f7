#include "buffers.h"

#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

#include "napi_values.h"

#ifdef _WIN32
#include <malloc.h>
#endif
#ifdef __linux__
#include <sys/mman.h>
#endif

namespace {

// In front of every buffer, as long as its alignment.
struct Header {
  size_t capacity;
  // When it was given back, counted in buffers given back.
  uint64_t since;
};
constexpr size_t kAlignment = 64;
// Smaller ones are left to malloc, which is as good at them.
constexpr size_t kKeepFrom = 1 << 15;
constexpr size_t kHugePage = 1 << 21;
// A kept buffer serves requests down to this part of its size.
constexpr double kFit = 0.75;
// A buffer that nobody wanted during so many returns of others (some training steps) goes back to the system.
constexpr uint64_t kPatience = 1 << 13;

std::mutex mutex;
std::multimap<size_t, Header*> kept;
size_t keptTotal = 0;
uint64_t returned = 0;

Header* fresh(size_t capacity) {
  const size_t bytes = capacity + kAlignment;
#ifdef _WIN32
  void* memory = _aligned_malloc(bytes, kAlignment);
#else
  // Large ones on large pages where the system offers them: fewer faults, fewer misses.
  void* memory = nullptr;
  const size_t alignment = bytes >= 2 * kHugePage ? kHugePage : kAlignment;
  if (posix_memalign(&memory, alignment, bytes) != 0) memory = nullptr;
#ifdef MADV_HUGEPAGE
  if (memory && alignment == kHugePage) madvise(memory, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
#endif
  auto* header = static_cast<Header*>(memory);
  if (header) header->capacity = capacity;
  return header;
}

void discard(Header* header) {
#ifdef _WIN32
  _aligned_free(header);
#else
  free(header);
#endif
}

void dropUnwanted() {
  for (auto entry = kept.begin(); entry != kept.end();) {
    if (returned - entry->second->since < kPatience) {
      ++entry;
      continue;
    }
    keptTotal -= entry->first;
    discard(entry->second);
    entry = kept.erase(entry);
  }
}

void* contentOf(Header* header) { return reinterpret_cast<char*>(header) + kAlignment; }
Header* headerOf(void* buffer) { return reinterpret_cast<Header*>(static_cast<char*>(buffer) - kAlignment); }

}  // namespace

void* takeBuffer(size_t bytes) {
  const size_t capacity = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (capacity >= kKeepFrom) {
    const std::lock_guard<std::mutex> lock(mutex);
    const auto found = kept.lower_bound(capacity);
    if (found != kept.end() && found->first * kFit <= capacity) {
      Header* header = found->second;
      keptTotal -= found->first;
      kept.erase(found);
      return contentOf(header);
    }
  }
  Header* header = fresh(capacity);
  if (!header) {
    dropKeptBuffers();
    header = fresh(capacity);
  }
  if (!header) throw Failure("out of memory: " + std::to_string(bytes / 1048576) + " MiB were asked for");
  return contentOf(header);
}

void releaseBuffer(void* buffer) {
  Header* header = headerOf(buffer);
  if (header->capacity < kKeepFrom) return discard(header);
  const std::lock_guard<std::mutex> lock(mutex);
  header->since = ++returned;
  kept.emplace(header->capacity, header);
  keptTotal += header->capacity;
  if (returned % (kPatience / 4) == 0) dropUnwanted();
}

size_t keptBytes() {
  const std::lock_guard<std::mutex> lock(mutex);
  return keptTotal;
}

void dropKeptBuffers() {
  const std::lock_guard<std::mutex> lock(mutex);
  for (const auto& entry : kept) discard(entry.second);
  kept.clear();
  keptTotal = 0;
}
