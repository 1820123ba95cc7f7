// Threads of our own kernels.
#pragma once

#include <cstddef>
#include <functional>

// Threads that take part, the caller's among them.
int threadCount();

// Calls work(i) for every i below `tasks`, on all threads, and returns when all are done. Which thread does what is left
// open: a task's result must not depend on it, so that runs repeat bit for bit.
void parallel(int tasks, const std::function<void(int)>& work);

// The same over ranges: `count` items in pieces of about equal size, at least `grain` items each. The pieces do not
// depend on the number of threads unless there are more than 16.
void parallelRanges(size_t count, size_t grain, const std::function<void(size_t begin, size_t end, int piece)>& work);
// How many pieces parallelRanges makes.
int rangePieces(size_t count, size_t grain);
