import type { Path } from '../document/config-document';
import { alternativesOf, type FieldSchema, kindOf, kindsOf } from './field-schema';
import { publishedFor } from './published';

/** More than this is what completion is for. */
const MOST_CHOICES = 16;

/**
 * Markdown on a field: its type and bounds, its meaning with the source, its default for the dataset, what can be chosen.
 */
export function describeField(path: Path, schema: FieldSchema, written: unknown): string {
  const published = publishedFor(path, written);
  const lines = [
    `**\`${pathText(path)}\`** — ${typeText(schema)}`,
    ...(schema.description ? [schema.description] : []),
    published
      ? `Default: ${code(published.value)}, as published for ${published.title}.`
      : hasDefault(schema)
        ? `Default: ${code(schema.default)}.`
        : '',
    choices(schema),
  ];
  return lines.filter((line) => line !== '').join('\n\n');
}

/** `methods[0].tse.threshold` */
export function pathText(path: Path): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`))
    .join('');
}

/** `number, more than 0, less than 1` */
export function typeText(schema: FieldSchema): string {
  const kinds = kindsOf(schema);
  if (kinds.length > 1) return 'object';
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 1) return alternatives.map(typeText).join(' or ');
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum, items } = schema;
  const name =
    schema.const !== undefined
      ? code(schema.const)
      : schema.enum
        ? 'one of a list'
        : type === 'integer'
          ? 'whole number'
          : (type ?? 'value');
  return [
    Array.isArray(items) ? `list of ${items.length} values` : type === 'array' ? 'list' : name,
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`more than ${exclusiveMinimum}`]),
    // What a whole number can be at most in JavaScript is nobody's concern.
    ...(maximum === undefined || maximum >= 2 ** 31 - 1 ? [] : [`at most ${maximum}`]),
    ...(exclusiveMaximum === undefined ? [] : [`less than ${exclusiveMaximum}`]),
  ].join(', ');
}

/** A default that says something: not the empty object that stands for a section's own defaults. */
export function hasDefault({ default: value }: FieldSchema): boolean {
  return (
    value !== undefined && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}

function choices(schema: FieldSchema): string {
  const kinds = kindsOf(schema);
  const rows: [unknown, string | undefined][] =
    kinds.length > 1
      ? kinds.map((one) => [kindOf(one), one.description])
      : (schema.enum ?? []).map((value, i) => [value, schema.enumDescriptions?.[i]]);
  if (rows.length === 0 || rows.length > MOST_CHOICES) return '';
  if (rows.every(([, text]) => !text)) return `One of ${rows.map(([value]) => code(value)).join(', ')}.`;
  return rows.map(([value, text]) => `- ${code(value)}${text ? `: ${text}` : ''}`).join('\n');
}

function code(value: unknown): string {
  return `\`${JSON.stringify(value).replaceAll(',', ', ')}\``;
}
