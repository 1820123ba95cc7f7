import { join, resolve } from 'node:path';
import { DistillError } from '../../protocol/errors';
import { cacheFolder } from '../cache-folder';
import type { InstallOptions } from '../install-tensorflow';
import type { CudaBuild } from '../tensorflow-home';
import { cudaLibraries, missingCuda } from './cuda-libraries';
import { checkSpace } from './disk';
import { download } from './download';
import { archiveLibraries, presentIn } from './libraries';
import { npmArchive } from './npm-binary';
import { byteReport } from './progress';
import { findPythonTensorFlow } from './python-env';
import { shown } from './request';
import type { WheelSupply } from './supplies';
import { unpackTar } from './tar';
import { inspectWheel, isCudaMember, unpackWheel } from './wheel';
import { damaged, ZipFile } from './zip';

/** Libraries that are ready to be tried: in place, or below `content` in the folder of the set-up. Paths are absolute. */
export interface Candidate {
  inPlace: boolean;
  folder: string | null;
  library: string;
  beside: string[];
  preload: string[];
  cuda: CudaBuild | null;
  origin: string;
  /** What it takes on the disk; 0 in place. */
  bytes: number;
}

/**
 * Downloads and what is unpacked from them: measured for 2.21.0 (CPU). Those for CUDA and of the npm package's archives are
 * rough, with room to spare: none of them has been downloaded to measure it.
 */
export const NEEDED_BYTES = {
  cpu: { download: 275e6, disk: 1.2e9 },
  cuda: { download: 3.0e9, disk: 8e9 },
  npmCpu: { download: 140e6, disk: 0.6e9 },
  npmCuda: { download: 380e6, disk: 1.6e9 },
} as const;

/** A TensorFlow in a Python environment, used where it is. Errors: engine-unavailable (none that serves, and why). */
export async function fromPython(options: InstallOptions): Promise<Candidate> {
  options.report({ text: 'Looking for TensorFlow in Python environments.' });
  const { found, refused } = await findPythonTensorFlow({
    python: options.python,
    only: options.from === 'python',
    workspace: options.workspace ?? process.cwd(),
    signal: options.signal,
  });
  const serves = options.gpu
    ? found.find((one) => one.cuda !== null && missingCuda(one.preload).length === 0)
    : found[0];
  if (serves)
    return {
      ...serves,
      inPlace: true,
      folder: null,
      origin: serves.environment,
      bytes: 0,
    };
  const reasons = [
    ...refused,
    ...found.map(({ environment, cuda, preload }) =>
      cuda === null
        ? `${environment}: its TensorFlow was built for the CPU alone.`
        : `${environment}: CUDA libraries are missing (${missingCuda(preload).join(', ')}); install tensorflow[and-cuda] there.`,
    ),
  ];
  throw new DistillError(
    'engine-unavailable',
    reasons.length > 0
      ? `No Python environment has a TensorFlow that serves. ${reasons.join(' ')}`
      : 'No Python environment with TensorFlow was found.',
    {
      remedy:
        'Install it there (pip install tensorflow), name an interpreter with --python PATH, or use --from pip.',
    },
  );
}

