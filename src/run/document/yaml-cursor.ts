import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import type { Path } from './config-document';
import type { Cursor } from './cursor';

/** No configuration says this. */
const MARK = 'xCursorx';

/**
 * A word is put where the cursor is, as a key or as a value, and looked for in what the parser makes of it: so indentation, dashes and
 * brackets mean what they mean to the parser.
 */
export function yamlCursor(text: string, offset: number): Omit<Cursor, 'siblings'> | undefined {
  const begin = text.lastIndexOf('\n', offset - 1) + 1;
  const lineEnd = text.indexOf('\n', offset);
  const line = text.slice(begin, lineEnd < 0 ? text.length : lineEnd).replace(/\r$/, '');
  const column = offset - begin;
  const lead = line.slice(0, column);
  if (/(^|\s)#/.test(unquoted(lead))) return undefined;
  // `key: value` up to the cursor, outside and inside of brackets.
  const value =
    /^(?<lead>\s*(?:- +)*(?:[^\s#:{}[\],]+|"[^"]*"): +|.*[{,]\s*[^\s:{}[\],]+: *)(?<word>[^\s,[\]{}]*)$/.exec(
      lead,
    );
  const entry = /^(?<lead>.*[[,]\s*)(?<word>[^\s,[\]{}]*)$/.exec(lead);
  const key = /^(?<lead>\s*(?:- +)*|.*[{,]\s*)(?<word>[^\s:,[\]{}]*)$/.exec(lead);
  const inList = inFlowSequence(lead);
  const match = inList ? entry : (value ?? key);
  const at = inList || (match && match === value) ? 'value' : 'key';
  if (!match) return undefined;
  const start = begin + match.groups!.lead!.length;
  const flow = /[{[]/.test(unquoted(match.groups!.lead!));
  const ends =
    at === 'key'
      ? flow
        ? /^[^\s:,\]}]*/
        : /^[^\s:]*/
      : flow
        ? /^[^,\]}\n]*?(?=\s*[,\]}]|$)/
        : /^.*?(?=\s+#|\s*$)/;
  const length = offset - start + ends.exec(line.slice(column))![0].length;
  const behind = line.slice(start - begin + length);
  const hasValue = at === 'key' && /^\s*:/.test(behind);
  const put = at === 'key' && !hasValue ? `${MARK}: 1` : MARK;
  const found = pathOf(text.slice(0, start) + put + text.slice(start + length));
  if (!found) return undefined;
  const item = /^\s*(?:- +)+$/.test(match.groups!.lead!);
  return {
    language: 'yaml',
    at,
    path: at === 'key' ? found.slice(0, -1) : found,
    replace: { offset: start, length },
    hasValue,
    after: flow && at === 'key' && !hasValue && /^\s*[^\s,\]}]/.test(behind) ? ',' : '',
    indent: start - begin - /^\s*/.exec(line)![0].length,
    ...(item && at === 'key' && !hasValue ? { alsoKey: true } : {}),
  };
}

/** Inside of `[` that no other bracket has opened since. */
function inFlowSequence(lead: string): boolean {
  const open: string[] = [];
  for (const bracket of unquoted(lead).match(/[[\]{}]/g) ?? [])
    if (bracket === '[' || bracket === '{') open.push(bracket);
    else open.pop();
  return open.at(-1) === '[';
}

function unquoted(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, (quoted) => '_'.repeat(quoted.length));
}

function pathOf(text: string): Path | undefined {
  const search = (node: Node | null, path: Path): Path | undefined => {
    if (!node || isAlias(node)) return undefined;
    if (isScalar(node)) return node.value === MARK ? path : undefined;
    if (isMap(node))
      for (const pair of node.items) {
        const name = isScalar(pair.key) ? String(pair.key.value) : '';
        const found = name === MARK ? [...path, name] : search(pair.value as Node | null, [...path, name]);
        if (found) return found;
      }
    if (isSeq(node))
      for (const [i, item] of node.items.entries()) {
        const found = search(item as Node | null, [...path, i]);
        if (found) return found;
      }
    return undefined;
  };
  return search(parseDocument(text, { prettyErrors: false, logLevel: 'silent' }).contents, []);
}
