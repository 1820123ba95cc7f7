import { createScanner, getLocation, type SyntaxKind } from 'jsonc-parser';
import type { Cursor } from './cursor';

/** `SyntaxKind` is a const enum, which does not outlive compilation of single files. */
const kind = {
  openBrace: 1 as SyntaxKind,
  closeBrace: 2 as SyntaxKind,
  openBracket: 3 as SyntaxKind,
  closeBracket: 4 as SyntaxKind,
  comma: 5 as SyntaxKind,
  colon: 6 as SyntaxKind,
  lineComment: 12 as SyntaxKind,
  blockComment: 13 as SyntaxKind,
  end: 17 as SyntaxKind,
};

export function jsonCursor(text: string, offset: number): Omit<Cursor, 'siblings'> | undefined {
  if (inComment(text, offset)) return undefined;
  const { path, previousNode, isAtPropertyKey } = getLocation(text, offset);
  const end = previousNode ? previousNode.offset + previousNode.length : -1;
  const word = /[\w.+-]*$/.exec(text.slice(0, offset))![0];
  const rest = /^[\w.+-]*/.exec(text.slice(offset))![0];
  const inside = previousNode && previousNode.offset <= offset && offset <= end;
  const replace = inside
    ? { offset: previousNode.offset, length: previousNode.length }
    : { offset: offset - word.length, length: word.length + rest.length };
  const left = tokenBefore(text, replace.offset);
  const key = isAtPropertyKey && path.length > 0;
  const begins: (SyntaxKind | undefined)[] = key
    ? [kind.openBrace, kind.comma]
    : [undefined, kind.colon, kind.openBracket, kind.comma];
  if (!begins.includes(left?.token)) {
    // A new line behind a value: its comma is yet to come.
    if (!left || left.token === kind.colon || !/\n/.test(text.slice(left.end, replace.offset)))
      return undefined;
    const better = jsonCursor(`${text.slice(0, left.end)},${text.slice(left.end)}`, offset + 1);
    const moved = better && { offset: better.replace.offset - 1, length: better.replace.length };
    return better && moved && { ...better, replace: moved, comma: left.end };
  }
  const right = createScanner(text.slice(replace.offset + replace.length), true).scan();
  const complete = [kind.comma, kind.closeBrace, kind.closeBracket, kind.end, kind.colon].includes(right);
  return {
    language: 'json',
    at: key ? 'key' : 'value',
    path: key ? path.slice(0, -1) : path,
    replace,
    hasValue: key && right === kind.colon,
    after: complete ? '' : ',',
    indent: 0,
  };
}

function inComment(text: string, offset: number): boolean {
  const scanner = createScanner(text);
  for (let token = scanner.scan(); token !== kind.end; token = scanner.scan()) {
    const begin = scanner.getTokenOffset();
    if (begin >= offset) return false;
    const finish = begin + scanner.getTokenLength();
    if (token === kind.lineComment && offset <= finish) return true;
    if (token === kind.blockComment && offset < finish) return true;
  }
  return false;
}

function tokenBefore(text: string, offset: number): { token: SyntaxKind; end: number } | undefined {
  const scanner = createScanner(text.slice(0, offset), true);
  let last: { token: SyntaxKind; end: number } | undefined;
  for (let token = scanner.scan(); token !== kind.end; token = scanner.scan())
    last = { token, end: scanner.getTokenOffset() + scanner.getTokenLength() };
  return last;
}
