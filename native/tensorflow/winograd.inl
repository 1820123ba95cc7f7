// Winograd's minimal filtering F(4x4, 3x3): 36 multiplications where a 3x3 convolution of 16 results has 144 (Lavin and
// Gray, Fast Algorithms for Convolutional Neural Networks, 2015; the transforms are those of its section 4.3). Everything
// goes over vectors of channels.

inline void toInput(const Floats d[6], Floats o[6]) {
  const Floats even = d[4] - 4.0f * d[2], odd = d[3] - 4.0f * d[1];
  const Floats e = d[4] - d[2], f = 2.0f * (d[3] - d[1]);
  o[0] = 4.0f * d[0] - 5.0f * d[2] + d[4];
  o[1] = even + odd;
  o[2] = even - odd;
  o[3] = e + f;
  o[4] = e - f;
  o[5] = 4.0f * d[1] - 5.0f * d[3] + d[5];
}

inline void fromProduct(const Floats m[6], Floats y[4]) {
  const Floats s = m[1] + m[2], t = m[1] - m[2], u = m[3] + m[4], v = m[3] - m[4];
  y[0] = m[0] + s + u;
  y[1] = t + 2.0f * v;
  y[2] = s + 4.0f * u;
  y[3] = t + 8.0f * v + m[5];
}

// Transposed `fromProduct`.
inline void toOutputGradient(const Floats y[4], Floats o[6]) {
  const Floats e = y[0] + y[2], f = y[1] + y[3], g = y[0] + 4.0f * y[2], h = 2.0f * y[1] + 8.0f * y[3];
  o[0] = y[0];
  o[1] = e + f;
  o[2] = e - f;
  o[3] = g + h;
  o[4] = g - h;
  o[5] = y[3];
}

inline void toFilter(const Floats g[3], Floats o[6]) {
  const Floats s = (g[0] + g[2]) * (-1.0f / 6), t = g[1] * (1.0f / 6);
  const Floats u = g[0] * (1.0f / 24) + g[2] * (1.0f / 6), v = g[1] * (1.0f / 12);
  o[0] = g[0] * 0.25f;
  o[1] = s - t;
  o[2] = s + t;
  o[3] = u + v;
  o[4] = u - v;
  o[5] = g[2];
}

// Transposed `toFilter`.
inline void fromFilterProduct(const Floats p[6], Floats g[3]) {
  const Floats s = (p[1] + p[2]) * (1.0f / 6), u = p[3] + p[4];
  g[0] = p[0] * 0.25f - s + u * (1.0f / 24);
  g[1] = (p[2] - p[1]) * (1.0f / 6) + (p[3] - p[4]) * (1.0f / 12);
  g[2] = u * (1.0f / 6) - s + p[5];
}

// What a row of positions takes of each row of taps: the matrix of `toFilter`.
constexpr float kTapShare[6][3] = {
    {1.0f / 4, 0, 0},
    {-1.0f / 6, -1.0f / 6, -1.0f / 6},
    {-1.0f / 6, 1.0f / 6, -1.0f / 6},
    {1.0f / 24, 1.0f / 12, 1.0f / 6},
    {1.0f / 24, -1.0f / 12, 1.0f / 6},
    {0, 0, 1},
};

// One tile of the input, 6x6 pixels -> v[36], `step` floats apart, each vector of channels `vectorStep` floats after the
// one before. Pixel (i, j) is at x + offset[6 i + j], or 0 where the
// offset is negative.
void winogradInput(const float* x, const int64_t* offset, size_t channels, float* v, size_t step,
                   size_t vectorStep) {
  for (size_t c = 0; c < channels; c += LANES, v += vectorStep) {
    Floats t[6][6];
    for (int j = 0; j < 6; j++) {
      Floats d[6], o[6];
      for (int i = 0; i < 6; i++) d[i] = offset[6 * i + j] < 0 ? Floats{} : load(x + offset[6 * i + j] + c);
      toInput(d, o);
      for (int i = 0; i < 6; i++) t[i][j] = o[i];
    }
    for (int i = 0; i < 6; i++) {
      Floats o[6];
      toInput(t[i], o);
      for (int j = 0; j < 6; j++) store(v + (6 * i + j) * step, o[j]);
    }
  }
}

