import type { ConfigDocument, ConfigLanguage, Path, Span } from '../document/config-document';
import { type Cursor, cursorAt } from '../document/cursor';
import { describeField, hasDefault, typeText } from './describe';
import { alternativesOf, type FieldSchema, kindOf, kindsOf, schemaAt } from './field-schema';
import type { Proposal } from './proposal';
import { publishedFor, publishedSchedule } from './published';
import { editsAround, scheduleEdits } from './schedule';
import { escaped, fieldSnippet, place, valueSnippet } from './snippet';
import { startingProposals } from './starting-proposals';

export interface Completion {
  replace: Span;
  language: ConfigLanguage;
  /** Best first. */
  proposals: Proposal[];
  /** A path is to be written here. */
  wantsPath?: 'folder' | 'weights';
}

/** What can be written at an offset, in the order of the schema. */
export function completeAt(
  document: ConfigDocument,
  schema: FieldSchema,
  offset: number,
): Completion | undefined {
  const cursor = cursorAt(document, offset);
  if (!cursor) return undefined;
  const field = schemaAt(schema, document.value, cursor.path);
  if (!field) return undefined;
  const { language, replace } = cursor;
  const context: Context = { cursor, document, field };
  const starts = startingProposals(cursor, document, field);
  if (cursor.at === 'key') {
    const values = cursor.alsoKey && !field.properties ? kindValues(context) : [];
    return { language, replace, proposals: inOrder(starts, [...values, ...fields(context)], context) };
  }
  const wantsPath = field.format === 'folder' || field.format === 'weights' ? field.format : undefined;
  const proposals = inOrder(starts, values(context), context);
  return { language, replace, proposals, ...(wantsPath ? { wantsPath } : {}) };
}

/** Whole configurations come first; variants of methods behind the methods themselves. */
function inOrder(starts: Proposal[], others: Proposal[], { cursor }: Context): Proposal[] {
  return cursor.path.length === 0 ? [...starts, ...others] : [...others, ...starts];
}

interface Context {
  cursor: Cursor;
  document: ConfigDocument;
  field: FieldSchema;
}

function fields({ cursor, document, field }: Context): Proposal[] {
  const { language, path, siblings, hasValue, after, comma } = cursor;
  const kinds = kindsOf(field);
  const offered: [string, FieldSchema][] =
    kinds.length > 1
      ? [['kind', schemaAt(field, undefined, ['kind'])!]]
      : Object.entries(field.properties ?? {}).filter(([name]) => name !== '$schema');
  return offered
    .filter(([name]) => !siblings.includes(name))
    .map(([name, schema]): Proposal => {
      const at = [...path, name];
      const usual =
        publishedFor(at, document.value)?.value ?? (hasDefault(schema) ? schema.default : undefined);
      const { value, goesOn } = beginning(at, schema, document.value);
      const text = hasValue ? key(language, name) : fieldSnippet(language, name, value);
      return {
        kind: 'field',
        label: name,
        detail: [typeText(schema), ...(usual === undefined ? [] : [`default ${JSON.stringify(usual)}`])].join(
          ', ',
        ),
        documentation: describeField(at, schema, document.value),
        insert: indented(text, cursor.indent) + after,
        ...(comma === undefined ? {} : { more: [{ offset: comma, length: 0, text: ',' }] }),
        ...(goesOn && !hasValue ? { goesOn } : {}),
      };
    });
}

function key(language: ConfigLanguage, name: string): string {
  return language === 'json' ? JSON.stringify(name) : name;
}

/** What a new field begins with. */
function beginning(path: Path, schema: FieldSchema, written: unknown): { value: unknown; goesOn?: boolean } {
  const usual = publishedFor(path, written)?.value ?? schema.default;
  if (schema.const !== undefined) return { value: schema.const };
  if (schema.enum) {
    const texts = schema.enum.every((one) => typeof one === 'string');
    return { value: place(1, '', texts ? 'string' : undefined), goesOn: true };
  }
  switch (schema.type) {
    case 'boolean':
      return { value: place(1, String(schema.default !== true)) };
    case 'number':
    case 'integer':
      return { value: place(1, usual === undefined ? '' : String(usual)) };
    case 'string':
      return { value: place(1, '', 'string'), goesOn: schema.format !== undefined };
    case 'array':
      if (Array.isArray(usual) && usual.length > 0)
        return { value: usual.map((one, i) => place(i + 1, String(one))) };
      return { value: [place(1)], goesOn: true };
    default: {
      const required = (schema.required ?? []).filter((name) => schema.properties?.[name]);
      if (required.length === 0) return { value: place(1, '', 'section'), goesOn: true };
      const inner = required.map((name) => [
        name,
        beginning([...path, name], schema.properties![name]!, written).value,
      ]);
      return { value: Object.fromEntries(inner), goesOn: true };
    }
  }
}

