/**
 * A configuration as text with places, whether it is written in JSON with comments or in YAML. Everything that reads,
 * checks, explains or changes configurations works on this, so that both have the same help.
 */
export interface ConfigDocument {
  language: ConfigLanguage;
  text: string;
  /** Undefined for a text without a value. Whatever could be made out of a text with errors. */
  root: ConfigNode | undefined;
  /** `root` as plain data. */
  value: unknown;
  /** Why the text is not JSON or YAML; the tree may then be incomplete. */
  syntax: SyntaxProblem[];
}

export type ConfigLanguage = 'json' | 'yaml';
export type Path = readonly (string | number)[];
export type Scalar = string | number | boolean | null;

/** UTF-16 units from the start of the text. */
export interface Span {
  offset: number;
  length: number;
}

export interface SyntaxProblem extends Span {
  message: string;
}

export type ConfigNode =
  | (Span & { kind: 'object'; fields: ConfigField[] })
  | (Span & { kind: 'array'; items: ConfigNode[] })
  | (Span & { kind: 'scalar'; value: Scalar });

export interface ConfigField {
  /** Offset and length of the name as it is written, quotes included. */
  key: Span & { name: string };
  /** Undefined while it is not written. */
  value: ConfigNode | undefined;
}

/** The value at a path. */
export function nodeAt(root: ConfigNode | undefined, path: Path): ConfigNode | undefined {
  let node = root;
  for (const step of path) {
    if (node?.kind === 'object') node = fieldOf(node, step)?.value;
    else if (node?.kind === 'array') node = node.items[Number(step)];
    else return undefined;
  }
  return node;
}

/** The field a path ends with, if it ends with a name. */
export function fieldAt(root: ConfigNode | undefined, path: Path): ConfigField | undefined {
  const parent = path.length > 0 ? nodeAt(root, path.slice(0, -1)) : undefined;
  return parent?.kind === 'object' ? fieldOf(parent, path.at(-1)!) : undefined;
}

/** The last one of that name counts, as in every reader of JSON. */
function fieldOf(node: Extract<ConfigNode, { kind: 'object' }>, name: string | number) {
  return node.fields.findLast(({ key }) => key.name === name);
}

/** The innermost key or value around an offset. */
export function placeAt(
  root: ConfigNode | undefined,
  offset: number,
): { path: Path; on: 'key' | 'value'; span: Span } | undefined {
  const within = ({ offset: begin, length }: Span) => begin <= offset && offset <= begin + length;
  const search = (node: ConfigNode, path: Path): ReturnType<typeof placeAt> => {
    if (!within(node)) return undefined;
    if (node.kind === 'object')
      for (const { key, value } of node.fields) {
        const here = [...path, key.name];
        if (within(key)) return { path: here, on: 'key', span: key };
        const found = value && search(value, here);
        if (found) return found;
      }
    if (node.kind === 'array')
      for (const [i, item] of node.items.entries()) {
        const found = search(item, [...path, i]);
        if (found) return found;
      }
    return { path, on: 'value', span: node };
  };
  return root && search(root, []);
}

/** Plain data. A field named `__proto__` is data like any other. */
export function plainValue(node: ConfigNode | undefined): unknown {
  switch (node?.kind) {
    case undefined:
      return undefined;
    case 'scalar':
      return node.value;
    case 'array':
      return node.items.map(plainValue);
    case 'object': {
      const value: Record<string, unknown> = {};
      for (const field of node.fields)
        Object.defineProperty(value, field.key.name, {
          value: field.value === undefined ? null : plainValue(field.value),
          configurable: true,
          enumerable: true,
          writable: true,
        });
      return value;
    }
    default:
      return node satisfies never;
  }
}
