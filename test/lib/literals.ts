import { join } from 'node:path';
import ts from 'typescript';

interface Call {
  file: string;
  line: number;
  message: string | undefined;
  values: number;
}
/** scripts/lib/l10n.mjs, by which the build finds what can be translated. */
export interface Extraction {
  callsOfL10n(folder: string): Call[];
  bundleOf(...folders: string[]): Record<string, string>;
  sourcesOf(folder: string): { file: string; source: ts.SourceFile }[];
  visit(node: ts.Node, on: (node: ts.Node) => void): void;
}
export const extraction = async (): Promise<Extraction> =>
  (await import(join(__dirname, '../../scripts/lib/l10n.mjs'))) as Extraction;

/** Numbers of the places that a text has for values, in order. */
export const placesIn = (message: string): number[] =>
  [...new Set([...message.matchAll(/\{(\d+)\}/g)].map((match) => Number(match[1])))].sort();

export type Literal = Pick<ts.StringLiteralLike, 'text' | 'getText' | 'getStart'>;

/** The literals that the value of an expression is made of. */
export function literals(node: ts.Node): Literal[] {
  if (ts.isStringLiteralLike(node)) return [node];
  if (ts.isTemplateExpression(node)) {
    const text = [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join(' ');
    // Icons are no words.
    const words = text.replace(/\$\([\w~-]+\)/g, '');
    return [
      { text: words, getText: (s) => node.getText(s), getStart: (s) => node.getStart(s) },
      ...node.templateSpans.flatMap((span, i) => {
        const before = i === 0 ? node.head.text : node.templateSpans[i - 1]!.literal.text;
        return before.endsWith('$(') ? [] : literals(span.expression);
      }),
    ];
  }
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].flatMap(literals);
  if (ts.isBinaryExpression(node)) return [node.left, node.right].flatMap(literals);
  if (ts.isParenthesizedExpression(node)) return literals(node.expression);
  return [];
}
