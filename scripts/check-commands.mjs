// Every declared command is registered and every registered one declared; every command, view and text that the
// manifest refers to exists. VS Code reports none of these before a user meets them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/steps.mjs';

const manifestText = readFileSync(join(root, 'package.json'), 'utf8');
const manifest = JSON.parse(manifestText);
const contributes = manifest.contributes;
const texts = JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8'));
const sources = readdirSync(join(root, 'src/extension'), { recursive: true })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(root, 'src/extension', file), 'utf8'))
  .join('\n');

const problems = [];
const declared = new Set(contributes.commands.map((c) => c.command));
const registered = registeredCommands(sources);
for (const id of declared) if (!registered.has(id)) problems.push(`${id} is declared but never registered`);
for (const id of registered) if (!declared.has(id)) problems.push(`${id} is registered but not declared`);

const referred = [
  ...Object.values(contributes.menus ?? {})
    .flat()
    .map((item) => item.command),
  ...(contributes.keybindings ?? []).map((item) => item.command),
  ...Object.values(texts).flatMap((text) => [...text.matchAll(/\(command:([\w.]+)/g)].map((m) => m[1])),
].filter((id) => id?.startsWith('distillation.'));
for (const id of new Set(referred)) {
  const focusesView = Object.values(contributes.views)
    .flat()
    .some((v) => id === `${v.id}.focus`);
  if (!declared.has(id) && !focusesView) problems.push(`${id} is referred to but not declared`);
}

const views = Object.values(contributes.views)
  .flat()
  .map((view) => view.id);
for (const { view } of contributes.viewsWelcome ?? [])
  if (!views.includes(view)) problems.push(`viewsWelcome refers to the view ${view}, which is not declared`);
for (const [, view] of manifestText.matchAll(/view == ([\w.]+)/g))
  if (!views.includes(view)) problems.push(`a menu refers to the view ${view}, which is not declared`);
for (const view of views)
  if (!sources.includes(`'${view}'`)) problems.push(`the view ${view} is declared but nothing provides it`);

const used = new Set([...manifestText.matchAll(/"%([\w.-]+)%"/g)].map((m) => m[1]));
for (const key of used) if (!(key in texts)) problems.push(`%${key}% has no text in package.nls.json`);
for (const key of Object.keys(texts))
  if (!used.has(key)) problems.push(`package.nls.json: nothing uses ${key}`);
for (const [, icon] of manifestText.matchAll(/"(media\/[\w./-]+)"/g))
  if (!existsSync(join(root, icon))) problems.push(`${icon} is not there`);

for (const problem of problems) console.error(`package.json: ${problem}`);
if (problems.length > 0) process.exit(1);
console.log(`package.json: ${declared.size} commands and ${views.length} views declared, all provided.`);

/** Keys of the command table, all of which are registered, and ids given to registerCommand directly. */
function registeredCommands(code) {
  const ids = /(?:registerCommand\(\s*'([\w.]+)'|^\s+'(distillation\.\w+)': \()/gm;
  return new Set([...code.matchAll(ids)].map((m) => m[1] ?? m[2]));
}
