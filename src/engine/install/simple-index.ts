import { DistillError } from '../../protocol/errors';
import { request, shown } from './request';
import { fitsPlatform, normalise, parseWheelName, type WheelName } from './wheel';

/** A wheel that an index offers. */
export interface IndexFile extends WheelName {
  url: URL;
  /** Hexadecimal, where the index gives it. */
  sha256: string | undefined;
  /** Bytes, where the index gives them. */
  size: number | undefined;
}

const LARGEST_PAGE = 64 << 20;

/**
 * The wheels of a project on a package index with the simple interface (PEP 503 as HTML, PEP 691 as JSON).
 * @param index address of the index, `https://host/simple/`
 * Errors: engine-unavailable (no connection, no such project, not such an index).
 */
export async function listProject(
  index: URL,
  project: string,
  signal?: AbortSignal | undefined,
): Promise<IndexFile[]> {
  const base = new URL(index);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const page = new URL(`${normalise(project)}/`, base);
  [page.username, page.password] = [base.username, base.password];
  const { response, url } = await request(page, {
    signal,
    accept: [404],
    headers: { accept: 'application/vnd.pypi.simple.v1+json, text/html;q=0.5' },
  });
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    length += (chunk as Buffer).length;
    if (length > LARGEST_PAGE) throw strange(url, 'its answer is far too long');
    chunks.push(chunk as Buffer);
  }
  if (response.statusCode === 404)
    throw new DistillError('engine-unavailable', `The index has no project "${project}".`, {
      where: shown(page),
      remedy: 'Check the address: it is that of the simple interface and usually ends with /simple/.',
    });
  const text = Buffer.concat(chunks).toString('utf8');
  const isJson = /json/.test(response.headers['content-type'] ?? '');
  return (isJson ? parseJson(text, url) : parseHtml(text, url)).map((file) => {
    // The files of a private index want the same credentials.
    if (file.url.host === url.host) [file.url.username, file.url.password] = [url.username, url.password];
    return file;
  });
}

/** PEP 691. */
export function parseJson(text: string, page: URL): IndexFile[] {
  interface Listed {
    filename?: unknown;
    url?: unknown;
    size?: unknown;
    yanked?: unknown;
    hashes?: { sha256?: unknown };
  }
  let files: Listed[];
  try {
    files = (JSON.parse(text) as { files: Listed[] }).files;
    if (!Array.isArray(files)) throw new TypeError();
  } catch {
    throw strange(page, 'its answer is not what PEP 691 describes');
  }
  return files.flatMap((file) => {
    const name = typeof file.filename === 'string' ? parseWheelName(file.filename) : undefined;
    if (!name || typeof file.url !== 'string' || file.yanked) return [];
    const sha256 = file.hashes?.sha256;
    return offered(name, file.url, page, {
      sha256: typeof sha256 === 'string' ? sha256 : undefined,
      size: typeof file.size === 'number' ? file.size : undefined,
    });
  });
}

/** PEP 503: anchors whose text is the file's name; the checksum is in the fragment of the address. */
export function parseHtml(text: string, page: URL): IndexFile[] {
  return [...text.matchAll(/<a\s([^>]*)>([^<]*)<\/a>/gi)].flatMap(([, attributes, label]) => {
    const href = /\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(attributes!);
    const name = parseWheelName(label!.trim());
    if (!href || !name || /\bdata-yanked\b/i.test(attributes!)) return [];
    const address = unescapeHtml(href[1] ?? href[2] ?? '');
    const sha256 = /#(?:.*&)?sha256=([0-9a-fA-F]{64})\b/.exec(address)?.[1];
    return offered(name, address, page, { sha256, size: undefined });
  });
}

function offered(
  name: WheelName,
  address: string,
  page: URL,
  rest: { sha256: string | undefined; size: number | undefined },
): IndexFile[] {
  if (!URL.canParse(address, page)) return [];
  const url = new URL(address, page);
  url.hash = '';
  return url.protocol === 'http:' || url.protocol === 'https:' ? [{ ...name, url, ...rest }] : [];
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#43;', '+')
    .replaceAll('&amp;', '&');
}

function strange(url: URL, what: string): DistillError {
  return new DistillError('engine-unavailable', `This is no package index: ${what}.`, {
    where: shown(url),
    remedy: 'Give the address of the simple interface; it usually ends with /simple/.',
  });
}

/**
 * The wheel to take: for this platform, of the newest version that fits, and among those the one for the Python most
 * commonly found, since the libraries do not depend on it.
 * @param specifier version clauses of PEP 440 joined by commas, `>=12.5.82,<13.0`
 */
export function chooseFile(
  files: readonly IndexFile[],
  specifier: string,
  platform: NodeJS.Platform,
  arch: string,
): IndexFile | undefined {
  const preferred = ['cp312', 'cp311', 'cp313', 'py3'];
  const rank = (file: IndexFile) => {
    const at = preferred.indexOf(file.python);
    return at < 0 ? preferred.length : at;
  };
  return files
    .filter(
      (file) =>
        fitsPlatform(file.platform, platform, arch) &&
        satisfies(file.version, specifier) &&
        isRelease(file.version),
    )
    .sort((a, b) => compareVersions(b.version, a.version) || rank(a) - rank(b))[0];
}

function isRelease(version: string): boolean {
  return /^\d+(\.\d+)*(\.post\d+)?(\+.*)?$/.test(version);
}

/** Release numbers as PEP 440 compares them: missing parts are 0. */
export function compareVersions(a: string, b: string): number {
  const parts = (version: string) =>
    version
      .replace(/[+a-z].*$/i, '')
      .split('.')
      .filter(Boolean)
      .map(Number);
  const [x, y] = [parts(a), parts(b)];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The clauses that occur in requirements of released packages: == (with .*), !=, <, <=, >, >=, ~=. */
export function satisfies(version: string, specifier: string): boolean {
  return specifier
    .split(',')
    .filter((clause) => clause !== '')
    .every((clause) => {
      const [, operator, wanted] = /^\s*(===?|!=|~=|<=?|>=?)\s*(\S+)\s*$/.exec(clause) ?? [];
      if (operator === undefined || wanted === undefined) return false;
      const order = compareVersions(version, wanted);
      switch (operator) {
        case '==':
        case '===':
          return wanted.endsWith('.*') ? `${version}.`.startsWith(wanted.slice(0, -1)) : order === 0;
        case '!=':
          return wanted.endsWith('.*') ? !`${version}.`.startsWith(wanted.slice(0, -1)) : order !== 0;
        case '<':
          return order < 0;
        case '<=':
          return order <= 0;
        case '>':
          return order > 0;
        case '>=':
          return order >= 0;
        default:
          return order >= 0 && `${version}.`.startsWith(`${wanted.split('.').slice(0, -1).join('.')}.`);
      }
    });
}
