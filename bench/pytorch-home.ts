import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../src/engine/cache-folder';

export const PYTORCH_VERSION = '2.13.0';

/** Where scripts/setup-pytorch.mjs makes the Python environment of the benchmarks, outside the repository. */
export function pytorchFolder(): string {
  return join(cacheFolder(), `pytorch-${PYTORCH_VERSION}`);
}

export function pythonIn(environment: string): string {
  return process.platform === 'win32'
    ? join(environment, 'Scripts', 'python.exe')
    : join(environment, 'bin', 'python');
}

/** The Python that has PyTorch: DISTILL_BENCH_PYTHON, else the one that was set up. Errors: there is none. */
export function findPython(): string {
  const given = process.env.DISTILL_BENCH_PYTHON;
  if (given) return given;
  const python = pythonIn(pytorchFolder());
  if (existsSync(python)) return python;
  throw new Error(
    'PyTorch is not set up. Run "node scripts/setup-pytorch.mjs", or let DISTILL_BENCH_PYTHON name a Python that has ' +
      `torch ${PYTORCH_VERSION}.`,
  );
}
