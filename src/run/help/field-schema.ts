import type { Path } from '../document/config-document';

/** What the JSON schema of configurations says of one field, as far as help needs it. It is made from src/protocol/config.ts. */
export interface FieldSchema {
  type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  /** One for each of `enum`. */
  enumDescriptions?: string[];
  /** `folder` or `weights`: a path, relative to the configuration. */
  format?: string;
  properties?: Record<string, FieldSchema>;
  required?: string[];
  /** A list is a tuple: what stands at each place. */
  items?: FieldSchema | FieldSchema[];
  /** Kinds of which a `kind` chooses one. */
  oneOf?: FieldSchema[];
  anyOf?: FieldSchema[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minItems?: number;
  maxItems?: number;
  /** What can be begun with here. */
  defaultSnippets?: readonly StartingPoint[];
}

/**
 * Something to begin with: in `body` the text "${1:folder}" is a place to fill in, and "^${1:300}" one of a number, as editors
 * understand it.
 */
export interface StartingPoint {
  label: string;
  description: string;
  body: unknown;
}

/**
 * The field at a path; undefined where there can be none.
 * @param written the configuration as it stands, which tells a method from another by its `kind`
 */
export function schemaAt(root: FieldSchema, written: unknown, path: Path): FieldSchema | undefined {
  let schema: FieldSchema | undefined = root;
  let value = written;
  for (const step of path) {
    if (!schema) return undefined;
    schema = child(chosen(schema, value), step);
    value = isRecord(value) ? value[String(step)] : undefined;
  }
  return schema && chosen(schema, value);
}

/** The members of a union of which `kind` chooses one; the schema itself if it is none. */
export function kindsOf(schema: FieldSchema): FieldSchema[] {
  return schema.oneOf?.every((one) => kindOf(one) !== undefined) ? schema.oneOf : [schema];
}

/** What else can stand in the place of a value: a size, or the word `image`. */
export function alternativesOf(schema: FieldSchema): FieldSchema[] {
  return schema.anyOf ?? [schema];
}

/** The `kind` that a member of a union is chosen by. */
export function kindOf(schema: FieldSchema): string | undefined {
  const kind = schema.properties?.kind?.const;
  return typeof kind === 'string' ? kind : undefined;
}

/** A union stays one while no `kind` is written. */
function chosen(schema: FieldSchema, value: unknown): FieldSchema {
  const kinds = kindsOf(schema);
  if (kinds.length === 1) return kinds[0]!;
  const kind = isRecord(value) ? value.kind : undefined;
  return kinds.find((one) => kindOf(one) === kind) ?? schema;
}

function child(schema: FieldSchema, step: string | number): FieldSchema | undefined {
  if (typeof step === 'number') {
    const list = alternativesOf(schema).find(({ items }) => items)?.items;
    return Array.isArray(list) ? list[step] : list;
  }
  return schema.properties?.[step] ?? kindField(schema, step);
}

/** `kind` of a method that is not chosen yet: one of all. */
function kindField(schema: FieldSchema, step: string): FieldSchema | undefined {
  const kinds = kindsOf(schema);
  if (step !== 'kind' || kinds.length < 2) return undefined;
  return {
    type: 'string',
    enum: kinds.map(kindOf),
    enumDescriptions: kinds.map(({ description }) => description ?? ''),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
