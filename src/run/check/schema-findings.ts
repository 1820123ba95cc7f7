import { z } from 'zod';
import { configFields } from '../../protocol/config';
import type { ConfigProblem } from '../check-config';
import type { ConfigEdit } from '../document/edit';
import { remove, set } from './say';

/** A problem that is not placed in the text yet. */
export interface Finding extends Omit<ConfigProblem, 'offset' | 'length'> {
  /** The name of the field is wrong, not its value. */
  onKey?: boolean;
}

type Issue = z.core.$ZodIssue;

/** Violations of the schema in plain words: what is wrong there and what to write instead. */
export function schemaFindings(error: z.ZodError, value: unknown): Finding[] {
  return error.issues.flatMap((issue) => findingsOf(issue, value));
}

function findingsOf(issue: Issue, value: unknown): Finding[] {
  const path = issue.path.map((p) => (typeof p === 'symbol' ? String(p) : p));
  const finding = (message: string, ...fixes: ConfigEdit[]): Finding => ({
    severity: 'error',
    code: 'config-invalid',
    message,
    path,
    fixes,
  });
  const become = (to: unknown): ConfigEdit[] => (to === undefined ? [] : [set(path, to)]);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(key, path, value));
  const name = path.length > 0 ? `"${path.join('.')}"` : 'The configuration';
  const written = valueAt(value, path);
  switch (issue.code) {
    case 'invalid_type':
      return [
        finding(
          written === undefined
            ? `${name} is missing: expected ${article(issue.expected)}.`
            : `${name} must be ${article(issue.expected)}, not ${shown(written)}.`,
          ...become(written === undefined ? beginningOf(path) : converted(written, issue.expected)),
        ),
      ];
    case 'invalid_value':
      return [
        finding(
          `${name} must be ${oneOf(issue.values)}, not ${shown(written)}.`,
          ...become(nearestValue(written, issue.values)),
        ),
      ];
    case 'invalid_union':
      return [
        finding(
          written === undefined
            ? `${name} is missing: expected ${oneOf(kindsAt(path))}.`
            : `${name} must be ${oneOf(kindsAt(path))}, not ${shown(written)}.`,
          ...become(nearestValue(written, kindsAt(path))),
        ),
      ];
    case 'too_small':
    case 'too_big': {
      const bound = issue.code === 'too_small' ? issue.minimum : issue.maximum;
      const least = issue.code === 'too_small';
      const limit =
        issue.inclusive === false ? (least ? 'more than' : 'less than') : least ? 'at least' : 'at most';
      const unit = issue.origin === 'array' ? ' entries' : issue.origin === 'string' ? ' characters' : '';
      const verb = unit ? 'must have' : 'must be';
      return [
        finding(
          `${name} ${verb} ${limit} ${bound}${unit}, not ${unit ? sizeOf(written) : shown(written)}.`,
          ...become(unit || issue.inclusive === false ? undefined : Number(bound)),
        ),
      ];
    }
    default:
      return [finding(`${name}: ${issue.message}.`)];
  }
}

function unknownField(key: string, path: (string | number)[], value: unknown): Finding {
  const known = fieldsAt(path, value);
  const near = nearest(key, known);
  const where = path.length > 0 ? ` in "${path.join('.')}"` : '';
  const instead = near ? `Did you mean "${near}"?` : `Known there: ${known.join(', ')}.`;
  const at = [...path, key];
  const taken = near !== undefined && valueAt(value, [...path, near]) !== undefined;
  return {
    severity: 'error',
    code: 'config-invalid',
    message: `There is no field "${key}"${where}. ${instead}`,
    path: at,
    onKey: true,
    fixes: [...(near && !taken ? [{ kind: 'rename', path: at, name: near } as const] : []), remove(at)],
  };
}

/** What a field that has to be there can begin with. */
function beginningOf(path: (string | number)[]): unknown {
  return path.join('.') === 'dataset' ? { kind: 'sample' } : undefined;
}

