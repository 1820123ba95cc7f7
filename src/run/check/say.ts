import type { ConfigEdit } from '../document/edit';
import type { Finding } from './schema-findings';

type Path = (string | number)[];

/** Something that stops a run, and that the schema does not say. `fixes`: what would help, each by itself. */
export function error(path: Path, message: string, ...fixes: ConfigEdit[]): Finding {
  return { severity: 'error', code: 'config-invalid', message, path, fixes };
}

/** Something that has no effect, and is better not there. */
export function idle(path: Path, message: string): Finding {
  return { ...warning(path, message, { kind: 'remove', path }), onKey: true };
}

/** Something that works, but not as one would think. */
export function warning(path: Path, message: string, ...fixes: ConfigEdit[]): Finding {
  return { severity: 'warning', code: 'config-invalid', message, path, fixes };
}

export const set = (path: Path, value: unknown): ConfigEdit => ({ kind: 'set', path, value });
export const remove = (path: Path): ConfigEdit => ({ kind: 'remove', path });
