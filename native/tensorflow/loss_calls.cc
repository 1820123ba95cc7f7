#include <atomic>

#include "kernel_calls.h"
#include "kernels.h"
#include "parallel.h"

namespace {

constexpr size_t kGrain = 256;

const int32_t* labelsOf(Runtime& r, int64_t id, int64_t rows) {
  return static_cast<const int32_t*>(r.memory(id, TF_INT32, rows));
}

}  // namespace

// crossEntropy(logits, labels, rows, classes, shape) -> loss. Throws for a label out of range.
napi_value crossEntropy(Runtime& r, const Arguments& a) {
  Timed timed(r, "own:crossEntropy");
  const int64_t rows = a.integer(2), classes = a.integer(3);
  const float* logits = r.floats(a.integer(0), rows * classes);
  const int32_t* labels = labelsOf(r, a.integer(1), rows);
  float* loss;
  const int32_t id = r.allocate(integersOf(a.env, a.at(4)), &loss);
  std::atomic<int32_t> wrong{-1};
  parallelRanges(rows, kGrain, [&](size_t begin, size_t end, int) {
    const int32_t label =
        kernels().crossEntropy(logits + begin * classes, labels + begin, end - begin, classes, loss + begin);
    if (label >= 0) wrong = label;
  });
  if (wrong < 0) return toNumber(a.env, id);
  r.remove(id);
  throw Failure("label value of " + std::to_string(wrong) + " is out of range");
}

// crossEntropyGrad(logits, labels, dy, rows, classes, shape) -> gradient of the logits
napi_value crossEntropyGrad(Runtime& r, const Arguments& a) {
  Timed timed(r, "own:crossEntropyGrad");
  const int64_t rows = a.integer(3), classes = a.integer(4);
  const float* logits = r.floats(a.integer(0), rows * classes);
  const int32_t* labels = labelsOf(r, a.integer(1), rows);
  const float* dy = r.floats(a.integer(2), rows);
  float* d;
  const int32_t id = r.allocate(integersOf(a.env, a.at(5)), &d);
  parallelRanges(rows, kGrain, [&](size_t begin, size_t end, int) {
    kernels().crossEntropyGradient(logits + begin * classes, labels + begin, dy + begin, end - begin, classes,
                                   d + begin * classes);
  });
  return toNumber(a.env, id);
}

// klRows(student, teacher, rows, classes, temperature) -> [rows]
napi_value klRows(Runtime& r, const Arguments& a) {
  Timed timed(r, "own:klRows");
  const int64_t rows = a.integer(2), classes = a.integer(3);
  const float* student = r.floats(a.integer(0), rows * classes);
  const float* teacher = r.floats(a.integer(1), rows * classes);
  const auto inverse = static_cast<float>(1 / a.number(4));
  float* kl;
  const int32_t id = r.allocate({rows}, &kl);
  parallelRanges(rows, kGrain, [&](size_t begin, size_t end, int) {
    const size_t at = begin * classes;
    kernels().klRows(student + at, teacher + at, end - begin, classes, inverse, kl + begin);
  });
  return toNumber(a.env, id);
}

// klRowsGrad(student, teacher, dy, rows, classes, temperature) -> gradient of the student [rows, classes]
napi_value klRowsGrad(Runtime& r, const Arguments& a) {
  Timed timed(r, "own:klRowsGrad");
  const int64_t rows = a.integer(3), classes = a.integer(4);
  const float* student = r.floats(a.integer(0), rows * classes);
  const float* teacher = r.floats(a.integer(1), rows * classes);
  const float* dy = r.floats(a.integer(2), rows);
  const auto inverse = static_cast<float>(1 / a.number(5));
  float* d;
  const int32_t id = r.allocate({rows, classes}, &d);
  parallelRanges(rows, kGrain, [&](size_t begin, size_t end, int) {
    const size_t at = begin * classes;
    kernels().klRowsGradient(student + at, teacher + at, dy + begin, end - begin, classes, inverse, d + at);
  });
  return toNumber(a.env, id);
}
