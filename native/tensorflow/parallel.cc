#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>

#ifdef _WIN32
#include <condition_variable>
#include <mutex>
#else
#include <pthread.h>
#endif

namespace {

// A mutex with a condition. Not the standard library's where there are POSIX threads: its condition_variable::wait wants a
// libstdc++ of 2022.
class Gate {
 public:
#ifdef _WIN32
  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }
  void wait() { condition_.wait(mutex_); }
  void wakeAll() { condition_.notify_all(); }

 private:
  std::mutex mutex_;
  std::condition_variable_any condition_;
#else
  void lock() { pthread_mutex_lock(&mutex_); }
  void unlock() { pthread_mutex_unlock(&mutex_); }
  void wait() { pthread_cond_wait(&condition_, &mutex_); }
  void wakeAll() { pthread_cond_broadcast(&condition_); }

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition_ = PTHREAD_COND_INITIALIZER;
#endif
};

constexpr int kPieces = 16;
// Some ten microseconds.
constexpr int kSpins = 2000;

class Pool {
 public:
  explicit Pool(int threads) : threads_(threads) {
    for (int i = 1; i < threads; i++) std::thread([this] { serve(); }).detach();
  }

  int threads() const { return threads_; }

  void run(int tasks, const std::function<void(int)>& work) {
    if (threads_ == 1 || tasks == 1) {
      for (int i = 0; i < tasks; i++) work(i);
      return;
    }
    gate_.lock();
    work_ = &work;
    tasks_ = tasks;
    next_.store(0);
    left_.store(tasks);
    round_++;
    gate_.unlock();
    gate_.wakeAll();
    take(work, tasks);
    // The others are at most one task behind: mostly they are done before it would pay to sleep.
    for (int spins = 0; spins < kSpins && left_.load(std::memory_order_acquire) > 0; spins++) pause();
    gate_.lock();
    while (left_.load(std::memory_order_acquire) > 0) gate_.wait();
    // Nobody may look at this round's work after `run` has returned.
    work_ = nullptr;
    gate_.unlock();
  }

 private:
  void take(const std::function<void(int)>& work, int tasks) {
    for (int i = next_.fetch_add(1); i < tasks; i = next_.fetch_add(1)) {
      work(i);
      left_.fetch_sub(1, std::memory_order_release);
    }
  }

  static void pause() {
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_ia32_pause();
#endif
  }

  void serve() {
    uint64_t seen = 0;
    gate_.lock();
    while (true) {
      while (!work_ || round_ == seen) gate_.wait();
      seen = round_;
      // Taken under the lock: a round is never mixed with the next.
      while (work_ && round_ == seen) {
        const int i = next_.fetch_add(1);
        if (i >= tasks_) break;
        const std::function<void(int)>& work = *work_;
        gate_.unlock();
        work(i);
        gate_.lock();
        if (left_.fetch_sub(1, std::memory_order_release) == 1) gate_.wakeAll();
      }
    }
  }

  const int threads_;
  Gate gate_;
  const std::function<void(int)>* work_ = nullptr;
  int tasks_ = 0;
  uint64_t round_ = 0;
  std::atomic<int> next_{0};
  std::atomic<int> left_{0};
};

Pool& pool() {
  // Never destroyed: its threads sleep until the process ends.
  static Pool* const made = [] {
    const char* wanted = std::getenv("DISTILL_THREADS");
    const int asked = wanted ? std::atoi(wanted) : 0;
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    return new Pool(std::max(1, asked > 0 ? asked : cores));
  }();
  return *made;
}

}  // namespace

int threadCount() { return pool().threads(); }

void parallel(int tasks, const std::function<void(int)>& work) {
  if (tasks > 0) pool().run(tasks, work);
}

int rangePieces(size_t count, size_t grain) {
  const size_t most = std::max(kPieces, threadCount());
  return static_cast<int>(std::max<size_t>(1, std::min(most, count / std::max<size_t>(grain, 1))));
}

void parallelRanges(size_t count, size_t grain, const std::function<void(size_t, size_t, int)>& work) {
  const int pieces = rangePieces(count, grain);
  const size_t each = (count + pieces - 1) / pieces;
  parallel(pieces, [&](int i) {
    const size_t begin = std::min(count, i * each);
    work(begin, std::min(count, begin + each), i);
  });
}
