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

// Of x / temperature, with rows filled up to whole vectors by classes of no probability.
struct Row {
  explicit Row(size_t classes) : e(new float[classes + LANES]) {}
  ~Row() { delete[] e; }
  Row(const Row&) = delete;

  float* const e;  // e^(x - largest)
  float largest = 0;
  float sum = 0;
  // x must not be shorter than it is read: only `classes` values.
  void fill(const float* x, size_t classes, float inverseTemperature) {
    float top = x[0];
    for (size_t c = 1; c < classes; c++) top = std::max(top, x[c]);
    largest = top * inverseTemperature;
    for (size_t c = 0; c < classes; c++) e[c] = x[c] * inverseTemperature - largest;
    for (size_t c = classes; c % LANES != 0; c++) e[c] = -1e30f;
    Floats s = {};
    for (size_t c = 0; c < classes; c += LANES) {
      Floats v = exponential(load(e + c));
      if (c + LANES > classes)
        for (size_t l = classes - c; l < LANES; l++) v[l] = 0;
      store(e + c, v);
      s += v;
    }
    sum = total(s);
  }
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
    row.fill(x, classes, 1.0f);
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
    row.fill(logits + i * classes, classes, 1.0f);
    const float factor = dy[i] / row.sum;
    for (size_t c = 0; c < classes; c++) d[c] = row.e[c] * factor;
    d[label] -= dy[i];
  }
}

// kl[i] = sum of p (log p - log q), p = softmax(teacher / T), q = softmax(student / T).
void klRows(const float* student, const float* teacher, size_t rows, size_t classes, float inverseTemperature,
            float* kl) {
  Row p(classes), q(classes);
  for (size_t i = 0; i < rows; i++, student += classes, teacher += classes) {
    p.fill(teacher, classes, inverseTemperature);
    q.fill(student, classes, inverseTemperature);
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
    p.fill(teacher, classes, inverseTemperature);
    q.fill(student, classes, inverseTemperature);
    const float a = dy[i] * inverseTemperature / q.sum, b = dy[i] * inverseTemperature / p.sum;
    for (size_t c = 0; c < classes; c++) d[c] = q.e[c] * a - p.e[c] * b;
  }
}