/** The libraries of TensorFlow's wheel, with NVIDIA's wheels beside them for a GPU, in the wheels' own layout. */
export async function fromWheels(
  supply: WheelSupply,
  options: InstallOptions,
  work: string,
): Promise<Candidate> {
  const { report, signal } = options;
  if (options.gpu && process.platform !== 'linux') throw noCuda();
  const content = join(work, 'content');
  if (supply.downloads)
    await checkSpace(cacheFolder(), options.gpu ? NEEDED_BYTES.cuda.disk : NEEDED_BYTES.cpu.disk);
  const file = await supply.tensorflow();
  const zip = await ZipFile.open(file);
  let bytes = 0;
  try {
    const wheel = await inspectWheel(zip);
    if (options.gpu && wheel.cuda === null)
      throw new DistillError('engine-unavailable', 'This TensorFlow was built for the CPU alone.', {
        where: file,
        remedy: 'For a GPU give the wheel of "tensorflow", not that of "tensorflow-cpu".',
      });
    bytes += await unpack(zip, wheel.entries);
    await supply.done(file);
    if (options.gpu) {
      for (const requirement of wheel.cudaRequirements) {
        const cudaFile = await supply.cuda(requirement);
        const cudaZip = await ZipFile.open(cudaFile);
        try {
          bytes += await unpack(
            cudaZip,
            cudaZip.entries.filter((entry) => isCudaMember(entry.name)),
          );
        } finally {
          await cudaZip.close();
        }
        await supply.done(cudaFile);
      }
    }
    const preload = options.gpu ? cudaLibraries(join(content, 'nvidia')) : [];
    const missing = options.gpu ? missingCuda(preload) : [];
    if (missing.length > 0)
      throw new DistillError('engine-unavailable', `The CUDA wheels hold no ${missing.join(', ')}.`, {
        remedy: 'Report this with the versions of the wheels; the CPU build works meanwhile.',
      });
    const below = (path: string) => join(content, ...path.split('/'));
    return {
      inPlace: false,
      folder: content,
      library: below(wheel.place.library),
      beside: wheel.place.beside.map(below),
      preload,
      cuda: wheel.cuda,
      origin: file.split(/[\\/]/).at(-1)!,
      bytes,
    };
  } finally {
    await zip.close();
  }

  async function unpack(archive: ZipFile, entries: ZipFile['entries']): Promise<number> {
    const size = entries.reduce((sum, entry) => sum + entry.size, 0);
    await checkSpace(cacheFolder(), size * 1.02);
    await unpackWheel(archive, entries, content, {
      bytes: byteReport(report, `Unpacking ${archive.path.split(/[\\/]/).at(-1)}`, size),
      signal,
    });
    return size;
  }
}

/** libtensorflow as the npm package downloads it, or an archive of it that is already here. */
export async function fromArchive(options: InstallOptions, work: string): Promise<Candidate> {
  const { report, signal } = options;
  if (options.gpu && process.platform === 'darwin') throw noCuda();
  const content = join(work, 'content');
  const given = options.file === undefined ? undefined : resolve(options.file);
  const needed = options.gpu ? NEEDED_BYTES.npmCuda : NEEDED_BYTES.npmCpu;
  await checkSpace(cacheFolder(), needed.disk);
  const archive = given ?? (await downloadArchive(options, work));
  const places = archiveLibraries(process.platform);
  const wanted = [...new Set(places.flatMap(({ library, beside }) => [library, ...beside]))];
  const bytes = byteReport(report, `Unpacking ${archive.split(/[\\/]/).at(-1)}`);
  let size = 0;
  const count = (n: number) => {
    size += n;
    bytes(n);
  };
  if (archive.endsWith('.zip')) {
    const zip = await ZipFile.open(archive);
    try {
      for (const entry of zip.entries.filter(({ name }) => wanted.includes(name)))
        await zip.extract(entry, content, { bytes: count, signal });
    } finally {
      await zip.close();
    }
  } else await unpackTar(archive, content, wanted, { bytes: count, signal });
  const place = presentIn(content, places);
  if (!place) throw damaged(archive, `it holds no ${places[0]!.library}`);
  const below = (path: string) => join(content, ...path.split('/'));
  return {
    inPlace: false,
    folder: content,
    library: below(place.library),
    beside: place.beside.map(below),
    // Archives bring no CUDA: its libraries come from the system's search path.
    preload: [],
    cuda: options.gpu ? { cuda: '11.2' } : null,
    origin: archive.split(/[\\/]/).at(-1)!,
    bytes: size,
  };
}

async function downloadArchive({ gpu, report, signal }: InstallOptions, work: string): Promise<string> {
  const { url, name } = npmArchive(gpu ?? false);
  report({ text: `Downloading ${shown(url)}` });
  return await download(url, {
    folder: join(work, 'download'),
    name,
    signal,
    bytes: (done, total) => report({ text: `Downloading ${name}`, done, total }),
  });
}

function noCuda(): DistillError {
  return new DistillError('engine-unavailable', `TensorFlow has no GPU build for ${process.platform}.`, {
    remedy:
      process.platform === 'win32'
        ? 'Use Linux in WSL 2 for CUDA, or the engine "webgpu".'
        : 'Use the engine "webgpu", or set it up without --gpu.',
  });
}
