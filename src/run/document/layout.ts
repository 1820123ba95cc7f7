import type { ConfigField, ConfigNode, Span } from './config-document';

/** Where things are in the text of a configuration, as far as changing it needs to know. */

/** A collection in brackets: all of JSON, and what is written so in YAML. */
export function inBrackets(text: string, { offset }: Span): boolean {
  return text[offset] === '{' || text[offset] === '[';
}

/** Without the line breaks and comments behind it, which the ranges of YAML's collections take in. */
export function spanOf(text: string, node: ConfigNode): Span {
  const last =
    node.kind === 'object' ? node.fields.at(-1) : node.kind === 'array' ? node.items.at(-1) : undefined;
  const end =
    last && !inBrackets(text, node)
      ? endOf('key' in last ? fieldSpan(text, last) : spanOf(text, last))
      : trimEnd(text, node.offset + node.length);
  return { offset: node.offset, length: end - node.offset };
}

export function fieldSpan(text: string, { key, value }: ConfigField): Span {
  const end = value ? endOf(spanOf(text, value)) : endOf(key);
  return { offset: key.offset, length: end - key.offset };
}

export function endOf({ offset, length }: Span): number {
  return offset + length;
}

export function trimEnd(text: string, end: number): number {
  let at = end;
  while (at > 0 && /\s/.test(text[at - 1]!)) at--;
  return at;
}

export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Where the line ends, before its line break. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  if (end < 0) return text.length;
  return text[end - 1] === '\r' ? end - 1 : end;
}

/** White space that a line begins with. */
export function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset)))![0];
}
