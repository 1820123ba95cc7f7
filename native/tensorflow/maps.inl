// Pools and linear maps along an axis.

// Largest values of the windows of one row of results; rows and columns outside of the image are not looked at.
void maxPoolRow(const float* x, const PoolShape& s, int64_t oy, float* y) {
  for (int64_t ox = 0; ox < s.outW; ox++, y += s.channels) {
    const int64_t y0 = std::max<int64_t>(0, oy * s.stride - s.padding);
    const int64_t y1 = std::min(s.h, oy * s.stride - s.padding + s.size);
    const int64_t x0 = std::max<int64_t>(0, ox * s.stride - s.padding);
    const int64_t x1 = std::min(s.w, ox * s.stride - s.padding + s.size);
    int64_t c = 0;
    for (; c + LANES <= s.channels; c += LANES) {
      Floats best = load(x + (y0 * s.w + x0) * s.channels + c);
      for (int64_t i = y0; i < y1; i++)
        for (int64_t j = x0; j < x1; j++) best = larger(load(x + (i * s.w + j) * s.channels + c), best);
      store(y + c, best);
    }
    for (; c < s.channels; c++) {
      float best = x[(y0 * s.w + x0) * s.channels + c];
      for (int64_t i = y0; i < y1; i++)
        for (int64_t j = x0; j < x1; j++) best = std::max(x[(i * s.w + j) * s.channels + c], best);
      y[c] = best;
    }
  }
}

// Adds dy to the first largest value of each window, in row order, for the channels [begin, end) of one image.
void maxPoolGradient(const float* dy, const float* x, const float* y, const PoolShape& s, int64_t begin, int64_t end,
                     float* dx) {
  for (int64_t oy = 0; oy < s.outH; oy++)
    for (int64_t ox = 0; ox < s.outW; ox++) {
      const int64_t at = (oy * s.outW + ox) * s.channels;
      const int64_t y0 = std::max<int64_t>(0, oy * s.stride - s.padding);
      const int64_t y1 = std::min(s.h, oy * s.stride - s.padding + s.size);
      const int64_t x0 = std::max<int64_t>(0, ox * s.stride - s.padding);
      const int64_t x1 = std::min(s.w, ox * s.stride - s.padding + s.size);
      int64_t c = begin;
      for (; c + LANES <= end; c += LANES) {
        const Floats best = load(y + at + c);
        Floats left = load(dy + at + c);
        for (int64_t i = y0; i < y1; i++)
          for (int64_t j = x0; j < x1; j++) {
            const int64_t here = (i * s.w + j) * s.channels + c;
            const auto hit = load(x + here) == best;
            store(dx + here, load(dx + here) + (hit ? left : Floats{}));
            left = hit ? Floats{} : left;
          }
      }
      for (; c < end; c++) {
        bool given = false;
        for (int64_t i = y0; i < y1 && !given; i++)
          for (int64_t j = x0; j < x1 && !given; j++) {
            const int64_t here = (i * s.w + j) * s.channels + c;
            given = x[here] == y[at + c];
            if (given) dx[here] += dy[at + c];
          }
      }
    }
}

// out = sum over e of weight[e] * x[index[e]], vectors of `length`, for one row of a sparse matrix.
void combine(const float* x, size_t stride, const int32_t* index, const float* weight, size_t count, size_t length,
             float* out) {
  if (count == 0) {
    std::memset(out, 0, length * sizeof(float));
    return;
  }
  size_t c = 0;
  for (; c + LANES <= length; c += LANES) {
    Floats sum = {};
    for (size_t e = 0; e < count; e++) sum += load(x + index[e] * stride + c) * weight[e];
    store(out + c, sum);
  }
  for (; c < length; c++) {
    float sum = 0;
    for (size_t e = 0; e < count; e++) sum += x[index[e] * stride + c] * weight[e];
    out[c] = sum;
  }
}

// target += (value - target) * share
void blend(float* target, const float* value, size_t count, float share) {
  for (size_t i = 0; i < count; i++) target[i] = target[i] * (1 - share) + value[i] * share;
}
