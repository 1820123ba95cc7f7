import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import ts from 'typescript';
import { translationsBlock } from '../../../src/extension/panels/translations';
import { type Extraction, extraction, type Literal, literals, placesIn } from '../../lib/literals';

const root = join(__dirname, '../../..');
const folder = join(root, 'webview');
let l10n: Extraction;
before(async () => {
  l10n = await extraction();
});

/** Functions that show texts, and which of their arguments. */
const SHOWN_ARGUMENTS: Record<string, (i: number) => boolean> = {
  el: (i) => i > 1,
  setText: (i) => i === 1,
  button: (i) => i === 0,
  checkbox: (i) => i === 0 || i === 3,
  dropdown: (i) => i === 0,
  progressBar: (i) => i === 0,
  tabs: (i) => i === 0,
  tell: () => true,
  Error: (i) => i === 0,
};
/** Fields, attributes and properties that are shown or read aloud, whatever they are of. */
const SHOWN_FIELD =
  /^(title|label|text|heading|empty|alt|placeholder|textContent|innerText|'?aria-(label|valuetext|description|roledescription)'?)$/;
/** Terms of the field, formats of files, units, and what is put together of translated parts. */
const SAME_EVERYWHERE = /^([^\p{L}]|\b(mIoU|IoU|TSE|CSV|JSON|PNG|SVG|x|y|s|min|h|d)\b)*$/u;

