import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import { DistillError } from '../../protocol/errors';

const REDIRECTS = 5;
/** Without a byte for so long a connection is taken for dead. */
const SILENCE_MS = 60_000;

/**
 * GET over http(s), with redirects, the user's proxy variables and credentials in the address. Node's own `fetch` knows
 * no proxies before Node 24. Certificates: Node's, and those of NODE_EXTRA_CA_CERTS.
 * Errors: engine-unavailable (no connection, or an answer other than `accept`), usage (not an http address).
 */
export async function request(
  url: URL,
  options: {
    headers?: http.OutgoingHttpHeaders;
    signal?: AbortSignal | undefined;
    /** Statuses besides 200 that are no errors. */
    accept?: readonly number[];
  } = {},
): Promise<{ response: http.IncomingMessage; url: URL }> {
  let now = url;
  for (let hops = 0; hops <= REDIRECTS; hops++) {
    const response = await get(now, options.headers, options.signal);
    const status = response.statusCode ?? 0;
    const location = response.headers.location;
    if (status >= 300 && status < 400 && location !== undefined) {
      response.resume();
      const next = new URL(location, now);
      if (now.protocol === 'https:' && next.protocol !== 'https:')
        throw failed(now, `It leads to an address without encryption (${shown(next)})`);
      // Credentials go to the host they were given for, and to no other.
      if (next.host === now.host && !next.username)
        [next.username, next.password] = [now.username, now.password];
      now = next;
      continue;
    }
    if (status === 200 || options.accept?.includes(status)) return { response, url: now };
    response.resume();
    throw failed(now, `The server answers ${status} ${response.statusMessage ?? ''}`.trimEnd());
  }
  throw failed(url, 'It leads in a circle');
}

/** An address as it may be shown and written down: without a password. */
export function shown(url: URL): string {
  const copy = new URL(url);
  copy.username = copy.password = '';
  return copy.href;
}

/** Errors: usage. */
export function parseAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new DistillError('usage', `"${text}" is no http(s) address.`, {
    remedy: 'Give the address of a simple package index, such as https://host/simple/.',
  });
}

function failed(url: URL, what: string, cause?: unknown): DistillError {
  return new DistillError('engine-unavailable', `${what}.`, {
    where: shown(url),
    remedy:
      'Check the address and the network (HTTPS_PROXY, NODE_EXTRA_CA_CERTS); what was downloaded is kept.',
    cause,
  });
}

async function get(
  url: URL,
  headers: http.OutgoingHttpHeaders = {},
  signal: AbortSignal | undefined,
): Promise<http.IncomingMessage> {
  const auth = url.username
    ? `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    : undefined;
  const proxy = proxyFor(url, process.env);
  const common: http.RequestOptions = {
    method: 'GET',
    // Bytes as they are: sizes, ranges and checksums are those of the file.
    headers: { 'accept-encoding': 'identity', ...headers },
    auth,
    signal,
    timeout: SILENCE_MS,
    agent: false,
  };
  try {
    if (!proxy) return await send(url.protocol === 'https:' ? https : http, plain(url), common);
    if (url.protocol === 'http:')
      return await send(http, plain(proxy), {
        ...common,
        path: shown(url),
        headers: { ...common.headers, host: url.host, ...proxyAuthorization(proxy) },
      });
    const socket = await tunnel(url, proxy, signal);
    return await send(https, plain(url), {
      ...common,
      createConnection: () => tls.connect({ socket, servername: url.hostname }),
    });
  } catch (error) {
    if (error instanceof DistillError || signal?.aborted) throw error;
    const reason = (error as Error).message || (error as NodeJS.ErrnoException).code;
    throw failed(url, `No connection${proxy ? ` through the proxy ${proxy.host}` : ''}: ${reason}`, error);
  }
}

function plain(url: URL): URL {
  const copy = new URL(url);
  copy.username = copy.password = copy.hash = '';
  return copy;
}

function send(
  module: typeof http | typeof https,
  url: URL,
  options: https.RequestOptions,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = module.request(url, options, resolve);
    sent.on('timeout', () => sent.destroy(new Error(`no answer for ${SILENCE_MS / 1000} s`)));
    sent.on('error', reject);
    sent.end();
  });
}

/** A connection through an http proxy (RFC 9110, CONNECT). */
function tunnel(url: URL, proxy: URL, signal: AbortSignal | undefined): Promise<Socket> {
  const target = `${url.hostname}:${url.port || 443}`;
  return new Promise((resolve, reject) => {
    const sent = (proxy.protocol === 'https:' ? https : http).request(plain(proxy), {
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...proxyAuthorization(proxy) },
      signal,
      timeout: SILENCE_MS,
      agent: false,
    });
    sent.on('connect', (answer, socket) => {
      if (answer.statusCode === 200) resolve(socket as Socket);
      else {
        socket.destroy();
        reject(new Error(`the proxy answers ${answer.statusCode} ${answer.statusMessage ?? ''}`.trimEnd()));
      }
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer for ${SILENCE_MS / 1000} s`)));
    sent.on('error', reject);
    sent.end();
  });
}

function proxyAuthorization(proxy: URL): http.OutgoingHttpHeaders {
  if (!proxy.username) return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** The proxy that the usual variables name for an address; undefined: none. */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv): URL | undefined {
  const of = (name: string) => env[name.toLowerCase()] || env[name.toUpperCase()];
  const host = url.hostname.toLowerCase();
  const direct = (of('no_proxy') ?? '')
    .split(/[\s,]+/)
    .filter((rule) => rule !== '')
    .some((rule) => {
      const [name = '', port] = rule
        .toLowerCase()
        .replace(/^\*?\./, '')
        .split(':');
      if (port !== undefined && port !== (url.port || (url.protocol === 'https:' ? '443' : '80')))
        return false;
      return name === '*' || host === name || host.endsWith(`.${name}`);
    });
  if (direct) return undefined;
  const text = of(url.protocol === 'https:' ? 'https_proxy' : 'http_proxy') ?? of('all_proxy');
  if (!text) return undefined;
  const proxy = text.includes('://') ? text : `http://${text}`;
  return URL.canParse(proxy) ? new URL(proxy) : undefined;
}
