import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { strictPage } from '../../../src/extension/panels/strict-page';

const root = join(__dirname, '../../..');
const folder = join(root, 'src/extension');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const sources = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file: file.replaceAll('\\', '/'), text: readFileSync(join(folder, file), 'utf8') }));

/** Ways to start a program. Those who only hand on what another asks for are named with who asks. */
const STARTS = /(?<![.\w])(fork|spawn|exec|execFile|runCliJson|runDoctor|new Worker)\(|promisify\(execFile\)/;
const HANDED_ON = ['cli-process.ts', 'engine/doctor-process.ts'];

describe('restricted mode', () => {
  it('is asked about by everything that starts a program', () => {
    const starting = sources.filter(({ text }) => STARTS.test(text.replace(/^import .*$/gm, '')));
    assert.ok(starting.length >= 5);
    for (const { file, text } of starting) {
      if (HANDED_ON.includes(file)) continue;
      const asked = text.indexOf('requireTrust()');
      const started = text.replace(/^import .*$/gm, (line) => ' '.repeat(line.length)).search(STARTS);
      assert.ok(asked >= 0 && asked < started, `${file} starts a program without asking for trust`);
    }
  });

  it('takes no setting that names a program from a workspace', () => {
    const { properties } = manifest.contributes.configuration as {
      properties: Record<string, { type: string; scope: string; enum?: unknown }>;
    };
    const free = Object.entries(properties).filter(
      ([, setting]) => setting.type === 'string' && !setting.enum,
    );
    const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    assert.equal(supported, 'limited');
    for (const [name, setting] of free) {
      assert.ok(restrictedConfigurations.includes(name), `${name} can hold any text`);
      assert.equal(setting.scope, 'machine');
    }
    assert.ok(free.length > 0);
  });
});

describe('webviews', () => {
  const html = sources.find(({ file }) => file === 'panels/html.ts')!.text;

  it('have a policy that allows nothing inline, nothing evaluated and nothing from elsewhere', () => {
    const policy = /const policy = \[([\s\S]*?)\]\.join/.exec(html)![1]!;
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe-|https?:|\*/);
    assert.match(policy, /script-src 'nonce-\$\{nonce\}'`/);
    for (const { file, text } of sources) {
      if (file !== 'panels/html.ts') assert.doesNotMatch(text, /enableScripts: true/, file);
      if (text.includes('<!DOCTYPE html>'))
        assert.match(text, /Content-Security-Policy" content="[^"]/, file);
      assert.doesNotMatch(text, /'unsafe-/, file);
    }
  });

  it('that show a report have its styles without allowing any', () => {
    const page = strictPage(
      '<html><head><style>p{}</style></head><body><i style="margin:0">x</i><i style="color:red">&quot; style=&quot;</i></body></html>',
      'N',
    );
    assert.match(
      page,
      /^<html><head><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-N'; img-src data:">/,
    );
    assert.ok(page.includes('<style nonce="N">p{}</style>'));
    assert.ok(
      page.includes(
        '<style nonce="N">[data-style="0"]{margin:0}\n[data-style="1"]{color:red}</style></head>',
      ),
    );
    assert.ok(page.includes('<i data-style="0">x</i><i data-style="1">&quot; style=&quot;</i>'));
  });

  it('check every message on arrival, on both sides', () => {
    const host = sources.filter(({ text }) => text.includes('onDidReceiveMessage'));
    assert.ok(host.length >= 3);
    for (const { file, text } of host) assert.match(text, /= readMessage\(from\w+Schema, value, /, file);
    const reader = sources.find(({ file }) => file === 'panels/read-message.ts')!.text;
    assert.match(reader, /schema\.safeParse\(value\)/);
    const webview = readdirSync(join(root, 'webview'), { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => ({
        file,
        text: readFileSync(join(root, 'webview', file), 'utf8').replace(/^\s*(\/\/|\*).*$/gm, ''),
      }));
    const listening = webview.filter(({ text }) => text.includes("addEventListener('message'"));
    assert.deepEqual(
      listening.map(({ file }) => file.replaceAll('\\', '/')),
      ['ui/host.ts'],
    );
    assert.match(listening[0]!.text, /safeParse\(event\.data\)/);
    for (const { file, text } of webview)
      assert.doesNotMatch(
        text,
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/,
        file,
      );
  });

  it('and the extension host ask nothing of any network', () => {
    for (const { file, text } of sources) {
      assert.doesNotMatch(text, /\bfetch\(|node:https?|node:net|node:dgram|WebSocket|XMLHttpRequest/, file);
      // Texts from run folders are put into tooltips: nothing in them may become a command or a picture.
      assert.doesNotMatch(text, /supportHtml|isTrusted = true/, file);
    }
  });
});
