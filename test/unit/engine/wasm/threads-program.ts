import { createHash } from 'node:crypto';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { openEngine } from '../../../../src/engine/open';
import { RandomStream } from '../../../../src/engine/random';
import { DistillError } from '../../../../src/protocol/errors';

export interface ThreadsReport {
  summary?: string;
  /** Of all values of a convolution, its gradients and what follows it. */
  hash?: string;
  /** Of the error, if there was one. */
  code?: string;
  message?: string;
}

/** Opens the engine with the environment it finds, does what it is told to, prints a report and simply ends. */
async function main(task: string): Promise<ThreadsReport> {
  try {
    const engine = await openEngine('wasm');
    const { tf, ops } = engine;
    const summary = engine.describe().summary;
    if (task === 'fill') {
      const hoard: unknown[] = [];
      // Zeros of 256 MiB each that nobody writes: the machine gives no memory for them.
      for (;;) hoard.push(allocate(engine));
    }
    const stream = RandomStream.seeded(1, 'threads');
    const normal = (shape: number[]) =>
      tf.tensor(stream.fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1))), shape);
    const hash = createHash('sha256');
    const once = () =>
      tf.tidy(() => {
        // By products of patches, and by Winograd's filtering.
        for (const [map, from, to, geometry] of [
          [[2, 31, 29], 37, 43, { stride: 1, dilation: 2, padding: 2 }],
          [[2, 31, 29], 37, 43, { stride: 2, dilation: 1, padding: 1 }],
          [[2, 45, 43], 64, 72, { stride: 1, dilation: 1, padding: 1 }],
          [[2, 15, 14], 40, 136, { stride: 1, dilation: 4, padding: 4 }],
        ] as const) {
          const x = normal([...map, from]) as Tensor4D;
          const filter = normal([3, 3, from, to]) as Tensor4D;
          const f = (a: Tensor4D, b: Tensor4D) =>
            ops.batchNormTrain(ops.relu(ops.conv2d(a, b, geometry)), tf.ones([to]), tf.zeros([to]), 1e-5).y;
          const weights = normal(f(x, filter).shape);
          const gradients = tf.grads((a, b) => tf.mul(f(a as Tensor4D, b as Tensor4D), weights))([x, filter]);
          for (const t of [f(x, filter), ...gradients])
            hash.update(new Uint8Array(t.dataSync().slice().buffer));
        }
      });
    once();
    if (task === 'for ever') {
      console.log('busy');
      for (;;) once();
    }
    return { summary, hash: hash.digest('hex') };
  } catch (error) {
    if (error instanceof DistillError) return { code: error.code, message: error.message };
    throw error;
  }
}

function allocate({ tf }: Awaited<ReturnType<typeof openEngine>>): unknown {
  const backend = tf.backend() as unknown as { makeOutput(shape: number[], dtype: string): unknown };
  return backend.makeOutput([2 ** 26], 'float32');
}

main(process.argv[2]!).then((report) => console.log(JSON.stringify(report)));
