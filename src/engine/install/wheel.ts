import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { DistillError } from '../../protocol/errors';
import type { CudaBuild } from '../tensorflow-home';
import { isUsableVersion, type LibraryPlace, wheelLibraries } from './libraries';
import { damaged, type ZipEntry, type ZipFile } from './zip';

/** The parts of a wheel's file name (binary distribution format, PyPA specifications). */
export interface WheelName {
  file: string;
  /** As the name has it, lower case with `-` for `_`: `tensorflow-cpu`. */
  project: string;
  version: string;
  python: string;
  platform: string;
}

/** Undefined: not the name of a wheel. */
export function parseWheelName(file: string): WheelName | undefined {
  const parts = file.endsWith('.whl') ? file.slice(0, -4).split('-') : [];
  if (parts.length !== 5 && parts.length !== 6) return undefined;
  const [project, version] = parts as [string, string];
  return {
    file,
    project: normalise(project),
    version,
    python: parts.at(-3)!,
    platform: parts.at(-1)!,
  };
}

/** Names of projects compare like this (PEP 503). */
export function normalise(project: string): string {
  return project.replace(/[-_.]+/g, '-').toLowerCase();
}

/** Whether a wheel's platform tag (`manylinux_2_27_x86_64.manylinux2014_x86_64`) is for this machine. */
export function fitsPlatform(tag: string, platform: NodeJS.Platform, arch: string): boolean {
  return tag.split('.').some((one) => {
    if (one === 'any') return true;
    switch (platform) {
      case 'win32':
        return one === (arch === 'arm64' ? 'win_arm64' : 'win_amd64');
      case 'darwin':
        return (
          one.startsWith('macosx_') &&
          (one.endsWith(arch === 'arm64' ? '_arm64' : '_x86_64') || one.endsWith('_universal2'))
        );
      default:
        // musllinux is left out: TensorFlow's libraries need glibc.
        return /^(many)?linux/.test(one) && one.endsWith(arch === 'arm64' ? '_aarch64' : '_x86_64');
    }
  });
}

/** What is taken from a wheel. */
export interface WheelContent {
  version: string;
  place: LibraryPlace;
  entries: ZipEntry[];
  cuda: CudaBuild | null;
  /** Projects its extra `and-cuda` asks for. */
  cudaRequirements: Requirement[];
}

/** A line `Requires-Dist: nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"`. */
export interface Requirement {
  project: string;
  /** `<10.0,>=9.3.0.75` */
  specifier: string;
}

/** What a TensorFlow wheel holds. Errors: engine-unavailable (another platform's, too old, not TensorFlow at all). */
export async function inspectWheel(
  zip: ZipFile,
  platform: NodeJS.Platform = process.platform,
): Promise<WheelContent> {
  const metadataName = zip.entries.find((entry) => /^[^/]+\.dist-info\/METADATA$/.test(entry.name))?.name;
  const metadata = metadataName === undefined ? undefined : await zip.text(metadataName);
  const version = metadata && /^Version: *(\S+)/m.exec(metadata)?.[1];
  const project = metadata && /^Name: *(\S+)/m.exec(metadata)?.[1];
  if (!version || !project) throw damaged(zip.path, 'it has no METADATA, so it is no wheel');
  if (!/^tensorflow(-|$)/.test(normalise(project)))
    throw new DistillError('usage', `This is a wheel of ${project}, not of TensorFlow.`, {
      where: zip.path,
      remedy: 'Give a wheel of tensorflow or tensorflow-cpu.',
    });
  if (!isUsableVersion(version))
    throw new DistillError('engine-unavailable', `TensorFlow ${version} is not supported.`, {
      where: zip.path,
      remedy: 'Give a wheel of a TensorFlow 2.x that is not older than 2.13.',
    });
  const names = new Map(zip.entries.map((entry) => [entry.name, entry]));
  const place = wheelLibraries(platform).find(({ library, beside }) =>
    [library, ...beside].every((name) => names.has(name)),
  );
  if (!place)
    throw new DistillError(
      'engine-unavailable',
      `The wheel holds no ${basename(wheelLibraries(platform)[0]!.library)}.`,
      {
        where: zip.path,
        remedy: `Give a wheel of TensorFlow 2.13 or newer for this platform (${platform}).`,
      },
    );
  const build = await zip.text('tensorflow/python/platform/build_info.py');
  return {
    version,
    place,
    entries: [place.library, ...place.beside].map((name) => names.get(name)!),
    cuda: cudaOf(build ?? ''),
    cudaRequirements: cudaRequirements(metadata),
  };
}