function values({ cursor, document, field }: Context): Proposal[] {
  const { language, path } = cursor;
  const value = (one: unknown, more: Partial<Proposal> = {}): Proposal => ({
    kind: 'value',
    label: typeof one === 'string' ? one : JSON.stringify(one).replaceAll(',', ', '),
    insert: valueSnippet(language, one) + cursor.after,
    ...more,
  });
  const kinds = kindsOf(field);
  if (kinds.length > 1) return kindValues({ cursor, document, field });
  if (field.const !== undefined) return [value(field.const)];
  const published = publishedFor(path, document.value);
  const known: Proposal[] = [];
  if (published)
    known.push(
      value(published.value, { detail: `default, as published for ${published.title}`, isDefault: true }),
    );
  else if (hasDefault(field)) known.push(value(field.default, { detail: 'default', isDefault: true }));
  if (field.enum) {
    const listed = field.enum.map((one, i) => {
      const text = field.enumDescriptions?.[i];
      const isDefault = one === field.default;
      return value(one, {
        ...(isDefault ? { detail: 'default', isDefault } : {}),
        ...(text ? { documentation: text } : {}),
      });
    });
    return path.join('.') === 'dataset.kind' ? [...listed, ...schedules(cursor, document, field)] : listed;
  }
  if (field.type === 'boolean')
    return [true, false].map((one) =>
      value(one, one === field.default ? { detail: 'default', isDefault: true } : {}),
    );
  if (field.type === 'object') {
    const { value: section, goesOn } = beginning(path, field, document.value);
    return [
      value(section, { label: '{ }', documentation: field.description ?? '', goesOn: goesOn ?? false }),
    ];
  }
  const alternatives = alternativesOf(field);
  if (alternatives.length === 1) return known;
  return [...known, ...alternatives.flatMap((one) => values({ cursor, document, field: one }))];
}

/** Whole methods for an item of the list of methods. */
function kindValues({ cursor, field }: Context): Proposal[] {
  const { language } = cursor;
  return kindsOf(field).flatMap((one): Proposal[] => {
    const kind = kindOf(one);
    if (kind === undefined) return [];
    const text =
      language === 'yaml' && cursor.at === 'key'
        ? fieldSnippet(language, 'kind', kind)
        : valueSnippet(language, { kind });
    return [
      {
        kind: 'method',
        label: kind,
        insert: text + cursor.after,
        ...(one.description ? { documentation: one.description } : {}),
      },
    ];
  });
}

/** Datasets together with the schedule they were published with, which lies in another section. */
function schedules(cursor: Cursor, document: ConfigDocument, field: FieldSchema): Proposal[] {
  return (field.enum ?? []).flatMap((kind, i): Proposal[] => {
    const schedule = publishedSchedule({ dataset: { kind } });
    if (!schedule) return [];
    const text = cursor.language === 'json' ? JSON.stringify(kind) : String(kind);
    const settings = Object.entries(schedule.training).map(
      ([name, value]) => `${name} ${JSON.stringify(value)}`,
    );
    return [
      {
        kind: 'schedule',
        label: `${kind}, with the published schedule`,
        detail: settings.join(', ').replaceAll('"', ''),
        documentation: field.enumDescriptions?.[i] ?? '',
        insert: escaped(text) + cursor.after,
        more: editsAround(document, cursor.replace, text, scheduleEdits(document, schedule.training)),
      },
    ];
  });
}

/** Further lines of a snippet are moved by VS Code as far as the line they begin in is; dashes do not count there. */
function indented(text: string, by: number): string {
  return by > 0 ? text.replaceAll('\n', `\n${' '.repeat(by)}`) : text;
}
