// Softmax losses over rows of `classes` values, row by row.

// e^x for x <= 0 and not below about -87, where it is 0: 2^n times a polynomial of the rest (Cephes, expf).
inline Floats exponential(Floats x) {
  x = larger(x, all(-87.3f));
  const Floats n = x * 1.44269504f;
  // Rounds to the nearest: the sum has no digits after the point.
  const Floats shifted = n + 12582912.0f;
  const Floats whole = shifted - 12582912.0f;
  const Floats r = (x - whole * 0.693359375f) - whole * -2.12194440e-4f;
  Floats p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  Ints bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = (bits << 23) + 0x3f800000;
  Floats power;
  std::memcpy(&power, &bits, sizeof power);
  return p * power;
}

// Softmax of x / temperature. A row is read in whole vectors, the last one over a part of the one before; what it has
// twice is summed once. Rows shorter than a vector are copied and filled up by classes of no probability.
class Row {
 public:
  explicit Row(size_t classes)
      : classes_(classes), width_(std::max<size_t>(classes, LANES)), last_(width_ - LANES), e(new float[width_]) {
    const size_t again = (LANES - width_ % LANES) % LANES;
    float shares[LANES];
    for (size_t l = 0; l < LANES; l++) {
      shares[l] = l < again ? 0 : 1;
      padded_[l] = -1e30f;
    }
    share_ = load(shares);
  }
  ~Row() { delete[] e; }
  Row(const Row&) = delete;

  void fill(const float* x, float inverseTemperature) {
    if (classes_ < LANES) {
      std::memcpy(padded_, x, classes_ * sizeof(float));
      x = padded_;
    }
    Floats top = load(x + last_);
    for (size_t c = 0; c < last_; c += LANES) top = larger(top, load(x + c));
    largest = folded(top, [](auto a, auto b) { return a > b ? a : b; }) * inverseTemperature;
    const Floats end = exponential(load(x + last_) * inverseTemperature - largest);
    Floats s = end * share_;
    for (size_t c = 0; c < last_; c += LANES) {
      const Floats v = exponential(load(x + c) * inverseTemperature - largest);
      store(e + c, v);
      s += v;
    }
    store(e + last_, end);
    sum = folded(s, [](auto a, auto b) { return a + b; });
  }

 private:
  const size_t classes_, width_, last_;
  float padded_[LANES];
  Floats share_;

 public:
  float* const e;  // e^(x - largest)
  float largest = 0;
  float sum = 0;
};

// loss[i] = -log softmax(row i)[label], 0 where the label is -1. Returns the first label out of range, or -1.
int32_t crossEntropy(const float* logits, const int32_t* labels, size_t rows, size_t classes, float* loss) {
  Row row(classes);
  for (size_t i = 0; i < rows; i++) {
    const int32_t label = labels[i];
    if (label < 0) {
      loss[i] = 0;
      continue;
    }
    if (static_cast<size_t>(label) >= classes) return label;
    const float* x = logits + i * classes;
    row.fill(x, 1.0f);
    loss[i] = std::log(row.sum) - (x[label] - row.largest);
  }
  return -1;
}

// d[i] = dy[i] * (softmax(row i) - onehot(label)), 0 where the label is -1.
void crossEntropyGradient(const float* logits, const int32_t* labels, const float* dy, size_t rows, size_t classes,
                          float* d) {
  Row row(classes);
  for (size_t i = 0; i < rows; i++, d += classes) {
    const int32_t label = labels[i];
    if (label < 0 || dy[i] == 0) {
      for (size_t c = 0; c < classes; c++) d[c] = 0;
      continue;
    }
    row.fill(logits + i * classes, 1.0f);
    const float factor = dy[i] / row.sum;
    size_t c = 0;
    for (; c + LANES <= classes; c += LANES) store(d + c, load(row.e + c) * factor);
    for (; c < classes; c++) d[c] = row.e[c] * factor;
    d[label] -= dy[i];
  }
}

// kl[i] = sum of p (log p - log q), p = softmax(teacher / T), q = softmax(student / T).
void klRows(const float* student, const float* teacher, size_t rows, size_t classes, float inverseTemperature,
            float* kl) {
  Row p(classes), q(classes);
  for (size_t i = 0; i < rows; i++, student += classes, teacher += classes) {
    p.fill(teacher, inverseTemperature);
    q.fill(student, inverseTemperature);
    const float offset = (std::log(q.sum) + q.largest) - (std::log(p.sum) + p.largest);
    double sum = 0;
    for (size_t c = 0; c < classes; c++)
      sum += static_cast<double>(p.e[c]) * ((teacher[c] - student[c]) * inverseTemperature + offset);
    kl[i] = static_cast<float>(sum / p.sum);
  }
}

// d[i] = dy[i] / T * (q - p), of the student.
void klRowsGradient(const float* student, const float* teacher, const float* dy, size_t rows, size_t classes,
                    float inverseTemperature, float* d) {
  Row p(classes), q(classes);
  for (size_t i = 0; i < rows; i++, student += classes, teacher += classes, d += classes) {
    p.fill(teacher, inverseTemperature);
    q.fill(student, inverseTemperature);
    const float a = dy[i] * inverseTemperature / q.sum, b = dy[i] * inverseTemperature / p.sum;
    size_t c = 0;
    for (; c + LANES <= classes; c += LANES) store(d + c, load(q.e + c) * a - load(p.e + c) * b);
    for (; c < classes; c++) d[c] = q.e[c] * a - p.e[c] * b;
  }
}
