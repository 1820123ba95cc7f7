import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Engine } from '../../src/engine/engine';

/** A test that needs an engine; it allocates freely. */
export interface Case {
  name: string;
  run(engine: Engine): void | Promise<void>;
}

/** Registers the cases for the one engine of this process. */
export function runCases(cases: readonly Case[], open: () => Promise<Engine>, skip?: string): void {
  for (const { name, run } of cases)
    test(name, skip ? { skip } : {}, async () => {
      const engine = await open();
      const scope = engine.tf.engine();
      scope.startScope();
      try {
        await run(engine);
      } finally {
        scope.endScope();
      }
    });
}

/** float32 against values computed in float64: 1e-4 relative unless a case says otherwise. */
export function close(actual: number | Scalar | Tensor, expected: number, relative = 1e-4): void {
  const value = typeof actual === 'number' ? actual : actual.dataSync()[0]!;
  const tolerance = relative * Math.abs(expected);
  assert.ok(
    Math.abs(value - expected) <= tolerance,
    `${value} differs from ${expected} by ${Math.abs(value - expected)}, more than ${tolerance}`,
  );
}

export function norm(x: Tensor): number {
  return Math.sqrt(x.dataSync<'float32'>().reduce((sum: number, v: number) => sum + v * v, 0));
}