/** A literal that reads like English: it begins with a capital, or has words beside each other. */
const ENGLISH = /^\P{L}*\p{Lu}\p{Ll}|\p{Ll}[,.:;]? \p{Ll}/u;
/** A word beside a value. */
const BESIDE_VALUE = /\p{Ll}{2} \$\{|\} \p{Ll}{2}/u;
/** A function, a question or a length of CSS, the head of an XML file. */
const STYLE = /^([\w-]*\(|11px|<\?xml)/;

describe('strings of the webviews', () => {
  it('are given to t as they stand, so that a translation can be found', () => {
    const calls = l10n.callsOfL10n(folder);
    const written = l10n
      .sourcesOf(folder)
      .flatMap(({ source }) => [...source.text.matchAll(/(?<!function )\bt\(/g)]).length;
    assert.equal(calls.length, written);
    assert.ok(calls.length > 300);
    for (const { file, line, message } of calls) assert.notEqual(message, undefined, `${file}:${line}`);
  });

  it('get as many values as they have places', () => {
    for (const { file, line, message, values } of l10n.callsOfL10n(folder))
      assert.deepEqual(
        placesIn(message!),
        Array.from({ length: values }, (_, i) => i),
        `${file}:${line} ${message}`,
      );
  });

  it('go through t wherever they are shown', () => {
    assert.deepEqual(missedIn(l10n.sourcesOf(folder)), []);
  });

  it('are missed by no way of showing them', () => {
    const forgotten = [
      `el('p', {}, 'gone')`,
      `el('p', { title: 'gone' })`,
      `el('p', { 'aria-label': \`gone \${n}\` })`,
      `setText(node, n > 1 ? 'gone' : t('One run'))`,
      `node.textContent = 'gone'`,
      `node.setAttribute('aria-label', 'gone')`,
      `slider({ label: 'gone' })`,
      `const orders = ['worst first']`,
      `const label = \`seed \${n}\``,
      `const names = { lad: 'Gone' }`,
      `t('{0} runs', 'Gone')`,
    ];
    for (const code of forgotten)
      assert.equal(missedIn([sourceOf(code)]).length, 1, `${code}: ${missedIn([sourceOf(code)])}`);
    const fine = [
      `el('p', { class: 'empty waiting' }, t('Gone'))`,
      `setText(node, \`\${t('Gone')}  ·  \${n} %\`)`,
      `post({ kind: 'openRun' })`,
      `if (event.key === 'Escape') close()`,
      `icon.setAttribute('class', on ? 'icon on' : 'icon off')`,
    ];
    for (const code of fine) assert.deepEqual(missedIn([sourceOf(code)]), []);
  });

  it('are in the bundle that the build writes, and the host puts translations into the page', () => {
    const build = readFileSync(join(root, 'scripts/build.mjs'), 'utf8');
    assert.match(build, /bundleOf\('src\/extension', 'webview'\)/);
    const html = readFileSync(join(root, 'src/extension/panels/html.ts'), 'utf8');
    assert.match(html, /\n\$\{translationsBlock\(l10n\.bundle\)\}<script nonce=/);
  });

  it('come as data that cannot end its element', () => {
    assert.equal(translationsBlock(undefined), '');
    const bundle = { Curves: '</script><script>alert(1)</script>', '<!--<script>': '&lt;"\u2028' };
    const [, data] =
      /^<script type="application\/json" id="translations">([^<]*)<\/script>\n$/.exec(
        translationsBlock(bundle),
      ) ?? [];
    assert.deepEqual(JSON.parse(data!), bundle);
  });
});

const sourceOf = (code: string) => ({
  file: 'code.ts',
  source: ts.createSourceFile('code.ts', code, ts.ScriptTarget.Latest, true),
});

/** Literals that reach the screen without t. */
function missedIn(sources: ReturnType<Extraction['sourcesOf']>): string[] {
  return sources.flatMap(({ file, source }) => {
    const missed = new Map<number, string>();
    l10n.visit(source, (node) => {
      for (const literal of [...shown(node), ...english(node)]) {
        if (SAME_EVERYWHERE.test(literal.text)) continue;
        const at = literal.getStart(source);
        const { line } = source.getLineAndCharacterOfPosition(at);
        missed.set(at, `${file}:${line + 1} ${literal.getText(source)}`);
      }
    });
    return [...missed.values()];
  });
}

function shown(node: ts.Node): Literal[] {
  if (ts.isPropertyAssignment(node) && SHOWN_FIELD.test(node.name.getText()))
    return literals(node.initializer);
  if (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    ts.isPropertyAccessExpression(node.left) &&
    SHOWN_FIELD.test(node.left.name.text)
  )
    return literals(node.right);
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return [];
  const called = node.expression.getText().split('.').at(-1)!;
  const [first, second] = node.arguments ?? [];
  if (called === 'setAttribute' && first && ts.isStringLiteralLike(first))
    return SHOWN_FIELD.test(first.text) ? literals(second!) : [];
  const which = SHOWN_ARGUMENTS[called];
  return which ? (node.arguments ?? []).filter((_, i) => which(i)).flatMap(literals) : [];
}

/** Prose anywhere but where it is code. */
function english(node: ts.Node): Literal[] {
  if (!ts.isStringLiteralLike(node) && !ts.isTemplateExpression(node)) return [];
  if (isCode(node)) return [];
  const besideValue = ts.isTemplateExpression(node) && BESIDE_VALUE.test(node.getText());
  return literals(node).filter(({ text }) => (besideValue || ENGLISH.test(text)) && !STYLE.test(text));
}

/** The first argument of t, a name of a module or a type, what is compared with, names of elements. */
function isCode(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isConditionalExpression(parent)) return isCode(parent);
  if (ts.isImportDeclaration(parent) || ts.isLiteralTypeNode(parent)) return true;
  if (ts.isPropertyAssignment(parent)) return /^(class|'data-focus')$/.test(parent.name.getText());
  if (ts.isBinaryExpression(parent))
    return /^[!=]==$/.test(parent.operatorToken.getText()) || /\.className$/.test(parent.left.getText());
  if (!ts.isCallExpression(parent)) return false;
  const called = parent.expression.getText();
  const [first] = parent.arguments;
  return called === 't' ? first === node : /\.setAttribute$/.test(called) && first?.getText() === "'class'";
}
