import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const root = join(__dirname, '../../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const manifest = JSON.parse(read('package.json'));
const strings = JSON.parse(read('package.nls.json')) as Record<string, string>;
const { contributes } = manifest;

const declared = (contributes.commands as { command: string }[]).map(({ command }) => command);
const registered = [...read('src/extension/commands/table.ts').matchAll(/^\s*'(distillation\.\w+)':/gm)].map(
  (match) => match[1]!,
);

/** Every string in a piece of JSON. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}

describe('the manifest of the extension', () => {
  it('declares the commands that are registered, and no others', () => {
    assert.ok(declared.length > 5);
    assert.deepEqual([...declared].sort(), [...registered].sort());
  });

  it('names only declared commands in menus and welcome texts', () => {
    const inMenus = Object.values(contributes.menus as Record<string, { command: string }[]>)
      .flat()
      .map(({ command }) => command);
    const inTexts = Object.values(strings).flatMap((text) =>
      [...text.matchAll(/\(command:(distillation\.[^)?]+)/g)].map((match) => match[1]!),
    );
    assert.ok(inMenus.length > 0 && inTexts.length > 0);
    const views = Object.values(contributes.views as Record<string, { id: string }[]>).flat();
    const known = [...declared, ...views.map(({ id }) => `${id}.focus`)];
    for (const command of [...inMenus, ...inTexts]) assert.ok(known.includes(command), command);
  });

  it('has a string for every placeholder and a use for every string', () => {
    const used = texts(manifest).flatMap((text) => /^%(.+)%$/.exec(text)?.[1] ?? []);
    assert.deepEqual([...new Set(used)].sort(), Object.keys(strings).sort());
  });

  it('describes every setting, gives it a scope, and reads no other', () => {
    const properties = contributes.configuration.properties as Record<string, Record<string, unknown>>;
    for (const [name, setting] of Object.entries(properties))
      for (const field of ['markdownDescription', 'scope', 'default'])
        assert.ok(field in setting, `${name} has no ${field}`);
    const used = [...read('src/extension/settings.ts').matchAll(/\.get<\w+>\('(\w+)'\)/g)].map(
      (match) => `distillation.${match[1]}`,
    );
    assert.deepEqual(used.sort(), Object.keys(properties).sort());
  });

  it('names pictures that are there', () => {
    const pictures = texts([manifest.icon, contributes.viewsContainers, contributes.views]).filter((text) =>
      /\.(svg|png)$/.test(text),
    );
    assert.ok(pictures.length >= 2);
    for (const picture of pictures) assert.ok(existsSync(join(root, picture)), picture);
  });

  it('restricts settings that start programs to trusted workspaces', () => {
    assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, [
      'distillation.nodePath',
    ]);
    assert.equal(contributes.configuration.properties['distillation.nodePath'].scope, 'machine');
  });
});
