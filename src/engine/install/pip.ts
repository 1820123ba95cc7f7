import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DistillError } from '../../protocol/errors';
import type { Report } from './progress';
import { interpreterOf, pythonNames } from './python-env';
import { lastLines, runTool } from './run-tool';
import { wheelsIn } from './wheel';

/** pip calls it "no matching distribution" as well when it cannot reach its index; these are the warnings before. */
const UNREACHABLE = /Retrying \(|connection broken|Could not fetch URL|ProxyError|SSLError|timed out/i;

const OTHER_WAYS =
  'Or get the wheel elsewhere and pass it with --wheel FILE, or name an index with --from index --index URL.';

/** A Python 3 with pip. Errors: engine-unavailable (none, or without pip). */
export async function findPip(python?: string): Promise<string> {
  let withoutPip: string | undefined;
  for (const program of python === undefined ? pythonNames : [interpreterOf(python)]) {
    const version = await runTool(program, ['--version'], { timeoutMs: 30_000 });
    if (version.code !== 0 || !version.output.includes('Python 3')) continue;
    if ((await runTool(program, ['-m', 'pip', '--version'], { timeoutMs: 60_000 })).code === 0)
      return program;
    withoutPip = program;
  }
  throw new DistillError('engine-unavailable', withoutPip ? 'Python has no pip.' : 'No Python 3 found.', {
    ...(withoutPip ? { where: withoutPip } : {}),
    remedy: `Install Python 3 with pip (on Debian or Ubuntu: apt install python3-pip). ${OTHER_WAYS}`,
  });
}

/**
 * Downloads one wheel with the user's own pip: its index, proxy and certificates are those of pip's configuration. A
 * download that breaks off begins anew.
 * @returns path of the wheel in `folder`
 * Errors: engine-unavailable (not there, no network), disk-full.
 */
export async function pipDownload(
  python: string,
  requirement: string,
  folder: string,
  { report, signal }: { report: Report; signal?: AbortSignal | undefined },
): Promise<string> {
  // pip's own temporary files: on the disk that was checked for space, and removed with the folder.
  const temporary = join(folder, 'tmp');
  await mkdir(temporary, { recursive: true });
  const before = await wheelsIn(folder);
  let total: number | undefined;
  const watch = setInterval(() => {
    const done = folderSize(temporary);
    if (done > 1e6) report({ text: `Downloading ${requirement} with pip`, done, total });
  }, 500);
  const download = (extra: string[]) =>
    runTool(
      python,
      [
        ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--progress-bar', 'off'],
        ...['--dest', folder, ...extra, requirement],
      ],
      {
        env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
        signal,
        onOutput: (text) => {
          total = announcedSize(text) ?? total;
        },
      },
    );
  try {
    let result = await download([]);
    // The libraries do not depend on Python: a wheel for another version serves as well.
    if (
      result.code !== 0 &&
      /No matching distribution/.test(result.output) &&
      !UNREACHABLE.test(result.output)
    )
      result = await download(['--python-version', '3.12']);
    signal?.throwIfAborted();
    if (result.code !== 0) throw downloadError(result.output, requirement, folder);
  } finally {
    clearInterval(watch);
  }
  const wheel = (await wheelsIn(folder)).find((name) => !before.includes(name));
  if (wheel === undefined)
    throw new DistillError(
      'engine-unavailable',
      `pip reported success but left no wheel of ${requirement}.`,
      {
        where: folder,
        remedy: OTHER_WAYS,
      },
    );
  return join(folder, wheel);
}

/** pip says `Downloading tensorflow_cpu-....whl (274.1 MB)`. */
export function announcedSize(output: string): number | undefined {
  const [, number, unit] = /Downloading .*\(([\d.]+) (kB|MB|GB)\)/.exec(output) ?? [];
  return number === undefined
    ? undefined
    : Number(number) * { kB: 1e3, MB: 1e6, GB: 1e9 }[unit as 'kB' | 'MB' | 'GB'];
}

function folderSize(folder: string): number {
  if (!existsSync(folder)) return 0;
  let sum = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    try {
      sum += statSync(join(folder, name)).size;
    } catch {
      // gone meanwhile
    }
  }
  return sum;
}

function downloadError(output: string, requirement: string, folder: string): DistillError {
  const detail = lastLines(output, 2);
  if (/No space left|ENOSPC|Errno 28/.test(output))
    return new DistillError('disk-full', 'The disk is full.', {
      where: folder,
      remedy:
        'Free some space, or set DISTILL_CACHE to a folder on another disk; nothing half-done was left.',
    });
  if (/No matching distribution/.test(output) && !UNREACHABLE.test(output))
    return new DistillError(
      'engine-unavailable',
      `There is no ${requirement} for this platform (${process.platform} ${process.arch}) where pip looks: ${detail}.`,
      { remedy: `Check pip's index (pip config list). ${OTHER_WAYS}` },
    );
  return new DistillError('engine-unavailable', `pip could not download ${requirement}: ${detail}.`, {
    remedy: `Check the network and pip's settings (pip config list: index, proxy, certificates). ${OTHER_WAYS}`,
  });
}
