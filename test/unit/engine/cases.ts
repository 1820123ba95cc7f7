/** One table of operations for every engine: how to call it, and its definition in plain loops. */
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../../src/engine/engine';
import { RandomStream } from '../../../src/engine/random';
import * as reference from './reference';
import { type Dense, dense } from './reference';

export interface OpCase {
  name: string;
  /** Differentiated inputs. */
  inputs: Dense[];
  run(engine: Engine, inputs: Tensor[]): Tensor;
  expected(inputs: Dense[]): Dense;
  /** Without a gradient to record, other kernels compute this: their values are compared as well. */
  alsoWithoutGradient?: true;
}

const random = RandomStream.seeded(7, 'engine-cases');

function normal(...shape: number[]): Dense {
  const d = dense(shape);
  for (let i = 0; i < d.data.length; i++) d.data[i] = random.normal();
  return d;
}

function convCases(): OpCase[] {
  // x, filter, stride, dilation, padding
  const table: Array<[number[], number[], number, number, number]> = [
    [[2, 7, 5, 3], [3, 3, 3, 4], 1, 1, 1],
    [[2, 7, 5, 3], [3, 3, 3, 4], 1, 1, 0],
    [[2, 8, 6, 2], [3, 3, 2, 5], 2, 1, 1],
    [[1, 9, 7, 2], [3, 3, 2, 3], 2, 1, 1],
    [[2, 9, 12, 3], [7, 7, 3, 2], 2, 1, 3],
    [[2, 8, 7, 3], [1, 1, 3, 4], 1, 1, 0],
    [[2, 8, 7, 3], [1, 1, 3, 4], 2, 1, 0],
    // A row and a column are left over: oneDNN's filter gradient must not see them.
    [[2, 8, 6, 3], [1, 1, 3, 4], 2, 1, 0],
    [[1, 5, 6, 2], [1, 1, 2, 3], 1, 1, 1],
    [[2, 7, 9, 2], [3, 3, 2, 3], 1, 2, 2],
    [[1, 11, 9, 2], [3, 3, 2, 3], 1, 4, 4],
    [[1, 11, 9, 2], [3, 3, 2, 3], 1, 4, 6],
    [[1, 14, 13, 2], [3, 3, 2, 2], 1, 12, 12],
    [[1, 13, 6, 2], [3, 3, 2, 2], 1, 12, 12],
    [[2, 6, 5, 2], [3, 3, 2, 2], 1, 12, 12],
    [[1, 9, 10, 2], [3, 3, 2, 3], 2, 2, 2],
    [[1, 11, 12, 2], [3, 3, 2, 2], 2, 4, 4],
    [[1, 9, 8, 2], [2, 3, 2, 3], 1, 1, 1],
    [[1, 9, 8, 2], [2, 2, 2, 3], 2, 1, 1],
    [[1, 10, 8, 2], [3, 3, 2, 2], 3, 1, 1],
    // Wide enough for whole vectors and a rest of every size.
    [[2, 5, 4, 6], [3, 3, 6, 13], 1, 1, 1],
    [[1, 6, 5, 9], [3, 3, 9, 16], 2, 1, 1],
  ];
  return table.flatMap(([x, filter, stride, dilation, padding]) => {
    const geometry = { stride, dilation, padding };
    const name = `[${x}] * [${filter}] stride ${stride} dilation ${dilation} padding ${padding}`;
    const cases: OpCase[] = [
      {
        name: `conv2d ${name}`,
        inputs: [normal(...x), normal(...filter)],
        run: (e, [a, b]) => e.ops.conv2d(a as Tensor4D, b as Tensor4D, geometry),
        expected: ([a, b]) => reference.conv2d(a!, b!, geometry),
      },
    ];
    cases.push({
      name: `depthwiseConv2d ${name}`,
      inputs: [normal(...x), normal(filter[0]!, filter[1]!, x[3]!, 1)],
      run: (e, [a, b]) => e.ops.depthwiseConv2d(a as Tensor4D, b as Tensor4D, geometry),
      expected: ([a, b]) => reference.depthwise(a!, b!, geometry),
    });
    return cases;
  });
}

