import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels, NormGradient } from '../ops/kernels';
import { flatMain, type Gpu, type Shader } from './gpu';

type NormKernels = Pick<Kernels, 'normTrain' | 'normTrainGrad' | 'normFrozen' | 'normFrozenGrad'>;

/** Threads of the reducing shaders: neighbouring channels side by side, so that reads are contiguous, times rows. */
const CHANNELS = 64;
const LANES = 4;
/** Rows per workgroup, at least, and workgroups per 64 channels, at most. */
const ROWS = 128;
const MOST_PARTS = 128;

/**
 * Batch norm over the rows (N*H*W) of a matrix [rows, C]. Mean and variance in one pass (Welford per thread, merged as
 * Chan et al. 1979), so that float32 suffices where the mean is large against the deviation; all sums in a fixed order.
 */
export function webgpuNorm(gpu: Gpu): NormKernels {
  const size = (x: Tensor4D) => ({ rows: x.size / x.shape[3], c: x.shape[3] });
  const cut = (rows: number) => {
    const parts = Math.min(MOST_PARTS, Math.ceil(rows / ROWS));
    const share = Math.ceil(rows / parts);
    return { share, parts: Math.ceil(rows / share) };
  };

  /** Gradients of gamma and beta, and dx from them. */
  const gradient = (
    dy: Tensor4D,
    x: Tensor4D,
    gamma: Tensor1D,
    mean: Tensor1D,
    variance: Tensor1D,
    epsilon: number,
    batch: boolean,
  ): NormGradient => {
    const { rows, c } = size(x);
    const { share, parts } = cut(rows);
    const partial = gpu.alloc([parts, 2 * c]);
    gpu.run(gradientSums, {
      inputs: [dy, x, mean, variance],
      outputs: [partial],
      params: [rows, c, share, epsilon],
      workgroups: [Math.ceil(c / CHANNELS), parts],
    });
    const dGamma = gpu.alloc<Tensor1D>([c]);
    const dBeta = gpu.alloc<Tensor1D>([c]);
    gpu.runFlat(mergeGradientSums, c, { inputs: [partial], outputs: [dGamma, dBeta], params: [c, parts] });
    partial.dispose();
    const dx = gpu.alloc<Tensor4D>(x.shape);
    gpu.runFlat(batch ? trainGrad : frozenGrad, x.size, {
      inputs: batch ? [dy, x, gamma, mean, variance, dGamma, dBeta] : [dy, gamma, variance],
      outputs: [dx],
      params: batch ? [x.size, c, epsilon, 1 / rows] : [x.size, c, epsilon],
    });
    return { x: dx, gamma: dGamma, beta: dBeta };
  };

  const apply = (x: Tensor4D, vectors: Tensor1D[], epsilon: number): Tensor4D => {
    const y = gpu.alloc<Tensor4D>(x.shape);
    gpu.runFlat(normalise, x.size, {
      inputs: [x, ...vectors],
      outputs: [y],
      params: [x.size, x.shape[3], epsilon],
    });
    return y;
  };

  return {
    normTrain(x, gamma, beta, epsilon) {
      const { rows, c } = size(x);
      const { share, parts } = cut(rows);
      const partial = gpu.alloc([parts, 2 * c]);
      gpu.run(moments, {
        inputs: [x],
        outputs: [partial],
        params: [rows, c, share],
        workgroups: [Math.ceil(c / CHANNELS), parts],
      });
      const [mean, biased, variance] = [0, 1, 2].map(() => gpu.alloc<Tensor1D>([c])) as [
        Tensor1D,
        Tensor1D,
        Tensor1D,
      ];
      gpu.runFlat(mergeMoments, c, {
        inputs: [partial],
        outputs: [mean, biased, variance],
        params: [rows, c, share, parts],
      });
      partial.dispose();
      return { y: apply(x, [gamma, beta, mean, biased], epsilon), mean, variance, saved: [mean, biased] };
    },

    normTrainGrad(dy, x, gamma, saved: Tensor[], epsilon) {
      const [mean, biased] = saved as [Tensor1D, Tensor1D];
      return gradient(dy, x, gamma, mean, biased, epsilon, true);
    },

    normFrozen: (x, gamma, beta, mean, variance, epsilon) => apply(x, [gamma, beta, mean, variance], epsilon),

    normFrozenGrad: (dy, x, gamma, mean, variance, epsilon) =>
      gradient(dy, x, gamma, mean, variance, epsilon, false),
  };
}

const REDUCING_MAIN = `
@compute @workgroup_size(${CHANNELS * LANES})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let channel = group.x * ${CHANNELS}u + t % ${CHANNELS}u;
  let lane = t / ${CHANNELS}u;
  let begin = group.y * p.share;
  let end = min(begin + p.share, p.rows);`;

/** Mean and summed squared deviation of two sets from those of each; \`n\` is how many values they have. */
const MERGE = `
struct Moments { n: f32, mean: f32, m2: f32 };

fn merge(a: Moments, b: Moments) -> Moments {
  if (b.n == 0.0) { return a; }
  let n = a.n + b.n;
  let d = b.mean - a.mean;
  return Moments(n, a.mean + d * (b.n / n), a.m2 + b.m2 + d * d * (a.n * b.n / n));
}
`;

