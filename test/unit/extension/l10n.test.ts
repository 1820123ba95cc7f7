import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import ts from 'typescript';
import { type Extraction, extraction, type Literal, literals, placesIn } from '../../lib/literals';

const root = join(__dirname, '../../..');
const folder = join(root, 'src/extension');

let l10n: Extraction;
before(async () => {
  l10n = await extraction();
});

/** Functions of VS Code that show what they are given, and which of their arguments. */
const SHOWN_ARGUMENTS: Record<string, (i: number) => boolean> = {
  'window.showInformationMessage': () => true,
  'window.showWarningMessage': () => true,
  'window.showErrorMessage': () => true,
  'window.setStatusBarMessage': (i) => i === 0,
  Error: (i) => i === 0,
  StartFailure: (i) => i === 0,
  TreeItem: (i) => i === 0,
  CodeAction: (i) => i === 0,
};
/** Fields that are shown, whatever they are fields of. */
const SHOWN_FIELDS = new Set([
  'title',
  'label',
  'detail',
  'description',
  'placeHolder',
  'placeholder',
  'prompt',
  'tooltip',
  'openLabel',
  'saveLabel',
  'message',
]);
/** Names, file names and what is put together of translated parts. */
const SAME_EVERYWHERE =
  /^(JSON|YAML|LAD|RDD|KD|CWD|TensorFlow|TensorBoard|WebGPU|WebAssembly|distill|Distillation|distill train|https:\/\/\S+|[^\p{L}]*|\*\.distill\.\w+)$/u;

describe('strings that people read', () => {
  it('are given to l10n.t as they stand, so that a translation can be found', () => {
    const calls = l10n.callsOfL10n(folder);
    const written = l10n
      .sourcesOf(folder)
      .flatMap(({ source }) => [...source.text.matchAll(/\bl10n\.t\(/g)]).length;
    assert.equal(calls.length, written);
    assert.ok(calls.length > 100);
    for (const { file, line, message } of calls) assert.notEqual(message, undefined, `${file}:${line}`);
    assert.deepEqual(Object.keys(l10n.bundleOf(folder)), [...new Set(calls.map((c) => c.message!))].sort());
  });

  it('get as many values as they have places', () => {
    for (const { file, line, message, values } of l10n.callsOfL10n(folder)) {
      assert.deepEqual(
        placesIn(message!),
        Array.from({ length: values }, (_, i) => i),
        `${file}:${line} ${message}`,
      );
    }
  });

  it('go through l10n wherever VS Code shows them', () => {
    const missed: string[] = [];
    for (const { file, source } of l10n.sourcesOf(folder)) {
      // What runs without VS Code cannot ask it for translations.
      if (!/^import (?!type )[^;]*? from 'vscode';$/m.test(source.text)) continue;
      l10n.visit(source, (node) => {
        for (const text of shownLiterals(node))
          if (!SAME_EVERYWHERE.test(text.text)) {
            const { line } = source.getLineAndCharacterOfPosition(text.getStart(source));
            missed.push(`${file}:${line + 1} ${text.getText(source)}`);
          }
      });
    }
    assert.deepEqual(missed, []);
  });

  it('of the manifest are in package.nls.json, and the bundle is shipped', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.equal(manifest.l10n, './l10n');
    const shown: string[] = [];
    const walk = (value: unknown, key = ''): void => {
      if (typeof value === 'string') {
        if (
          /^(title|name|contents|description|markdownDescription|contextualTitle|altText|category)$/.test(key)
        )
          shown.push(value);
      } else if (typeof value === 'object' && value !== null)
        for (const [name, one] of Object.entries(value)) walk(one, Array.isArray(value) ? key : name);
    };
    const { problemMatchers: _named, ...contributes } = manifest.contributes;
    walk(contributes);
    walk(manifest.capabilities);
    assert.ok(shown.length > 20);
    for (const text of shown) assert.match(text, /^%[\w.]+%$/);
    assert.match(readFileSync(join(root, '.vscodeignore'), 'utf8'), /^!l10n\/\*\.json$/m);
  });
});

/** Texts with letters that a node shows and that do not come out of l10n.t. */
function shownLiterals(node: ts.Node): Literal[] {
  const found: ts.Node[] = [];
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
    const shown = SHOWN_ARGUMENTS[node.expression.getText()];
    if (shown) found.push(...(node.arguments ?? []).filter((_, i) => shown(i)));
  }
  const name = ts.isPropertyAssignment(node)
    ? node.name.getText()
    : ts.isBinaryExpression(node) &&
        node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
        ts.isPropertyAccessExpression(node.left)
      ? node.left.name.text
      : undefined;
  if (name && SHOWN_FIELDS.has(name))
    found.push(ts.isPropertyAssignment(node) ? node.initializer : (node as ts.BinaryExpression).right);
  return found.flatMap(literals);
}
