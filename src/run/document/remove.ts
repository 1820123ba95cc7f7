import { type ConfigDocument, type ConfigNode, nodeAt, type Path, type Span } from './config-document';
import type { TextEdit } from './edit';
import { endOf, fieldSpan, inBrackets, lineEnd, lineStart, spanOf, trimEnd } from './layout';

/** Takes a field or an item out, with its line where it has one. */
export function removal({ text, root }: ConfigDocument, path: Path): TextEdit[] {
  const parent = path.length > 0 ? nodeAt(root, path.slice(0, -1)) : undefined;
  if (!parent || parent.kind === 'scalar') return [];
  const name = path.at(-1)!;
  const at =
    parent.kind === 'array' ? Number(name) : parent.fields.findLastIndex(({ key }) => key.name === name);
  const spans =
    parent.kind === 'array'
      ? parent.items.map((item) => spanOf(text, item))
      : parent.fields.map((field) => fieldSpan(text, field));
  const span = spans[at];
  if (!span) return [];
  if (inBrackets(text, parent)) return [fromBrackets(text, parent, spans, at)];
  if (spans.length === 1 && path.length > 1) return [emptied(text, parent)];
  const next = spans[at + 1];
  // The first key behind the dash of a list item: the next one takes its place.
  const begin = lineStart(text, span.offset);
  if (next && parent.kind === 'object' && text.slice(begin, span.offset).trim() !== '')
    return [{ offset: span.offset, length: next.offset - span.offset, text: '' }];
  return [wholeLines(text, begin, endOf(span))];
}

function wholeLines(text: string, begin: number, end: number): TextEdit {
  const stop = text.indexOf('\n', end);
  return { offset: begin, length: (stop < 0 ? text.length : stop + 1) - begin, text: '' };
}

/** With the comma that parts it from the others. */
function fromBrackets(text: string, parent: ConfigNode, spans: readonly Span[], at: number): TextEdit {
  const { offset, length } = spans[at]!;
  const end = offset + length;
  const begin = lineStart(text, offset);
  const close = endOf(spanOf(text, parent)) - 1;
  const comma = /^\s*,/.exec(text.slice(end))?.[0].length ?? 0;
  const rest = text.slice(end + comma, lineEnd(text, end + comma));
  // Alone on its line, with at most a comment behind it.
  const alone =
    begin > parent.offset &&
    text.slice(begin, offset).trim() === '' &&
    /^\s*(\/\/.*|#.*|\/\*.*\*\/\s*)?$/.test(rest);
  if (alone && (comma > 0 || at === 0)) return wholeLines(text, begin, end + comma);
  if (comma > 0) {
    const space = /^[ \t]*/.exec(text.slice(end + comma))![0].length;
    return { offset, length: length + comma + space, text: '' };
  }
  const before = at > 0 ? endOf(spans[at - 1]!) : offset;
  const stop = at > 0 ? end : trimEnd(text, close) > end ? end : close;
  return { offset: before, length: Math.max(stop, end) - before, text: '' };
}

/** What would be left is nothing, which is no section: an empty one is. */
function emptied(text: string, parent: ConfigNode): TextEdit {
  const { offset, length } = spanOf(text, parent);
  const empty = parent.kind === 'array' ? '[]' : '{}';
  const line = lineStart(text, offset);
  const lead = text.slice(line, offset);
  // On lines of its own below its key.
  const start =
    lead.trim() === ''
      ? trimEnd(text, line)
      : /^\s*-\s*$/.test(lead) && parent.kind === 'array'
        ? trimEnd(text, line)
        : offset;
  return { offset: start, length: offset + length - start, text: start < offset ? ` ${empty}` : empty };
}
