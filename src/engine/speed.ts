import { cpus } from 'node:os';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from './engine';

export interface Speed {
  /** 10^9 floating-point operations per second of a convolution with both gradients, at best. */
  gflops: number;
  /** Others used much of the processor all the while: it may be faster than that. */
  disturbed: boolean;
}

/** A time that has stood for so many tries is the best. */
const TRIES = 5;
/** While others are at work it is tried again, until one time is undisturbed or so much time has gone. */
const LIMIT_MS = 3000;
/** Share of the machine's processors that others may use. */
const QUIET = 0.2;
/** The counters tick in hundredths of a second: shares of shorter times say nothing. */
const LEAST_MS = 200;

export function convolutionSpeed({ tf, ops }: Engine): Speed {
  const shape: [number, number, number, number] = [2, 32, 32, 64];
  const work = 3 * 2 * shape.reduce((a, b) => a * b, 1) * 9 * 64;
  return tf.tidy(() => {
    const x = tf.ones(shape) as Tensor4D;
    const filter = tf.ones([3, 3, 64, 64]) as Tensor4D;
    const step = () =>
      tf.tidy(() => {
        const grads = tf.grads((a: Tensor, f: Tensor) =>
          ops.conv2d(a as Tensor4D, f as Tensor4D, { stride: 1, dilation: 1, padding: 1 }),
        )([x, filter]);
        // Reading a value waits for the device.
        for (const g of grads) tf.slice(tf.reshape(g, [-1]), 0, 1).dataSync();
      });
    step();
    const { ms, disturbed } = bestTime(step);
    return { gflops: work / ms / 1e6, disturbed };
  });
}

/**
 * The shortest of the times that a step takes. Where others are at work it is measured for longer, as a quiet moment gives
 * the right time.
 */
export function bestTime(step: () => void, share: () => () => number = othersSince) {
  const begin = performance.now();
  let ms = Number.POSITIVE_INFINITY;
  for (;;) {
    const others = share();
    const began = performance.now();
    for (let tries = 0; tries < TRIES || performance.now() - began < LEAST_MS; tries++) {
      const start = performance.now();
      step();
      ms = Math.min(ms, performance.now() - start);
    }
    const disturbed = others() > QUIET;
    if (!disturbed || performance.now() - begin > LIMIT_MS) return { ms, disturbed };
  }
}

/** Begins to watch; what it gives tells which share of all processors was used by other processes since. */
function othersSince(): () => number {
  const busy = () =>
    cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);
  const own = process.cpuUsage();
  const before = busy();
  const began = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(own);
    const others = busy() - before - (user + system) / 1000;
    return Math.max(0, others) / (cpus().length * (performance.now() - began));
  };
}