/** The same value as the type that was expected: `"16"` as 16, `"true"` as true. */
function converted(written: unknown, expected: string): unknown {
  if (typeof written !== 'string')
    return expected === 'int' && typeof written === 'number' ? Math.round(written) : undefined;
  if (expected === 'boolean') return written === 'true' ? true : written === 'false' ? false : undefined;
  const number = written.trim() === '' ? Number.NaN : Number(written);
  return (expected === 'number' || expected === 'int') && Number.isFinite(number) ? number : undefined;
}

function nearestValue(written: unknown, values: readonly unknown[]): unknown {
  const texts = values.filter((value) => typeof value === 'string');
  const near = typeof written === 'string' ? nearest(written, texts) : undefined;
  return near ?? values.find((value) => String(value) === String(written));
}

/** Names of the fields an object at a path may have. */
function fieldsAt(path: (string | number)[], value: unknown): string[] {
  let schema: z.core.$ZodType | undefined = configFields;
  for (let i = 0; schema && i < path.length; i++)
    schema = child(bare(schema), path[i]!, valueAt(value, path.slice(0, i)));
  const object = schema && chosen(bare(schema), valueAt(value, path));
  return object instanceof z.ZodObject ? Object.keys(object.shape).filter((k) => k !== '$schema') : [];
}

/** Without the wrappers that only add a default: what may be written. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  for (;;) {
    if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
      schema = schema.unwrap();
    else if (schema instanceof z.ZodPipe) schema = schema.in;
    else return schema;
  }
}

/** The member of a union that the written `kind` names. */
function chosen(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const kind = (value as { kind?: unknown } | undefined)?.kind;
  return schema.options.find((o) => kindOf(o) === kind) ?? schema;
}

function kindOf(option: z.core.$ZodType): string | undefined {
  const kind = option instanceof z.ZodObject ? (option.shape as Record<string, unknown>).kind : undefined;
  return kind instanceof z.ZodLiteral ? String(kind.value) : undefined;
}

function child(schema: z.core.$ZodType, key: string | number, value: unknown): z.core.$ZodType | undefined {
  const one = chosen(schema, value);
  if (one instanceof z.ZodArray) return one.element as z.core.$ZodType;
  if (one instanceof z.ZodObject) return (one.shape as Record<string, z.core.$ZodType>)[String(key)];
  return undefined;
}

/** The kinds a discriminated union offers; the issue's path ends with the discriminator. */
function kindsAt(path: (string | number)[]): string[] {
  let schema: z.core.$ZodType | undefined = configFields;
  for (const key of path.slice(0, -1)) schema = schema && child(bare(schema), key, undefined);
  const union = schema && bare(schema);
  return union instanceof z.ZodDiscriminatedUnion
    ? union.options.map((o) => kindOf(o as z.core.$ZodType)).filter((k) => k !== undefined)
    : [];
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (v, key) => (typeof v === 'object' && v !== null ? (v as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

function sizeOf(value: unknown): string {
  return String((value as { length?: number } | undefined)?.length ?? 0);
}

function article(type: string): string {
  const names: Record<string, string> = {
    int: 'a whole number',
    number: 'a number',
    string: 'a text',
    boolean: 'true or false',
    array: 'a list',
    tuple: 'a list',
    object: 'an object { }',
  };
  return names[type] ?? type;
}

function oneOf(values: readonly unknown[]): string {
  const quoted = values.map((v) => (typeof v === 'string' ? `"${v}"` : String(v)));
  return quoted.length < 2 ? (quoted[0] ?? 'another value') : `one of ${quoted.join(', ')}`;
}

/** The known name a typing error away: at most a third of its letters differ. */
function nearest(key: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((name) => ({ name, distance: editDistance(key.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(1, Math.ceil(best.name.length / 3)) ? best.name : undefined;
}

/** Letters that are wrong, missing, too many or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let [before, row]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped =
        a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before![j - 2]! + 1 : Number.POSITIVE_INFINITY;
      next.push(
        Math.min(next[j - 1]! + 1, row![j]! + 1, row![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1), swapped),
      );
    }
    [before, row] = [row!, next];
  }
  return row![b.length]!;
}