/** What TensorFlow's build_info.py says of CUDA; null: built for the CPU alone. */
export function cudaOf(buildInfo: string): CudaBuild | null {
  if (!/'is_cuda_build', True/.test(buildInfo)) return null;
  const value = (key: string) => new RegExp(`'${key}', '([\\d.]+)'`).exec(buildInfo)?.[1];
  const cuda = value('cuda_version');
  return cuda === undefined ? null : { cuda, cudnn: value('cudnn_version') };
}

/** The projects that `pip install tensorflow[and-cuda]` adds, from the wheel's METADATA. */
export function cudaRequirements(metadata: string): Requirement[] {
  return [
    ...metadata.matchAll(/^Requires-Dist: *([\w.-]+) *\(?([^;()\n]*)\)? *;.*extra *== *["']and-cuda["']/gm),
  ].map(([, project, specifier]) => ({
    project: normalise(project!),
    specifier: specifier!.replaceAll(' ', ''),
  }));
}

/** Members of one of NVIDIA's wheels that are needed to compute: libraries, and the assembler with its bitcode. */
export function isCudaMember(name: string): boolean {
  if (/\.(a|h|hpp|lib|py|pyc)$/.test(name) || /\.dist-info\//.test(name)) return false;
  return (
    /^nvidia\/[^/]+\/lib\/.*\.so(\.\d+)*$/.test(name) ||
    /^nvidia\/[^/]+\/bin\/[^/]+\.dll$/.test(name) ||
    /^nvidia\/[^/]+\/bin\/(ptxas|nvlink)(\.exe)?$/.test(name) ||
    /^nvidia\/[^/]+\/nvvm\/libdevice\//.test(name)
  );
}

/**
 * Unpacks members of a wheel below `folder` and checks each against the wheel's RECORD.
 * Errors: engine-unavailable (a member that is not recorded, or differs), io, disk-full.
 */
export async function unpackWheel(
  zip: ZipFile,
  entries: readonly ZipEntry[],
  folder: string,
  options: { bytes?: (count: number) => void; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const recordName = zip.entries.find((entry) => /^[^/]+\.dist-info\/RECORD$/.test(entry.name))?.name;
  const record = recordName === undefined ? undefined : await zip.text(recordName);
  if (record === undefined) throw damaged(zip.path, 'it has no RECORD, so nothing in it can be checked');
  const hashes = parseRecord(record);
  for (const entry of entries) {
    const expected = hashes.get(entry.name);
    if (expected === undefined) throw damaged(zip.path, `${entry.name} is not in its RECORD`);
    if ((await zip.extract(entry, folder, options)) !== expected)
      throw damaged(zip.path, `${entry.name} does not have the checksum of its RECORD`);
  }
}

/** SHA-256 of each file, by name: lines `path,sha256=...,size`; a path with a comma is in quotes. */
export function parseRecord(record: string): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const line of record.split(/\r?\n/)) {
    const match = /^(?:"([^"]*(?:""[^"]*)*)"|([^,]*)),sha256=([\w-]+)=*,/.exec(line);
    if (match) hashes.set((match[1]?.replaceAll('""', '"') ?? match[2])!, match[3]!);
  }
  return hashes;
}

/** The .whl files in a folder. */
export async function wheelsIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.whl')).sort();
}
