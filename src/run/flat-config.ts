import type { Config } from '../protocol/config';
import type { FlatConfig } from '../protocol/run';

/**
 * A configuration as columns of a table: every single value by its path, those of a method under its kind
 * (`rdd.tse.threshold`). A list of plain values is one value.
 */
export function flattenConfig(config: Config): FlatConfig {
  const flat: FlatConfig = {};
  const { $schema: _, name: __, methods, ...rest } = config;
  add(flat, '', rest);
  for (const { kind, ...options } of methods) add(flat, kind, options);
  return flat;
}

function add(flat: FlatConfig, path: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean')
    flat[path] = value;
  else if (Array.isArray(value)) flat[path] = value.map(String).join(', ');
  else
    for (const [key, inner] of Object.entries(value)) add(flat, path === '' ? key : `${path}.${key}`, inner);
}
