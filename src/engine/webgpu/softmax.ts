import type { Tensor, Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { refuse } from '../ops/check';
import type { Kernels } from '../ops/kernels';
import { flatMain, type Gpu, type Shader } from './gpu';

type SoftmaxKernels = Pick<
  Kernels,
  'softmax' | 'logSoftmax' | 'crossEntropy' | 'crossEntropyGrad' | 'klRows'
>;

/** Rows longer than this (a channel over all positions, in CWD) are shared by the threads of a workgroup. */
const LONG_ROW = 256;

export function webgpuSoftmax(gpu: Gpu): SoftmaxKernels {
  const runRows = (
    shader: { short: Shader; long: Shader },
    rows: number,
    c: number,
    call: { inputs: Tensor[]; outputs: Tensor[]; params: number[] },
  ) => {
    const params = [rows, c, ...call.params];
    if (c < LONG_ROW) {
      gpu.runFlat(shader.short, rows, { ...call, params });
      return;
    }
    // Few rows are as long as this, but more than one dimension of a dispatch holds is possible.
    const y = Math.ceil(rows / 32768);
    gpu.run(shader.long, { ...call, params, workgroups: [Math.ceil(rows / y), y] });
  };
  const overLast = <T extends Tensor>(shader: { short: Shader; long: Shader }, x: T): T => {
    const c = x.shape[x.shape.length - 1]!;
    const out = gpu.alloc<T>(x.shape);
    runRows(shader, x.size / c, c, { inputs: [x], outputs: [out], params: [] });
    return out;
  };

  return {
    softmax: (x) => overLast(softmax, x),
    logSoftmax: (x) => overLast(logSoftmax, x),

    crossEntropy(logits, labels) {
      const c = logits.shape[3];
      checkLabels(gpu, labels, c);
      const loss = gpu.alloc<Tensor3D>(labels.shape);
      const offset = gpu.alloc<Tensor3D>(labels.shape);
      runRows(crossEntropy, labels.size, c, {
        inputs: [logits, labels],
        outputs: [loss, offset],
        params: [],
      });
      return { loss, saved: [logits, offset, labels] };
    },

    crossEntropyGrad(dy, saved) {
      const [logits, offset, labels] = saved as [Tensor4D, Tensor3D, Tensor3D];
      const out = gpu.alloc<Tensor4D>(logits.shape);
      gpu.runFlat(crossEntropyGrad, logits.size, {
        inputs: [dy, logits, offset, labels],
        outputs: [out],
        params: [logits.size, logits.shape[3]],
      });
      return out;
    },

    klRows(student, teacher, temperature) {
      const [rows, c] = student.shape;
      const out = gpu.alloc<Tensor1D>([rows]);
      runRows(klRows, rows, c, { inputs: [student, teacher], outputs: [out], params: [1 / temperature] });
      return out;
    },
  };
}

/** Several losses of a step see the same labels. */
const largestLabel = new WeakMap<object, number>();

/** Labels that came from this process are checked there; only those that were computed on the device are read back. */
function checkLabels(gpu: Gpu, labels: Tensor3D, classes: number): void {
  let largest = largestLabel.get(labels.dataId);
  if (largest === undefined) {
    largest = -1;
    for (const label of gpu.hostValues(labels) ?? labels.dataSync<'int32'>())
      largest = Math.max(largest, label);
    largestLabel.set(labels.dataId, largest);
  }
  if (largest >= classes)
    refuse(
      'crossEntropyMap',
      `label ${largest} of ${classes} classes`,
      'Labels are 0 to classes - 1, or -1.',
    );
}

/**
 * A shader over rows in two shapes: a thread per row, or a workgroup per row. \`body\` sees \`row\` and \`start\` (of its
 * values), goes over columns with EACH, and combines what the threads found with \`allMax\` and \`allSum\`; the statements
 * of \`once\` run for one thread of a row.
 */
function rowShader(
  shader: Omit<Shader, 'params' | 'code'> & { params?: Shader['params']; body: string; once?: string },
): { short: Shader; long: Shader } {
  const { name, inputs, outputs, body, once = '' } = shader;
  const params = { rows: 'u32', c: 'u32', ...shader.params } as const;
  const loop = (from: string, by: string) =>
    body
      .replaceAll('EACH', `for (var k = ${from}; k < p.c; k += ${by})`)
      .replaceAll('START', 'let start = row * p.c;');
  return {
    short: {
      name,
      inputs,
      outputs,
      params,
      code: () =>
        `
fn allMax(v: f32, t: u32) -> f32 { return v; }
fn allSum(v: f32, t: u32) -> f32 { return v; }
${flatMain('p.rows', `  let row = i; let t = 0u;\n${loop('0u', '1u')}\n${once}`)}`,
    },
    long: {
      name: `${name}, long rows`,
      inputs,
      outputs,
      params,
      code: () => `
var<workgroup> shared_: array<f32, ${THREADS}>;
${['Max', 'Sum'].map(combine).join('\n')}

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) t: u32) {
  let row = group.y * groups.x + group.x;
  if (row >= p.rows) { return; }
${loop('t', `${THREADS}u`)}
  if (t == 0u) {
${once}
  }
}`,
    },
  };
}

const THREADS = 256;

/** All threads of a workgroup get the maximum or sum of what each brings. */
function combine(what: string): string {
  const by = (a: string, b: string) => (what === 'Max' ? `max(${a}, ${b})` : `${a} + ${b}`);
  return `
fn all${what}(v: f32, t: u32) -> f32 {
  workgroupBarrier();
  shared_[t] = v;
  for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (t < half) { shared_[t] = ${by('shared_[t]', 'shared_[t + half]')}; }
  }
  return workgroupUniformLoad(&shared_[0]);
}`;
}

/** Defines the maximum and the log sum exp (\`offset\`) of the row's values of \`z\`, and \`offset\`Sum, the sum after the maximum was taken off. */
const logSumExp = (z: string, maximum: string, offset: string, scale = '') => `
  var ${maximum} = ${z}[start]${scale};
  EACH { ${maximum} = max(${maximum}, ${z}[start + k]${scale}); }
  ${maximum} = allMax(${maximum}, t);
  var ${offset}Sum = 0.0;
  EACH { ${offset}Sum += exp(${z}[start + k]${scale} - ${maximum}); }
  ${offset}Sum = allSum(${offset}Sum, t);
  let ${offset} = ${maximum} + log(${offset}Sum);`;

const softmax = rowShader({
  name: 'softmax',
  inputs: { x: 'f32' },
  outputs: { result: 'f32' },
  body: `START${logSumExp('x', 'top', 'offset')}
  EACH { result[start + k] = exp(x[start + k] - top) / offsetSum; }`,
});

const logSoftmax = rowShader({
  name: 'log softmax',
  inputs: { x: 'f32' },
  outputs: { result: 'f32' },
  body: `START${logSumExp('x', 'top', 'offset')}
  EACH { result[start + k] = x[start + k] - offset; }`,
});

const crossEntropy = rowShader({
  name: 'cross entropy',
  inputs: { x: 'f32', labels: 'i32' },
  outputs: { loss: 'f32', offsets: 'f32' },
  body: `START${logSumExp('x', 'top', 'offset')}`,
  once: `  let label = labels[row];
  offsets[row] = offset;
  loss[row] = select(offset - x[start + u32(max(label, 0))], 0.0, label < 0);`,
});

const crossEntropyGrad: Shader = {
  name: 'cross entropy gradient',
  inputs: { dy: 'f32', x: 'f32', offsets: 'f32', labels: 'i32' },
  outputs: { result: 'f32' },
  params: { size: 'u32', c: 'u32' },
  code: () =>
    flatMain(
      'p.size',
      `  let row = i / p.c;
  let label = labels[row];
  let hot = select(0.0, 1.0, i32(i % p.c) == label);
  result[i] = select(dy[row] * (exp(x[i] - offsets[row]) - hot), 0.0, label < 0);`,
    ),
};

const klRows = rowShader({
  name: 'kl divergence',
  inputs: { student: 'f32', teacher: 'f32' },
  outputs: { result: 'f32' },
  params: { inverse: 'f32' },
  body: `START${logSumExp('student', 'topS', 'offsetS', ' * p.inverse')}${logSumExp('teacher', 'topT', 'offsetT', ' * p.inverse')}
  var sum = 0.0;
  EACH {
    let logT = teacher[start + k] * p.inverse - offsetT;
    sum += exp(logT) * (logT - (student[start + k] * p.inverse - offsetS));
  }
  sum = allSum(sum, t);`,
  once: '  result[row] = sum;',
});