function normCases(): OpCase[] {
  return [
    [2, 5, 4, 3],
    [1, 7, 9, 5],
    [3, 1, 1, 4],
    [2, 9, 8, 6],
  ].flatMap((shape) => {
    const c = shape[3]!;
    const mean = normal(c);
    const variance = dense([c]);
    variance.data.set(normal(c).data.map((v) => 0.5 + v * v));
    // Channels with a mean far from zero, where sums of squares cancel.
    const x = normal(...shape);
    x.data.forEach((v, i) => {
      x.data[i] = v * 2 + (i % c) * 10;
    });
    const cases: OpCase[] = [
      {
        name: `batchNormTrain [${shape}]`,
        inputs: [x, normal(c), normal(c)],
        run: (e, [a, g, b]) => e.ops.batchNormTrain(a as Tensor4D, g as Tensor1D, b as Tensor1D, 1e-5).y,
        expected: ([a, g, b]) => {
          const s = reference.channelStatistics(a!);
          return reference.normalise(a!, g!, b!, s.mean, s.variance, 1e-5);
        },
      },
      {
        name: `batchNormFrozen [${shape}]`,
        inputs: [normal(...shape), normal(c), normal(c)],
        run: (e, [a, g, b]) =>
          e.ops.batchNormFrozen(
            a as Tensor4D,
            g as Tensor1D,
            b as Tensor1D,
            e.tf.tensor1d(Float32Array.from(mean.data)),
            e.tf.tensor1d(Float32Array.from(variance.data)),
            1e-5,
          ),
        expected: ([a, g, b]) => reference.normalise(a!, g!, b!, mean.data, variance.data, 1e-5),
      },
    ];
    return cases;
  });
}

/** Frozen networks: convolution, norm, addition, ReLU. */
function convNormCases(): OpCase[] {
  const table: Array<{ x: number[]; filter: number[]; stride: number; dilation: number; padding: number }> = [
    { x: [2, 5, 4, 9], filter: [3, 3, 9, 13], stride: 1, dilation: 2, padding: 2 },
    { x: [1, 8, 7, 12], filter: [1, 1, 12, 16], stride: 2, dilation: 1, padding: 0 },
    // Of an image less than the dilation only the middle tap is left.
    { x: [2, 5, 4, 8], filter: [3, 3, 8, 5], stride: 1, dilation: 6, padding: 6 },
  ];
  return table.flatMap(({ x, filter, ...geometry }) => {
    const c = filter[3]!;
    const mean = normal(c);
    const variance = dense([c]);
    variance.data.set(normal(c).data.map((v) => 0.5 + v * v));
    const vector = (e: Engine, d: Dense) => e.tf.tensor1d(Float32Array.from(d.data));
    const inputs = [normal(...x), normal(...filter), normal(c), normal(c)];
    const bare = reference.conv2d(inputs[0]!, inputs[1]!, geometry).shape;
    return [true, false].map(
      (more): OpCase => ({
        name: `convNormFrozen [${x}] * [${filter}]${more ? ' + added, relu' : ''}`,
        inputs: [...inputs, ...(more ? [normal(...bare)] : [])],
        alsoWithoutGradient: true,
        run: (e, [a, f, gamma, beta, added]) =>
          e.ops.convNormFrozen(
            a as Tensor4D,
            f as Tensor4D,
            geometry,
            {
              gamma: gamma as Tensor1D,
              beta: beta as Tensor1D,
              mean: vector(e, mean),
              variance: vector(e, variance),
              epsilon: 1e-5,
            },
            { added: added as Tensor4D | undefined, relu: more },
          ),
        expected: ([a, f, gamma, beta, added]) => {
          const convolved = reference.conv2d(a!, f!, geometry);
          const y = reference.normalise(convolved, gamma!, beta!, mean.data, variance.data, 1e-5);
          return more ? { shape: y.shape, data: y.data.map((v, i) => Math.max(v + added!.data[i]!, 0)) } : y;
        },
      }),
    );
  });
}

