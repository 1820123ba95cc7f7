// The strings that VS Code can translate: what `l10n.t` is given in src/extension, and `t` of webview/ui/l10n.ts in webview.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/**
 * Every call of `l10n.t`, or of `t` where it comes from ui/l10n, in order of files and lines.
 * @param {string} folder whose .ts files are read
 * @returns {{file: string, line: number, message: string | undefined, values: number}[]} `message`: undefined where it is no
 *   literal, so that no translation could be found for it; `values`: how many are put into it
 */
export function callsOfL10n(folder) {
  const calls = [];
  for (const { file, source } of sourcesOf(folder)) {
    const name = /^import \{ t \} from '\S*\/l10n';$/m.test(source.text) ? 't' : 'l10n.t';
    visit(source, (node) => {
      if (!ts.isCallExpression(node) || node.expression.getText(source) !== name) return;
      const [message, ...values] = node.arguments;
      calls.push({
        file,
        line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1,
        message: message && ts.isStringLiteralLike(message) ? message.text : undefined,
        values: values.length,
      });
    });
  }
  return calls;
}

/** The bundle that translations are made from: each string is its own key. */
export function bundleOf(...folders) {
  const messages = folders.flatMap(callsOfL10n).flatMap(({ message }) => message ?? []);
  return Object.fromEntries([...new Set(messages)].sort().map((message) => [message, message]));
}

const parsed = new Map();

/** @returns {{file: string, source: ts.SourceFile}[]} read once */
export function sourcesOf(folder) {
  if (!parsed.has(folder)) parsed.set(folder, parse(folder));
  return parsed.get(folder);
}

function parse(folder) {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map((file) => ({
      file,
      source: ts.createSourceFile(
        file,
        readFileSync(join(folder, file), 'utf8'),
        ts.ScriptTarget.Latest,
        true,
      ),
    }));
}

export function visit(node, on) {
  on(node);
  ts.forEachChild(node, (child) => visit(child, on));
}
