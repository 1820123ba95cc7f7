import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { type ConfigDocument, type ConfigNode, plainValue } from './config-document';

/** JSON with comments and trailing commas. */
export function parseJson(text: string): ConfigDocument {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const root = tree && convert(tree);
  return {
    language: 'json',
    text,
    root,
    value: plainValue(root),
    syntax: errors.map(({ error, offset, length }) => ({
      message: `Not valid JSON: ${spaced(printParseErrorCode(error))}.`,
      offset,
      length: Math.max(length, 1),
    })),
  };
}

function convert(node: Node): ConfigNode {
  const { offset, length } = node;
  switch (node.type) {
    case 'object':
      return {
        kind: 'object',
        offset,
        length,
        fields: (node.children ?? []).flatMap((property) => {
          const [key, value] = property.children ?? [];
          if (!key) return [];
          const name = { name: String(key.value), offset: key.offset, length: key.length };
          return [{ key: name, value: value && convert(value) }];
        }),
      };
    case 'array':
      return { kind: 'array', offset, length, items: (node.children ?? []).map(convert) };
    default:
      return { kind: 'scalar', offset, length, value: getNodeValue(node) };
  }
}

/** `InvalidSymbol` -> `invalid symbol`. */
function spaced(name: string): string {
  return name.replace(/(?!^)([A-Z])/g, ' $1').toLowerCase();
}
