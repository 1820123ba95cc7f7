// Batch norm over rows of `channels` values. Rows are summed in short blocks in float and the blocks in double.

constexpr size_t kSumRows = 64;

// Adds to sum[c] the x - pivot of all rows, to squares[c] their squares. A pivot near the mean keeps digits.
void normSums(const float* x, size_t rows, size_t channels, const float* pivot, double* sum, double* squares) {
  for (size_t first = 0; first < rows; first += kSumRows) {
    const size_t count = std::min(kSumRows, rows - first);
    const float* block = x + first * channels;
    size_t c = 0;
    for (; c + LANES <= channels; c += LANES) {
      const Floats p = load(pivot + c);
      Floats s = {}, q = {};
      for (size_t i = 0; i < count; i++) {
        const Floats v = load(block + i * channels + c) - p;
        s += v;
        q += v * v;
      }
      for (int l = 0; l < LANES; l++) {
        sum[c + l] += s[l];
        squares[c + l] += q[l];
      }
    }
    for (; c < channels; c++)
      for (size_t i = 0; i < count; i++) {
        const double v = block[i * channels + c] - pivot[c];
        sum[c] += v;
        squares[c] += v * v;
      }
  }
}

// y = relu((x - mean) * scale + shift + added), the last two if they are there. The mean is taken off first: where it is
// large beside the deviation, x * scale alone would lose the digits that count.
void normApply(const float* x, size_t rows, size_t channels, const float* mean, const float* scale, const float* shift,
               const float* added, bool relu, float* y) {
  for (size_t i = 0; i < rows; i++) {
    const float* from = x + i * channels;
    const float* plus = added ? added + i * channels : nullptr;
    float* to = y + i * channels;
    size_t c = 0;
    for (; c + LANES <= channels; c += LANES)
      store(to + c, finish(load(from + c) - load(mean + c), scale + c, shift + c, plus ? plus + c : nullptr, relu));
    for (; c < channels; c++) {
      const float v = (from[c] - mean[c]) * scale[c] + shift[c] + (plus ? plus[c] : 0);
      to[c] = relu ? std::max(v, 0.0f) : v;
    }
  }
}

// Adds to sumG[c] the gradients g of all rows, to sumGX[c] their products with x - mean. g is dy, or 0 where y is not
// positive; y is null without ReLU.
void normGradientSums(const float* dy, const float* y, const float* x, size_t rows, size_t channels,
                      const float* mean, double* sumG, double* sumGX) {
  for (size_t first = 0; first < rows; first += kSumRows) {
    const size_t count = std::min(kSumRows, rows - first);
    const size_t at = first * channels;
    size_t c = 0;
    for (; c + LANES <= channels; c += LANES) {
      const Floats m = load(mean + c);
      Floats s = {}, q = {};
      for (size_t i = 0; i < count; i++) {
        const size_t here = at + i * channels + c;
        Floats g = load(dy + here);
        if (y) g = load(y + here) > Floats{} ? g : Floats{};
        s += g;
        q += g * (load(x + here) - m);
      }
      for (int l = 0; l < LANES; l++) {
        sumG[c + l] += s[l];
        sumGX[c + l] += q[l];
      }
    }
    for (; c < channels; c++)
      for (size_t i = 0; i < count; i++) {
        const size_t here = at + i * channels + c;
        if (y && !(y[here] > 0)) continue;
        sumG[c] += dy[here];
        sumGX[c] += static_cast<double>(dy[here]) * (x[here] - mean[c]);
      }
  }
}

// dx = a * g + b * (x - mean) + c by channel, and dAdded = g where it is wanted.
void normGradientApply(const float* dy, const float* y, const float* x, size_t rows, size_t channels,
                       const float* mean, const float* a, const float* b, const float* c, float* dx, float* dAdded) {
  for (size_t i = 0; i < rows; i++) {
    const size_t at = i * channels;
    size_t k = 0;
    for (; k + LANES <= channels; k += LANES) {
      Floats g = load(dy + at + k);
      if (y) g = load(y + at + k) > Floats{} ? g : Floats{};
      if (dAdded) store(dAdded + at + k, g);
      store(dx + at + k, load(a + k) * g + (load(b + k) * (load(x + at + k) - load(mean + k)) + load(c + k)));
    }
    for (; k < channels; k++) {
      const float g = y && !(y[at + k] > 0) ? 0.0f : dy[at + k];
      if (dAdded) dAdded[at + k] = g;
      dx[at + k] = a[k] * g + (b[k] * (x[at + k] - mean[k]) + c[k]);
    }
  }
}
