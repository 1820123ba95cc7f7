import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DistillError } from '../../protocol/errors';
import { downloadFolder } from '../cache-folder';
import type { InstallOptions } from '../install-tensorflow';
import { download } from './download';
import { TENSORFLOW_VERSION } from './libraries';
import { findPip, pipDownload } from './pip';
import { parseAddress, shown } from './request';
import { chooseFile, type IndexFile, listProject, satisfies } from './simple-index';
import { fitsPlatform, parseWheelName, type Requirement } from './wheel';

/** Where wheels come from. Each gives paths of files that are whole. */
export interface WheelSupply {
  /** Whether it needs room for what it downloads. */
  downloads: boolean;
  tensorflow(): Promise<string>;
  cuda(requirement: Requirement): Promise<string>;
  /** The file has been unpacked. */
  done(file: string): Promise<void>;
}

/** Names under which TensorFlow is on an index: with CUDA, or the smaller one for the CPU where there is one. */
function projects(gpu: boolean | undefined): string[] {
  return gpu || process.platform === 'darwin' ? ['tensorflow'] : ['tensorflow-cpu', 'tensorflow'];
}

/** The user's own pip. */
export function pipSupply({ python, gpu, report, signal }: InstallOptions, work: string): WheelSupply {
  const folder = join(work, 'pip');
  let pip: Promise<string> | undefined;
  const get = async (requirement: string) => {
    pip ??= findPip(python);
    report({ text: `Downloading ${requirement} with pip` });
    return await pipDownload(await pip, requirement, folder, { report, signal });
  };
  return {
    downloads: true,
    async tensorflow() {
      let first: unknown;
      for (const project of projects(gpu)) {
        try {
          return await get(`${project}==${TENSORFLOW_VERSION}`);
        } catch (error) {
          // Not every platform has the smaller one; of two refusals the first is about what was wanted.
          first ??= error;
          if (!(error instanceof DistillError && /^There is no/.test(error.message))) throw error;
        }
      }
      throw first;
    },
    cuda: ({ project, specifier }) => get(`${project}${specifier}`),
    done: (file) => rm(file, { force: true }),
  };
}

/** A package index that the user names. */
export function indexSupply({ index, gpu, report, signal }: InstallOptions): WheelSupply {
  const address = parseAddress(index!);
  const get = async (names: string[], specifiers: string[]) => {
    const file = await find(names, specifiers);
    return await download(file.url, {
      folder: downloadFolder(),
      name: file.file,
      sha256: file.sha256,
      signal,
      bytes: (done, total) => report({ text: `Downloading ${file.file}`, done, total: total ?? file.size }),
    });
  };
  const find = async (names: string[], specifiers: string[]): Promise<IndexFile> => {
    const offered: IndexFile[] = [];
    let missing: unknown;
    for (const name of names) {
      try {
        offered.push(...(await listProject(address, name, signal)));
      } catch (error) {
        missing ??= error;
        if (!(error instanceof DistillError && /has no project/.test(error.message))) throw error;
      }
    }
    if (offered.length === 0 && missing) throw missing;
    for (const specifier of specifiers) {
      const file = names
        .map((name) =>
          chooseFile(
            offered.filter(({ project }) => project === name),
            specifier,
            process.platform,
            process.arch,
          ),
        )
        .find((one) => one !== undefined);
      if (file) return file;
    }
    throw new DistillError(
      'engine-unavailable',
      `The index has no wheel of ${names.join(' or ')} ${specifiers.at(-1)} for ${process.platform} ${process.arch}.`,
      { where: shown(address), remedy: 'Choose another index, or another source with --from.' },
    );
  };
  return {
    downloads: true,
    // The tested version; from an index without it, the newest that has the library.
    tensorflow: () => get(projects(gpu), [`==${TENSORFLOW_VERSION}`, '>=2.13,<3']),
    cuda: ({ project, specifier }) => get([project], [specifier]),
    // Kept until the set-up is whole: one that fails later on does not fetch them again.
    done: async () => undefined,
  };
}

/** A wheel on this disk; NVIDIA's wheels are looked for beside it. */
export function wheelSupply({ file }: InstallOptions): WheelSupply {
  const wheel = resolve(file!);
  return {
    downloads: false,
    tensorflow: async () => wheel,
    async cuda({ project, specifier }) {
      const beside = readdirSync(dirname(wheel))
        .map(parseWheelName)
        .find(
          (name) =>
            name?.project === project &&
            satisfies(name.version, specifier) &&
            fitsPlatform(name.platform, process.platform, process.arch),
        );
      if (beside) return join(dirname(wheel), beside.file);
      throw new DistillError('engine-unavailable', `There is no wheel of ${project}${specifier} beside it.`, {
        where: wheel,
        remedy:
          'Put all wheels of tensorflow[and-cuda] into one folder (pip download "tensorflow[and-cuda]"), or use --from pip.',
      });
    },
    done: async () => undefined,
  };
}
