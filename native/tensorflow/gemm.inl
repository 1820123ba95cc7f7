// Matrix products. B comes in panels of kPanel columns, [k][kPanel]; A by a pointer to each row, or column by column.

constexpr size_t kPanel = 2 * LANES;
// As many rows as there are registers for their sums.
constexpr int kRows = LANES == 16 ? 12 : LANES == 8 ? 6 : 4;

// Sums of a product's rows -> rows of the result, `at` or in order.
template <int R>
__attribute__((always_inline)) inline void put(const Floats (&s0)[R], const Floats (&s1)[R], float* c, const int32_t* at, size_t ldc, bool accumulate) {
#pragma GCC unroll 16
  for (int r = 0; r < R; r++) {
    float* to = c + (at ? at[r] : r) * ldc;
    store(to, accumulate ? s0[r] + load(to) : s0[r]);
    store(to + LANES, accumulate ? s1[r] + load(to + LANES) : s1[r]);
  }
}

template <int R>
void rowsProduct(const float* const* rows, const int32_t* at, size_t k, const float* b, float* c, size_t ldc,
                 bool accumulate) {
  Floats s0[R], s1[R];
  const float* row[R];
#pragma GCC unroll 16
  for (int r = 0; r < R; r++) {
    s0[r] = Floats{};
    s1[r] = Floats{};
    row[r] = rows[r];
  }
  for (size_t i = 0; i < k; i++, b += kPanel) {
    const Floats b0 = load(b), b1 = load(b + LANES);
#pragma GCC unroll 16
    for (int r = 0; r < R; r++) {
      const float x = row[r][i];
      s0[r] += b0 * x;
      s1[r] += b1 * x;
    }
  }
  put<R>(s0, s1, c, at, ldc, accumulate);
}

template <int R>
void columnsProduct(const float* a, const int32_t* at, size_t k, const float* b, float* c, size_t ldc,
                    bool accumulate) {
  Floats s0[R], s1[R];
#pragma GCC unroll 16
  for (int r = 0; r < R; r++) {
    s0[r] = Floats{};
    s1[r] = Floats{};
  }
  for (size_t i = 0; i < k; i++, a += LANES) {
    const float* from = b + at[i] * kPanel;
    const Floats b0 = load(from), b1 = load(from + LANES);
#pragma GCC unroll 16
    for (int r = 0; r < R; r++) {
      const float x = a[r];
      s0[r] += b0 * x;
      s1[r] += b1 * x;
    }
  }
  put<R>(s0, s1, c, nullptr, ldc, accumulate);
}

// Calls `product` with as many rows as are left, in few sizes: every size is a function of its own.
template <int R, typename Product>
size_t upTo(size_t m, const Product& product) {
  if (m >= R) {
    product(std::integral_constant<int, R>());
    return R;
  }
  if constexpr (R > 1) return upTo<(R > 8 ? 8 : R > 4 ? 4 : R / 2)>(m, product);
  return 0;
}

// c[m][kPanel] = (c +) A b, with A's rows at rows[0..m), each of k values. `at`: which row of c each is; null: in order.
void gemmRows(const float* const* rows, const int32_t* at, size_t m, size_t k, const float* b, float* c, size_t ldc,
              bool accumulate) {
  for (size_t i = 0; i < m;)
    i += upTo<kRows>(m - i, [&](auto r) {
      rowsProduct<r>(rows + i, at ? at + i : nullptr, k, b, at ? c : c + i * ldc, ldc, accumulate);
    });
}

// c[m][kPanel] = (c +) A b with up to LANES rows of A, which come column by column, a[k][LANES]; column i goes with row
// at[i] of b.
void gemmColumns(const float* a, const int32_t* at, size_t m, size_t k, const float* b, float* c, size_t ldc,
                 bool accumulate) {
  for (size_t i = 0; i < m;)
    i += upTo<(LANES > 8 ? 8 : 4)>(
        m - i, [&](auto r) { columnsProduct<r>(a + i, at, k, b, c + i * ldc, ldc, accumulate); });
}

// `count` values of k rows, from `first` on -> columns as gemmColumns takes them.
void packColumns(const float* const* rows, size_t first, size_t count, size_t k, float* to) {
  for (size_t i = 0; i < k; i++, to += LANES) {
    if (count == LANES)
      store(to, load(rows[i] + first));
    else
      std::memcpy(to, rows[i] + first, count * sizeof(float));
  }
}

// [k][n] with rows `ld` apart -> panels; columns from n on are 0.
void packPanel(const float* b, size_t ld, size_t k, size_t columns, float* to) {
  for (size_t i = 0; i < k; i++, b += ld, to += kPanel) {
    if (columns == kPanel) {
      store(to, load(b));
      store(to + LANES, load(b + LANES));
      continue;
    }
    for (size_t j = 0; j < kPanel; j++) to[j] = j < columns ? b[j] : 0.0f;
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

// y = relu(x * scale + shift + added), each part if it is there.
inline Floats finish(Floats x, const float* scale, const float* shift, const float* added, bool relu) {
  if (scale) x *= load(scale);
  if (shift) x += load(shift);
  if (added) x += load(added);
  return relu ? larger(x, Floats{}) : x;
}

// A row of a product -> a row of the result.
void storeRow(const float* from, size_t columns, const Epilogue& epilogue, float* y) {
  const auto [scale, shift, added, relu] = epilogue;
  size_t j = 0;
  for (; j + LANES <= columns; j += LANES)
    store(y + j, finish(load(from + j), scale ? scale + j : nullptr, shift ? shift + j : nullptr,
                        added ? added + j : nullptr, relu));
  for (; j < columns; j++) {
    const float v = from[j] * (scale ? scale[j] : 1) + (shift ? shift[j] : 0) + (added ? added[j] : 0);
    y[j] = relu ? std::max(v, 0.0f) : v;
  }
}
