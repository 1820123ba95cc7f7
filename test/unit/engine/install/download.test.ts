import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { download } from '../../../../src/engine/install/download';
import { parseAddress, proxyFor, request } from '../../../../src/engine/install/request';
import { FakeServer } from './server';
import { refused, scratch } from './support';

const body = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => i % 251));
const sha256 = createHash('sha256').update(body).digest('hex');

describe('downloads', () => {
  const here = scratch();
  let server: FakeServer;
  beforeEach(async () => {
    for (const name of ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy']) {
      delete process.env[name];
      delete process.env[name.toUpperCase()];
    }
    server = new FakeServer();
    await server.start();
  });
  afterEach(() => server.stop());

  const get = (options: Partial<Parameters<typeof download>[1]> = {}, path = '/file') =>
    download(new URL(`${server.origin}${path}`), {
      folder: here.path('d'),
      name: 'file',
      sha256,
      ...options,
    });

  it('goes on after a break where it ended', async () => {
    server.files.set('/file', { body, etag: '"1"', breakAfter: 500_000 });
    await refused(get(), 'engine-unavailable', /broke off after \d of 1 MB.*goes on where it ended/);
    const have = statSync(here.path('d/file.part')).size;
    assert.ok(have > 0 && have <= 500_000);
    const seen: Array<[number, number | undefined]> = [];
    const file = await get({ bytes: (done, total) => seen.push([done, total]) });
    assert.deepEqual(readFileSync(file), body);
    assert.deepEqual(server.requests, ['GET /file', `GET /file bytes=${have}-`]);
    assert.deepEqual(seen[0], [have, body.length]);
    assert.deepEqual(seen.at(-1), [body.length, body.length]);
    assert.deepEqual(readdirSync(here.path('d')), ['file']);
    await get();
    assert.equal(server.requests.length, 2, 'a file that is whole is not fetched again');
  });

  it('begins anew when the file has changed, the server knows no ranges, or nothing tells whether it is the same', async () => {
    const changes: Array<[object, object]> = [
      [{ etag: '"1"' }, { etag: '"2"' }],
      [{ etag: '"1"' }, { etag: '"1"', noRanges: true }],
      [{}, {}],
      [{ etag: 'W/"1"' }, { etag: 'W/"1"' }],
    ];
    for (const [before, after] of changes) {
      rmSync(here.path('d'), { recursive: true, force: true });
      server.files.set('/file', { body: Buffer.alloc(body.length, 1), ...before, breakAfter: 50_000 });
      await refused(get(), 'engine-unavailable', /broke off/);
      server.files.set('/file', { body, ...after });
      assert.deepEqual(readFileSync(await get()), body);
    }
  });

  it('begins anew when more is there than the file has', async () => {
    server.files.set('/file', { body, etag: '"1"', breakAfter: 50_000 });
    await refused(get(), 'engine-unavailable', /broke off/);
    const short = body.subarray(0, 40_000);
    server.files.set('/file', { body: short, etag: '"1"' });
    assert.deepEqual(readFileSync(await get({ sha256: undefined })), short);
  });

  it('removes a file whose checksum is wrong', async () => {
    server.files.set('/file', { body: Buffer.alloc(body.length), etag: '"1"' });
    await refused(get(), 'engine-unavailable', /does not have the checksum/);
    assert.deepEqual(readdirSync(here.path('d')), []);
  });

  it('ends at once when it is cancelled', async () => {
    server.files.set('/file', { body, etag: '"1"', hangAfter: 1000 });
    const controller = new AbortController();
    const running = get({ signal: controller.signal, bytes: (done) => done > 0 && controller.abort() });
    await assert.rejects(running, { name: 'AbortError' });
    assert.ok(!existsSync(here.path('d/file')));
  });

  it('follows redirections, but not out of encryption and not in circles; credentials stay with their host', async () => {
    const other = new FakeServer();
    await other.start();
    try {
      other.files.set('/there', { body });
      server.files.set('/file', { body, location: `${other.origin}/there` });
      const url = new URL(`${server.origin}/file`);
      [url.username, url.password] = ['me', 'p%40ss'];
      await download(url, { folder: here.path('d'), name: 'file', sha256 });
      assert.equal(server.headers[0]!.authorization, `Basic ${Buffer.from('me:p@ss').toString('base64')}`);
      assert.equal(other.headers[0]!.authorization, undefined);
    } finally {
      await other.stop();
    }
    rmSync(here.path('d/file'));
    server.files.set('/file', { body, location: '/file' });
    await refused(get(), 'engine-unavailable', /in a circle/);
    await refused(get({}, '/none'), 'engine-unavailable', /answers 404/);
  });

  it('goes through the proxy that the variables name', async () => {
    server.files.set('/file', { body });
    process.env.HTTP_PROXY = server.origin.replace('http://', 'http://user:word@');
    const file = await download(new URL('http://elsewhere.invalid/file'), {
      folder: here.path('d'),
      name: 'file',
      sha256,
    });
    assert.deepEqual(readFileSync(file), body);
    assert.deepEqual(server.requests, ['GET http://elsewhere.invalid/file']);
    assert.equal(server.headers[0]!.host, 'elsewhere.invalid');
    assert.equal(
      server.headers[0]!['proxy-authorization'],
      `Basic ${Buffer.from('user:word').toString('base64')}`,
    );
  });

  it('asks the proxy for a tunnel where the address is encrypted, and says what it answers', async () => {
    const asked: string[] = [];
    const proxy = http.createServer();
    proxy.on('connect', (incoming, socket) => {
      asked.push(incoming.url!);
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    });
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    process.env.https_proxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    await refused(
      request(new URL('https://index.invalid/simple/')),
      'engine-unavailable',
      /through the proxy 127\.0\.0\.1:\d+: the proxy answers 407 Proxy Authentication Required/,
    );
    assert.deepEqual(asked, ['index.invalid:443']);
    proxy.close();
  });

  it('knows which addresses go past the proxy', () => {
    const env = { HTTPS_PROXY: 'proxy:3128', NO_PROXY: 'localhost, .intern.example,10.0.0.1:8443' };
    const host = (address: string) => proxyFor(new URL(address), env)?.host;
    assert.equal(host('https://pypi.example/'), 'proxy:3128');
    assert.equal(host('https://a.intern.example/'), undefined);
    assert.equal(host('https://intern.example/'), undefined);
    assert.equal(host('https://internexample/'), 'proxy:3128');
    assert.equal(host('https://10.0.0.1:8443/'), undefined);
    assert.equal(host('https://10.0.0.1/'), 'proxy:3128');
    assert.equal(host('http://pypi.example/'), undefined);
    assert.equal(proxyFor(new URL('https://x/'), { https_proxy: 'http://p:1', no_proxy: '*' }), undefined);
  });

  it('refuses addresses that are none', async () => {
    for (const text of ['', 'simple', 'file:///opt/simple', 'ftp://x/'])
      await refused(() => parseAddress(text), 'usage', /no http\(s\) address/);
  });
});
