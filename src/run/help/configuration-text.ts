import { block, inline, type Writing } from '../document/inline';

/** One field of a configuration with what is said about it. */
export interface Entry {
  name: string;
  comment?: string;
  value: unknown;
}

const COLUMNS = 100;

/** A whole configuration, laid out to be read: comments above their fields, each setting of the training on its line. */
export function configurationText(entries: readonly Entry[], writing: Writing): string {
  return writing.language === 'json'
    ? `{\n${jsonFields(entries, '  ', writing)}\n}\n`
    : yaml(entries, writing);
}

/** What lies between the outer brackets. */
export function jsonFields(entries: readonly Entry[], indent: string, writing: Writing): string {
  return entries
    .map(({ name, comment, value }) => {
      const text = name === 'training' ? section(value as object, indent, writing) : inline(value, writing);
      return `${comments(comment, `${indent}// `)}${indent}${JSON.stringify(name)}: ${text}`;
    })
    .join(entries.some(({ comment }) => comment) ? ',\n\n' : ',\n');
}

/** Each field on its line. */
function section(value: object, indent: string, writing: Writing): string {
  const fields = Object.entries(value).map(
    ([name, one]) => `${indent}  ${JSON.stringify(name)}: ${inline(one, writing)}`,
  );
  return `{\n${fields.join(',\n')}\n${indent}}`;
}

function yaml(entries: readonly Entry[], writing: Writing): string {
  return entries
    .map(({ name, comment, value }) => {
      const list = Array.isArray(value) && value.length > 0;
      const text = list
        ? `${name}:\n${value.map((item) => `  - ${block(item, '    ', writing).trimStart()}`).join('\n')}`
        : block({ [name]: value }, '', writing);
      return `${comments(comment, '# ')}${text}\n`;
    })
    .join(entries.some(({ comment }) => comment) ? '\n' : '');
}

function comments(text: string | undefined, lead: string): string {
  if (!text) return '';
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < COLUMNS)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lead + word);
  }
  return `${lines.join('\n')}\n`;
}
