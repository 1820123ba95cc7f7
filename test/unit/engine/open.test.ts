import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Engine } from '../../../src/engine/engine';
import { engineFromEnvironment, openEngine } from '../../../src/engine/open';
import { selfTest } from '../../../src/engine/probe';
import { DistillError } from '../../../src/protocol/errors';

describe('the variable DISTILL_ENGINE', () => {
  it('names an engine, or nothing', () => {
    for (const name of ['auto', 'tensorflow', 'webgpu', 'wasm']) {
      process.env.DISTILL_ENGINE = name;
      assert.equal(engineFromEnvironment(), name);
    }
    process.env.DISTILL_ENGINE = 'cuda';
    assert.throws(engineFromEnvironment, (e: unknown) => e instanceof DistillError && e.code === 'usage');
    process.env.DISTILL_ENGINE = '';
    assert.equal(engineFromEnvironment(), undefined);
    delete process.env.DISTILL_ENGINE;
    assert.equal(engineFromEnvironment(), undefined);
  });
});

describe('opening an engine', () => {
  it('gives one engine per process and refuses a second kind', async () => {
    // Without a cache folder there is no TensorFlow to find.
    process.env.XDG_CACHE_HOME = '/nonexistent';
    await assert.rejects(
      openEngine('tensorflow'),
      (e: unknown) =>
        e instanceof DistillError &&
        e.code === 'engine-unavailable' &&
        /--install tensorflow/.test(e.message),
    );
    // Without this every engine of this machine would be probed first.
    process.env.DISTILL_ENGINE = 'wasm';
    const engine = await openEngine('auto');
    delete process.env.DISTILL_ENGINE;
    assert.equal(engine.name, 'wasm');
    assert.equal(await openEngine('wasm'), engine);
    assert.equal(await openEngine('auto'), engine);
    await assert.rejects(
      openEngine('tensorflow'),
      (e: unknown) => e instanceof DistillError && e.code === 'usage' && /computes with wasm/.test(e.message),
    );
    const description = engine.describe();
    assert.equal(description.device, 'cpu');
    assert.equal(description.versions.node, process.versions.node);
  });
});

describe('self-test of an engine', () => {
  it('passes on a right engine and names what a wrong one gets wrong', async () => {
    const engine = await openEngine('wasm');
    assert.deepEqual(selfTest(engine), []);
    const ignoringDilation: Engine = {
      ...engine,
      ops: {
        ...engine.ops,
        conv2d: (x, filter, g) =>
          engine.ops.conv2d(x, filter, { ...g, dilation: 1, padding: g.padding - g.dilation + 1 }),
      },
    };
    assert.deepEqual(selfTest(ignoringDilation), ['convolution values']);
    const detached: Engine = {
      ...engine,
      ops: {
        ...engine.ops,
        // The gradient of tf's own floor is zero: values stay near, gradients are lost.
        resizeBilinear: (x, size, align) => {
          const { tf } = engine;
          const y = engine.ops.resizeBilinear(x, size, align);
          return tf.div(tf.add(tf.floor(tf.mul(y, 4096)), tf.mul(y, 1e-6)), 4096);
        },
      },
    };
    assert.deepEqual(selfTest(detached), ['resize gradient']);
  });
});
