import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels } from '../ops/kernels';
import { flatMain, type Gpu, type Shader } from './gpu';

type FusedNorm = NonNullable<Kernels['fusedNorm']>;
type NormKernels = Pick<
  Kernels,
  'normTrain' | 'normTrainGrad' | 'fusedNorm' | 'normFrozen' | 'normFrozenGrad'
>;

/** Threads of the reducing shaders: neighbouring channels side by side, so that reads are contiguous, times rows. */
const CHANNELS = 64;
const LANES = 4;
/** Rows per workgroup, at least, and workgroups per 64 channels, at most. */
const ROWS = 128;
const MOST_PARTS = 128;

/**
 * Batch norm over the rows (N*H*W) of a matrix [rows, C], with what follows it. Mean and variance in one pass (Welford per
 * thread, merged as Chan et al. 1979), so that float32 suffices where the mean is large against the deviation; all sums
 * in a fixed order.
 */
export function webgpuNorm(gpu: Gpu): NormKernels {
  const size = (x: Tensor4D) => ({ rows: x.size / x.shape[3], c: x.shape[3] });
  const cut = (rows: number) => {
    const parts = Math.min(MOST_PARTS, Math.ceil(rows / ROWS));
    const share = Math.ceil(rows / parts);
    return { share, parts: Math.ceil(rows / share) };
  };
  const vector = (c: number) => gpu.alloc<Tensor1D>([c]);

  /** Sums of dy * xhat and of dy, where ReLU let it through. `epsilon`: `spread` is a variance, else 1 / deviation. */
  const partialSums = (
    {
      dy,
      y,
      x,
      mean,
      spread,
    }: { dy: Tensor4D; y: Tensor4D | null; x: Tensor4D; mean: Tensor1D; spread: Tensor1D },
    epsilon: number | null,
  ) => {
    const { rows, c } = size(x);
    const { share, parts } = cut(rows);
    const partial = gpu.alloc([parts, 2 * c]);
    gpu.run(gradientSums(y !== null, epsilon !== null), {
      inputs: [dy, ...(y ? [y] : []), x, mean, spread],
      outputs: [partial],
      params: [rows, c, share, epsilon ?? 0],
      workgroups: [Math.ceil(c / CHANNELS), parts],
    });
    return { partial, parts };
  };

  const train: FusedNorm['train'] = (x, gamma, beta, epsilon, { added, relu }) => {
    const { rows, c } = size(x);
    const { share, parts } = cut(rows);
    const partial = gpu.alloc([parts, 2 * c]);
    gpu.run(moments, {
      inputs: [x],
      outputs: [partial],
      params: [rows, c, share],
      workgroups: [Math.ceil(c / CHANNELS), parts],
    });
    const [mean, inverse, variance] = [vector(c), vector(c), vector(c)];
    gpu.runFlat(mergeMoments, c, {
      inputs: [partial],
      outputs: [mean, inverse, variance],
      params: [rows, c, share, parts, epsilon],
    });
    partial.dispose();
    const y = gpu.alloc<Tensor4D>(x.shape);
    gpu.runFlat(normalise(added !== undefined, relu), x.size, {
      inputs: [x, gamma, beta, mean, inverse, ...(added ? [added] : [])],
      outputs: [y],
      params: [x.size, c],
    });
    return { y, mean, variance, saved: [mean, inverse] };
  };

  const trainGrad: FusedNorm['trainGrad'] = (dy, y, x, gamma, saved, added) => {
    const { rows, c } = size(x);
    const [mean, inverse] = saved as [Tensor1D, Tensor1D];
    const { partial, parts } = partialSums({ dy, y, x, mean, spread: inverse }, null);
    const [dGamma, dBeta] = [vector(c), vector(c)];
    const factors = gpu.alloc([4 * c]);
    gpu.runFlat(mergeGradientSums, c, {
      inputs: [partial, gamma, mean, inverse],
      outputs: [dGamma, dBeta, factors],
      params: [c, parts, 1 / rows],
    });
    partial.dispose();
    const dx = gpu.alloc<Tensor4D>(x.shape);
    // Without ReLU what was added gets dy as it is.
    const through = added && y ? gpu.alloc<Tensor4D>(x.shape) : undefined;
    gpu.runFlat(trainGradient(y !== null, through !== undefined), x.size, {
      inputs: [dy, ...(y ? [y] : []), x, factors],
      outputs: [dx, ...(through ? [through] : [])],
      params: [x.size, c],
    });
    factors.dispose();
    const gradient = { x: dx, gamma: dGamma, beta: dBeta };
    return added ? { ...gradient, added: through ?? dy.clone() } : gradient;
  };

  return {
    fusedNorm: { train, trainGrad },
    normTrain: (x, gamma, beta, epsilon) => train(x, gamma, beta, epsilon, { relu: false }),
    normTrainGrad: (dy, x, gamma, saved) => trainGrad(dy, null, x, gamma, saved, false),

    normFrozen(x, gamma, beta, mean, variance, epsilon) {
      const y = gpu.alloc<Tensor4D>(x.shape);
      gpu.runFlat(frozen(false, false), x.size, {
        inputs: [x, gamma, beta, mean, variance],
        outputs: [y],
        params: [x.size, x.shape[3], epsilon],
      });
      return y;
    },

    normFrozenGrad(dy, x, gamma, mean, variance, epsilon) {
      const { c } = size(x);
      const { partial, parts } = partialSums({ dy, y: null, x, mean, spread: variance }, epsilon);
      const [dGamma, dBeta] = [vector(c), vector(c)];
      gpu.runFlat(mergeFrozenSums, c, { inputs: [partial], outputs: [dGamma, dBeta], params: [c, parts] });
      partial.dispose();
      const dx = gpu.alloc<Tensor4D>(x.shape);
      gpu.runFlat(frozenGrad, x.size, {
        inputs: [dy, gamma, variance],
        outputs: [dx],
        params: [x.size, c, epsilon],
      });
      return { x: dx, gamma: dGamma, beta: dBeta };
    },
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
  outputs: { mean: 'f32', inverse: 'f32', variance: 'f32' },
  params: { rows: 'u32', c: 'u32', share: 'u32', parts: 'u32', epsilon: 'f32' },
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
  inverse[i] = 1.0 / sqrt(m.m2 / m.n + p.epsilon);
  variance[i] = m.m2 / (m.n - 1.0);`,
    ),
};

const normalise = (added: boolean, relu: boolean): Shader => ({
  name: `normalise${added ? ', add' : ''}${relu ? ', relu' : ''}`,
  inputs: {
    x: 'f32',
    gamma: 'f32',
    beta: 'f32',
    mean: 'f32',
    inverse: 'f32',
    ...(added ? { added: 'f32' as const } : {}),
  },
  outputs: { y: 'f32' },
  params: { size: 'u32', c: 'u32' },
  code: () =>
    flatMain(
      'p.size',
      `  let c = i % p.c;
  let norm = (x[i] - mean[c]) * (gamma[c] * inverse[c]) + beta[c]${added ? ' + added[i]' : ''};
  y[i] = ${relu ? 'max(norm, 0.0)' : 'norm'};`,
    ),
});

/** With given statistics, and what follows. */
export const frozen = (added: boolean, relu: boolean): Shader => ({
  name: `normalise frozen${added ? ', add' : ''}${relu ? ', relu' : ''}`,
  inputs: {
    x: 'f32',
    gamma: 'f32',
    beta: 'f32',
    mean: 'f32',
    variance: 'f32',
    ...(added ? { added: 'f32' as const } : {}),
  },
  outputs: { y: 'f32' },
  params: { size: 'u32', c: 'u32', epsilon: 'f32' },
  code: () =>
    flatMain(
      'p.size',
      `  let c = i % p.c;
  let norm = (x[i] - mean[c]) * (gamma[c] / sqrt(variance[c] + p.epsilon)) + beta[c]${added ? ' + added[i]' : ''};
  y[i] = ${relu ? 'max(norm, 0.0)' : 'norm'};`,
    ),
});

/** The gradient behind ReLU. */
const through = (relu: boolean, at: string) =>
  relu ? `select(0.0, dy[${at}], y[${at}] > 0.0)` : `dy[${at}]`;

/** Per part: sums of dy * xhat, then of dy. */
const gradientSums = (relu: boolean, fromVariance: boolean): Shader => ({
  name: `norm gradient sums${relu ? ', relu' : ''}${fromVariance ? ', frozen' : ''}`,
  inputs: { dy: 'f32', ...(relu ? { y: 'f32' as const } : {}), x: 'f32', mean: 'f32', spread: 'f32' },
  outputs: { partial: 'f32' },
  params: { rows: 'u32', c: 'u32', share: 'u32', epsilon: 'f32' },
  code: () => `
var<workgroup> shared_: array<vec2f, ${CHANNELS * LANES}>;
${REDUCING_MAIN}
  var sum = vec2f();
  if (channel < p.c) {
    let centre = mean[channel];
    let inverse = ${fromVariance ? '1.0 / sqrt(spread[channel] + p.epsilon)' : 'spread[channel]'};
    for (var row = begin + lane; row < end; row += ${LANES}u) {
      let at = row * p.c + channel;
      sum += ${through(relu, 'at')} * vec2f((x[at] - centre) * inverse, 1.0);
    }
  }
  shared_[t] = sum;
  workgroupBarrier();
  if (lane > 0u || channel >= p.c) { return; }
  for (var l = 1u; l < ${LANES}u; l++) { sum += shared_[t + l * ${CHANNELS}u]; }
  partial[group.y * 2u * p.c + channel] = sum.x;
  partial[(group.y * 2u + 1u) * p.c + channel] = sum.y;
}`,
});

const SUM_OF_PARTS = `  var sum = vec2f();
  for (var part = 0u; part < p.parts; part++) {
    sum += vec2f(partial[part * 2u * p.c + i], partial[(part * 2u + 1u) * p.c + i]);
  }
  gamma_[i] = sum.x;
  beta_[i] = sum.y;`;

const mergeFrozenSums: Shader = {
  name: 'merged norm gradient sums, frozen',
  inputs: { partial: 'f32' },
  outputs: { gamma_: 'f32', beta_: 'f32' },
  params: { c: 'u32', parts: 'u32' },
  code: () => flatMain('p.c', SUM_OF_PARTS),
};

/**
 * Gradients of gamma and beta, and by channel what dx is made of:
 * dx = scale * (dy - mean(dy) - xhat * mean(dy * xhat)) = scale * dy + slope * (x - mean) + offset.
 */
const mergeGradientSums: Shader = {
  name: 'merged norm gradient sums',
  inputs: { partial: 'f32', gamma: 'f32', mean: 'f32', inverse: 'f32' },
  outputs: { gamma_: 'f32', beta_: 'f32', factors: 'f32' },
  params: { c: 'u32', parts: 'u32', share: 'f32' },
  code: () =>
    flatMain(
      'p.c',
      `${SUM_OF_PARTS}
  let scale = gamma[i] * inverse[i];
  factors[i] = mean[i];
  factors[p.c + i] = scale;
  factors[2u * p.c + i] = -scale * inverse[i] * sum.x * p.share;
  factors[3u * p.c + i] = -scale * sum.y * p.share;`,
    ),
};

const trainGradient = (relu: boolean, added: boolean): Shader => ({
  name: `norm gradient${relu ? ', relu' : ''}${added ? ', add' : ''}`,
  inputs: { dy: 'f32', ...(relu ? { y: 'f32' as const } : {}), x: 'f32', factors: 'f32' },
  outputs: { result: 'f32', ...(added ? { added: 'f32' as const } : {}) },
  params: { size: 'u32', c: 'u32' },
  code: () =>
    flatMain(
      'p.size',
      `  let c = i % p.c;
  let d = ${through(relu, 'i')};
  result[i] = factors[p.c + c] * d + factors[2u * p.c + c] * (x[i] - factors[c]) + factors[3u * p.c + c];
  ${added ? 'added[i] = d;' : ''}`,
    ),
});

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