function poolCases(): OpCase[] {
  const table: Array<[number[], number, number, number, boolean]> = [
    [[2, 8, 6, 3], 3, 2, 1, false],
    [[2, 8, 6, 3], 3, 2, 1, true],
    [[1, 9, 7, 2], 3, 2, 1, true],
    [[1, 9, 7, 2], 3, 2, 1, false],
    [[2, 7, 10, 2], 2, 2, 0, true],
    [[2, 7, 10, 2], 2, 2, 0, false],
    [[1, 6, 5, 3], 3, 1, 1, false],
    [[1, 5, 8, 2], 2, 3, 1, true],
    [[1, 4, 4, 2], 2, 2, 1, true],
  ];
  const cases: OpCase[] = table.map(([shape, size, stride, padding, ceil]) => ({
    name: `maxPool [${shape}] size ${size} stride ${stride} padding ${padding}${ceil ? ' ceil' : ''}`,
    inputs: [normal(...shape)],
    run: (e, [x]) => e.ops.maxPool(x as Tensor4D, size, stride, padding, ceil),
    expected: ([x]) => reference.maxPool(x!, size, stride, padding, ceil),
  }));
  for (const [shape, bins] of [
    [[2, 7, 5, 3], 1],
    [[2, 7, 5, 3], 2],
    [[1, 12, 9, 2], 3],
    [[1, 12, 13, 2], 6],
    [[1, 4, 5, 2], 6],
  ] as Array<[number[], number]>)
    cases.push({
      name: `adaptiveAvgPool [${shape}] ${bins} bins`,
      inputs: [normal(...shape)],
      run: (e, [x]) => e.ops.adaptiveAvgPool(x as Tensor4D, bins),
      expected: ([x]) => reference.adaptiveAvgPool(x!, bins),
    });
  for (const [shape, size, stride, padding] of [
    [[2, 8, 6, 3], 3, 2, 1],
    [[1, 9, 7, 2], 3, 2, 1],
    [[1, 1, 2, 4], 3, 2, 1],
    [[2, 6, 7, 2], 2, 2, 0],
    [[1, 6, 5, 3], 3, 1, 1],
    [[1, 7, 8, 5], 4, 3, 2],
  ] as Array<[number[], number, number, number]>)
    cases.push({
      name: `avgPool [${shape}] size ${size} stride ${stride} padding ${padding}`,
      inputs: [normal(...shape)],
      run: (e, [x]) => e.ops.avgPool(x as Tensor4D, { size, stride, padding }),
      expected: ([x]) => reference.avgPool(x!, size, stride, padding),
    });
  for (const [shape, size] of [
    [
      [2, 3, 5, 2],
      [6, 10],
    ],
    [
      [1, 5, 4, 3],
      [9, 7],
    ],
    [
      [2, 1, 1, 3],
      [4, 5],
    ],
    [
      [1, 8, 9, 2],
      [4, 3],
    ],
    [
      [1, 3, 4, 2],
      [3, 4],
    ],
  ] as Array<[number[], [number, number]]>)
    cases.push({
      name: `resizeNearest [${shape}] to ${size}`,
      inputs: [normal(...shape)],
      run: (e, [x]) => e.ops.resizeNearest(x as Tensor4D, size),
      expected: ([x]) => reference.resizeNearest(x!, size),
    });
  for (const [shape, size] of [
    [
      [2, 3, 5, 2],
      [6, 10],
    ],
    [
      [1, 4, 3, 2],
      [13, 7],
    ],
    [
      [1, 9, 12, 2],
      [4, 5],
    ],
    [
      [2, 1, 1, 3],
      [4, 5],
    ],
    [
      [1, 5, 4, 2],
      [1, 9],
    ],
    [
      [1, 5, 4, 2],
      [5, 4],
    ],
    [
      [1, 6, 4, 2],
      [6, 8],
    ],
  ] as Array<[number[], [number, number]]>)
    for (const alignCorners of [true, false])
      cases.push({
        name: `resizeBilinear [${shape}] to ${size}${alignCorners ? ' align corners' : ''}`,
        inputs: [normal(...shape)],
        run: (e, [x]) => e.ops.resizeBilinear(x as Tensor4D, size, alignCorners),
        expected: ([x]) => reference.resizeBilinear(x!, size, alignCorners),
      });
  return cases;
}

