import { isAlias, isMap, isPair, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { type ConfigDocument, type ConfigNode, plainValue, type Scalar } from './config-document';

/** A few aliases can stand for a text of any length; no configuration comes near this. */
const MOST_NODES = 20_000;

/** YAML 1.2. Anchors and aliases are followed; tags other than those of the core schema are refused. */
export function parseYaml(text: string): ConfigDocument {
  const parsed = parseDocument(text, { prettyErrors: false, version: '1.2' });
  const syntax = [...parsed.errors, ...parsed.warnings].map(({ message, pos: [begin, end] }) => ({
    message: `Not valid YAML: ${plain(message)}`,
    offset: begin,
    length: Math.max(end - begin, 1),
  }));
  let nodes = 0;
  const following = new Set<Node>();
  const convert = (node: Node | null, at?: Node): ConfigNode | undefined => {
    if (!node || ++nodes > MOST_NODES) return undefined;
    if (isAlias(node)) {
      // One inside of what it stands for would never end.
      if (following.has(node)) return undefined;
      following.add(node);
      // What an alias stands for is seen where the alias is.
      const meant = convert(node.resolve(parsed) ?? null, at ?? node);
      following.delete(node);
      return meant;
    }
    const [offset = 0, end = offset] = (at ?? node).range ?? [];
    const span = { offset, length: end - offset };
    if (isMap(node))
      return {
        kind: 'object',
        ...span,
        fields: node.items.flatMap((pair) => {
          if (!isPair(pair) || !isScalar(pair.key)) return [];
          const [begin, finish] = at?.range ?? pair.key.range ?? [offset, offset];
          const key = { name: String(pair.key.value), offset: begin, length: finish - begin };
          return [{ key, value: written(pair.value as Node | null, at) }];
        }),
      };
    if (isSeq(node))
      return {
        kind: 'array',
        ...span,
        items: node.items.flatMap((item) => convert(item as Node | null, at) ?? []),
      };
    return isScalar(node) ? { kind: 'scalar', ...span, value: node.value as Scalar } : undefined;
  };
  /** `key:` with nothing behind it is a value that is yet to come. */
  const written = (node: Node | null, at?: Node) =>
    isScalar(node) && node.value === null && !node.source ? undefined : convert(node, at);
  const root = convert(parsed.contents) ?? undefined;
  const empty = root?.kind === 'scalar' && root.value === null;
  if (nodes > MOST_NODES)
    syntax.push({
      message: 'Not a configuration: its aliases stand for far too much.',
      offset: 0,
      length: 1,
    });
  if (!root || empty)
    syntax.push({ message: 'Not a configuration: the file is empty.', offset: 0, length: 1 });
  return { language: 'yaml', text, root: empty ? undefined : root, value: plainValue(root), syntax };
}

function plain(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
