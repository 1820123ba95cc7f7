import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../../src/engine/engine';
import { openEngine } from '../../../src/engine/open';
import { RandomStream } from '../../../src/engine/random';
import type { DawnBackend } from '../../../src/engine/webgpu/backend';
import { webgpuConv } from '../../../src/engine/webgpu/conv';
import { planGemm } from '../../../src/engine/webgpu/gemm';
import { Gpu } from '../../../src/engine/webgpu/gpu';
import { useSoftwareAdapter } from '../../lib/software-gpu';
import { assertClose } from './check-engine';

const skip = useSoftwareAdapter();

describe('shaders of the webgpu engine', { skip }, () => {
  const stream = RandomStream.seeded(9, 'webgpu-kernels');
  const random = ({ tf }: Engine, ...shape: number[]) =>
    tf.tensor(
      stream.fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1))),
      shape,
    ) as Tensor as Tensor4D;

  it('give the same however a product is cut', async () => {
    const engine = await openEngine('webgpu');
    const { tf } = engine;
    const gpu = new Gpu(tf, tf.backend() as unknown as DawnBackend);
    const geometry = { stride: 1, dilation: 2, padding: 2 };
    const whole = webgpuConv(gpu, (rows, columns, depth) => ({
      tile: { rows: 64, columns: 64 },
      parts: 1,
      share: depth,
      workgroups: [Math.ceil(rows / 64), Math.ceil(columns / 64), 1],
    }));
    const cuts = [
      { tile: { rows: 128, columns: 128 }, parts: 1 },
      { tile: { rows: 64, columns: 64 }, parts: 3 },
      { tile: { rows: 128, columns: 128 }, parts: 2 },
    ];
    tf.tidy(() => {
      const x = random(engine, 2, 9, 8, 12);
      const filter = random(engine, 3, 3, 12, 132);
      const y = whole.conv(x, filter, geometry);
      const dy = random(engine, ...y.shape);
      const results = (conv: typeof whole): Tensor[] => [
        conv.conv(x, filter, geometry),
        conv.convInputGrad(dy, filter, x.shape, geometry),
        conv.convFilterGrad(x, dy, filter.shape, geometry),
      ];
      const expected = results(whole).map((t) => t.dataSync());
      for (const { tile, parts } of cuts) {
        const cut = webgpuConv(gpu, (rows, columns, depth) => {
          const share = 16 * Math.ceil(depth / parts / 16);
          const pieces = Math.ceil(depth / share);
          const tiles = [Math.ceil(rows / tile.rows), Math.ceil(columns / tile.columns)] as const;
          return { tile, parts: pieces, share, workgroups: [...tiles, pieces] };
        });
        for (const [i, result] of results(cut).entries())
          assertClose(
            result.dataSync(),
            expected[i]!,
            `${tile.rows}x${tile.columns} in ${parts}, result ${i}`,
          );
      }
    });
  });

  it('cut products so that a GPU is busy, every depth once', () => {
    for (const [rows, columns, depth] of [
      [32, 19, 256],
      [27, 64, 131072],
      [4608, 512, 2048],
      [131072, 512, 4608],
      [2, 256, 512],
    ] as const) {
      const { tile, parts, share, workgroups } = planGemm(rows, columns, depth);
      assert.ok(parts * share >= depth && (parts - 1) * share < depth, `${rows} ${columns} ${depth}`);
      assert.ok(workgroups[0] * tile.rows >= rows && workgroups[1] * tile.columns >= columns);
    }
    assert.deepEqual(planGemm(131072, 512, 4608).tile, { rows: 128, columns: 128 });
    assert.ok(planGemm(27, 64, 131072).parts > 8);
  });

  it('normalise, add and rectify in one as one after the other', async () => {
    const engine = await openEngine('webgpu');
    const { tf, ops } = engine;
    for (const [withAdded, relu] of [
      [true, true],
      [true, false],
      [false, true],
    ] as const) {
      tf.tidy(() => {
        const inputs = [
          random(engine, 2, 5, 4, 6),
          random(engine, 6),
          random(engine, 6),
          random(engine, 2, 5, 4, 6),
        ];
        const weights = random(engine, 2, 5, 4, 6);
        const at = (fused: boolean) => (x: Tensor, gamma: Tensor, beta: Tensor, added: Tensor) => {
          const sum = withAdded ? (added as Tensor4D) : undefined;
          const norm = (after?: { added?: Tensor4D | undefined; relu: boolean }) =>
            ops.batchNormTrain(x as Tensor4D, gamma as Tensor1D, beta as Tensor1D, 1e-5, after).y;
          const plain = () => (sum ? tf.add(norm(), sum) : norm());
          const y = fused ? norm({ added: sum, relu }) : relu ? tf.relu(plain()) : plain();
          return tf.sum(tf.add(tf.mul(y, weights), tf.mul(0, added)));
        };
        const [one, other] = [true, false].map((fused) => tf.valueAndGrads(at(fused))(inputs));
        assertClose(one!.value.dataSync(), other!.value.dataSync(), 'value');
        for (const [i, gradient] of one!.grads.entries())
          assertClose(
            gradient.dataSync(),
            other!.grads[i]!.dataSync(),
            `gradient ${i}, ${withAdded} ${relu}`,
          );
      });
    }
  });

  it('multiply matrices without atomics, which add in no fixed order', async () => {
    const { tf } = await openEngine('webgpu');
    const backend = tf.backend() as unknown as { pipelineCache: Record<string, unknown> };
    const [rows, depth, columns] = [3, 2500, 70];
    const values = (size: number) => stream.fillNormal(new Float32Array(size));
    const [a, b] = [values(rows * depth), values(depth * columns)];
    const expected = Float64Array.from({ length: rows * columns }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < depth; k++)
        sum += a[Math.floor(i / columns) * depth + k]! * b[k * columns + (i % columns)]!;
      return sum;
    });
    const product = tf.tidy(() => tf.matMul(tf.tensor2d(a, [rows, depth]), tf.tensor2d(b, [depth, columns])));
    assertClose(product.dataSync(), expected, 'product');
    product.dispose();
    const used = Object.keys(backend.pipelineCache).filter((key) => /matmul/i.test(key));
    assert.ok(used.length > 0 && !used.some((key) => /splitk/i.test(key)), used.join());
  });

  it('gives memory back that was used for sizes that do not come again', async () => {
    const { tf } = await openEngine('webgpu');
    const allocated = () =>
      (tf.memory() as unknown as { numBytesAllocatedInGPU: number }).numBytesAllocatedInGPU;
    const before = tf.memory().numTensors;
    for (let i = 0; i < 40; i++) {
      const large = tf.fill([4_000_000 + i * 1000], i);
      const last = tf.slice(large, [0], [1]);
      assert.equal(last.dataSync()[0], i);
      tf.dispose([large, last]);
    }
    assert.equal(tf.memory().numTensors, before);
    // 640 MB went through; half a gigabyte may be kept.
    assert.ok(allocated() < 600e6, `${allocated()} bytes`);
  });
});
