import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { EngineReport, GpuVerdict } from '../protocol/doctor';
import { DistillError } from '../protocol/errors';
import type { Engine, EngineName } from './engine';
import { explainGpu } from './gpu/explain';
import { gatherGpuFacts } from './gpu/facts';
import { openEngine } from './open';
import { RandomStream } from './random';
import { convolutionSpeed } from './speed';
import { readReceipt } from './tensorflow-home';

/**
 * Opens an engine, checks the operations that engines are known to get wrong and measures its speed. Meant for a process
 * of its own: a native library may crash or hang.
 */
export async function probeEngine(name: EngineName): Promise<EngineReport> {
  let engine: Engine;
  try {
    engine = await openEngine(name);
  } catch (error) {
    if (!(error instanceof DistillError)) throw error;
    return { name, available: false, reason: error.message };
  }
  return {
    name,
    available: true,
    description: engine.describe(),
    failures: selfTest(engine),
    ...convolutionSpeed(engine),
    ...(name === 'tensorflow' ? { gpu: await gpuOf(engine) } : {}),
  };
}

async function gpuOf(engine: Engine): Promise<GpuVerdict | undefined> {
  const receipt = readReceipt();
  return receipt && explainGpu(await gatherGpuFacts(receipt, engine.device === 'gpu'));
}

interface Check {
  name: string;
  shapes: number[][];
  run(engine: Engine, inputs: Tensor[]): Tensor;
}

const checks: Check[] = [
  {
    name: 'strided convolution',
    shapes: [
      [2, 9, 8, 3],
      [3, 3, 3, 4],
    ],
    run: ({ ops }, [x, f]) =>
      ops.conv2d(x as Tensor4D, f as Tensor4D, { stride: 2, dilation: 1, padding: 1 }),
  },
  {
    name: 'dilated convolution',
    shapes: [
      [2, 9, 8, 3],
      [3, 3, 3, 4],
    ],
    run: ({ ops }, [x, f]) =>
      ops.conv2d(x as Tensor4D, f as Tensor4D, { stride: 1, dilation: 4, padding: 4 }),
  },
  {
    name: 'batch norm',
    shapes: [[2, 5, 4, 3], [3], [3]],
    run: ({ ops }, [x, g, b]) => ops.batchNormTrain(x as Tensor4D, g as Tensor1D, b as Tensor1D, 1e-5).y,
  },
  {
    name: 'resize',
    shapes: [[2, 5, 4, 3]],
    run: ({ ops }, [x]) => ops.resizeBilinear(x as Tensor4D, [12, 9], false),
  },
];

/** Names of the checks that fail. */
export function selfTest(engine: Engine): string[] {
  const failures = checks.filter((check) => !gradientAgrees(engine, check)).map((c) => `${c.name} gradient`);
  if (!tapsAreWhereTheyBelong(engine)) failures.push('convolution values');
  return failures;
}

/**
 * The derivative along a random direction, from the gradients and from a difference of values. A central difference over
 * 0.02 in float32 is good to about 1 part in 1000 here; wrong gradients are off by a large part of their size.
 */
function gradientAgrees(engine: Engine, check: Check): boolean {
  const { tf } = engine;
  const stream = RandomStream.seeded(11, check.name);
  const random = (shape: number[]) =>
    tf.tensor(stream.fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1))), shape);
  return tf.tidy(() => {
    const inputs = check.shapes.map(random);
    const directions = check.shapes.map(random);
    const weights = random(check.run(engine, inputs).shape);
    const loss = (...x: Tensor[]) => tf.sum(tf.mul(check.run(engine, x), weights));
    const gradients = tf.grads(loss)(inputs);
    const value = (by: number) =>
      loss(...inputs.map((x, i) => tf.add(x, tf.mul(directions[i]!, by)))).dataSync()[0]!;
    const measured = (value(0.01) - value(-0.01)) / 0.02;
    const parts = gradients.map((g, i) => tf.sum(tf.mul(g, directions[i]!)).dataSync()[0]!);
    const computed = parts.reduce((a, b) => a + b, 0);
    const size = parts.reduce((a, b) => a + Math.abs(b), 1);
    return Math.abs(measured - computed) < 0.02 * size;
  });
}

/** A filter with a single 1 moves the image: every value is known. */
function tapsAreWhereTheyBelong({ tf, ops }: Engine): boolean {
  const [h, w] = [7, 6];
  return tf.tidy(() => {
    const image = Float32Array.from({ length: h * w }, (_, i) => i + 1);
    const filter = Float32Array.from({ length: 9 }, (_, tap) => (tap === 5 ? 1 : 0));
    const y = ops.conv2d(tf.tensor4d(image, [1, h, w, 1]), tf.tensor4d(filter, [3, 3, 1, 1]), {
      stride: 2,
      dilation: 2,
      padding: 2,
    });
    const values = y.dataSync();
    const [, oh, ow] = y.shape;
    for (let i = 0; i < values.length; i++) {
      // Tap 5 is (1, 2): the centre row, two columns to the right.
      const row = Math.floor(i / ow) * 2;
      const column = (i % ow) * 2 + 2;
      if (values[i] !== (column < w ? image[row * w + column]! : 0)) return false;
    }
    return oh === 4 && ow === 3;
  });
}