const moments: Shader = {
  name: 'moments',
  inputs: { x: 'f32' },
  outputs: { partial: 'f32' },
  params: { rows: 'u32', c: 'u32', share: 'u32' },
  code: () => `${MERGE}
var<workgroup> shared_: array<Moments, ${CHANNELS * LANES}>;
${REDUCING_MAIN}
  var m = Moments(0.0, 0.0, 0.0);
  if (channel < p.c) {
    for (var row = begin + lane; row < end; row += ${LANES}u) {
      let d = x[row * p.c + channel] - m.mean;
      m.n += 1.0;
      m.mean += d / m.n;
      m.m2 += d * (x[row * p.c + channel] - m.mean);
    }
  }
  shared_[t] = m;
  workgroupBarrier();
  if (lane > 0u || channel >= p.c) { return; }
  for (var l = 1u; l < ${LANES}u; l++) { m = merge(m, shared_[t + l * ${CHANNELS}u]); }
  partial[group.y * 2u * p.c + channel] = m.mean;
  partial[(group.y * 2u + 1u) * p.c + channel] = m.m2;
}`,
};

const mergeMoments: Shader = {
  name: 'merged moments',
  inputs: { partial: 'f32' },
  outputs: { mean: 'f32', biased: 'f32', variance: 'f32' },
  params: { rows: 'u32', c: 'u32', share: 'u32', parts: 'u32' },
  code: () =>
    MERGE +
    flatMain(
      'p.c',
      `  var m = Moments(0.0, 0.0, 0.0);
  for (var part = 0u; part < p.parts; part++) {
    let n = min(p.share, p.rows - part * p.share);
    m = merge(m, Moments(f32(n), partial[part * 2u * p.c + i], partial[(part * 2u + 1u) * p.c + i]));
  }
  mean[i] = m.mean;
  biased[i] = m.m2 / m.n;
  variance[i] = m.m2 / (m.n - 1.0);`,
    ),
};

const normalise: Shader = {
  name: 'normalise',
  inputs: { x: 'f32', gamma: 'f32', beta: 'f32', mean: 'f32', variance: 'f32' },
  outputs: { y: 'f32' },
  params: { size: 'u32', c: 'u32', epsilon: 'f32' },
  code: () =>
    flatMain(
      'p.size',
      `  let c = i % p.c;
  y[i] = (x[i] - mean[c]) * (gamma[c] / sqrt(variance[c] + p.epsilon)) + beta[c];`,
    ),
};

/** Per part: sums of dy * xhat, then of dy. */
const gradientSums: Shader = {
  name: 'norm gradient sums',
  inputs: { dy: 'f32', x: 'f32', mean: 'f32', variance: 'f32' },
  outputs: { partial: 'f32' },
  params: { rows: 'u32', c: 'u32', share: 'u32', epsilon: 'f32' },
  code: () => `
var<workgroup> shared_: array<vec2f, ${CHANNELS * LANES}>;
${REDUCING_MAIN}
  var sum = vec2f();
  if (channel < p.c) {
    let centre = mean[channel];
    let inverse = 1.0 / sqrt(variance[channel] + p.epsilon);
    for (var row = begin + lane; row < end; row += ${LANES}u) {
      let at = row * p.c + channel;
      sum += dy[at] * vec2f((x[at] - centre) * inverse, 1.0);
    }
  }
  shared_[t] = sum;
  workgroupBarrier();
  if (lane > 0u || channel >= p.c) { return; }
  for (var l = 1u; l < ${LANES}u; l++) { sum += shared_[t + l * ${CHANNELS}u]; }
  partial[group.y * 2u * p.c + channel] = sum.x;
  partial[(group.y * 2u + 1u) * p.c + channel] = sum.y;
}`,
};

const mergeGradientSums: Shader = {
  name: 'merged norm gradient sums',
  inputs: { partial: 'f32' },
  outputs: { gamma: 'f32', beta: 'f32' },
  params: { c: 'u32', parts: 'u32' },
  code: () =>
    flatMain(
      'p.c',
      `  var sum = vec2f();
  for (var part = 0u; part < p.parts; part++) {
    sum += vec2f(partial[part * 2u * p.c + i], partial[(part * 2u + 1u) * p.c + i]);
  }
  gamma[i] = sum.x;
  beta[i] = sum.y;`,
    ),
};

/** dx = gamma / sqrt(v + epsilon) * (dy - mean(dy) - xhat * mean(dy * xhat)). */
const trainGrad: Shader = {
  name: 'norm gradient',
  inputs: { dy: 'f32', x: 'f32', gamma: 'f32', mean: 'f32', variance: 'f32', dGamma: 'f32', dBeta: 'f32' },
  outputs: { result: 'f32' },
  params: { size: 'u32', c: 'u32', epsilon: 'f32', share: 'f32' },
  code: () =>
    flatMain(
      'p.size',
      `  let c = i % p.c;
  let inverse = 1.0 / sqrt(variance[c] + p.epsilon);
  let xhat = (x[i] - mean[c]) * inverse;
  result[i] = gamma[c] * inverse * (dy[i] - dBeta[c] * p.share - xhat * (dGamma[c] * p.share));`,
    ),
};

const frozenGrad: Shader = {
  name: 'frozen norm gradient',
  inputs: { dy: 'f32', gamma: 'f32', variance: 'f32' },
  outputs: { result: 'f32' },
  params: { size: 'u32', c: 'u32', epsilon: 'f32' },
  code: () =>
    flatMain(
      'p.size',
      `  let c = i % p.c;
  result[i] = dy[i] * (gamma[c] / sqrt(variance[c] + p.epsilon));`,
    ),
};
