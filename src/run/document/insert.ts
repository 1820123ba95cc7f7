import { type ConfigDocument, type ConfigNode, fieldAt, nodeAt, type Path } from './config-document';
import type { TextEdit } from './edit';
import { blockField, inline, keyText } from './inline';
import { endOf, fieldSpan, inBrackets, indentAt, lineEnd, lineStart, spanOf, trimEnd } from './layout';

/** Puts in a value that is not there yet, with the sections around it. */
export function insertion(document: ConfigDocument, path: Path, value: unknown): TextEdit[] {
  const { text, root } = document;
  const field = fieldAt(root, path);
  // `key:` without a value.
  if (field) {
    const colon = text.indexOf(':', endOf(field.key)) + 1;
    return [{ offset: colon, length: 0, text: ` ${inline(value, document)}` }];
  }
  const name = path.at(-1);
  if (name === undefined) return [{ offset: text.length, length: 0, text: whole(document, value) }];
  const parent = nodeAt(root, path.slice(0, -1));
  if (!parent)
    return insertion(document, path.slice(0, -1), typeof name === 'number' ? [value] : { [name]: value });
  if (parent.kind === 'scalar') return [];
  return inBrackets(text, parent)
    ? amongOthers(document, parent, entry(document, name, value))
    : onNewLine(document, parent, name, value);
}

type Collection = Exclude<ConfigNode, { kind: 'scalar' }>;

function entry(document: ConfigDocument, name: string | number, value: unknown): string {
  const text = inline(value, document);
  return typeof name === 'number' ? text : `${keyText(name, document)}: ${text}`;
}

/** The text of a configuration that is empty. */
function whole(document: ConfigDocument, value: unknown): string {
  const lead = document.text === '' || document.text.endsWith('\n') ? '' : '\n';
  if (document.language === 'json' || typeof value !== 'object' || value === null)
    return `${lead}${inline(value, document)}\n`;
  const fields = Object.entries(value).map(([name, one]) => `${blockField(name, one, '', document)}\n`);
  return lead + fields.join('');
}

function lastOf(text: string, node: Collection) {
  if (node.kind === 'array') return node.items.length > 0 ? spanOf(text, node.items.at(-1)!) : undefined;
  return node.fields.length > 0 ? fieldSpan(text, node.fields.at(-1)!) : undefined;
}

/** Behind the last of a collection in brackets: on a line of its own where the others have theirs. */
function amongOthers({ text }: ConfigDocument, parent: Collection, put: string): TextEdit[] {
  const close = endOf(spanOf(text, parent)) - 1;
  const last = lastOf(text, parent);
  if (!last) {
    const begin = parent.offset + 1;
    // A comment in an otherwise empty collection stays.
    if (text.slice(begin, close).trim() !== '')
      return [{ offset: trimEnd(text, close), length: 0, text: `\n${indentAt(text, close)}  ${put}` }];
    return [{ offset: begin, length: close - begin, text: parent.kind === 'object' ? ` ${put} ` : put }];
  }
  const end = endOf(last);
  const comma = commaBehind(text, end, close);
  const behind = text.slice(comma ?? end, close);
  const separate: TextEdit[] = comma === undefined ? [{ offset: end, length: 0, text: ',' }] : [];
  if (!behind.includes('\n')) return [...separate, { offset: comma ?? end, length: 0, text: ` ${put}` }];
  // The comment behind the last stays with it.
  const line = lineEnd(text, comma ?? end);
  const tail = comma === undefined ? '' : ',';
  return [...separate, { offset: line, length: 0, text: `\n${indentAt(text, last.offset)}${put}${tail}` }];
}

/** Behind a trailing comma. */
function commaBehind(text: string, from: number, to: number): number | undefined {
  const rest = text
    .slice(from, to)
    .replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|#[^\n]*/g, (comment) => ' '.repeat(comment.length));
  const at = rest.indexOf(',');
  return at < 0 ? undefined : from + at + 1;
}

/** Under the first key or dash, behind whatever belongs to the last. */
function onNewLine(
  document: ConfigDocument,
  parent: Collection,
  name: string | number,
  value: unknown,
): TextEdit[] {
  const { text } = document;
  const first = parent.kind === 'array' ? parent.items[0] : parent.fields[0]?.key;
  const last = lastOf(text, parent);
  if (!first || !last) return [];
  const column = first.offset - lineStart(text, first.offset);
  const dash = parent.kind === 'array';
  const indent = ' '.repeat(Math.max(0, column - (dash ? 2 : 0)));
  const put = dash ? `- ${inline(value, document)}` : blockField(String(name), value, indent, document);
  return [{ offset: lineEnd(text, endOf(last)), length: 0, text: `\n${indent}${put}` }];
}
