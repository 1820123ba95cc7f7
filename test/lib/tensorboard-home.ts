import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pythonIn } from '../../bench/pytorch-home';
import { cacheFolder } from '../../src/engine/cache-folder';

export const TENSORBOARD_VERSION = '2.21.0';

/** Where scripts/setup-tensorboard.mjs makes the Python environment of the test, outside the repository. */
export function tensorboardFolder(): string {
  return join(cacheFolder(), `tensorboard-${TENSORBOARD_VERSION}`);
}

/** The Python that has TensorBoard: DISTILL_TENSORBOARD_PYTHON, else the one that was set up, whether it is there or not. */
export function pythonWithTensorboard(): string {
  return process.env.DISTILL_TENSORBOARD_PYTHON || pythonIn(tensorboardFolder());
}

/** Why tests that need TensorBoard cannot run; false where they can, or where they must and shall fail. */
export const withoutTensorboard: string | false =
  process.env.DISTILL_REQUIRE_TENSORBOARD === '1' || existsSync(pythonWithTensorboard())
    ? false
    : 'TensorBoard is not set up: node scripts/setup-tensorboard.mjs';
