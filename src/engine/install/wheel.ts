import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DistillError } from '../../protocol/errors';
import { LIBRARIES, TENSORFLOW_VERSION } from '../tensorflow-home';
import { lastLines, runTool } from './run-tool';

/** What the addon's sources reach from tensorflow/c/c_api.h and tensorflow/c/eager/c_api.h. */
const HEADER_FOLDERS = [
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/ctstring',
  'tensorflow/include/tsl/',
  'tensorflow/include/xla/tsl/',
];

/** Unpacks the named members of a zip file one by one, in pieces: the largest is 800 MB. */
const UNPACK = `
import os, shutil, sys, zipfile
wheel, target, wanted = sys.argv[1], sys.argv[2], sys.argv[3:]
with zipfile.ZipFile(wheel) as z:
    for member in z.infolist():
        name = member.filename
        if member.is_dir() or not any(name.startswith(w) for w in wanted):
            continue
        parts = name.split('/')
        if name.startswith('/') or '..' in parts:
            sys.exit('unsafe name in the archive: ' + name)
        path = os.path.join(target, *parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with z.open(member) as source, open(path, 'wb') as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
`;

const WHEEL_REMEDY = `Download the file tensorflow_cpu-${TENSORFLOW_VERSION}-*.whl for this platform elsewhere and pass it with --wheel FILE.`;

/** pip calls it "no matching distribution" as well when it cannot reach its index; these are the warnings before. */
const UNREACHABLE = /Retrying \(|connection broken|Could not fetch URL|ProxyError|SSLError|timed out/i;

/** A Python 3 with pip; its own configuration (index, proxy, certificates) is what downloads. */
export async function findPython(needPip: boolean): Promise<string> {
  let pythonWithoutPip = false;
  for (const program of ['python3', 'python']) {
    const version = await runTool(program, ['--version']);
    if (version.code !== 0 || !version.output.includes('Python 3')) continue;
    if (!needPip || (await runTool(program, ['-m', 'pip', '--version'])).code === 0) return program;
    pythonWithoutPip = true;
  }
  throw new DistillError(
    'engine-unavailable',
    pythonWithoutPip ? 'Python has no pip.' : 'No Python 3 found.',
    {
      remedy: `Install Python 3 with pip (on Debian or Ubuntu: apt install python3-pip), so that "python3 -m pip" runs. TensorFlow comes from Python's package index.`,
    },
  );
}

/** Downloads the wheel into `folder` and returns its path. */
export async function downloadWheel(python: string, folder: string): Promise<string> {
  const download = (extra: string[]) =>
    runTool(python, [
      '-m',
      'pip',
      'download',
      '--no-deps',
      '--only-binary=:all:',
      '--progress-bar',
      'off',
      '--dest',
      folder,
      ...extra,
      `tensorflow-cpu==${TENSORFLOW_VERSION}`,
    ]);
  let result = await download([]);
  // The libraries do not depend on Python: a wheel for another version serves as well.
  if (result.code !== 0 && /No matching distribution/.test(result.output) && !UNREACHABLE.test(result.output))
    result = await download(['--python-version', '3.12']);
  if (result.code !== 0) throw downloadError(result.output, folder);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (!wheel)
    throw new DistillError('engine-unavailable', 'pip reported success but left no wheel.', {
      where: folder,
      remedy: WHEEL_REMEDY,
    });
  return join(folder, wheel);
}

function downloadError(output: string, folder: string): DistillError {
  const detail = lastLines(output);
  if (/No space left|ENOSPC|Errno 28/.test(output)) return diskFull(folder);
  if (/No matching distribution/.test(output) && !UNREACHABLE.test(output))
    return new DistillError(
      'engine-unavailable',
      `There is no TensorFlow ${TENSORFLOW_VERSION} for this platform (${process.platform} ${process.arch}) where pip looks: ${detail}.`,
      { remedy: `Use the engine "wasm". ${WHEEL_REMEDY}` },
    );
  return new DistillError('engine-unavailable', `pip could not download TensorFlow: ${detail}.`, {
    remedy: `Check the network and pip's settings (pip config list: index, proxy, certificates). ${WHEEL_REMEDY}`,
  });
}

function diskFull(folder: string): DistillError {
  return new DistillError('disk-full', 'The disk is full.', {
    where: folder,
    remedy:
      'Free about 1.3 GB, or set XDG_CACHE_HOME to a folder on another disk; nothing half-done was left behind.',
  });
}

/** Unpacks libraries and headers below `target`, keeping the wheel's folders. */
export async function unpackWheel(python: string, wheel: string, target: string): Promise<void> {
  const wanted = [...HEADER_FOLDERS, ...LIBRARIES.map((name) => `tensorflow/${name}`)];
  const result = await runTool(python, ['-c', UNPACK, wheel, target, ...wanted]);
  if (result.code !== 0) {
    if (/No space left|Errno 28/.test(result.output)) throw diskFull(target);
    throw new DistillError(
      'engine-unavailable',
      `The wheel cannot be unpacked: ${lastLines(result.output, 1)}.`,
      {
        where: wheel,
        remedy: 'The file is damaged or no wheel: download it again.',
      },
    );
  }
  const missing = LIBRARIES.filter((name) => !existsSync(join(target, 'tensorflow', name)));
  if (missing.length > 0)
    throw new DistillError('engine-unavailable', `The wheel holds no ${missing.join(', ')}.`, {
      where: wheel,
      remedy: `Give a Linux wheel of tensorflow-cpu ${TENSORFLOW_VERSION}.`,
    });
}

/** Refuses a file that is not there or is another version's, by its name. */
export function checkWheel(wheel: string): void {
  if (!existsSync(wheel))
    throw new DistillError('usage', 'There is no such file.', {
      where: wheel,
      remedy: 'Give the path of a TensorFlow wheel (.whl).',
    });
  if (
    !new RegExp(`^tensorflow(_cpu)?-${TENSORFLOW_VERSION.replaceAll('.', '\\.')}-.*\\.whl$`).test(
      basename(wheel),
    )
  )
    throw new DistillError('usage', `This is not a wheel of TensorFlow ${TENSORFLOW_VERSION}.`, {
      where: wheel,
      remedy: `Give a file named tensorflow_cpu-${TENSORFLOW_VERSION}-....whl, under the name it was downloaded with.`,
    });
}
