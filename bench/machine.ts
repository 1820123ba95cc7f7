import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** The machine in words: what numbers depend on, nothing that names it. */
export function machine(): string {
  const model = cpus()[0]?.model.replace(/\s+/g, ' ').trim() || 'processor of unknown model';
  const memory = Math.round(totalmem() / 1024 ** 3);
  const system = `${type()} ${release().split('-')[0]}`;
  return `${model}, ${availableParallelism()} processors, ${memory} GiB, ${system}`;
}
