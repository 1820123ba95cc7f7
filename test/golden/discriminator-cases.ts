import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { Adam } from '../../src/distill/adam';
import { Discriminator } from '../../src/distill/discriminator';
import { hingeDiscriminator, hingeGenerator } from '../../src/distill/losses/adversarial';
import type { Engine } from '../../src/engine/engine';
import { variableGradients } from '../../src/engine/gradients';
import { RandomStream } from '../../src/engine/random';
import { type Case, close, norm } from './cases';
import { type Nchw, wave, waveTensor } from './inputs';

/** Numbers of the same network in PyTorch, written by pytorch/discriminator.py. */
interface Fixture {
  /** Weights in PyTorch's order. */
  names: string[];
  scores: { norm: number; values: number[] };
  gradient: { norm: number; step: number; values: number[] };
  losses: number[];
  gradients: Record<string, number>;
  weights: Record<string, number>;
}
const fixture: Fixture = JSON.parse(readFileSync(join(__dirname, 'pytorch', 'discriminator.json'), 'utf8'));

const size: Nchw = [2, 5, 20, 32];

function discriminator(engine: Engine): Discriminator {
  const made = new Discriminator(
    engine,
    { classes: 5, lastKernel: 1, channels: 8 },
    RandomStream.seeded(1, 'test'),
  );
  assert.deepEqual([...made.weights.keys()].sort(), [...fixture.names].sort());
  const arrays = new Map(made.arrays());
  fixture.names.forEach((name, k) => {
    const { shape, write } = arrays.get(name)!;
    const [kh = 1, kw = 1, from = 1, to = 1] = shape.length === 4 ? shape : [1, 1, 1, shape[0]];
    const amp = 2 / Math.sqrt(kh * kw * from);
    const offset = name === 'norm.weight' ? 1 : 0;
    const values = new Float32Array(kh * kw * from * to);
    for (let i = 0; i < values.length; i++) {
      // Ours is [kh,kw,from,to], theirs [to,from,kh,kw].
      const [o, c, x, y] = [
        i % to,
        Math.floor(i / to) % from,
        Math.floor(i / (to * from)) % kw,
        Math.floor(i / (to * from * kw)),
      ];
      const theirs = ((o * from + c) * kh + y) * kw + x;
      values[i] = offset + amp * Math.sin(0.618034 * theirs * theirs + 0.3 * k + 1);
    }
    write(values);
  });
  for (let block = 1; block <= 4; block++) {
    const { shape, write } = arrays.get(`block${block}.u`)!;
    const u = Float32Array.from(wave(shape[0]!, 0.7, 0.3, 1));
    const length = Math.hypot(...u);
    write(u.map((v) => v / length));
  }
  return made;
}

export const discriminatorCases: Case[] = [
  {
    name: "SKD's discriminator: scores, the student's gradient, and three steps of its own equal PyTorch",
    run(engine) {
      const { tf } = engine;
      const made = discriminator(engine);
      const student = waveTensor(engine, size, 0.37, 0.1, 2);
      const teacher = waveTensor(engine, size, 0.23, 0.4, 3, Math.cos);
      let scores: Tensor4D | undefined;
      const gradient = tf.grad((z) => {
        scores = tf.keep(made.scores(z as Tensor4D));
        return hingeGenerator(engine, scores);
      })(student);
      const values = scores!.dataSync();
      for (const [i, v] of fixture.scores.values.entries()) close(values[i]!, v);
      close(norm(gradient), fixture.gradient.norm, 1e-3);
      const near = (fixture.gradient.norm / Math.sqrt(gradient.size)) * 3e-3;
      const found = gradient.dataSync();
      for (const [i, v] of fixture.gradient.values.entries())
        assert.ok(Math.abs(found[i * fixture.gradient.step]! - v) < near, `gradient at ${i}`);

      const adam = new Adam(engine, made.weights, { lr: 4e-4, betas: [0.9, 0.99] });
      for (const [step, expected] of fixture.losses.entries()) {
        const { value, grads } = variableGradients(
          tf,
          () => tf.mul(hingeDiscriminator(engine, made.scores(student), made.scores(teacher)), 0.1),
          [...made.weights.values()],
        );
        close(value, expected);
        // A bias before a softmax over what it is added to changes nothing: its gradient is rounding.
        if (step === 0)
          for (const [name, weight] of made.weights)
            if (!name.endsWith('key.bias')) close(norm(grads[weight.name]!), fixture.gradients[name]!, 2e-3);
        adam.apply(grads);
      }
      for (const [name, weight] of made.weights)
        if (!name.endsWith('key.bias')) close(norm(weight), fixture.weights[name]!, 1e-4);
      adam.dispose();
      made.dispose();
    },
  },
];