// One tile of the result's gradient, 4x4 pixels -> w[36], for kPanel channels.
void winogradOutputGradient(const float* dy, const int64_t* offset, size_t columns, float* w, size_t step) {
  for (size_t c = 0; c < kPanel; c += LANES) {
    if (c >= columns) {
      for (int i = 0; i < 36; i++) store(w + i * step + c, Floats{});
      continue;
    }
    Floats t[6][4];
    for (int j = 0; j < 4; j++) {
      Floats d[4], o[6];
      for (int i = 0; i < 4; i++) d[i] = offset[4 * i + j] < 0 ? Floats{} : load(dy + offset[4 * i + j] + c);
      toOutputGradient(d, o);
      for (int i = 0; i < 6; i++) t[i][j] = o[i];
    }
    for (int i = 0; i < 6; i++) {
      Floats o[6];
      toOutputGradient(t[i], o);
      for (int j = 0; j < 6; j++) store(w + (6 * i + j) * step + c, o[j]);
    }
  }
}

// m[36], `step` floats apart -> one tile of the result, 4x4 pixels at y + offset, none where it is negative.
void winogradOutput(const float* m, size_t step, size_t columns, float* y, const int64_t* offset,
                    const Epilogue& epilogue) {
  const auto [scale, shift, added, relu] = epilogue;
  for (size_t c = 0; c < columns; c += LANES) {
    Floats t[4][6];
    for (int j = 0; j < 6; j++) {
      Floats d[6], o[4];
      for (int i = 0; i < 6; i++) d[i] = load(m + (6 * i + j) * step + c);
      fromProduct(d, o);
      for (int i = 0; i < 4; i++) t[i][j] = o[i];
    }
    for (int i = 0; i < 4; i++) {
      Floats o[4];
      fromProduct(t[i], o);
      for (int j = 0; j < 4; j++) {
        const int64_t at = offset[4 * i + j];
        if (at < 0) continue;
        store(y + at + c, finish(o[j], scale ? scale + c : nullptr, shift ? shift + c : nullptr,
                                 added ? added + at + c : nullptr, relu));
      }
    }
  }
}

// Filters of one panel: taps[9], each [k][kPanel] -> one row of positions, u[6], each [k][kPanel].
void winogradFilter(const float* taps, size_t k, int row, float* u) {
  const size_t step = k * kPanel;
  const float* share = kTapShare[row];
  for (size_t c = 0; c < step; c += LANES) {
    Floats t[3], o[6];
    for (int j = 0; j < 3; j++)
      t[j] = load(taps + j * step + c) * share[0] + load(taps + (3 + j) * step + c) * share[1] +
             load(taps + (6 + j) * step + c) * share[2];
    toFilter(t, o);
    for (int j = 0; j < 6; j++) store(u + j * step + c, o[j]);
  }
}

// Products of one panel and row of positions: p[6], each [k][kPanel]: what they give to the gradient of the filters is
// added to taps[9], each [k][kPanel].
void winogradFilterGradient(const float* p, size_t k, int row, float* taps) {
  const size_t step = k * kPanel;
  for (size_t c = 0; c < step; c += LANES) {
    Floats d[6], o[3];
    for (int j = 0; j < 6; j++) d[j] = load(p + j * step + c);
    fromFilterProduct(d, o);
    for (int i = 0; i < 3; i++) {
      const float share = kTapShare[row][i];
      if (share == 0) continue;
      for (int j = 0; j < 3; j++) {
        float* to = taps + (3 * i + j) * step + c;
        store(to, load(to) + o[j] * share);
      }
    }
  }
}
