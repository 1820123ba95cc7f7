import type { Finding } from './schema-findings';

type Path = (string | number)[];

/** Something that stops a run, and that the schema does not say. */
export function error(path: Path, message: string): Finding {
  return { severity: 'error', code: 'config-invalid', message, path, inSchema: false };
}

/** Something that has no effect. `onKey`: the field should not be there at all. */
export function warning(path: Path, message: string, onKey = false): Finding {
  return { severity: 'warning', code: 'config-invalid', message, path, inSchema: false, onKey };
}
