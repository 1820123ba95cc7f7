#include "kernel_calls.h"
#include "kernels.h"
#include "parallel.h"

// sgdStep(weights, gradients, velocities, lr, momentum, weightDecay): PyTorch's SGD over lists of tensors, in place.
napi_value sgdStep(Runtime& runtime, const Arguments& a) {
  Timed timed(runtime, "own:sgdStep");
  const std::vector<int64_t> weights = integersOf(a.env, a.at(0));
  const std::vector<int64_t> gradients = integersOf(a.env, a.at(1));
  const std::vector<int64_t> velocities = integersOf(a.env, a.at(2));
  if (gradients.size() != weights.size() || velocities.size() != weights.size())
    throw Failure("sgdStep wants one gradient and one velocity per weight");
  const SgdOptions options{static_cast<float>(a.number(3)), static_cast<float>(a.number(4)),
                           static_cast<float>(a.number(5))};
  struct Piece {
    float* weight;
    const float* gradient;
    float* velocity;
    size_t count;
  };
  constexpr size_t kPiece = 1 << 16;
  std::vector<Piece> pieces;
  for (size_t i = 0; i < weights.size(); i++) {
    Status status;
    const int64_t count = api.TFE_TensorHandleNumElements(runtime.handle(weights[i]), status);
    float* weight = runtime.floats(weights[i], count);
    const float* gradient = runtime.floats(gradients[i], count);
    float* velocity = runtime.floats(velocities[i], count);
    for (size_t at = 0; at < static_cast<size_t>(count); at += kPiece)
      pieces.push_back({weight + at, gradient + at, velocity + at, std::min(kPiece, count - at)});
  }
  parallel(static_cast<int>(pieces.size()), [&](int i) {
    const Piece& p = pieces[i];
    kernels().sgd(p.weight, p.gradient, p.velocity, p.count, options);
  });
  return nullptr;
}

// threads() -> number of threads of our own kernels
napi_value threads(Runtime&, const Arguments& a) { return toNumber(a.env, threadCount()); }
