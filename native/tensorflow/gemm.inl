// Matrix products. B comes in panels of kPanel columns, [k][kPanel]; A by a pointer to each row, or column by column.

constexpr size_t kPanel = 2 * LANES;
// As many rows as there are registers for their sums.
constexpr int kRows = LANES == 16 ? 12 : LANES == 8 ? 6 : 4;

template <int R, bool Columns>
void product(const float* const* rows, const float* a, size_t lda, const float* b, float* c, size_t ldc, size_t k,
             bool accumulate) {
  Floats s0[R], s1[R];
  const float* row[R];
#pragma GCC unroll 16
  for (int r = 0; r < R; r++) {
    s0[r] = Floats{};
    s1[r] = Floats{};
    row[r] = Columns ? nullptr : rows[r];
  }
  for (size_t i = 0; i < k; i++) {
    const Floats b0 = load(b), b1 = load(b + LANES);
    b += kPanel;
#pragma GCC unroll 16
    for (int r = 0; r < R; r++) {
      const float x = Columns ? a[r] : row[r][i];
      s0[r] += b0 * x;
      s1[r] += b1 * x;
    }
    if (Columns) a += lda;
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; r++) {
    float* to = c + r * ldc;
    if (accumulate) {
      s0[r] += load(to);
      s1[r] += load(to + LANES);
    }
    store(to, s0[r]);
    store(to + LANES, s1[r]);
  }
}

// As many rows as are left, in few sizes: every size is a function of its own.
template <int R, bool Columns>
size_t upTo(size_t m, const float* const* rows, const float* a, size_t lda, const float* b, float* c, size_t ldc,
            size_t k, bool accumulate) {
  if (m >= R) {
    product<R, Columns>(rows, a, lda, b, c, ldc, k, accumulate);
    return R;
  }
  if constexpr (R > 1)
    return upTo<(R > 8 ? 8 : R > 4 ? 4 : R / 2), Columns>(m, rows, a, lda, b, c, ldc, k, accumulate);
  return 0;
}

// c[m][kPanel] = (c +) A b, with A's rows at rows[0..m), each of k values.
void gemmRows(const float* const* rows, size_t m, size_t k, const float* b, float* c, size_t ldc, bool accumulate) {
  for (size_t i = 0; i < m;)
    i += upTo<kRows, false>(m - i, rows + i, nullptr, 0, b, c + i * ldc, ldc, k, accumulate);
}

// The same with A[m][k] at a[k * lda + m].
void gemmColumns(const float* a, size_t lda, size_t m, size_t k, const float* b, float* c, size_t ldc,
                 bool accumulate) {
  for (size_t i = 0; i < m;)
    i += upTo<kRows, true>(m - i, nullptr, a + i, lda, b, c + i * ldc, ldc, k, accumulate);
}

// [k][n] with rows `ld` apart -> panels; columns from n on are 0. `scale`: of the columns, or null.
void packPanel(const float* b, size_t ld, size_t k, size_t columns, const float* scale, float* to) {
  for (size_t i = 0; i < k; i++, b += ld, to += kPanel) {
    if (columns == kPanel && !scale) {
      store(to, load(b));
      store(to + LANES, load(b + LANES));
      continue;
    }
    for (size_t j = 0; j < kPanel; j++) to[j] = j < columns ? b[j] * (scale ? scale[j] : 1.0f) : 0.0f;
  }
}

// The same from the transposed matrix: [n][k] with rows `ld` apart.
void packPanelTransposed(const float* b, size_t ld, size_t k, size_t columns, float* to) {
  constexpr size_t kBlock = 16;
  for (size_t i = 0; i < k; i += kBlock) {
    const size_t end = std::min(k, i + kBlock);
    for (size_t j = 0; j < kPanel; j++)
      for (size_t x = i; x < end; x++) to[x * kPanel + j] = j < columns ? b[j * ld + x] : 0.0f;
  }
}

// What follows a convolution: y = relu(x + shift + added), each part if it is there.
inline Floats finish(Floats x, const float* shift, const float* added, bool relu) {
  if (shift) x += load(shift);
  if (added) x += load(added);
  return relu ? larger(x, Floats{}) : x;
}

// Rows of a panel -> rows of the result; `columns` of them count.
void storeRows(const float* from, size_t rows, size_t columns, float* y, size_t ldy, const float* shift,
               const float* added, bool relu) {
  for (size_t i = 0; i < rows; i++, from += kPanel) {
    float* to = y + i * ldy;
    const float* plus = added ? added + i * ldy : nullptr;
    size_t j = 0;
    for (; j + LANES <= columns; j += LANES)
      store(to + j, finish(load(from + j), shift ? shift + j : nullptr, plus ? plus + j : nullptr, relu));
    for (; j < columns; j++) {
      const float v = from[j] + (shift ? shift[j] : 0) + (plus ? plus[j] : 0);
      to[j] = relu ? std::max(v, 0.0f) : v;
    }
  }
}
