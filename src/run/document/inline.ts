import { stringify } from 'yaml';
import type { ConfigLanguage } from './config-document';

/** A value as text. `leaf` may write some values in its own way. */
export interface Writing {
  language: ConfigLanguage;
  leaf?: (value: unknown) => string | undefined;
}

/** On one line: `{ "crop": [512, 1024] }` or `{ crop: [512, 1024] }`. */
export function inline(value: unknown, writing: Writing): string {
  const own = writing.leaf?.(value);
  if (own !== undefined) return own;
  if (Array.isArray(value)) return `[${value.map((one) => inline(one, writing)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(
      ([name, one]) => `${keyText(name, writing)}: ${inline(one, writing)}`,
    );
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
  return scalarText(value, writing);
}

export function keyText(name: string, writing: Writing): string {
  return scalarText(name, writing);
}

/** In a list of YAML on one line a text must not have a comma or bracket of its own. */
function scalarText(value: unknown, { language }: Writing): string {
  if (language === 'json') return JSON.stringify(value);
  const text = stringify(value, { lineWidth: 0 }).trim();
  return typeof value === 'string' && /[,[\]{}\n]/.test(text) && !/^["']/.test(text)
    ? JSON.stringify(value)
    : text;
}

/** Fields of YAML, each on its line; lists and what is in them stay on one. */
export function block(fields: Record<string, unknown>, indent: string, writing: Writing): string {
  return Object.entries(fields)
    .map(([name, value]) => indent + blockField(name, value, indent, writing))
    .join('\n');
}

/** `name: value`, or the name and below it the fields of the value. */
export function blockField(name: string, value: unknown, indent: string, writing: Writing): string {
  const key = keyText(name, writing);
  const section = writing.leaf?.(value) === undefined && isSection(value);
  return section ? `${key}:\n${block(value, `${indent}  `, writing)}` : `${key}: ${inline(value, writing)}`;
}

function isSection(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
  );
}
