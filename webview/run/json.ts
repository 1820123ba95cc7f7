import { el } from '../ui/dom';

const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON with its keys, strings, numbers and words told apart; the text itself stays as it came. */
export function highlightJson(text: string): Node[] {
  const nodes: Node[] = [];
  let from = 0;
  for (const match of text.matchAll(token)) {
    nodes.push(document.createTextNode(text.slice(from, match.index)));
    const [all, quoted, colon, word] = match;
    const kind = quoted ? (colon ? 'key' : 'string') : word ? 'word' : 'number';
    nodes.push(el('span', { class: `json-${kind}` }, quoted ?? all));
    if (colon) nodes.push(document.createTextNode(colon));
    from = match.index + all.length;
  }
  nodes.push(document.createTextNode(text.slice(from)));
  return nodes;
}
