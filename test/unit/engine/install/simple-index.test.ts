import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  chooseFile,
  compareVersions,
  listProject,
  parseHtml,
  parseJson,
  satisfies,
} from '../../../../src/engine/install/simple-index';
import { FakeServer } from './server';
import { refused } from './support';

const page = new URL('https://index.example/simple/tensorflow-cpu/');
const hash = 'a'.repeat(64);
const wheel = (version: string, python = 'cp312', platform = 'manylinux_2_27_x86_64') =>
  `tensorflow_cpu-${version}-${python}-${python}-${platform}.whl`;

describe('package indexes', () => {
  it('are read as HTML', () => {
    const html = `<!DOCTYPE html><html><body>
      <a href="../../files/${wheel('2.21.0')}#sha256=${hash}" data-requires-python="&gt;=3.9">${wheel('2.21.0')}</a><br/>
      <a data-yanked="broken" href="x.whl">${wheel('2.20.0')}</a>
      <a href="tensorflow-cpu-2.21.0.tar.gz">tensorflow-cpu-2.21.0.tar.gz</a>
      <A HREF='https://files.example/a&amp;b/${wheel('2.19.0')}'>${wheel('2.19.0')}</A>
      <a href="javascript:alert(1)">${wheel('2.18.0')}</a>`;
    assert.deepEqual(
      parseHtml(html, page).map(({ version, url, sha256 }) => [version, url.href, sha256]),
      [
        ['2.21.0', `https://index.example/files/${wheel('2.21.0')}`, hash],
        ['2.19.0', `https://files.example/a&b/${wheel('2.19.0')}`, undefined],
      ],
    );
  });

  it('are read as JSON', async () => {
    const files = [
      { filename: wheel('2.21.0'), url: 'a.whl', size: 5, hashes: { sha256: hash } },
      { filename: wheel('2.20.0'), url: 'b.whl', yanked: 'broken' },
      { filename: 'x.tar.gz', url: 'c' },
      { filename: wheel('2.19.0'), url: 'd.whl', hashes: {} },
      { filename: 5 },
    ];
    assert.deepEqual(
      parseJson(JSON.stringify({ files }), page).map(({ version, url, sha256, size }) => [
        version,
        url.href,
        sha256,
        size,
      ]),
      [
        ['2.21.0', `${page.href}a.whl`, hash, 5],
        ['2.19.0', `${page.href}d.whl`, undefined, undefined],
      ],
    );
    for (const text of ['<html>', '{}', '[]', 'null'])
      await refused(() => parseJson(text, page), 'engine-unavailable', /no package index/);
  });

  it('offer the newest release that fits, whatever Python it is for', () => {
    const files = parseHtml(
      [
        wheel('2.20.0'),
        wheel('2.21.0', 'cp313'),
        wheel('2.21.0', 'cp312'),
        wheel('2.22.0rc1'),
        wheel('2.23.0', 'cp312', 'win_amd64'),
        wheel('2.9.0'),
      ]
        .map((name) => `<a href="${name}">${name}</a>`)
        .join('\n'),
      page,
    );
    const chosen = (specifier: string, platform: NodeJS.Platform = 'linux') =>
      chooseFile(files, specifier, platform, 'x64')?.file;
    assert.equal(chosen('==2.21.0'), wheel('2.21.0', 'cp312'));
    assert.equal(chosen('>=2.13,<3'), wheel('2.21.0', 'cp312'));
    assert.equal(chosen('<2.21'), wheel('2.20.0'));
    assert.equal(chosen('>=2.13,<3', 'win32'), wheel('2.23.0', 'cp312', 'win_amd64'));
    assert.equal(chosen('==2.30.0'), undefined);
    assert.equal(chosen('>=2.13', 'darwin'), undefined);
  });

  it('compare versions as PEP 440 does', () => {
    assert.ok(compareVersions('2.9.0', '2.21.0') < 0);
    assert.equal(compareVersions('12.5', '12.5.0.0'), 0);
    const yes = [
      ['12.5.82', '>=12.5.82,<13.0'],
      ['2.21.0', '==2.21'],
      ['2.21.3', '==2.21.*'],
      ['2.4', '~=2.2'],
      ['1.0', ''],
    ];
    const no = [
      ['13.0', '<13.0,>=12.5.3.2'],
      ['2.2.0', '==2.21.*'],
      ['3.0', '~=2.2'],
      ['1.0', '!=1.0'],
      ['1.0', '@ file'],
    ];
    for (const [version, specifier] of yes)
      assert.ok(satisfies(version!, specifier!), `${version} ${specifier}`);
    for (const [version, specifier] of no)
      assert.ok(!satisfies(version!, specifier!), `${version} ${specifier}`);
  });
});

describe('asking a package index', () => {
  let server: FakeServer;
  beforeEach(async () => {
    server = new FakeServer();
    await server.start();
  });
  afterEach(() => server.stop());

  it('finds a project under its normalised name, with the credentials of the index', async () => {
    const name = wheel('2.21.0');
    server.files.set('/simple/tensorflow-cpu/', {
      body: Buffer.from(`<a href="/files/${name}#sha256=${hash}">${name}</a>`),
      type: 'text/html',
    });
    const index = new URL(`${server.origin}/simple`);
    [index.username, index.password] = ['me', 'secret'];
    const [file] = await listProject(index, 'TensorFlow_CPU');
    assert.deepEqual(server.requests, ['GET /simple/tensorflow-cpu/']);
    assert.match(server.headers[0]!.authorization!, /^Basic /);
    assert.deepEqual([file!.url.username, file!.url.password, file!.sha256], ['me', 'secret', hash]);
  });

  it('says that a project or the index is not there, without the password', async () => {
    const index = new URL(server.origin.replace('//', '//me:secret@'));
    await refused(
      listProject(index, 'tensorflow'),
      'engine-unavailable',
      /^http:\/\/127[^ ]*\/tensorflow\/: The index has no project "tensorflow"/,
    );
    await server.stop();
    const gone = listProject(index, 'tensorflow');
    await refused(gone, 'engine-unavailable', /No connection: .*ECONNREFUSED/);
    assert.doesNotMatch(String(await gone.catch(String)), /secret/);
    await server.start();
  });
});