function lossCases(): OpCase[] {
  const shape = [2, 3, 4, 5];
  const spread = (d: Dense, by: number) => {
    d.data.forEach((v, i) => {
      d.data[i] = v * by;
    });
    return d;
  };
  const mixed = Int32Array.from({ length: 24 }, (_, i) => (i % 6) - 1);
  const labelled: Array<[string, Int32Array]> = [
    ['some ignored', mixed],
    ['none ignored', mixed.map((v) => Math.max(v, 0))],
    ['all ignored', mixed.map(() => -1)],
  ];
  const teacher = spread(normal(7, 5), 3);
  const cases: OpCase[] = [
    ...[1, 30].map((by) => ({
      name: `logSoftmax, logits of size ${by}`,
      inputs: [spread(normal(...shape), by)],
      run: (e: Engine, [x]: Tensor[]) => e.ops.logSoftmax(x!),
      expected: ([x]: Dense[]) => reference.logSoftmax(x!),
    })),
    ...labelled.flatMap(([what, labels]) =>
      [1, 30].map((by) => ({
        name: `crossEntropyMap, ${what}, logits of size ${by}`,
        inputs: [spread(normal(...shape), by)],
        run: (e: Engine, [x]: Tensor[]) =>
          e.ops.crossEntropyMap(x as Tensor4D, e.tf.tensor(labels, [2, 3, 4], 'int32') as Tensor3D),
        expected: ([x]: Dense[]) => reference.crossEntropy(x!, labels),
      })),
    ),
    ...[1, 4].map((temperature) => ({
      name: `klRows, temperature ${temperature}`,
      inputs: [spread(normal(7, 5), 3)],
      run: (e: Engine, [s]: Tensor[]) =>
        e.ops.klRows(s as Tensor2D, e.tf.tensor2d(Float32Array.from(teacher.data), [7, 5]), temperature),
      expected: ([s]: Dense[]) => reference.klRows(s!, teacher, temperature),
    })),
    {
      name: 'relu',
      inputs: [normal(...shape)],
      run: (e, [x]) => e.ops.relu(x as Tensor4D),
      expected: ([x]) => ({ shape: x!.shape, data: x!.data.map((v) => Math.max(v, 0)) }),
    },
  ];
  return cases;
}

/** What networks use of TensorFlow.js as it is: attention needs no operations of our own. */
function plainCases(): OpCase[] {
  const channel = normal(2, 1, 1, 3);
  return [
    {
      name: 'sigmoid as a gate on channels',
      inputs: [normal(2, 4, 3, 3), channel],
      run: (e, [x, gate]) => e.tf.mul(x!, e.tf.sigmoid(gate!)),
      expected: ([x, gate]) => ({
        shape: x!.shape,
        data: x!.data.map((v, i) => v / (1 + Math.exp(-gate!.data[Math.floor(i / 36) * 3 + (i % 3)]!))),
      }),
    },
    {
      name: 'softmax over the last axis',
      inputs: [normal(2, 5, 7)],
      run: (e, [x]) => e.tf.softmax(x!),
      expected: ([x]) => {
        const { shape, data } = reference.logSoftmax(x!);
        return { shape, data: data.map(Math.exp) };
      },
    },
    {
      name: 'batched matrix product',
      inputs: [normal(2, 4, 5), normal(2, 5, 3)],
      run: (e, [a, b]) => e.tf.matMul(a!, b!),
      expected: ([a, b]) => reference.batchedProduct(a!, b!),
    },
    {
      name: 'batched matrix product, both transposed',
      inputs: [normal(2, 5, 4), normal(2, 3, 5)],
      run: (e, [a, b]) => e.tf.matMul(a!, b!, true, true),
      expected: ([a, b]) => reference.batchedProduct(transposed(a!), transposed(b!)),
    },
  ];
}

function transposed({ shape, data }: Dense): Dense {
  const [n, p, q] = shape as [number, number, number];
  return {
    shape: [n, q, p],
    data: data.map((_, i) => data[(Math.floor(i / (p * q)) * p + (i % p)) * q + (Math.floor(i / p) % q)]!),
  };
}

export const opCases: OpCase[] = [
  ...convCases(),
  ...normCases(),
  ...convNormCases(),
  ...poolCases(),
  ...lossCases(),
  ...plainCases(),
];
