import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Served {
  body: Buffer;
  type?: string;
  etag?: string;
  status?: number;
  location?: string;
  /** Ends the connection after so many bytes of the body, once. */
  breakAfter?: number;
  /** Answers requests for a part with the whole. */
  noRanges?: boolean;
  /** Sends so many bytes and then nothing more, until the other side ends it. */
  hangAfter?: number;
}

/** A web server on 127.0.0.1 that knows ranges and can be told to fail. */
export class FakeServer {
  readonly files = new Map<string, Served>();
  /** `GET /path` or `GET /path bytes=5-`, in the order they came. */
  readonly requests: string[] = [];
  readonly headers: http.IncomingHttpHeaders[] = [];
  readonly #server = http.createServer((request, response) => this.#answer(request, response));

  async start(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { range } = request.headers;
    this.requests.push([request.method, request.url, range].filter(Boolean).join(' '));
    this.headers.push(request.headers);
    const served = this.files.get(decodeURIComponent(request.url!.replace(/^http:\/\/[^/]+/, '')));
    if (!served) {
      response.writeHead(404).end();
      return;
    }
    if (served.location !== undefined) {
      response.writeHead(302, { location: served.location }).end();
      return;
    }
    const start = this.#start(served, range, request.headers['if-range']);
    if (start > 0 && start >= served.body.length) {
      response.writeHead(416).end();
      return;
    }
    const part = served.body.subarray(start);
    response.writeHead(served.status ?? (start > 0 ? 206 : 200), {
      'content-type': served.type ?? 'application/octet-stream',
      'content-length': part.length,
      ...(served.etag ? { etag: served.etag } : {}),
      ...(start > 0
        ? { 'content-range': `bytes ${start}-${served.body.length - 1}/${served.body.length}` }
        : {}),
    });
    if (served.hangAfter !== undefined) response.write(part.subarray(0, served.hangAfter));
    else if (served.breakAfter !== undefined) {
      const until = served.breakAfter;
      delete served.breakAfter;
      response.write(part.subarray(0, until), () => setTimeout(() => response.destroy(), 20));
    } else response.end(part);
  }

  #start(served: Served, range: string | undefined, condition: string | string[] | undefined): number {
    if (served.noRanges || range === undefined || condition !== served.etag) return 0;
    return Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0);
  }
}
